//! Models by their names on the Hugging Face hub: from the cache that Python shares, or fetched into it.

use std::fs::File;
use std::io::Read;
use std::net::{TcpStream, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hf_hub::api::sync::{ApiBuilder, ApiError, ApiRepo};
use hf_hub::{Cache, Repo};
use sha2::{Digest, Sha256};

use crate::unet::ModelError;

/// How long a hub may keep silent before it counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(10);

/// What makes a model, under its own folder or under `unet`; the first of each that is there counts.
const CONFIGS: [&str; 2] = ["config.json", "unet/config.json"];
const WEIGHTS: [&str; 4] = [
    "diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.fp16.safetensors",
];
/// A model without it has the usual noise.
const SCHEDULERS: [&str; 2] = ["scheduler_config.json", "scheduler/scheduler_config.json"];

/// Told of a file that is fetched: its name, how many bytes of how many. Answers whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(&str, u64, u64) -> bool;

/// The folder of a model: `model` itself where that is one, or else the hub's model of that name.
///
/// `HF_HOME`, `HF_ENDPOINT` and a token kept by Python's `hf auth login` are heeded.
///
/// # Errors
/// Where neither is there, or the hub is out of reach, refuses, or gives bytes that are not what it promised; where
/// `progress` says that it is to be given up. What came is kept, and a later call goes on there.
pub fn model_folder(model: &Path, progress: Progress<'_>) -> Result<PathBuf, ModelError> {
    match name_on_hub(model) {
        Some(name) => cached(name).map_or_else(|| fetch(name, progress), Ok),
        None => Ok(model.to_owned()),
    }
}

/// The same without the hub: what is neither a folder nor in the cache is returned as it is.
pub fn folder_at_hand(model: &Path) -> PathBuf {
    name_on_hub(model).and_then(cached).unwrap_or_else(|| model.to_owned())
}

/// `model` as owner/name, as the hub spells them, where there is no such path on this machine.
#[must_use]
pub fn name_on_hub(model: &Path) -> Option<&str> {
    let part = |part: &str| {
        let right = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !part.is_empty() && !part.starts_with('.') && part.chars().all(right)
    };
    let (owner, name) = model.to_str()?.split_once('/')?;
    (part(owner) && part(name) && !model.exists()).then_some(model.to_str()?)
}

/// A model that was fetched before.
fn cached(name: &str) -> Option<PathBuf> {
    let cache = Cache::from_env().repo(Repo::model(name.to_owned()));
    let [config, weights] = [&CONFIGS[..], &WEIGHTS].map(|files| files.iter().find_map(|file| cache.get(file)));
    weights.and(config).map(|config| snapshot(&config))
}

fn fetch(name: &str, progress: Progress<'_>) -> Result<PathBuf, ModelError> {
    let endpoint = std::env::var("HF_ENDPOINT").unwrap_or_else(|_| "https://huggingface.co".to_owned());
    reach(&endpoint).map_err(|why| {
        let why = format!("{why}. Go online, or give the folder of a model on this machine");
        refused(name, format!("it is neither a folder nor in the cache, and {endpoint} is out of reach: {why}"))
    })?;
    let hub = ApiBuilder::from_env().with_progress(false).build().map_err(|error| refused(name, error))?;
    let hub = hub.model(name.to_owned());
    let config = first(&hub, name, &CONFIGS, progress)?;
    let config = config.ok_or_else(|| refused(name, "the hub's model has no config.json: it is no diffusers model"))?;
    first(&hub, name, &SCHEDULERS, progress)?;
    let weights = first(&hub, name, &WEIGHTS, progress)?;
    weights.ok_or_else(|| refused(name, "the hub's model has no diffusion_pytorch_model.safetensors"))?;
    Ok(snapshot(&config))
}

/// The folder of the model that a config.json of it lies in.
fn snapshot(config: &Path) -> PathBuf {
    let folder = config.parent().unwrap_or(config);
    let whole = if folder.ends_with("unet") { folder.parent().unwrap_or(folder) } else { folder };
    whole.to_owned()
}

/// Whether somebody listens there, before a library waits for as long as the system likes.
fn reach(endpoint: &str) -> Result<(), String> {
    let (scheme, rest) =
        endpoint.split_once("://").ok_or("HF_ENDPOINT is no address such as https://huggingface.co")?;
    let host = rest.split('/').next().unwrap_or(rest);
    let host = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:{}", if scheme == "http" { 80 } else { 443 })
    };
    let addresses = host.to_socket_addrs().map_err(|error| error.to_string())?;
    let mut why = "it has no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

/// Fetches the first of these files that the hub has; an interrupted one goes on where it was.
fn first(hub: &ApiRepo, name: &str, files: &[&str], progress: Progress<'_>) -> Result<Option<PathBuf>, ModelError> {
    for file in files {
        let told = Told { file, done: 0, of: 0, progress };
        let fetched = catch_unwind(AssertUnwindSafe(|| hub.download_with_progress(file, told)));
        let why = match fetched {
            Ok(Ok(path)) => return checked(path, name, file).map(Some),
            Ok(Err(ApiError::RequestError(error))) if error.to_string().contains("404") => continue,
            Ok(Err(ApiError::RequestError(error))) if error.to_string().contains("status: 401") => {
                let why = "the hub shows no model of this name. Check its spelling; for one that is not public, log in by Python's hf auth login";
                return Err(refused(name, why));
            }
            Ok(Err(ApiError::LockAcquisition(_))) => format!("{file} is being fetched already"),
            Ok(Err(error)) => format!("{file} could not be fetched: {error}"),
            Err(panic) if panic.is::<GivenUp>() => format!("{file} was given up"),
            Err(panic) => resume_unwind(panic),
        };
        return Err(refused(name, format!("{why}. Try again: what came is kept")));
    }
    Ok(None)
}

/// The hub names large files by their SHA-256.
fn checked(path: PathBuf, name: &str, file: &str) -> Result<PathBuf, ModelError> {
    let blob = path.canonicalize().map_err(|error| refused(name, error))?;
    let promised = blob.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    if promised.len() != 64 || promised.chars().any(|c| !c.is_ascii_hexdigit()) {
        return Ok(path);
    }
    let promised_bytes = (0..64).step_by(2).map(|at| u8::from_str_radix(&promised[at..at + 2], 16).ok());
    if promised_bytes.eq(sha256(&blob).map_err(|error| refused(name, error))?.into_iter().map(Some)) {
        return Ok(path);
    }
    // A link to it would pass for the file.
    for wrong in [&path, &blob] {
        std::fs::remove_file(wrong).map_err(|error| refused(name, error))?;
    }
    Err(refused(name, format!("{file} came with another checksum than the hub promised, and is not kept. Try again")))
}

fn sha256(path: &Path) -> std::io::Result<[u8; 32]> {
    let (mut file, mut sum, mut some) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        let n = file.read(&mut some)?;
        if n == 0 {
            return Ok(sum.finalize().into());
        }
        sum.update(&some[..n]);
    }
}

fn refused(name: &str, reason: impl std::fmt::Display) -> ModelError {
    ModelError::File { file: name.to_owned(), reason: reason.to_string() }
}

/// What unwinds out of a download that is given up: the library asks nobody whether to go on, and keeps what it has written.
struct GivenUp;

/// Passes on how far a file has come.
struct Told<'a> {
    file: &'a str,
    done: u64,
    of: u64,
    progress: Progress<'a>,
}

impl hf_hub::api::Progress for Told<'_> {
    fn init(&mut self, size: usize, _: &str) {
        (self.done, self.of) = (0, size as u64);
        (self.progress)(self.file, 0, self.of);
    }

    fn update(&mut self, size: usize) {
        self.done += size as u64;
        // At its end a file is kept whole: a hub has nothing left to go on with.
        if !(self.progress)(self.file, self.done, self.of) && size > 0 {
            resume_unwind(Box::new(GivenUp));
        }
    }

    fn finish(&mut self) {}
}
