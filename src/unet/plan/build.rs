//! From a configuration to its plan: the network from the image to the answer. `blocks` has what it is made of.

use super::call::{Call, Conv2d, GroupNorm, Layer, Linear, Resample, Resampling};
use super::{Parameter, ParameterId, Plan, Shape, ValueId};
use crate::unet::{Activation, ModelError, TimeEmbedding, UnetConfig};

/// Most numbers in one value: beyond it, sizes stop being numbers that this machine can count with.
const MOST_NUMBERS: usize = 1 << 40;

/// A plan while it is written.
pub struct Builder<'a> {
    pub config: &'a UnetConfig,
    /// f(time vector): what every residual block sees.
    pub time: ValueId,
    layers: Vec<Layer>,
    values: Vec<Shape>,
    parameters: Vec<Parameter>,
}

/// What a convolution is besides its channels.
#[derive(Clone, Copy)]
pub struct Form {
    /// 3 or 1; none is 1 with weights that are stored as a matrix.
    pub kernel: Option<usize>,
    pub stride: usize,
    pub padding: [usize; 2],
    pub upsample: bool,
    pub shift: Option<ValueId>,
    pub residual: Option<ValueId>,
    pub scale: f32,
}

/// 1 × 1, weights as a matrix.
pub const MATRIX: Form =
    Form { kernel: None, stride: 1, padding: [0; 2], upsample: false, shift: None, residual: None, scale: 1.0 };
/// 1 × 1
pub const ONE: Form = Form { kernel: Some(1), ..MATRIX };
/// 3 × 3 that keeps the size
pub const THREE: Form = Form { kernel: Some(3), padding: [1; 2], ..MATRIX };

/// The network as `UNet2DModel.forward` runs it.
pub fn build(config: &UnetConfig, image: Shape) -> Result<Plan, ModelError> {
    check_input(config, image)?;
    let input = ValueId(0);
    let mut builder = Builder { config, time: input, layers: Vec::new(), values: vec![image], parameters: Vec::new() };
    builder.time = builder.time_vector();
    let centred = if config.center_input_sample { builder.centred(input) } else { input };
    let first = builder.conv("conv_in", centred, config.block_out_channels[0], THREE);

    let (bottom, skips) = builder.way_down(first, centred)?;
    let bottom = if config.mid_block { builder.middle(bottom)? } else { bottom };
    let (top, carried_image) = builder.way_up(bottom, skips)?;

    let groups = config.groups(config.block_out_channels[0]);
    let top = builder.group_norm("conv_norm_out", top, groups, Some(Activation::Silu), None)?;
    let mut output = builder.conv("conv_out", top, config.out_channels, Form { residual: carried_image, ..THREE });
    if config.time_embedding == TimeEmbedding::Fourier {
        output = builder.push("divide_by_timestep", Call::DivideByTimestep { input: output }, builder.shape(output));
    }
    let Builder { layers, values, parameters, .. } = builder;
    Ok(Plan { layers, values, parameters, input, output })
}

fn check_input(config: &UnetConfig, image: Shape) -> Result<(), ModelError> {
    let unit = config.size_unit();
    let fits = |side: usize| side > 0 && side.is_multiple_of(unit);
    if !(fits(image.h) && fits(image.w)) {
        let levels = config.block_out_channels.len();
        return Err(ModelError::Input(format!(
            "images of {} × {} cannot go through {levels} levels; height and width must be multiples of {unit}",
            image.h, image.w
        )));
    }
    let widest = config.block_out_channels.iter().max().map_or(0, |c| 8 * c);
    let numbers = [image.n, image.h, image.w, widest].into_iter().try_fold(1usize, usize::checked_mul);
    if image.n == 0 || numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
        return Err(ModelError::Input(format!(
            "{} images of {} × {} are no batch that can be computed; give at least one, and fewer or smaller ones",
            image.n, image.h, image.w
        )));
    }
    Ok(())
}

impl Builder<'_> {
    /// The time vector, and the function between layers of it.
    fn time_vector(&mut self) -> ValueId {
        let (config, first) = (self.config, self.config.block_out_channels[0]);
        let embedding = match config.time_embedding {
            TimeEmbedding::Positional { cosines_first, shift } => {
                self.push("time_proj", Call::PositionalEmbedding { cosines_first, shift }, Shape::vector(first))
            }
            TimeEmbedding::Fourier => {
                let weight = self.parameter("time_proj.weight", &[first]);
                self.push("time_proj", Call::FourierEmbedding { weight }, Shape::vector(2 * first))
            }
        };
        let hidden = self.linear("time_embedding.linear_1", embedding, config.time_embedding_dim);
        let hidden = self.activate("time_embedding.act", hidden, Activation::Silu);
        let time = self.linear("time_embedding.linear_2", hidden, config.time_embedding_dim);
        self.activate("time_embedding.nonlinearity", time, config.act_fn)
    }

    fn centred(&mut self, input: ValueId) -> ValueId {
        self.push("center_input_sample", Call::Affine { input, scale: 2.0, offset: -1.0 }, self.shape(input))
    }

    pub fn shape(&self, value: ValueId) -> Shape {
        self.values[value.0]
    }

    /// Writes a call; its value has the shape given.
    pub fn push(&mut self, name: impl Into<String>, call: Call, shape: Shape) -> ValueId {
        let output = ValueId(self.values.len());
        self.values.push(shape);
        self.layers.push(Layer { name: name.into(), call, output });
        output
    }

    fn parameter(&mut self, name: &str, shape: &[usize]) -> ParameterId {
        self.parameters.push(Parameter { name: name.to_owned(), shape: shape.to_vec() });
        ParameterId(self.parameters.len() - 1)
    }

    /// `name.weight` of the shape given, and `name.bias`.
    fn weight_and_bias(&mut self, name: &str, shape: &[usize]) -> (ParameterId, ParameterId) {
        let weight = self.parameter(&format!("{name}.weight"), shape);
        (weight, self.parameter(&format!("{name}.bias"), &shape[..1]))
    }

    pub fn activate(&mut self, name: &str, input: ValueId, function: Activation) -> ValueId {
        self.push(name, Call::Activate { input, function }, self.shape(input))
    }

    pub fn linear(&mut self, name: &str, input: ValueId, out: usize) -> ValueId {
        let (weight, bias) = self.weight_and_bias(name, &[out, self.shape(input).c]);
        self.push(name, Call::Linear(Linear { input, weight, bias }), Shape::vector(out))
    }

    pub fn conv(&mut self, name: &str, input: ValueId, out: usize, form: Form) -> ValueId {
        let Form { kernel, stride, padding, upsample, shift, residual, scale } = form;
        let of = self.shape(input);
        let (weight, bias) = match kernel {
            Some(k) => self.weight_and_bias(name, &[out, of.c, k, k]),
            None => self.weight_and_bias(name, &[out, of.c]),
        };
        let kernel = kernel.unwrap_or(1);
        let side =
            |side: usize| (if upsample { 2 * side } else { side } + padding[0] + padding[1] - kernel) / stride + 1;
        let shape = Shape { c: out, h: side(of.h), w: side(of.w), ..of };
        let call = Conv2d { input, weight, bias, kernel, stride, padding, upsample, shift, residual, scale };
        self.push(name, Call::Conv2d(call), shape)
    }

    pub fn group_norm(
        &mut self,
        name: &str,
        input: ValueId,
        groups: usize,
        activation: Option<Activation>,
        modulation: Option<ValueId>,
    ) -> Result<ValueId, ModelError> {
        let shape = self.shape(input);
        if groups == 0 || !shape.c.is_multiple_of(groups) {
            return Err(ModelError::Conflict(format!(
                "{name} has {} channels in {groups} groups; expected groups that divide them ('norm_num_groups')",
                shape.c
            )));
        }
        let (weight, bias) = self.weight_and_bias(name, &[shape.c]);
        let call = GroupNorm { input, weight, bias, groups, eps: self.config.norm_eps, modulation, activation };
        Ok(self.push(name, Call::GroupNorm(call), shape))
    }

    pub fn concat(&mut self, name: &str, inputs: [ValueId; 2]) -> ValueId {
        let [first, second] = inputs.map(|input| self.shape(input));
        self.push(name, Call::Concat { inputs }, Shape { c: first.c + second.c, ..first })
    }

    pub fn resample(&mut self, name: &str, input: ValueId, how: Resampling) -> ValueId {
        self.push(name, Call::Resample(Resample { input, how }), how.of(self.shape(input)))
    }
}
