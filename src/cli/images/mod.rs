//! `scorescope images`: the image-scale U-Net, one file per action.

mod coverage;
mod draw;
mod eval;
mod info;
mod npy;
mod sample;
mod sheet;
mod train;
mod train_form;

pub use train::NoiseForm;
pub use train_form::Shape;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use super::interrupt;
use crate::session;
use crate::unet::{Folder, ModelError};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print a network as the list of its kernel calls, with shapes, operations, bytes and memory
    Info(info::Arguments),
    /// Ask a network once: a batch of images in, its answer out
    Eval(eval::Arguments),
    /// Draw images with a sampler
    Sample(sample::Arguments),
    /// Judge images of cats against the truth: parts, validity, memory
    Coverage(coverage::Arguments),
    /// Train a network on cats, on a folder of pictures or on an IDX file, and write it as diffusers does
    Train(train::Arguments),
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        Action::Info(arguments) => info::run(arguments),
        Action::Eval(arguments) => eval::run(arguments),
        Action::Sample(arguments) => sample::run(arguments),
        Action::Coverage(arguments) => coverage::run(arguments),
        Action::Train(arguments) => train::run(arguments),
    }
}

/// Which network.
#[derive(Args)]
struct ModelArgument {
    /// The folder of a diffusers UNet2DModel: config.json and diffusion_pytorch_model.safetensors, or a folder unet with both;
    /// or the name of one on the Hugging Face hub, owner/name, which is fetched once and kept; or cats-32, which the program carries
    #[arg(long, value_name = "DIR|NAME")]
    model: PathBuf,
}

impl ModelArgument {
    fn folder(&self) -> Result<Folder, Failure> {
        Folder::find(&self.path()?).map_err(|error| refused(&self.model, &error))
    }

    /// The folder on this machine; what is fetched has a bar on stderr.
    fn path(&self) -> Result<PathBuf, Failure> {
        let bar = ProgressBar::no_length();
        // The template is fixed, and right.
        let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes}  {eta} left")
            .expect("a right template");
        bar.set_style(style);
        let path = session::model_folder(&self.model, &mut |file, done, of| {
            bar.set_message(file.to_owned());
            bar.set_length(of);
            bar.set_position(done);
            interrupt::check("Fetching the model").is_ok()
        });
        bar.finish_and_clear();
        interrupt::check("Fetching the model")?;
        path.map_err(|error| refused(&self.model, &error))
    }
}

/// Width and height of images.
#[derive(Clone, Copy)]
struct Size {
    width: usize,
    height: usize,
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sides = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        sides.map(|(width, height)| Self { width, height }).ok_or("expected two whole numbers, such as 32x32")
    }
}

/// A network that is not used, and what to do about it.
fn refused(model: &Path, error: &ModelError) -> Failure {
    let what = format!("{} is not used as a model", model.display());
    match error {
        ModelError::File { .. } => Failure::failed(what, error),
        ModelError::Json(_) | ModelError::UnknownKey(_) | ModelError::Value { .. } | ModelError::Conflict(_) => {
            Failure::failed(what, format!("{error}. Give the folder of an unconditional diffusers UNet2DModel"))
        }
        ModelError::Weights(_)
        | ModelError::Missing(_)
        | ModelError::Superfluous(_)
        | ModelError::Shape { .. }
        | ModelError::NotFinite(_) => {
            let remedy = "Fetch the weights again, or the config.json that belongs to them";
            Failure::failed(what, format!("{error}. {remedy}"))
        }
        ModelError::NoRoom(_) | ModelError::Gpu(_) => {
            Failure::failed("The network does not run on the graphics adapter", error)
        }
        ModelError::NoMemory { .. } => Failure::failed("There is no room for this", error),
        ModelError::Input(_) => Failure::wrong_use("The network cannot be asked this", error),
    }
}
