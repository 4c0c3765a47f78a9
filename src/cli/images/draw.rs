//! Images drawn by a sampler of the 2-D tabs on a network: what is asked for, for every action that draws some.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::npy::Batch;
use super::{ModelArgument, Size, refused};
use crate::cli::failure::Failure;
use crate::cli::sample::name_and_knobs;
use crate::cli::{interrupt, output};
use crate::samplers::{self, Run, Serial, SettingError};
use crate::scenario::Sampling;
use crate::session::{self, Graphics, ImageModel, Pool};
use crate::unet::{Folder, UnetScore};

/// Most images: a few hundred megabytes of 64 × 64.
const MOST: i64 = 10_000;

/// Which images.
#[derive(Args)]
pub struct Request {
    #[command(flatten)]
    pub model: ModelArgument,
    /// The sampler and its settings; σ is in units of the model's images, and NAME alone takes its smallest and largest σ
    #[arg(long, value_name = "NAME[,key=value…]")]
    sampler: String,
    /// How many images
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=MOST))]
    count: u32,
    /// Decides start and noise
    #[arg(long, value_name = "K", default_value_t = 0)]
    seed: u64,
    /// Width and height; without it, those that the model was trained on
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// What computes
    #[arg(long, value_enum, default_value_t = Device::Auto)]
    device: Device,
}

#[derive(Clone, Copy, ValueEnum)]
enum Device {
    /// A graphics card; where there is none, whatever is measured to be faster
    Auto,
    /// The processor
    Cpu,
    /// The graphics adapter
    Gpu,
}

/// The images, and what they cost.
pub struct Drawn {
    pub images: Batch,
    /// What is black and what is white in them.
    pub range: [f32; 2],
    pub sampler: &'static str,
    pub nfe: usize,
    /// Of sampling alone, without opening the model.
    pub seconds: f64,
    pub device: String,
    pub seed: u64,
}

impl Request {
    /// Opens the model and draws the images, with a bar on stderr; where they go to `out`, that must be none of the model's files.
    pub fn draw(&self, out: Option<&Path>) -> Result<Drawn, Failure> {
        let Self { model, count, seed, size, .. } = self;
        let (name, given) = name_and_knobs(&self.sampler)?;
        let (device, graphics) = match self.device {
            Device::Cpu => (session::Device::Cpu, None),
            Device::Auto => (session::Device::Auto, Graphics::new().ok()),
            Device::Gpu => (
                session::Device::Gpu,
                Some(Graphics::new().map_err(|error| Failure::failed("There is no device for --device gpu", error))?),
            ),
        };
        let pool = Arc::new(Pool::per_core());
        let size = size.map(|size| [size.height, size.width]);
        let path = model.path()?;
        if let Some(out) = out {
            let read = Folder::find(&path).map_err(|error| refused(&model.model, &error))?.files();
            output::check(out, &read.iter().map(|path| Some(&**path)).collect::<Vec<_>>())?;
        }
        let opened = ImageModel::open(&path, size, device, graphics.as_ref(), &pool);
        let opened = opened.map_err(|error| refused(&model.model, &error))?;
        opened.check_room(*count as usize).map_err(|error| refused(&model.model, &error))?;
        let refused = |error: SettingError| Failure::wrong_use(format!("--sampler {} is refused", self.sampler), error);
        let entry = samplers::find(name).map_err(refused)?;
        let settings = entry.settings(&opened.scale(), given).map_err(refused)?;
        let run = opened.run(&Sampling { entry, settings }, *seed, *count as usize).map_err(refused)?;
        let ImageModel { score, device, .. } = opened;
        let begun = Instant::now();
        let run = sample(run, &score)?;
        let seconds = begun.elapsed().as_secs_f64();
        let [c, h, w] = score.shape();
        let images = Batch { shape: [*count as usize, c, h, w], numbers: run.positions().to_vec() };
        let (range, nfe, sampler, seed) = (score.noising().range(), run.nfe(), entry.name, *seed);
        Ok(Drawn { images, range, sampler, nfe, seconds, device, seed })
    }
}

fn sample(mut run: Run, score: &UnetScore) -> Result<Run, Failure> {
    let bar = ProgressBar::new(run.plan().updates().len() as u64);
    // The template is fixed, and right.
    let style =
        ProgressStyle::with_template("{wide_bar} {pos}/{len}  {per_sec}  {eta} left").expect("a right template");
    bar.set_style(style);
    while !run.is_finished() {
        interrupt::check("Sampling")?;
        run.advance(score, 1, &Serial);
        if let Some(why) = score.trouble() {
            return Err(Failure::failed("The network stopped", why));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if run.positions().iter().all(|x| x.is_finite()) {
        return Ok(run);
    }
    let why = "an image is no longer finite: the steps are too large. Lower step, or take more steps";
    Err(Failure::failed("The sampler diverged", why))
}
