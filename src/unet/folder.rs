//! A model's folder as it comes from the hub: config.json beside the weights, or both in a folder `unet`; or a model that the
//! program carries.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use super::bundled::{BUNDLED, Bundled};
use super::weights::LONGEST_HEADER;
use super::{ModelError, Noising, Plan, UnetConfig, Weights};

/// Longest config.json that is read, in bytes: real ones have a thousand.
const LONGEST_CONFIG: u64 = 1 << 20;
/// Names of weight files, the first that is there counts.
const WEIGHTS: [&str; 2] = ["diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"];

/// What the noise of a model's training was.
const SCHEDULER: &str = "scheduler_config.json";

/// Where config.json and the weights lie.
pub enum Folder {
    /// On a disk.
    There(PathBuf),
    /// In the program.
    Carried(&'static Bundled),
}

impl Folder {
    /// Finds config.json in the folder or in its subfolder `unet`; where there is nothing of that name, the model that the
    /// program carries under it.
    ///
    /// # Errors
    /// No folder, or none with a config.json.
    pub fn find(path: &Path) -> Result<Self, ModelError> {
        if let Some(carried) = BUNDLED.iter().find(|carried| path == Path::new(carried.name) && !path.exists()) {
            return Ok(Self::Carried(carried));
        }
        if !path.is_dir() {
            let why = if path.exists() { "it is a file" } else { "it does not exist" };
            return Err(ModelError::file(
                path,
                format!("{why}. Give the folder that holds config.json and the weights"),
            ));
        }
        // The pipeline's folder has no config.json of its own.
        let places = [path.to_owned(), path.join("unet")];
        places.into_iter().find(|place| place.join("config.json").exists()).map(Self::There).ok_or_else(|| {
            ModelError::file(
                path,
                "there is no config.json, nor in a subfolder 'unet'. Give the folder of a diffusers UNet2DModel",
            )
        })
    }

    /// Everything that is read: no output may take its place.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let Self::There(folder) = self else { return Vec::new() };
        ["config.json", WEIGHTS[0], WEIGHTS[1]].map(|name| folder.join(name)).to_vec()
    }

    /// Reads config.json.
    ///
    /// # Errors
    /// A file that cannot be read or is no configuration, see [`UnetConfig::from_json`].
    pub fn config(&self) -> Result<UnetConfig, ModelError> {
        let folder = match self {
            Self::There(folder) => folder,
            Self::Carried(model) => return UnetConfig::from_json(model.config),
        };
        let path = folder.join("config.json");
        let bytes = read_whole(&path, LONGEST_CONFIG)?;
        UnetConfig::from_json(&String::from_utf8(bytes).map_err(|_| ModelError::file(&path, "it is no text"))?)
    }

    /// Reads the weights that the configuration asks for.
    ///
    /// # Errors
    /// A file that cannot be read or does not fit the configuration, see [`Weights::from_safetensors`].
    pub fn weights(&self, config: &UnetConfig) -> Result<Weights, ModelError> {
        // Which weights there are does not depend on the size of the image.
        let plan = Plan::new(config, 1, [config.size_unit(); 2])?;
        let folder = match self {
            Self::There(folder) => folder,
            Self::Carried(Bundled { weights, .. }) => {
                return Weights::from_safetensors(&plan.parameters, Cursor::new(weights), weights.len() as u64);
            }
        };
        let path = weight_file(folder)?;
        let (file, length) = open(&path, LONGEST_HEADER + 4 * plan.weights() as u64)?;
        Weights::from_safetensors(&plan.parameters, file, length)
    }

    /// How its images were noised: scheduler_config.json beside config.json, or in the folder `scheduler` beside its own.
    ///
    /// # Errors
    /// A file that cannot be read, or says what cannot be.
    pub fn noising(&self, config: &UnetConfig) -> Result<Noising, ModelError> {
        let folder = match self {
            Self::There(folder) => folder,
            Self::Carried(model) => {
                return Noising::read(Some(model.scheduler), config)
                    .map_err(|why| ModelError::file(Path::new(model.name), why));
            }
        };
        let places = [folder.join(SCHEDULER), folder.join("../scheduler").join(SCHEDULER)];
        let path = places.iter().find(|path| path.exists());
        let text = path.map(|path| read_whole(path, LONGEST_CONFIG)).transpose()?;
        let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Noising::read(text.as_deref(), config).map_err(|why| {
            let why = format!("{why}. Correct it, or fetch it again");
            ModelError::file(path.map_or(Path::new(SCHEDULER), PathBuf::as_path), why)
        })
    }
}

fn weight_file(folder: &Path) -> Result<PathBuf, ModelError> {
    let found = WEIGHTS.iter().map(|name| folder.join(name)).find(|path| path.exists());
    found.ok_or_else(|| {
        let remedy = if folder.join("diffusion_pytorch_model.bin").exists() {
            "there are weights in diffusion_pytorch_model.bin, which can run foreign code when it is read. In Python, load the \
             model and save_pretrained it: that writes safetensors"
        } else {
            "there is none. Put it beside config.json"
        };
        ModelError::file(&folder.join(WEIGHTS[0]), remedy)
    })
}

/// The bytes of a regular file of at most `most` bytes.
fn read_whole(path: &Path, most: u64) -> Result<Vec<u8>, ModelError> {
    let (file, _) = open(path, most)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(|error| unread(path, &error))?;
    Ok(bytes)
}

/// A regular file of at most `most` bytes, and how many it has.
fn open(path: &Path, most: u64) -> Result<(File, u64), ModelError> {
    let there = std::fs::metadata(path).map_err(|error| unread(path, &error))?;
    if !there.is_file() {
        let why = if there.is_dir() { "a folder" } else { "a device, a pipe or a socket" };
        return Err(ModelError::file(path, format!("it is {why}, not a file. Fetch the model's file again")));
    }
    if there.len() > most {
        let why =
            format!("it has {} bytes, and no more than {most} can belong to this network. Fetch it again", there.len());
        return Err(ModelError::file(path, why));
    }
    Ok((File::open(path).map_err(|error| unread(path, &error))?, there.len()))
}

fn unread(path: &Path, error: &std::io::Error) -> ModelError {
    ModelError::file(path, format!("{error}. Check the file"))
}
