//! The image-scale U-Net on the processor: a plan of `unet` in candle's tensors, whose heavy operations are our own.

mod convolution;
mod forward;
mod function;
mod gradients;
mod normalisation;
mod operations;
mod planes;
mod resampling;
mod softmax;

use candle_core::{Device, Tensor};

pub use operations::Threads;

use crate::unet::{ModelError, Network, Plan, UnetConfig, Weights};
use forward::Forward;

/// A U-Net that is run on the processor.
pub struct UnetCpu {
    config: UnetConfig,
    parameters: Vec<Tensor>,
    threads: Threads,
}

impl UnetCpu {
    /// The network with its weights, on `threads`; what it computes does not depend on how many they are.
    ///
    /// # Errors
    /// A configuration that makes no network, or weights of another one.
    pub fn new(config: UnetConfig, weights: Weights, threads: Threads) -> Result<Self, ModelError> {
        let plan = Plan::new(&config, 1, [config.size_unit(); 2])?;
        let weights = weights.into_parameters();
        if plan.parameters.len() != weights.len() {
            return Err(ModelError::Weights(format!("{} tensors, not {}", weights.len(), plan.parameters.len())));
        }
        let tensors = plan.parameters.iter().zip(weights);
        let tensors = tensors.map(|(parameter, numbers)| Tensor::from_vec(numbers, &parameter.shape[..], &Device::Cpu));
        let parameters = tensors.collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self { config, parameters, threads })
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
    pub fn forward(&self, x: &[f32], [n, h, w]: [usize; 3], timestep: f32, out: &mut [f32]) -> Result<(), ModelError> {
        let plan = Plan::new(&self.config, n, [h, w])?;
        self.config.check_timestep(timestep)?;
        let [input, output] = [plan.input, plan.output].map(|value| plan.shape(value));
        if [x.len(), out.len()] != [input.len(), output.len()] {
            let lengths = format!("{} numbers in and {} out do not fit {input} and {output}", x.len(), out.len());
            return Err(ModelError::Input(lengths));
        }
        let x = Tensor::from_slice(x, (n, input.c, h, w), &Device::Cpu).map_err(failed)?;
        let y = Forward::new(&plan, &self.parameters, &[timestep], &self.threads).run(x).map_err(failed)?;
        out.copy_from_slice(&y.flatten_all().and_then(|y| y.to_vec1()).map_err(failed)?);
        Ok(())
    }
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
