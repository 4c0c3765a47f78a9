//! `scorescope images sample`: a sampler of the 2-D tabs on a network of images.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::draw::{Drawn, Request};
use super::npy::{self, Batch};
use super::sheet::sheet;
use crate::cli::failure::Failure;
use crate::cli::output;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    request: Request,
    /// Where the images go: a sheet of them as PNG, or NumPy's float32 of shape (n, c, h, w) in the model's own range
    #[arg(long, value_name = "F.png|F.npy")]
    out: PathBuf,
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
    let out = &arguments.out;
    output::check(out, &[])?;
    let form = Form::of(out)?;
    let Drawn { images, range, sampler, nfe, seconds, device, seed } = arguments.request.draw(Some(out))?;
    output::write(out, &form.bytes(&images, range)?)?;
    output::print_summary(&Summary { sampler, nfe, seconds, device, shape: images.shape, seed })
}

/// What the images are written as.
pub enum Form {
    Png,
    Npy,
}

impl Form {
    pub fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(|end| end.to_str()) {
            Some("png") => Ok(Self::Png),
            Some("npy") => Ok(Self::Npy),
            _ => {
                let what = format!("--out {} is refused", path.display());
                Err(Failure::wrong_use(what, "images are written as .png or .npy. Give it one of these endings"))
            }
        }
    }

    pub fn bytes(&self, batch: &Batch, range: [f32; 2]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Npy => npy::bytes(batch),
            Self::Png => sheet(batch, range)?.png().map_err(|why| Failure::failed("The sheet cannot be encoded", why)),
        }
    }
}
