//! `scorescope images eval`: one question to a network.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::npy::{self, Batch};
use super::{ModelArgument, refused};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::gpu::{Context, Kernels, Precision};
use crate::learning::UnetCpu;
use crate::session::{Pool, check_memory, needs};
use crate::unet::{ModelError, Network, Plan, UnetConfig, UnetGpu, Weights};

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArgument,
    /// The images: NumPy's float32, shape (n, c, h, w)
    #[arg(long, value_name = "X.npy")]
    input: PathBuf,
    /// The timestep of the training, or σ where the network embeds that
    #[arg(long, value_name = "T")]
    timestep: f32,
    /// What computes
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// How the graphics adapter keeps images and weights; every sum is in single precision
    #[arg(long, value_enum, default_value_t = Dtype::F32)]
    dtype: Dtype,
    /// Where the answer goes: NumPy's float32, shape (n, c, h, w)
    #[arg(long, value_name = "Y.npy")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum Device {
    /// The processor
    Cpu,
    /// The graphics adapter
    Gpu,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum Dtype {
    /// Single precision
    F32,
    /// Half precision
    F16,
}

#[derive(Serialize)]
struct Summary {
    device: Device,
    dtype: Dtype,
    shape: [usize; 4],
    timestep: f32,
    /// Of the network alone, without reading files.
    seconds: f64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let failed = |error| refused(&arguments.model.model, &error);
    if let (Device::Cpu, Dtype::F16) = (arguments.device, arguments.dtype) {
        return Err(Failure::wrong_use("--dtype f16", "the processor computes in single precision. Add --device gpu"));
    }
    let folder = arguments.model.folder()?;
    let read = [vec![arguments.input.clone()], folder.files()].concat();
    output::check(&arguments.out, &read.iter().map(|path| Some(&**path)).collect::<Vec<_>>())?;
    let config = folder.config().map_err(failed)?;
    let x = npy::read(&arguments.input)?;
    let [n, c, h, w] = x.shape;
    if c != config.in_channels {
        let why = format!("they have {c} channels, and the network takes {}", config.in_channels);
        return Err(Failure::wrong_use(format!("{} does not fit the model", arguments.input.display()), why));
    }
    let shape = [n, config.out_channels, h, w];
    let Arguments { device, dtype, timestep, .. } = *arguments;
    if let Device::Cpu = device {
        let plan = Plan::new(&config, n, [h, w]).map_err(failed)?;
        check_memory(needs(&plan)).map_err(failed)?;
    }
    let weights = folder.weights(&config).map_err(failed)?;
    let network: Result<Box<dyn Network>, ModelError> = match device {
        Device::Cpu => UnetCpu::new(config, weights, Arc::new(Pool::per_core())).map(|network| Box::new(network) as _),
        Device::Gpu => on_gpu(config, &weights, &x, dtype).map(|network| Box::new(network) as _),
    };
    let answer = network.and_then(|network| ask(&*network, &x, timestep, shape.iter().product()));
    let (numbers, seconds) = answer.map_err(failed)?;
    if let Some(x) = numbers.iter().find(|x| !x.is_finite()) {
        let why = format!(
            "the network answered {x}, and only finite numbers are written. Give images and a timestep of a moderate size"
        );
        return Err(Failure::failed(format!("{} is not written", arguments.out.display()), why));
    }
    output::write(&arguments.out, &npy::bytes(&Batch { shape, numbers })?)?;
    output::print_summary(&Summary { device, dtype, shape, timestep, seconds })
}

/// The network on the adapter, its kernels recorded for the images: that is not counted, sending and fetching them is.
fn on_gpu(config: UnetConfig, weights: &Weights, x: &Batch, dtype: Dtype) -> Result<Mutex<UnetGpu>, ModelError> {
    let [n, _, h, w] = x.shape;
    let precision = match dtype {
        Dtype::F32 => Precision::Single,
        Dtype::F16 => Precision::Half,
    };
    let mut network = UnetGpu::new(config, weights, &Kernels::new(&Context::new()?), precision)?;
    network.prepare([n, h, w])?;
    Ok(Mutex::new(network))
}

/// The answer, of `length` numbers, and how long it took.
fn ask(network: &dyn Network, x: &Batch, timestep: f32, length: usize) -> Result<(Vec<f32>, f64), ModelError> {
    let ([n, _, h, w], mut y) = (x.shape, vec![0.0; length]);
    let begun = Instant::now();
    network.answer(&x.numbers, [n, h, w], timestep, &mut y)?;
    Ok((y, begun.elapsed().as_secs_f64()))
}
