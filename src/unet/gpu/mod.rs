//! The network on the graphics adapter: weights go there once, and a plan's kernels are recorded once for each size of batch.

mod memory;
mod record;
mod weights;

use std::sync::{Mutex, PoisonError};

pub use memory::Needs;

use super::{ModelError, Network, Plan, UnetConfig, Weights};
use crate::gpu::kernels::Factor;
use crate::gpu::{GpuError, KernelTime, Kernels, Precision, Recording, Tensor};
use weights::Uploaded;

/// A U-Net that is run on the graphics adapter.
pub struct UnetGpu {
    config: UnetConfig,
    kernels: Kernels,
    precision: Precision,
    weights: Uploaded,
    ready: Option<Ready>,
}

/// The kernels for one size of batch, with the memory that they work in.
struct Ready {
    size: [usize; 3],
    recording: Recording,
    input: Tensor,
    output: Tensor,
    factors: Tensor,
}

impl UnetGpu {
    /// The network with its weights, in the precision that images and weights have in the adapter's memory.
    ///
    /// # Errors
    /// A configuration that makes no network, weights of another one, more than the adapter holds.
    pub fn new(
        config: UnetConfig,
        weights: &Weights,
        kernels: &Kernels,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        let plan = Plan::new(&config, 1, [config.size_unit(); 2])?;
        let needs = Needs::of(&plan, precision, kernels);
        needs.check(kernels.context())?;
        let weights =
            Uploaded::new(&plan, weights, kernels.context(), precision).map_err(|error| needs.explain(error))?;
        Ok(Self { config, kernels: kernels.clone(), precision, weights, ready: None })
    }

    /// What the network is made of.
    #[must_use]
    pub fn config(&self) -> &UnetConfig {
        &self.config
    }

    /// The network's answer to a batch of images at one timestep: of a DDPM the noise ε̂, of NCSN++ the score.
    ///
    /// `x`: shape (n, `in_channels`, h, w) with `[n, h, w]`; `out`: (n, `out_channels`, h, w). A Fourier embedding takes
    /// σ as its timestep, above 0. The first call for a size records its kernels.
    ///
    /// # Errors
    /// A size that the network cannot take, or for which the adapter has no room, a timestep that it has no embedding for,
    /// slices of another length; an adapter that is lost or silent.
    pub fn forward(&mut self, x: &[f32], size: [usize; 3], timestep: f32, out: &mut [f32]) -> Result<(), ModelError> {
        self.config.check_timestep(timestep)?;
        let ready = self.ready(size)?;
        if [x.len(), out.len()] != [ready.input.len(), ready.output.len()] {
            let lengths = format!("{} numbers in and {} out do not fit a batch of {size:?}", x.len(), out.len());
            return Err(ModelError::Input(lengths));
        }
        ready.set(x, timestep)?;
        ready.recording.run()?;
        out.copy_from_slice(&ready.recording.context().download(&ready.output)?);
        Ok(())
    }

    /// Records the kernels for batches of `[n, h, w]`, unless it was done before.
    ///
    /// # Errors
    /// A size that the network cannot take, or for which the adapter has no room.
    pub fn prepare(&mut self, size: [usize; 3]) -> Result<(), ModelError> {
        self.ready(size).map(drop)
    }

    /// What a batch of `[n, h, w]` needs of the adapter's memory.
    ///
    /// # Errors
    /// A size that the network cannot take.
    pub fn needs(&self, [n, h, w]: [usize; 3]) -> Result<Needs, ModelError> {
        let plan = Plan::new(&self.config, n, [h, w])?;
        Ok(Needs::of(&plan, self.precision, &self.kernels))
    }

    /// Runs the network on what lies in its memory, and waits for the end: for a stopwatch outside.
    ///
    /// # Errors
    /// As `forward`.
    pub fn run(&mut self, size: [usize; 3]) -> Result<(), ModelError> {
        let recording = &self.ready(size)?.recording;
        recording.run()?;
        Ok(recording.context().finish()?)
    }

    /// How long each kernel takes, in order; nothing where the adapter has no clock.
    ///
    /// # Errors
    /// As `forward`.
    pub fn time(&mut self, size: [usize; 3]) -> Result<Vec<KernelTime>, ModelError> {
        Ok(self.ready(size)?.recording.time()?)
    }

    fn ready(&mut self, size: [usize; 3]) -> Result<&Ready, ModelError> {
        let before = self.ready.take().filter(|ready| ready.size == size);
        let ready = before.map_or_else(|| self.record(size), Ok)?;
        Ok(self.ready.insert(ready))
    }

    fn record(&self, size @ [n, h, w]: [usize; 3]) -> Result<Ready, ModelError> {
        let plan = Plan::new(&self.config, n, [h, w])?;
        let needs = Needs::of(&plan, self.precision, &self.kernels);
        needs.check(self.kernels.context())?;
        let recorded = record::record(&plan, &self.weights, &self.kernels, self.precision, &needs);
        recorded
            .map(|(recording, [input, output, factors])| Ready { size, recording, input, output, factors })
            .map_err(|error| needs.explain(error))
    }
}

/// One call at a time: a batch's kernels work in one memory.
impl Network for Mutex<UnetGpu> {
    fn answer(&self, x: &[f32], size: [usize; 3], timestep: f32, out: &mut [f32]) -> Result<(), ModelError> {
        self.lock().unwrap_or_else(PoisonError::into_inner).forward(x, size, timestep, out)
    }

    fn time(&self, size: [usize; 3]) -> Result<Vec<KernelTime>, ModelError> {
        self.lock().unwrap_or_else(PoisonError::into_inner).time(size)
    }
}

impl Ready {
    fn set(&self, x: &[f32], timestep: f32) -> Result<(), GpuError> {
        let context = self.recording.context();
        context.write(&self.input, x)?;
        context.write(&self.factors, &Factor::all(timestep))
    }
}
