//! The image-scale U-Net on the processor: a plan of `unet` in candle's tensors, whose heavy operations are our own.

mod batch;
mod checkpoint;
mod convolution;
mod forward;
mod fresh;
mod function;
mod gradients;
mod native;
mod normalisation;
mod operations;
mod planes;
mod resampling;
mod softmax;
mod trainer;

use candle_core::{Device, Tensor, Var};

pub use operations::Threads;
pub use trainer::{UnetState, UnetTrainer, UnetTraining};

use crate::unet::{ModelError, Network, Plan, UnetConfig, Weights};
use forward::{Forward, Place};

/// A U-Net that is run on the processor.
pub struct UnetCpu {
    config: UnetConfig,
    parameters: Vec<Var>,
    place: Place,
}

impl UnetCpu {
    /// The network with its weights, on `threads`; what it computes does not depend on how many they are.
    ///
    /// # Errors
    /// A configuration that makes no network, or weights of another one.
    pub fn new(config: UnetConfig, weights: Weights, threads: Threads) -> Result<Self, ModelError> {
        Self::at(config, weights, Place::Ours(threads))
    }

    /// The network in candle's own operations: on the first card, where the program was built for one, see [`HAS_CARD`], and
    /// otherwise on the processor.
    ///
    /// # Errors
    /// As for [`Self::new`], and a card that does not answer.
    pub fn by_candle(config: UnetConfig, weights: Weights) -> Result<Self, ModelError> {
        let device = match HAS_CARD {
            true if cfg!(feature = "metal") => Device::new_metal(0),
            true => Device::new_cuda(0),
            false => Ok(Device::Cpu),
        };
        Self::at(config, weights, Place::Candles(device.map_err(failed)?))
    }

    fn at(config: UnetConfig, weights: Weights, place: Place) -> Result<Self, ModelError> {
        let plan = Plan::new(&config, 1, [config.size_unit(); 2])?;
        let weights = weights.into_parameters();
        if plan.parameters.len() != weights.len() {
            return Err(ModelError::Weights(format!("{} tensors, not {}", weights.len(), plan.parameters.len())));
        }
        let variables = plan.parameters.iter().zip(weights);
        let variables =
            variables.map(|(parameter, numbers)| Var::from_vec(numbers, &parameter.shape[..], place.device()));
        let parameters = variables.collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self { config, parameters, place })
    }

    /// Takes other numbers for all parameters: one after the other, in the plan's order.
    ///
    /// # Errors
    /// Where they are not as many.
    pub fn set(&self, flat: &[f32]) -> Result<(), ModelError> {
        let mut rest = flat;
        for parameter in &self.parameters {
            let (numbers, others) = rest
                .split_at_checked(parameter.elem_count())
                .ok_or_else(|| ModelError::Weights(format!("{} numbers are too few for this network", flat.len())))?;
            let tensor = Tensor::from_slice(numbers, parameter.shape(), self.place.device());
            tensor.and_then(|tensor| parameter.set(&tensor)).map_err(failed)?;
            rest = others;
        }
        Ok(())
    }

    /// Numbers for all parameters, one after the other, as those of each.
    fn split(&self, mut flat: &[f32]) -> Weights {
        let each = self.parameters.iter().map(|parameter| {
            let (numbers, rest) = flat.split_at(parameter.elem_count());
            flat = rest;
            numbers.to_vec()
        });
        Weights::new(each.collect())
    }

    /// What the network is made of.
    #[must_use]
    pub fn config(&self) -> &UnetConfig {
        &self.config
    }

    /// The network's answer to a batch of images at one timestep: of a DDPM the noise ε̂, of NCSN++ the score.
    ///
    /// `x`: shape (n, `in_channels`, h, w) with `[n, h, w]`; `out`: (n, `out_channels`, h, w). A Fourier embedding takes
    /// σ as its timestep, above 0.
    ///
    /// # Errors
    /// A size that the network cannot take, a timestep that it has no embedding for, slices of another length.
    pub fn forward(&self, x: &[f32], size: [usize; 3], timestep: f32, out: &mut [f32]) -> Result<(), ModelError> {
        // Without the way back, what is between is forgotten as soon as it has been read.
        let parameters: Vec<Tensor> = self.parameters.iter().map(|parameter| parameter.detach()).collect();
        let y = self.answer(&parameters, x, size, &[timestep], out.len())?;
        out.copy_from_slice(&numbers(&y)?);
        Ok(())
    }

    /// The gradient of Σ y g by every parameter, in the plan's order, where y is the answer to `x` and g what `g` makes of it.
    ///
    /// `x` and `size` as for [`Self::forward`]; `timesteps`: one, or one for each image; y and g have `out_channels`.
    ///
    /// # Errors
    /// As for [`Self::forward`].
    pub fn gradient(
        &self,
        x: &[f32],
        size: [usize; 3],
        timesteps: &[f32],
        g: impl FnOnce(&[f32]) -> Vec<f32>,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let parameters: Vec<Tensor> = self.parameters.iter().map(|parameter| parameter.as_tensor().clone()).collect();
        let length = size.iter().product::<usize>() * self.config.out_channels;
        let y = self.answer(&parameters, x, size, timesteps, length)?;
        let g = g(&numbers(&y)?);
        let sum = Tensor::from_vec(g, y.shape(), self.place.device()).and_then(|g| (y * g)?.sum_all());
        let gradients = sum.and_then(|sum| sum.backward()).map_err(failed)?;
        let of = |parameter: &Tensor| match gradients.get(parameter) {
            Some(gradient) => numbers(gradient),
            // The frequencies of a Fourier embedding are not trained.
            None => Ok(vec![0.0; parameter.elem_count()]),
        };
        parameters.iter().map(of).collect()
    }

    /// y, of `length` numbers.
    fn answer(
        &self,
        parameters: &[Tensor],
        x: &[f32],
        [n, h, w]: [usize; 3],
        timesteps: &[f32],
        length: usize,
    ) -> Result<Tensor, ModelError> {
        let plan = Plan::new(&self.config, n, [h, w])?;
        timesteps.iter().try_for_each(|timestep| self.config.check_timestep(*timestep))?;
        let [input, output] = [plan.input, plan.output].map(|value| plan.shape(value));
        if [x.len(), length] != [input.len(), output.len()] || ![1, n].contains(&timesteps.len()) {
            return Err(ModelError::Input(format!(
                "{} numbers in, {length} out and {} timesteps do not fit {input} and {output}",
                x.len(),
                timesteps.len()
            )));
        }
        let x = Tensor::from_slice(x, (n, input.c, h, w), self.place.device()).map_err(failed)?;
        Forward::new(&plan, parameters, timesteps, &self.place).run(x).map_err(failed)
    }
}

/// Whether the program was built to compute on a card by candle: with the feature `cuda` or `metal`.
pub const HAS_CARD: bool = cfg!(any(feature = "cuda", feature = "metal"));

fn numbers(tensor: &Tensor) -> Result<Vec<f32>, ModelError> {
    tensor.flatten_all().and_then(|tensor| tensor.to_vec1()).map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn failed(error: candle_core::Error) -> ModelError {
    ModelError::Input(format!("the network could not be computed ({error})"))
}

impl Network for UnetCpu {
    fn answer(&self, x: &[f32], size: [usize; 3], timestep: f32, out: &mut [f32]) -> Result<(), ModelError> {
        self.forward(x, size, timestep, out)
    }
}
