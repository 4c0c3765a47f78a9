//! Which value lies in which buffer: a buffer serves one value after another, as their lifetimes allow.
//!
//! Buffers, not places in one large one: a graphics adapter refuses a call that reads and writes the same buffer.

use super::{Plan, ValueId};

/// A buffer, by its place in [`Memory::sizes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer(pub usize);

/// Where the values of a plan lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Numbers in each buffer.
    pub sizes: Vec<usize>,
    /// The buffer of each value, by the value's number.
    pub buffers: Vec<Buffer>,
}

impl Memory {
    /// The buffer of a value.
    #[must_use]
    pub fn buffer(&self, value: ValueId) -> Buffer {
        self.buffers[value.0]
    }

    /// Numbers in all buffers together.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.sizes.iter().sum()
    }
}

impl Plan {
    /// For each call, the values that nothing reads afterwards.
    #[must_use]
    pub fn last_uses(&self) -> Vec<Vec<ValueId>> {
        let mut last = vec![0; self.values.len()];
        for (at, layer) in self.layers.iter().enumerate() {
            last[layer.output.0] = at;
            layer.call.operands().values.iter().for_each(|value| last[value.0] = at);
        }
        let mut ends = vec![Vec::new(); self.layers.len()];
        let values = (0..self.values.len()).map(ValueId).filter(|value| *value != self.output);
        values.for_each(|value| ends[last[value.0]].push(value));
        ends
    }

    /// Gives each value the free buffer that fits it best, or the largest made larger, or a new one.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let mut memory = Memory { sizes: Vec::new(), buffers: vec![Buffer(0); self.values.len()] };
        let mut free: Vec<Buffer> = Vec::new();
        memory.place(self.input, self.shape(self.input).len(), &mut free);
        for (layer, ends) in self.layers.iter().zip(self.last_uses()) {
            // The output lies elsewhere than what the call reads.
            memory.place(layer.output, self.shape(layer.output).len(), &mut free);
            free.extend(ends.into_iter().map(|value| memory.buffer(value)));
        }
        memory
    }
}

impl Memory {
    fn place(&mut self, value: ValueId, numbers: usize, free: &mut Vec<Buffer>) {
        let size = |at: &usize| self.sizes[free[*at].0];
        let fitting = (0..free.len()).filter(|at| size(at) >= numbers).min_by_key(size);
        let chosen = fitting.or_else(|| (0..free.len()).max_by_key(size));
        let buffer = if let Some(at) = chosen {
            free.swap_remove(at)
        } else {
            self.sizes.push(0);
            Buffer(self.sizes.len() - 1)
        };
        self.sizes[buffer.0] = self.sizes[buffer.0].max(numbers);
        self.buffers[value.0] = buffer;
    }
}
