//! `scorescope images sample`: a sampler of the 2-D tabs on a network of images.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::npy::{self, Batch};
use super::sheet::sheet;
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

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArgument,
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
    /// Where the images go: a sheet of them as PNG, or NumPy's float32 of shape (n, c, h, w) in the model's own range
    #[arg(long, value_name = "F.png|F.npy")]
    out: PathBuf,
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

#[derive(Serialize)]
struct Summary {
    sampler: &'static str,
    nfe: usize,
    seconds: f64,
    device: String,
    shape: [usize; 4],
    seed: u64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { model, count, seed, size, out, .. } = arguments;
    output::check(out, &[])?;
    let form = Form::of(out)?;
    let (name, given) = name_and_knobs(&arguments.sampler)?;
    let (device, graphics) = match arguments.device {
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
    let read = Folder::find(&path).map_err(|error| refused(&model.model, &error))?.files();
    output::check(out, &read.iter().map(|path| Some(&**path)).collect::<Vec<_>>())?;
    let opened = ImageModel::open(&path, size, device, graphics.as_ref(), &pool);
    let opened = opened.map_err(|error| refused(&model.model, &error))?;
    opened.check_room(*count as usize).map_err(|error| refused(&model.model, &error))?;
    let refused =
        |error: SettingError| Failure::wrong_use(format!("--sampler {} is refused", arguments.sampler), error);
    let entry = samplers::find(name).map_err(refused)?;
    let settings = entry.settings(&opened.scale(), given).map_err(refused)?;
    let run = opened.run(&Sampling { entry, settings }, *seed, *count as usize).map_err(refused)?;
    let ImageModel { score, device, .. } = opened;
    let begun = Instant::now();
    let run = sample(run, &score)?;
    let seconds = begun.elapsed().as_secs_f64();
    let [c, h, w] = score.shape();
    let batch = Batch { shape: [*count as usize, c, h, w], numbers: run.positions().to_vec() };
    output::write(out, &form.bytes(&batch, score.noising().range())?)?;
    output::print_summary(&Summary {
        sampler: entry.name,
        nfe: run.nfe(),
        seconds,
        device,
        shape: batch.shape,
        seed: *seed,
    })
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

/// What the images are written as.
enum Form {
    Png,
    Npy,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(|end| end.to_str()) {
            Some("png") => Ok(Self::Png),
            Some("npy") => Ok(Self::Npy),
            _ => {
                let what = format!("--out {} is refused", path.display());
                Err(Failure::wrong_use(what, "images are written as .png or .npy. Give it one of these endings"))
            }
        }
    }

    fn bytes(&self, batch: &Batch, range: [f32; 2]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Npy => npy::bytes(batch),
            Self::Png => sheet(batch, range)?.png().map_err(|why| Failure::failed("The sheet cannot be encoded", why)),
        }
    }
}
