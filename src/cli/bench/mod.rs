//! `scorescope bench`: speed on this machine, one file per measurement. The work itself is defined beside each.

mod field;
mod frame;
mod learning;
mod particles;
mod particles_gpu;
mod train;
mod unet;
mod unet_cases;
mod unet_gpu;
mod unet_train;

use clap::{Args, ValueEnum};

use super::failure::Failure;

#[derive(Args)]
pub struct Arguments {
    /// What to measure; without it, everything
    #[arg(value_enum)]
    what: Option<Bench>,
    /// One JSON object a line instead of a table
    #[arg(long)]
    json: bool,
    /// Threads for particles, training, fields and image networks; without it, one per core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// What moves the particles of `bench particles`, or runs the networks of `bench unet`
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

#[derive(Clone, Copy, ValueEnum)]
enum Device {
    /// The processor
    Cpu,
    /// The graphics adapter; particles are then 10⁴, 10⁵ and 10⁶
    Gpu,
}

#[derive(Clone, Copy, ValueEnum)]
enum Bench {
    /// Denoising score matching on networks of three sizes: steps a second
    Train,
    /// Scores of 65,536 points by the same networks: points a second
    Field,
    /// Time of a frame on the window's thread while training and samplers run
    Frame,
    /// Annealed Langevin on the exact score of 25 modes: particle-updates a second
    Particles,
    /// One forward of image networks with random weights: milliseconds
    Unet,
    /// Training of the network of the bundled cats: images a second
    UnetTrain,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { what, json, threads, device } = *arguments;
    if let Device::Gpu = device {
        return run_on_gpu(arguments);
    }
    let threads = threads.map_or_else(crate::session::cores, usize::from);
    match what {
        Some(Bench::Train) => train::run(json, threads),
        Some(Bench::Field) => field::run(json, threads),
        Some(Bench::Frame) => frame::run(json),
        Some(Bench::Particles) => particles::run(json, threads),
        Some(Bench::Unet) => unet::run(json, threads),
        Some(Bench::UnetTrain) => unet_train::run(json, threads),
        None => {
            train::run(json, threads)?;
            field::run(json, threads)?;
            particles::run(json, threads)?;
            unet::run(json, threads)?;
            unet_train::run(json, threads)?;
            frame::run(json)
        }
    }
}

fn run_on_gpu(arguments: &Arguments) -> Result<(), Failure> {
    let wrong = |why| Err(Failure::wrong_use("--device gpu", why));
    match arguments {
        Arguments { what: Some(Bench::Particles), threads: None, json, .. } => particles_gpu::run(*json),
        Arguments { what: Some(Bench::Unet), threads: None, json, .. } => unet_gpu::run(*json),
        Arguments { what: Some(Bench::Particles | Bench::Unet), .. } => {
            wrong("the graphics adapter has no --threads. Leave it out")
        }
        _ => wrong(
            "particles and image networks run on the graphics adapter. Expected: scorescope bench particles --device gpu, or bench unet --device gpu",
        ),
    }
}

/// The value that `percent` of 100 values do not exceed; 0 where there are none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}
