//! The calls that a plan is made of: everything an executor must be able to do.

use super::{ParameterId, Shape, ValueId};
use crate::unet::Activation;

/// A call with the name that diffusers gives its layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Such as `down_blocks.0.resnets.0.conv1`.
    pub name: String,
    /// What is done.
    pub call: Call,
    /// What it writes.
    pub output: ValueId,
}

/// One kernel call. Images are (n, c, h, w), vectors of the timestep (1, c, 1, 1).
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// y = scale · x + offset
    Affine {
        /// x
        input: ValueId,
        /// The factor.
        scale: f32,
        /// The summand.
        offset: f32,
    },
    /// y = (sin aᵢ, cos aᵢ), or cosines first;  aᵢ = t · 10000^(−i / (half − shift)), half = ⌊c / 2⌋; an odd c ends with 0.
    PositionalEmbedding {
        /// Cosines before sines.
        cosines_first: bool,
        /// Frequency shift.
        shift: f32,
    },
    /// y = (sin aᵢ, cos aᵢ);  aᵢ = 2π wᵢ ln t
    FourierEmbedding {
        /// w, (c / 2)
        weight: ParameterId,
    },
    /// y = f(x)
    Activate {
        /// x
        input: ValueId,
        /// f
        function: Activation,
    },
    /// y = W x + b, of a vector
    Linear(Linear),
    /// y = f((x − mean) / √(variance + ε) · w + b), or with a time vector f((…)(1 + scale) + shift)
    GroupNorm(GroupNorm),
    /// y = (K ∗ x + b [+ shift] [+ residual]) · scale
    Conv2d(Conv2d),
    /// y = V softmax(Qᵀ K / √d)ᵀ, of each head
    Attention(Attention),
    /// Half or twice the height and width
    Resample(Resample),
    /// (n, a + b, h, w): the channels of the first, then those of the second
    Concat {
        /// Both, in this order.
        inputs: [ValueId; 2],
    },
    /// y = x / t, t the timestep
    DivideByTimestep {
        /// x
        input: ValueId,
    },
}

/// y = W x + b:   x of shape (1, in, 1, 1), W of shape (out, in).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// x
    pub input: ValueId,
    /// W
    pub weight: ParameterId,
    /// b
    pub bias: ParameterId,
}

/// y = f(((x − mean) / √(variance + ε) · w + b) (1 + scale) + shift), mean and variance over the pixels and channels of a group of one image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNorm {
    /// x
    pub input: ValueId,
    /// w, (c)
    pub weight: ParameterId,
    /// b, (c)
    pub bias: ParameterId,
    /// Groups of neighbouring channels.
    pub groups: usize,
    /// ε
    pub eps: f32,
    /// (1, 2c, 1, 1): first the scales, then the shifts.
    pub modulation: Option<ValueId>,
    /// f
    pub activation: Option<Activation>,
}

/// y = (K ∗ x + b + shift + residual) · scale:   K of shape (out, in, k, k), or (out, in) where k = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv2d {
    /// x
    pub input: ValueId,
    /// K
    pub weight: ParameterId,
    /// b, (out)
    pub bias: ParameterId,
    /// k: 3 or 1.
    pub kernel: usize,
    /// 1 or 2.
    pub stride: usize,
    /// Rows and columns of zeros before the first and after the last.
    pub padding: [usize; 2],
    /// Whether x is doubled first, each pixel to 2 × 2 of it.
    pub upsample: bool,
    /// (1, out, 1, 1), added at every pixel of every image.
    pub shift: Option<ValueId>,
    /// Of the shape of y.
    pub residual: Option<ValueId>,
    /// The factor of the whole sum.
    pub scale: f32,
}

/// y = V softmax(Qᵀ K / √d)ᵀ of each head:   Q, K, V of shape (n, heads · d, h, w), whose pixels are the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// Q
    pub query: ValueId,
    /// K
    pub key: ValueId,
    /// V
    pub value: ValueId,
    /// Heads; head i has the channels from i · d.
    pub heads: usize,
    /// d
    pub head_dim: usize,
    /// h · w
    pub tokens: usize,
}

/// Half or twice the size, channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resample {
    /// What is resampled.
    pub input: ValueId,
    /// How.
    pub how: Resampling,
}

/// How a channel is resampled. The filter is (1, 3, 3, 1) / 8 along each axis, and zeros surround the image: Karras et al. 2020.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resampling {
    /// yᵢ = ½ (x₂ᵢ + x₂ᵢ₊₁) along each axis
    Average,
    /// y₂ᵢ = y₂ᵢ₊₁ = xᵢ along each axis
    Nearest,
    /// yᵢ = (x₂ᵢ₋₁ + 3 x₂ᵢ + 3 x₂ᵢ₊₁ + x₂ᵢ₊₂) / 8 along each axis
    FirDown,
    /// y₂ᵢ = (xᵢ₋₁ + 3 xᵢ) / 4, y₂ᵢ₊₁ = (3 xᵢ + xᵢ₊₁) / 4 along each axis
    FirUp,
}

impl Resampling {
    /// The shape it makes of another.
    #[must_use]
    pub fn of(self, shape: Shape) -> Shape {
        match self {
            Self::Average | Self::FirDown => Shape { h: shape.h / 2, w: shape.w / 2, ..shape },
            Self::Nearest | Self::FirUp => Shape { h: 2 * shape.h, w: 2 * shape.w, ..shape },
        }
    }
}

/// Everything a call reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operands {
    /// Values.
    pub values: Vec<ValueId>,
    /// Weights.
    pub parameters: Vec<ParameterId>,
}

impl Call {
    /// What it reads, in the order of its fields.
    #[must_use]
    pub fn operands(&self) -> Operands {
        let (values, parameters): (Vec<Option<ValueId>>, Vec<ParameterId>) = match *self {
            Self::PositionalEmbedding { .. } => (vec![], vec![]),
            Self::FourierEmbedding { weight } => (vec![], vec![weight]),
            Self::Affine { input, .. } | Self::Activate { input, .. } | Self::DivideByTimestep { input } => {
                (vec![Some(input)], vec![])
            }
            Self::Linear(Linear { input, weight, bias }) => (vec![Some(input)], vec![weight, bias]),
            Self::GroupNorm(GroupNorm { input, weight, bias, modulation, .. }) => {
                (vec![Some(input), modulation], vec![weight, bias])
            }
            Self::Conv2d(Conv2d { input, weight, bias, shift, residual, .. }) => {
                (vec![Some(input), shift, residual], vec![weight, bias])
            }
            Self::Attention(Attention { query, key, value, .. }) => (vec![Some(query), Some(key), Some(value)], vec![]),
            Self::Resample(Resample { input, .. }) => (vec![Some(input)], vec![]),
            Self::Concat { inputs } => (inputs.map(Some).to_vec(), vec![]),
        };
        Operands { values: values.into_iter().flatten().collect(), parameters }
    }

    /// Its kernel's name, with what tells one call of it from another.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Affine { scale, offset, .. } => format!("affine {scale} x + {offset}"),
            Self::PositionalEmbedding { .. } => "positional embedding".to_owned(),
            Self::FourierEmbedding { .. } => "Fourier embedding".to_owned(),
            Self::Activate { function, .. } => function.name().to_owned(),
            Self::Linear(_) => "linear".to_owned(),
            Self::GroupNorm(GroupNorm { groups, modulation, activation, .. }) => {
                let modulated = modulation.map_or("", |_| " modulated");
                let activated = activation.map_or(String::new(), |f| format!(" + {}", f.name()));
                format!("group norm {groups}{modulated}{activated}")
            }
            Self::Conv2d(conv) => conv.describe(),
            Self::Attention(Attention { heads, head_dim, tokens, .. }) => {
                format!("attention {heads} × {head_dim}, {tokens} tokens")
            }
            Self::Resample(Resample { how, .. }) => match how {
                Resampling::Average => "average 2 × 2",
                Resampling::Nearest => "nearest, doubled",
                Resampling::FirDown => "FIR 1 3 3 1, halved",
                Resampling::FirUp => "FIR 1 3 3 1, doubled",
            }
            .to_owned(),
            Self::Concat { .. } => "concat".to_owned(),
            Self::DivideByTimestep { .. } => "divide by timestep".to_owned(),
        }
    }
}

impl Conv2d {
    fn describe(&self) -> String {
        let mut text = format!("conv {0} × {0}", self.kernel);
        if self.upsample {
            text += ", doubled";
        }
        if self.stride == 2 {
            text += if self.padding[0] == 0 { ", halved, padded at the far edges" } else { ", halved" };
        }
        if self.shift.is_some() {
            text += " + time";
        }
        if self.residual.is_some() {
            text += " + residual";
        }
        text
    }
}
