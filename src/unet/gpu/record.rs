//! From a plan to kernels: one call, one kernel or two.

use super::memory::{Needs, precisions, sides};
use super::weights::Uploaded;
use crate::gpu::kernels::{self, Factor, Pointwise, Resample, TimeEmbedding};
use crate::gpu::{GpuError, Kernels, Precision, Recording, Tensor};
use crate::unet::Activation;
use crate::unet::plan::{Attention, Call, Conv2d, GroupNorm, Linear, Plan, Resampling, ValueId};

/// What a plan's calls are recorded with.
struct Recorder<'a> {
    plan: &'a Plan,
    weights: &'a Uploaded,
    values: Vec<Tensor>,
    factors: Tensor,
    recording: Recording,
}

/// The kernels of a plan, with its input, its output and the factors of the timestep.
pub fn record(
    plan: &Plan,
    weights: &Uploaded,
    kernels: &Kernels,
    precision: Precision,
    needs: &Needs,
) -> Result<(Recording, [Tensor; 3]), GpuError> {
    let context = kernels.context();
    let bytes = |bytes: &u64| usize::try_from(bytes.div_ceil(4)).unwrap_or(usize::MAX);
    let buffers = needs.buffers.iter().map(|of| context.tensor([1, 1, 1, bytes(of)], Precision::Single));
    let buffers = buffers.collect::<Result<Vec<_>, _>>()?;
    let memory = plan.memory();
    let values = plan.values.iter().zip(precisions(plan, precision)).enumerate();
    let values = values
        .map(|(value, (shape, precision))| buffers[memory.buffer(ValueId(value)).0].seen_as(sides(*shape), precision));
    let mut recorder = Recorder {
        plan,
        weights,
        values: values.collect::<Result<_, _>>()?,
        factors: context.upload([1, 4, 1, 1], Precision::Single, &Factor::all(1.0))?,
        recording: Recording::new(kernels, needs.scratch)?,
    };
    for layer in &plan.layers {
        recorder.call(&layer.call, layer.output)?;
    }
    let ends = [plan.input, plan.output].map(|value| recorder.values[value.0].clone());
    let [input, output] = ends;
    Ok((recorder.recording, [input, output, recorder.factors]))
}

impl Recorder<'_> {
    fn call(&mut self, call: &Call, output: ValueId) -> Result<(), GpuError> {
        let Self { values, weights, factors, recording, .. } = self;
        let out = &values[output.0];
        let pointwise = |input: ValueId| Pointwise::copy(&values[input.0], factors, out);
        match *call {
            Call::Affine { input, scale, offset } => Pointwise { scale, offset, ..pointwise(input) }.record(recording),
            Call::Activate { input, function } => {
                Pointwise { activation: activation(Some(function)), ..pointwise(input) }.record(recording)
            }
            Call::DivideByTimestep { input } => {
                Pointwise { factor: Factor::InverseTimestep, ..pointwise(input) }.record(recording)
            }
            Call::Concat { inputs: [first, second] } => {
                let first_channel = number(self.plan.shape(first).c);
                pointwise(first).record(recording)?;
                Pointwise { first_channel, ..pointwise(second) }.record(recording)
            }
            Call::PositionalEmbedding { cosines_first, shift } => {
                let turns = positional_turns(out.len(), shift);
                let turns = recording.context().upload([1, turns.len(), 1, 1], Precision::Single, &turns)?;
                let factor = Factor::Timestep;
                TimeEmbedding { turns: &turns, factors, output: out, cosines_first, factor }.record(recording)
            }
            Call::FourierEmbedding { weight } => {
                let (turns, factor) = (weights.other(weight), Factor::LogTimestep);
                TimeEmbedding { turns, factors, output: out, cosines_first: false, factor }.record(recording)
            }
            Call::Linear(Linear { input, weight, bias }) => {
                let [weight, bias] = [weight, bias].map(|of| weights.other(of));
                kernels::Linear { input: &values[input.0], weight, bias, output: out }.record(recording)
            }
            Call::GroupNorm(GroupNorm { input, weight, bias, groups, eps, modulation, activation: function }) => {
                let [weight, bias] = [weight, bias].map(|of| weights.other(of));
                let modulation = modulation.map(|value| &values[value.0]);
                let (input, groups, activation) = (&values[input.0], number(groups), activation(function));
                kernels::GroupNorm { input, weight, bias, modulation, output: out, groups, epsilon: eps, activation }
                    .record(recording)
            }
            Call::Conv2d(conv) => convolution(&conv, values, weights, out).record(recording),
            Call::Attention(Attention { query, key, value, heads, .. }) => {
                let [query, key, value] = [query, key, value].map(|of| &values[of.0]);
                kernels::Attention { query, key, value, output: out, heads: number(heads) }.record(recording)
            }
            Call::Resample(plan) => resampling(plan.how).record(recording, &values[plan.input.0], out),
        }
    }
}

fn convolution<'a>(
    conv: &Conv2d,
    values: &'a [Tensor],
    weights: &'a Uploaded,
    output: &'a Tensor,
) -> kernels::Conv2d<'a> {
    kernels::Conv2d {
        input: &values[conv.input.0],
        weights: weights.convolution(conv.weight),
        shift: conv.shift.map(|value| &values[value.0]),
        residual: conv.residual.map(|value| &values[value.0]),
        output,
        stride: number(conv.stride),
        padding: number(conv.padding[0]),
        upsample: conv.upsample,
        scale: conv.scale,
    }
}

/// 10000^(−i / (half − shift)) / 2π, as a plan's embedding of `length` numbers wants it.
#[expect(clippy::cast_precision_loss, reason = "an embedding has some hundred numbers")]
#[expect(clippy::cast_possible_truncation, reason = "rounded once")]
fn positional_turns(length: usize, shift: f32) -> Vec<f32> {
    let pairs = length / 2;
    let step = -1e4f64.ln() / (pairs as f64 - f64::from(shift));
    (0..pairs).map(|i| ((step * i as f64).exp() / std::f64::consts::TAU) as f32).collect()
}

const fn activation(function: Option<Activation>) -> kernels::Activation {
    match function {
        None => kernels::Activation::None,
        Some(Activation::Silu) => kernels::Activation::Silu,
        Some(Activation::Mish) => kernels::Activation::Mish,
        Some(Activation::Gelu) => kernels::Activation::Gelu,
        Some(Activation::Relu) => kernels::Activation::Relu,
    }
}

const fn resampling(how: Resampling) -> Resample {
    match how {
        Resampling::Average => Resample::Average,
        Resampling::Nearest => Resample::Nearest,
        Resampling::FirDown => Resample::FirDown,
        Resampling::FirUp => Resample::FirUp,
    }
}

/// Sizes that a plan was made for have 32 bits; what has more is refused with its tensor.
fn number(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}
