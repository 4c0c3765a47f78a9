//! `scorescope images`: the image-scale U-Net, one file per action.

mod eval;
mod info;
mod npy;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::failure::Failure;
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
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        Action::Info(arguments) => info::run(arguments),
        Action::Eval(arguments) => eval::run(arguments),
    }
}

/// Which network.
#[derive(Args)]
struct ModelArgument {
    /// The folder of a diffusers UNet2DModel: config.json and diffusion_pytorch_model.safetensors, or a folder unet with both
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
}

impl ModelArgument {
    fn folder(&self) -> Result<Folder, Failure> {
        Folder::find(&self.model).map_err(|error| refused(&self.model, &error))
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
        ModelError::Input(_) => Failure::wrong_use("The network cannot be asked this", error),
    }
}
