//! What a call costs: operations and bytes.

use super::Plan;
use super::call::{Attention, Call, Conv2d, Layer, Linear};

/// Of one call, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Multiplications and additions of the products: convolutions, matrices, attention. Nothing else costs as much.
    pub operations: u64,
    /// What is read and written once each, in single precision.
    pub bytes: u64,
}

impl std::ops::Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { operations: self.operations + other.operations, bytes: self.bytes + other.bytes }
    }
}

impl Plan {
    /// What the whole plan costs.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.layers.iter().map(|layer| self.cost_of(layer)).fold(Cost::default(), std::ops::Add::add)
    }

    /// What one call costs.
    #[must_use]
    pub fn cost_of(&self, layer: &Layer) -> Cost {
        let operands = layer.call.operands();
        let read = operands.values.iter().map(|value| self.shape(*value).len()).sum::<usize>()
            + operands.parameters.iter().map(|parameter| self.parameters[parameter.0].len()).sum::<usize>();
        let written = self.shape(layer.output).len();
        Cost { operations: 2 * self.products(layer) as u64, bytes: 4 * (read + written) as u64 }
    }

    /// Pairs of numbers that are multiplied and summed.
    fn products(&self, layer: &Layer) -> usize {
        let out = self.shape(layer.output);
        match &layer.call {
            Call::Linear(Linear { input, .. }) => self.shape(*input).c * out.c,
            Call::Conv2d(Conv2d { input, kernel, .. }) => self.shape(*input).c * kernel * kernel * out.len(),
            Call::Attention(Attention { tokens, .. }) => 2 * tokens * out.len(),
            Call::Affine { .. }
            | Call::PositionalEmbedding { .. }
            | Call::FourierEmbedding { .. }
            | Call::Activate { .. }
            | Call::GroupNorm(_)
            | Call::Resample(_)
            | Call::Concat { .. }
            | Call::DivideByTimestep { .. } => 0,
        }
    }
}
