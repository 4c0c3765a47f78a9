//! A plan in candle's tensors: each call as its formula, so that gradients find their way back through all of them.

use candle_core::{Device, Result, Tensor, bail};

use super::native;
use super::operations::{Convolution, Function, GroupNorm, Resample, ScaledSum, Softmax, Threads};
use super::planes::Geometry;
use crate::unet::Plan;
use crate::unet::plan::{Attention, Call, Conv2d, GroupNorm as GroupNormCall, Linear, ParameterId, ValueId};

/// ln 10000, the base of the positional frequencies.
const LN_BASE: f32 = 9.210_340_4;

/// What computes, and by whose operations.
#[derive(Clone)]
pub enum Place {
    /// The processor, by ours.
    Ours(Threads),
    /// A device of candle's, by its own.
    Candles(Device),
}

impl Place {
    pub const fn device(&self) -> &Device {
        match self {
            Self::Ours(_) => &Device::Cpu,
            Self::Candles(device) => device,
        }
    }
}

/// A plan on its way.
pub struct Forward<'a> {
    plan: &'a Plan,
    /// In the plan's order; variables, if gradients are wanted.
    parameters: &'a [Tensor],
    /// One for all images, or one for each.
    timesteps: &'a [f32],
    place: &'a Place,
    /// What was computed and is still read. Vectors of the timestep are (timesteps, c).
    values: Vec<Option<Tensor>>,
}

impl<'a> Forward<'a> {
    pub fn new(plan: &'a Plan, parameters: &'a [Tensor], timesteps: &'a [f32], place: &'a Place) -> Self {
        Self { plan, parameters, timesteps, place, values: vec![None; plan.values.len()] }
    }

    /// `x`: (n, c, h, w) as the plan says.
    pub fn run(mut self, x: Tensor) -> Result<Tensor> {
        self.values[self.plan.input.0] = Some(x);
        for (layer, ends) in self.plan.layers.iter().zip(self.plan.last_uses()) {
            let y = self.call(&layer.call, layer.output).map_err(|error| error.context(layer.name.clone()))?;
            self.values[layer.output.0] = Some(y);
            ends.into_iter().for_each(|value| self.values[value.0] = None);
        }
        self.value(self.plan.output).cloned()
    }

    fn value(&self, value: ValueId) -> Result<&Tensor> {
        match self.values.get(value.0) {
            Some(Some(tensor)) => Ok(tensor),
            _ => bail!("value {} is read before it is written", value.0),
        }
    }

    fn parameter(&self, parameter: ParameterId) -> &Tensor {
        &self.parameters[parameter.0]
    }

    fn call(&self, call: &Call, output: ValueId) -> Result<Tensor> {
        match call {
            Call::Affine { input, scale, offset } => self.value(*input)?.affine(f64::from(*scale), f64::from(*offset)),
            Call::PositionalEmbedding { cosines_first, shift } => {
                self.positional_embedding(self.plan.shape(output).c, *cosines_first, *shift)
            }
            Call::FourierEmbedding { weight } => self.fourier_embedding(self.parameter(*weight)),
            Call::Activate { input, function } => {
                let x = self.value(*input)?;
                match self.place {
                    Place::Ours(_) => x.apply_op1(Function(*function)),
                    Place::Candles(_) => native::function(x, *function),
                }
            }
            Call::Linear(Linear { input, weight, bias }) => {
                self.value(*input)?.matmul(&self.parameter(*weight).t()?)?.broadcast_add(self.parameter(*bias))
            }
            Call::GroupNorm(norm) => self.group_norm(norm),
            Call::Conv2d(conv) => self.conv2d(conv),
            Call::Attention(attention) => self.attention(attention),
            Call::Resample(resample) => {
                let (x, how) = (self.value(resample.input)?, resample.how);
                match self.place {
                    Place::Ours(threads) => x.apply_op1(Resample { threads: threads.clone(), how }),
                    Place::Candles(_) => native::resample(x, how),
                }
            }
            Call::Concat { inputs: [first, second] } => Tensor::cat(&[self.value(*first)?, self.value(*second)?], 1),
            Call::DivideByTimestep { input } => {
                let timesteps =
                    Tensor::from_slice(self.timesteps, (self.timesteps.len(), 1, 1, 1), self.place.device())?;
                self.value(*input)?.broadcast_div(&timesteps)
            }
        }
    }

    /// aᵢ = t · 10000^(−i / (half − shift)), rounded where diffusers rounds.
    #[expect(clippy::cast_precision_loss, reason = "channels are few")]
    fn positional_embedding(&self, channels: usize, cosines_first: bool, shift: f32) -> Result<Tensor> {
        let half = channels / 2;
        let frequency = |i: usize| (-LN_BASE * i as f32 / (half as f32 - shift)).exp();
        let rows = self.timesteps.iter().flat_map(|t| {
            let angles: Vec<f32> = (0..half).map(|i| t * frequency(i)).collect();
            let [sines, cosines] = [f32::sin, f32::cos].map(|f| angles.iter().map(|a| f(*a)).collect::<Vec<f32>>());
            let mut row = if cosines_first { [cosines, sines] } else { [sines, cosines] }.concat();
            row.resize(channels, 0.0);
            row
        });
        Tensor::from_iter(rows, self.place.device())?.reshape((self.timesteps.len(), channels))
    }

    /// aᵢ = 2π wᵢ ln t; the frequencies are drawn once and never trained.
    fn fourier_embedding(&self, weight: &Tensor) -> Result<Tensor> {
        let logarithms: Vec<f32> = self.timesteps.iter().map(|t| t.ln()).collect();
        let logarithms = Tensor::from_vec(logarithms, (self.timesteps.len(), 1), self.place.device())?;
        let angles = logarithms.broadcast_mul(&weight.detach())?.affine(2.0, 0.0)?.affine(std::f64::consts::PI, 0.0)?;
        Tensor::cat(&[angles.sin()?, angles.cos()?], 1)
    }

    fn group_norm(&self, norm: &GroupNormCall) -> Result<Tensor> {
        let GroupNormCall { input, weight, bias, groups, eps, modulation, activation } = *norm;
        let x = self.value(input)?;
        let (mut weight, mut bias) = (self.parameter(weight).clone(), self.parameter(bias).clone());
        if let Some(modulation) = modulation {
            // (x̂ w + b)(1 + scale) + shift = x̂ (w (1 + scale)) + (b (1 + scale) + shift)
            let both = self.value(modulation)?;
            let channels = weight.elem_count();
            let scale = both.narrow(1, 0, channels)?.affine(1.0, 1.0)?;
            weight = scale.broadcast_mul(&weight)?;
            bias = (scale.broadcast_mul(&bias)? + both.narrow(1, channels, channels)?)?;
        }
        match self.place {
            Place::Ours(threads) => {
                x.apply_op3(&weight, &bias, GroupNorm { threads: threads.clone(), groups, eps, activation })
            }
            Place::Candles(_) => {
                let y = native::group_norm(x, [&weight, &bias], groups, eps)?;
                activation.map_or(Ok(y.clone()), |activation| native::function(&y, activation))
            }
        }
    }

    fn conv2d(&self, conv: &Conv2d) -> Result<Tensor> {
        let Conv2d { input, weight, bias, kernel, stride, padding, upsample, shift, residual, scale } = *conv;
        let bias = match shift {
            Some(shift) => self.value(shift)?.broadcast_add(self.parameter(bias))?,
            None => self.parameter(bias).clone(),
        };
        let repeat = if upsample { 2 } else { 1 };
        let geometry = Geometry { kernel, stride, padding, repeat, spacing: 1 };
        let (x, weight) = (self.value(input)?, self.parameter(weight));
        let y = match self.place {
            Place::Ours(threads) => x.apply_op3(weight, &bias, Convolution { threads: threads.clone(), geometry }),
            Place::Candles(_) => native::convolution(x, weight, &bias, geometry),
        }?;
        let Some(residual) = residual else { return Ok(y) };
        let residual = self.value(residual)?;
        match self.place {
            Place::Ours(threads) => y.apply_op2(residual, ScaledSum { threads: threads.clone(), scale }),
            Place::Candles(_) => (y + residual)?.affine(f64::from(scale), 0.0),
        }
    }

    /// Of each head V softmax(Qᵀ K / √d)ᵀ; Q, K and V are (d, tokens).
    fn attention(&self, attention: &Attention) -> Result<Tensor> {
        let Attention { query, key, value, heads, head_dim, tokens } = *attention;
        let shape = self.value(query)?.shape();
        let heads_of = |value| self.value(value)?.reshape((shape.dims()[0] * heads, head_dim, tokens));
        #[expect(clippy::cast_precision_loss, reason = "channels are few")]
        let scaled = heads_of(query)?.affine(1.0 / (head_dim as f64).sqrt(), 0.0)?;
        let likeness = scaled.t()?.matmul(&heads_of(key)?)?;
        let weights = match self.place {
            Place::Ours(threads) => likeness.apply_op1(Softmax { threads: threads.clone() }),
            Place::Candles(_) => native::softmax(&likeness),
        }?;
        heads_of(value)?.matmul(&weights.t()?)?.reshape(shape)
    }
}
