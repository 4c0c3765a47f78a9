//! `scorescope images sample`: a sampler of the 2-D tabs on a network of images.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::npy::{self, Batch};
use super::{ModelArgument, Size, refused};
use crate::cli::failure::Failure;
use crate::cli::sample::name_and_knobs;
use crate::cli::{interrupt, output};
use crate::output::Picture;
use crate::samplers::{self, Run, Serial, SettingError};
use crate::scenario::Sampling;
use crate::session::{self, Graphics, ImageModel, Pool, rgb};
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
    let [config, weights, halves] = Folder::find(&path).map_err(|error| refused(&model.model, &error))?.files();
    output::check(out, &[Some(&config), Some(&weights), Some(&halves)])?;
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

/// Pixels between two images of a sheet.
const GAP: usize = 2;

/// Images side by side in a square, over white, row by row.
fn sheet(batch: &Batch, [dark, bright]: [f32; 2]) -> Result<Picture, Failure> {
    let [n, c, h, w] = batch.shape;
    if c != 1 && c != 3 {
        let why = format!("they have {c} channels; a picture has 1 or 3. Give --out a name that ends with .npy");
        return Err(Failure::wrong_use("The images are not drawn", why));
    }
    let columns = (1..=n).find(|side| side * side >= n).unwrap_or(1);
    let rows = n.div_ceil(columns);
    let (width, height) = (columns * (w + GAP) + GAP, rows * (h + GAP) + GAP);
    let mut rgba = vec![255; 4 * width * height];
    for (i, image) in batch.numbers.chunks_exact(c * h * w).enumerate() {
        let (left, top) = (GAP + i % columns * (w + GAP), GAP + i / columns * (h + GAP));
        let bytes: Vec<u8> = rgb(image, c, |value| (value - dark) / (bright - dark)).collect();
        for (at, pixel) in bytes.chunks_exact(3).enumerate() {
            rgba[4 * ((top + at / w) * width + left + at % w)..][..3].copy_from_slice(pixel);
        }
    }
    let too_large = |error| Failure::failed("The sheet is too large", error);
    let [width, height] = [width, height].map(u32::try_from);
    Ok(Picture { width: width.map_err(too_large)?, height: height.map_err(too_large)?, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five images of one pixel in three columns and two rows, with gaps of two; what is beyond the range is cut off.
    #[test]
    fn a_sheet_has_every_image_at_its_place() {
        let numbers = vec![-1.0, 1.0, 0.0, 9.0, -9.0];
        let picture = sheet(&Batch { shape: [5, 1, 1, 1], numbers }, [-1.0, 1.0]).expect("a picture");
        assert_eq!((picture.width, picture.height), (11, 8));
        let at = |x: usize, y: usize| picture.rgba[4 * (y * 11 + x)..][..4].to_vec();
        let grey = |of: u8| vec![of, of, of, 255];
        let found = [(2, 2), (5, 2), (8, 2), (2, 5), (5, 5), (8, 5), (0, 0)].map(|(x, y)| at(x, y));
        assert_eq!(found, [grey(0), grey(255), grey(128), grey(255), grey(0), grey(255), grey(255)]);
        // Channels one after the other in the batch, side by side in the picture.
        let colour =
            sheet(&Batch { shape: [1, 3, 1, 1], numbers: vec![0.0, 0.5, 1.0] }, [0.0, 1.0]).expect("a picture");
        assert_eq!(colour.rgba[4 * (2 * 5 + 2)..][..4], [0, 128, 255, 255]);
        assert!(sheet(&Batch { shape: [1, 2, 1, 1], numbers: vec![0.0; 2] }, [0.0, 1.0]).is_err());
    }
}
