//! `scorescope images eval`: one question to a network.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::npy::{self, Batch};
use super::{ModelArgument, refused};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::learning::UnetCpu;
use crate::session::Pool;
use crate::unet::{ModelError, UnetConfig, Weights};

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

#[derive(Serialize)]
struct Summary {
    device: Device,
    shape: [usize; 4],
    timestep: f32,
    /// Of the network alone, without reading files.
    seconds: f64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let failed = |error| refused(&arguments.model.model, &error);
    let folder = arguments.model.folder()?;
    let [config, weights, halves] = folder.files();
    output::check(&arguments.out, &[Some(&arguments.input), Some(&config), Some(&weights), Some(&halves)])?;
    let config = folder.config().map_err(failed)?;
    let x = npy::read(&arguments.input)?;
    let [n, c, h, w] = x.shape;
    if c != config.in_channels {
        let why = format!("they have {c} channels, and the network takes {}", config.in_channels);
        return Err(Failure::wrong_use(format!("{} does not fit the model", arguments.input.display()), why));
    }
    let shape = [n, config.out_channels, h, w];
    let weights = folder.weights(&config).map_err(failed)?;
    let answer = match arguments.device {
        Device::Cpu => on_cpu(config, weights, &x, arguments.timestep).map_err(failed)?,
        Device::Gpu => {
            let why = "networks of images do not run on the graphics adapter yet. Give --device cpu";
            return Err(Failure::wrong_use("--device gpu", why));
        }
    };
    let (numbers, seconds) = answer;
    if let Some(x) = numbers.iter().find(|x| !x.is_finite()) {
        let why =
            format!("the network answered {x}, and only finite numbers are written. Give images of a moderate size");
        return Err(Failure::failed(format!("{} is not written", arguments.out.display()), why));
    }
    output::write(&arguments.out, &npy::bytes(&Batch { shape, numbers })?)?;
    output::print_summary(&Summary { device: arguments.device, shape, timestep: arguments.timestep, seconds })
}

/// The answer, and how long it took.
fn on_cpu(config: UnetConfig, weights: Weights, x: &Batch, timestep: f32) -> Result<(Vec<f32>, f64), ModelError> {
    let [n, c, h, w] = x.shape;
    let mut y = vec![0.0; x.numbers.len() / c.max(1) * config.out_channels];
    let network = UnetCpu::new(config, weights, Arc::new(Pool::per_core()))?;
    let begun = Instant::now();
    network.forward(&x.numbers, [n, h, w], timestep, &mut y)?;
    Ok((y, begun.elapsed().as_secs_f64()))
}
