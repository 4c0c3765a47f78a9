//! The network's layers forward and backward, a block of examples at a time: values, tangents and the gradient by every
//! parameter. `reference.rs` says the same layer by layer, to be read.

#![expect(clippy::inline_always, reason = "a loop must be compiled for the instruction set of its caller")]

mod layout;

use pulp::Arch;

pub use layout::{Layer, Layout};
use layout::{columns, stride};

use super::MlpConfig;
use super::activation::Activation;
use super::products::{Rows, RowsMut, add_outer, multiply};
use crate::lanes::LANES;

/// C ← A B of square rows of one length, in tiles: what everything here is made of, for measuring.
pub fn product(a: &[f32], b: &[f32], width: usize, c: &mut [f32]) {
    let rows = |values| Rows { values, stride: width };
    multiply(Arch::new(), None, rows(a), width, rows(b), RowsMut { values: c, stride: width }, width);
}

/// Layers of one shape, ready to be run with any parameters of that shape.
#[derive(Clone, Debug)]
pub struct Fused {
    /// Where the parameters stand.
    pub layout: Layout,
    activation: Activation,
    arch: Arch,
}

/// Room for one block on its way: n examples and t tangents of each. Rows are n values, then n of each tangent.
#[derive(Debug, Default)]
pub struct Room {
    examples: usize,
    tangents: usize,
    /// What each layer sees: (1 + t) n rows.
    seen: Vec<Vec<f32>>,
    /// φ' of each hidden layer: n rows.
    slope: Vec<Vec<f32>>,
    /// φ''; where there are tangents ż, φ'' ż: n rows, then n of each tangent.
    bend: Vec<Vec<f32>>,
    /// What the last layer answers: (1 + t) n rows, each a vector of which the outputs count; before going backward, the
    /// loss's gradient by it.
    pub answer: Vec<f32>,
    /// The last layer's weights with a row per input.
    last: Vec<f32>,
    gradient: [Vec<f32>; 2],
}

impl Room {
    /// What the first layer sees, shape ((1 + t) n, inputs), to be filled in: inputs, then their tangents.
    pub fn inputs(&mut self) -> &mut [f32] {
        self.seen.first_mut().map_or(&mut [], Vec::as_mut_slice)
    }
}

/// The weights of the hidden layers after the first, with a row per output: what gradients go back through.
#[derive(Debug, Default)]
pub struct Turned(Vec<Vec<f32>>);

impl Fused {
    pub fn new(config: &MlpConfig) -> Self {
        Self { layout: Layout::of(config), activation: config.activation, arch: Arch::new() }
    }

    const fn hidden(&self) -> usize {
        self.layout.layers.len() - 1
    }

    /// Makes room for `examples` examples with `tangents` tangents each.
    pub fn prepare(&self, room: &mut Room, examples: usize, tangents: usize) {
        let rows = (1 + tangents) * examples;
        (room.examples, room.tangents) = (examples, tangents);
        let Layout { layers } = &self.layout;
        for kept in [&mut room.seen, &mut room.slope, &mut room.bend] {
            kept.resize_with(layers.len(), Vec::new);
        }
        for (i, layer) in layers.iter().enumerate() {
            let seen = seen_stride(i, layer);
            room.seen[i].resize(rows * seen, 0.0);
            if !layer.last {
                room.slope[i].resize(examples * layer.stride, 0.0);
                room.bend[i].resize(if tangents > 0 { rows * layer.stride } else { 0 }, 0.0);
            }
        }
        room.answer.resize(rows * LANES, 0.0);
    }

    /// Answers the room's inputs. Without `slopes` there is no way back from here; tangents always need them.
    pub fn forward(&self, parameters: &[f32], room: &mut Room, slopes: bool) {
        let Layout { layers } = &self.layout;
        let Room { examples, tangents, seen, slope, bend, answer, last, .. } = room;
        for (i, layer) in layers[..self.hidden()].iter().enumerate() {
            let (before, after) = seen.split_at_mut(i + 1);
            let seen_stride = seen_stride(i, layer);
            let x = |row: usize| Rows { values: &before[i][row * seen_stride..], stride: seen_stride };
            let weights = Rows { values: &parameters[layer.weights()], stride: layer.stride };
            let (values, moved) = after[0].split_at_mut(*examples * layer.stride);
            let (n, stride) = (columns(layer.outputs), layer.stride);
            let biases = Some(&parameters[layer.biases()]);
            let rows = RowsMut { values: &mut *values, stride };
            multiply(self.arch, biases, x(0), layer.inputs, weights, rows, n);
            if *tangents > 0 {
                let rows = RowsMut { values: &mut *moved, stride };
                multiply(self.arch, None, x(*examples), layer.inputs, weights, rows, n);
                let (second, bent) = bend[i].split_at_mut(values.len());
                self.activation.apply_with_bend(values, &mut slope[i], second);
                self.arch.dispatch(|| move_tangents(moved, &slope[i], second, bent));
            } else if slopes {
                self.activation.apply_with_slope(values, &mut slope[i]);
            } else {
                self.activation.apply(values);
            }
        }
        let layer = &layers[self.hidden()];
        last.clear();
        last.resize(layer.inputs * LANES, 0.0);
        for (output, row) in parameters[layer.weights()].chunks_exact(layer.stride).enumerate() {
            last.chunks_exact_mut(LANES).zip(row).for_each(|(last, weight)| last[output] = *weight);
        }
        let seen = &seen[self.hidden()];
        let x = |row: usize| Rows { values: &seen[row * layer.stride..], stride: layer.stride };
        let weights = Rows { values: last, stride: LANES };
        let (values, moved) = answer.split_at_mut(*examples * LANES);
        let biases = Some(&parameters[layer.biases()]);
        multiply(self.arch, biases, x(0), layer.inputs, weights, RowsMut { values, stride: LANES }, LANES);
        if *tangents > 0 {
            let rows = RowsMut { values: moved, stride: LANES };
            multiply(self.arch, None, x(*examples), layer.inputs, weights, rows, LANES);
        }
    }

    /// Turns the weights for [`Self::backward`].
    pub fn turn(&self, parameters: &[f32], turned: &mut Turned) {
        turned.0.resize_with(self.hidden(), Vec::new);
        for (layer, turned) in self.layout.layers[..self.hidden()].iter().zip(&mut turned.0).skip(1) {
            let (weights, stride) = (&parameters[layer.weights()], stride(layer.inputs));
            turned.resize(layer.outputs * stride, 0.0);
            for (output, row) in turned.chunks_exact_mut(stride).enumerate() {
                let column = weights[output..].iter().step_by(layer.stride);
                row.iter_mut().zip(column).for_each(|(row, weight)| *row = *weight);
            }
        }
    }

    /// Adds the gradient by every parameter to `gradient`; `room.answer` holds the gradient by what was answered.
    pub fn backward(&self, parameters: &[f32], turned: &Turned, room: &mut Room, gradient: &mut [f32]) {
        let Room { examples, seen, slope, bend, answer, gradient: [by_output, by_input], .. } = room;
        let last = &self.layout.layers[self.hidden()];
        let by_answer = Rows { values: answer, stride: LANES };
        let seen_last = Rows { values: &seen[self.hidden()], stride: last.stride };
        let n = columns(last.inputs);
        let by_weights = RowsMut { values: &mut gradient[last.weights()], stride: last.stride };
        add_outer(self.arch, by_answer, seen_last, by_weights, n);
        // Softplus of the padding is not zero.
        for row in gradient[last.weights()].chunks_exact_mut(last.stride) {
            row[last.inputs..].fill(0.0);
        }
        for answer in answer.chunks_exact(LANES).take(*examples) {
            gradient[last.biases()].iter_mut().zip(&answer[..last.outputs]).for_each(|(sum, answer)| *sum += answer);
        }
        by_output.resize(seen[self.hidden()].len(), 0.0);
        let weights = Rows { values: &parameters[last.weights()], stride: last.stride };
        let rows = RowsMut { values: &mut *by_output, stride: last.stride };
        multiply(self.arch, None, by_answer, last.outputs, weights, rows, n);
        for (i, layer) in self.layout.layers[..self.hidden()].iter().enumerate().rev() {
            let values = *examples * layer.stride;
            let bent = bend[i].get(values..).unwrap_or(&[]);
            self.arch.dispatch(|| through_activation(by_output, &slope[i], bent));
            let (stride, rows) = (layer.stride, Rows { values: by_output, stride: layer.stride });
            let seen_stride = seen_stride(i, layer);
            let seen = Rows { values: &seen[i], stride: seen_stride };
            let by_weights = RowsMut { values: &mut gradient[layer.weights()], stride };
            add_outer(self.arch, seen, rows, by_weights, columns(layer.outputs));
            let biases = &mut gradient[layer.biases()];
            self.arch.dispatch(|| {
                for row in by_output[..values].chunks_exact(stride) {
                    biases.iter_mut().zip(row).for_each(|(sum, row)| *sum += row);
                }
            });
            if i > 0 {
                by_input.resize(by_output.len() / stride * seen_stride, 0.0);
                let weights = Rows { values: &turned.0[i], stride: seen_stride };
                let by_seen = RowsMut { values: &mut *by_input, stride: seen_stride };
                multiply(self.arch, None, rows, layer.outputs, weights, by_seen, columns(layer.inputs));
                std::mem::swap(by_output, by_input);
            }
        }
    }
}

/// From one row of what layer `i` sees to the next.
const fn seen_stride(i: usize, layer: &Layer) -> usize {
    if i == 0 { layer.inputs } else { stride(layer.inputs) }
}

/// ż ← φ' ż, and what the way back wants: bent ← φ'' ż
#[inline(always)]
fn move_tangents(moved: &mut [f32], slope: &[f32], second: &[f32], bent: &mut [f32]) {
    for (moved, bent) in moved.chunks_exact_mut(slope.len()).zip(bent.chunks_exact_mut(slope.len())) {
        for (((moved, bent), slope), second) in moved.iter_mut().zip(bent).zip(slope).zip(second) {
            (*moved, *bent) = (slope * *moved, second * *moved);
        }
    }
}

/// From the gradient by φ(z) and φ' ż to that by z and ż:   z̄ = φ' h̄ + Σ φ'' ż ḣ̄,   ż̄ = φ' ḣ̄
#[inline(always)]
fn through_activation(gradient: &mut [f32], slope: &[f32], bent: &[f32]) {
    let (values, moved) = gradient.split_at_mut(slope.len());
    values.iter_mut().zip(slope).for_each(|(value, slope)| *value *= slope);
    for (moved, bent) in moved.chunks_exact_mut(slope.len()).zip(bent.chunks_exact(slope.len())) {
        for (((moved, bent), slope), value) in moved.iter_mut().zip(bent).zip(slope).zip(&mut *values) {
            *value += bent * *moved;
            *moved *= slope;
        }
    }
}
