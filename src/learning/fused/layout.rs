//! Where each layer's parameters stand in one flat vector, so that optimiser and average are loops over numbers.

use std::ops::Range;

use crate::lanes::LANES;
use crate::learning::MlpConfig;

/// Of a layer with `inputs` and `outputs`: rows of weights, each padded with zeros, then the biases, padded
/// too. Hidden layers have a row per input (y = x W + b), the last has one per output, which are few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Numbers it sees.
    pub inputs: usize,
    /// Numbers it answers.
    pub outputs: usize,
    /// Length of a row.
    pub stride: usize,
    /// Whether rows belong to outputs.
    pub last: bool,
    begin: usize,
}

impl Layer {
    const fn rows(&self) -> usize {
        if self.last { self.outputs } else { self.inputs }
    }

    /// Its weights in the flat vector.
    pub const fn weights(&self) -> Range<usize> {
        self.begin..self.begin + self.rows() * self.stride
    }

    /// Its biases in the flat vector, padded.
    pub const fn biases(&self) -> Range<usize> {
        let begin = self.weights().end;
        begin..begin + columns(self.outputs)
    }

    /// The place of the weight from `input` to `output`.
    pub const fn weight(&self, output: usize, input: usize) -> usize {
        let (row, column) = if self.last { (output, input) } else { (input, output) };
        self.begin + row * self.stride + column
    }
}

/// The layers of a network, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// First to last.
    pub layers: Vec<Layer>,
}

impl Layout {
    pub fn of(config: &MlpConfig) -> Self {
        let mut begin = 0;
        let layer = |(i, (inputs, outputs))| {
            let last = i == config.hidden;
            let stride = stride(if last { inputs } else { outputs });
            let layer = Layer { inputs, outputs, stride, last, begin };
            begin = layer.biases().end;
            layer
        };
        Self { layers: config.layers().enumerate().map(layer).collect() }
    }

    /// Length of the flat vector.
    pub fn len(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.biases().end)
    }

    /// Parameters of the network in the flat vector: weights and biases, but no padding.
    pub fn count(&self) -> usize {
        self.layers.iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum()
    }
}

/// The next multiple of [`LANES`]: the columns that products work on.
pub const fn columns(length: usize) -> usize {
    length.next_multiple_of(LANES)
}

/// From one row to the next: the columns, and a vector more where rows a kilobyte apart would fall upon a few sets of the
/// first cache only (width 256: a fifth of the time of the products that weights' gradients are made of).
pub const fn stride(length: usize) -> usize {
    let columns = columns(length);
    if columns.is_multiple_of(256) { columns + LANES } else { columns }
}
