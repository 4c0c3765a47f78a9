//! How much of the adapter's memory a network needs, known before any of it is asked for.

use crate::gpu::kernels::{Conv2d, ConvWeights, GroupNorm};
use crate::gpu::{Context, GpuError, Kernels, Precision};
use crate::unet::ModelError;
use crate::unet::plan::{self, Call, Plan, Shape, ValueId};

/// Bytes, by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Weights, in the kernels' order.
    pub weights: u64,
    /// Each buffer of values, which serves one after another.
    pub buffers: Vec<u64>,
    /// Numbers, in single precision, that kernels leave for the next.
    pub scratch: usize,
}

impl Needs {
    /// What the plan needs on the adapter.
    #[must_use]
    pub fn of(plan: &Plan, precision: Precision, kernels: &Kernels) -> Self {
        let (memory, precisions) = (plan.memory(), precisions(plan, precision));
        let mut buffers = vec![0; memory.sizes.len()];
        for (value, (shape, precision)) in plan.values.iter().zip(precisions).enumerate() {
            let bytes = &mut buffers[memory.buffer(ValueId(value)).0];
            *bytes = (shape.len() as u64 * precision.bytes()).next_multiple_of(4).max(*bytes);
        }
        let scratch =
            plan.layers.iter().map(|layer| scratch(plan, &layer.call, plan.shape(layer.output), kernels.fill()));
        Self { weights: weights(plan, precision), buffers, scratch: scratch.max().unwrap_or(0) }
    }

    /// Bytes in all.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.weights + self.buffers.iter().sum::<u64>() + 4 * self.scratch as u64
    }

    /// # Errors
    /// Where one buffer is larger than the adapter's buffers can be.
    pub fn check(&self, context: &Context) -> Result<(), ModelError> {
        let largest = self.buffers.iter().copied().chain([4 * self.scratch as u64]).max().unwrap_or(0);
        let most = context.most_bytes();
        if largest <= most {
            return Ok(());
        }
        let (all, largest, most) = (mebibytes(self.bytes()), mebibytes(largest), mebibytes(most));
        Err(ModelError::NoRoom(format!(
            "the network needs {all} MiB for this batch, {largest} MiB of them in one buffer, and a buffer of {context} holds {most} MiB"
        )))
    }

    /// An adapter that has no memory left is told what would have been needed.
    #[must_use]
    pub fn explain(&self, error: GpuError) -> ModelError {
        match error {
            GpuError::OutOfMemory => {
                let all = mebibytes(self.bytes());
                ModelError::NoRoom(format!(
                    "the network needs {all} MiB for this batch, and the graphics adapter has not as much left"
                ))
            }
            other => ModelError::Gpu(other),
        }
    }
}

const fn mebibytes(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

/// Of each value: vectors of the timestep stay in single precision.
pub(super) fn precisions(plan: &Plan, precision: Precision) -> Vec<Precision> {
    let mut of = vec![precision; plan.values.len()];
    for layer in &plan.layers {
        of[layer.output.0] = match layer.call {
            Call::PositionalEmbedding { .. } | Call::FourierEmbedding { .. } | Call::Linear(_) => Precision::Single,
            Call::Activate { input, .. } | Call::Affine { input, .. } => of[input.0],
            _ => precision,
        };
    }
    of
}

fn scratch(plan: &Plan, call: &Call, output: Shape, fill: bool) -> usize {
    let output = sides(output);
    match *call {
        Call::Conv2d(plan::Conv2d { input, kernel, .. }) => {
            Conv2d::scratch(output, [plan.shape(input).c, kernel], fill)
        }
        Call::GroupNorm(plan::GroupNorm { groups, .. }) => GroupNorm::scratch(output, groups),
        _ => 0,
    }
}

fn weights(plan: &Plan, precision: Precision) -> u64 {
    let vectors: usize = plan.parameters.iter().filter(|of| of.shape.len() == 1).map(plan::Parameter::len).sum();
    let of_call = |layer: &plan::Layer| match layer.call {
        Call::Conv2d(plan::Conv2d { input, kernel, .. }) => {
            ConvWeights::len_of([plan.shape(layer.output).c, plan.shape(input).c, kernel]) as u64 * precision.bytes()
        }
        Call::Linear(plan::Linear { weight, .. }) => 4 * plan.parameters[weight.0].len() as u64,
        _ => 0,
    };
    4 * vectors as u64 + plan.layers.iter().map(of_call).sum::<u64>()
}

pub(super) const fn sides(Shape { n, c, h, w }: Shape) -> [usize; 4] {
    [n, c, h, w]
}
