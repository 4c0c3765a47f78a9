//! A model of images, read from its folder and put on a device: the one asked for, or the faster one.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::command::Device;
use super::{Graphics, Pool, check_memory, hub, needs, placement};
use crate::gpu::{Kernels, Precision};
use crate::learning::{UnetCpu, UnetState};
use crate::noise::Noise;
use crate::samplers::{Plan, Run, Scale, SettingError, Start};
use crate::scenario::Sampling;
use crate::unet::plan::Shape;
use crate::unet::{self, BUNDLED, Folder, ModelError, Network, Noising, UnetConfig, UnetGpu, UnetScore, Weights};

/// Noise levels where nobody says how many: NCSNv2 has some hundreds, each for a few updates.
const LEVELS: usize = 200;

/// What this program's own training leaves beside a model, and goes on with.
pub const TRAINING: &str = "training.safetensors";

/// Numbers of images in one call of the network, at most: 16 of 64 × 64 in colour.
const AT_ONCE: usize = 16 * 3 * 64 * 64;

/// A model of images that can be asked.
pub struct ImageModel {
    /// Its score, in units of its images.
    pub score: UnetScore,
    /// Where it is computed, as the window names it.
    pub device: String,
    /// Bytes that it takes there, for one call.
    pub bytes: u64,
    /// Weights in all.
    pub parameters: usize,
    /// Whether the device says how long each kernel takes.
    pub clock: bool,
    /// What it was trained on, as `--data` takes it, where that is known.
    pub data: Option<String>,
}

/// As much of the account of a training as is wanted here.
#[derive(serde::Deserialize)]
struct TrainedOn {
    data: String,
}

impl ImageModel {
    /// Reads a folder of a diffusers `UNet2DModel`, or one that was fetched by its name on the hub; `size` is height and
    /// width of the images, by default those it was trained on. `Device::Auto` takes a graphics card, and where there is
    /// only software that pretends to be one, whichever answers sooner.
    ///
    /// # Errors
    /// A folder that is no such model, a size that it does not take, a device that is not there or too small.
    pub fn open(
        path: &Path,
        size: Option<[usize; 2]>,
        device: Device,
        graphics: Option<&Graphics>,
        pool: &Arc<Pool>,
    ) -> Result<Self, ModelError> {
        let folder = Folder::find(&hub::folder_at_hand(path))?;
        let config = folder.config()?;
        let size = size.or(config.sample_size).ok_or_else(|| {
            ModelError::Input("config.json does not say how large its images are (sample_size). Give a size".to_owned())
        })?;
        let noising = folder.noising(&config)?;
        if config.in_channels != config.out_channels {
            let why = format!("it takes {} channels and answers {}", config.in_channels, config.out_channels);
            return Err(ModelError::Input(format!("{why}: that is no score of an image")));
        }
        let plan = calls(&config, size)?;
        let card = graphics.filter(|graphics| device != Device::Cpu && !graphics.is_software());
        check_memory(card.map_or_else(|| needs(&plan), |_| 4 * plan.weights() as u64))?;
        let weights = folder.weights(&config)?;
        let placed = Self::place(&config, &plan, weights, noising, (device, graphics, pool))?;
        Ok(Self { data: trained_on(&folder).ok().flatten(), ..placed })
    }

    /// A network on the processor, of images of height and width `size`.
    ///
    /// # Errors
    /// Weights of another network, a size that it does not take.
    pub fn on_cpu(
        config: &UnetConfig,
        weights: Weights,
        noising: Noising,
        size: [usize; 2],
        pool: &Arc<Pool>,
    ) -> Result<Self, ModelError> {
        Self::place(config, &calls(config, size)?, weights, noising, (Device::Cpu, None, pool))
    }

    /// The scale of noise that samplers take their defaults from.
    #[must_use]
    pub fn scale(&self) -> Scale {
        let [sigma_min, sigma_max] = self.score.noising().sigmas();
        Scale { sigma_max, sigma_min, levels: LEVELS }
    }

    /// Whether `count` images have room while they form: each number in single precision, with its score, its noise, and
    /// what is made of it to be seen or written.
    ///
    /// # Errors
    /// Where they have not.
    pub fn check_room(&self, count: usize) -> Result<(), ModelError> {
        check_memory(16 * count as u64 * self.score.dim() as u64)
    }

    /// `count` images at the prior, before a sampler's first update; the seed decides start and noise.
    ///
    /// # Errors
    /// As [`Self::plan`].
    pub fn run(&self, sampling: &Sampling, seed: u64, count: usize) -> Result<Run, SettingError> {
        let (plan, sigma) = self.plan(sampling)?;
        let (noise, dim) = (Noise::new(seed), self.score.dim());
        let x = Start::draw_prior(&noise, sigma, count, dim);
        Ok(Run::new(plan, noise, dim, x))
    }

    /// A sampler's updates, and the standard deviation of the prior that they begin at, in the sampler's own units.
    ///
    /// # Errors
    /// Settings that do not fit together, a start that images do not have, a sampler that asks for a density.
    pub fn plan(&self, sampling: &Sampling) -> Result<(Plan, f64), SettingError> {
        let Sampling { entry, settings } = sampling;
        let plan = (entry.build)(settings)?.plan();
        let refused = |reason: &str| SettingError::Together { sampler: entry.name, reason: reason.to_owned() };
        if let Some(why) = plan.refusal(&self.score) {
            return Err(refused(why));
        }
        // Nobody knows a box around images.
        let Start::Prior { sigma } = Start::of(settings, &plan) else {
            return Err(refused("images start at the prior. Take start=prior"));
        };
        Ok((plan, sigma))
    }

    fn place(
        config: &UnetConfig,
        plan: &unet::Plan,
        weights: Weights,
        noising: Noising,
        (device, graphics, pool): (Device, Option<&Graphics>, &Arc<Pool>),
    ) -> Result<Self, ModelError> {
        let Shape { n: at_once, c, h, w } = plan.shape(plan.input);
        let on_gpu = |weights: &Weights, graphics: &Graphics| {
            let network = UnetGpu::new(config.clone(), weights, &Kernels::new(graphics), Precision::Single)?;
            let needs = network.needs([at_once, h, w])?;
            needs.check(graphics)?;
            Ok::<_, ModelError>(Placed {
                network: Box::new(Mutex::new(network)),
                device: graphics.to_string(),
                bytes: needs.bytes(),
                clock: graphics.has_clock(),
            })
        };
        let on_cpu = |weights: Weights| {
            let network = UnetCpu::new(config.clone(), weights, Arc::clone(pool) as _)?;
            Ok::<_, ModelError>(Placed {
                network: Box::new(network),
                device: placement::by_cpu(pool),
                bytes: needs(plan),
                clock: false,
            })
        };
        let placed = match (device, graphics) {
            (Device::Gpu, None) => {
                return Err(ModelError::NoRoom("there is no graphics adapter that computes".to_owned()));
            }
            (Device::Gpu, Some(graphics)) => on_gpu(&weights, graphics)?,
            (Device::Cpu, _) | (Device::Auto, None) => on_cpu(weights)?,
            (Device::Auto, Some(graphics)) => match on_gpu(&weights, graphics) {
                Ok(placed) if !graphics.is_software() => placed,
                Ok(placed) => faster(placed, on_cpu(weights)?, [c, h, w], &noising)?,
                Err(_) => on_cpu(weights)?,
            },
        };
        let Placed { network, device, bytes, clock } = placed;
        let score = UnetScore::new(network, noising, [c, h, w], at_once);
        Ok(Self { score, device, bytes, parameters: plan.weights(), clock, data: None })
    }
}

/// Names of the models that the program carries.
pub fn carried_models() -> impl Iterator<Item = &'static str> {
    BUNDLED.iter().map(|model| model.name)
}

/// What a model was trained on, as `--data` takes it: what the program says of one that it carries, and what a training left
/// in its folder; `None` where this program did not train it.
///
/// # Errors
/// A training in its folder that cannot be read.
pub fn trained_on(folder: &Folder) -> Result<Option<String>, ModelError> {
    let path = match folder {
        Folder::Carried(model) => return Ok(Some(model.data.to_owned())),
        Folder::There(folder) => folder.join(TRAINING),
    };
    if !path.is_file() {
        return Ok(None);
    }
    let file = std::fs::File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, file) = file.map_err(|error| ModelError::file(&path, error))?;
    let read = UnetState::asked::<TrainedOn>(file, length);
    read.map(|TrainedOn { data }| Some(data)).map_err(|error| ModelError::file(&path, error))
}

/// The network's calls for as many images as are in one.
fn calls(config: &UnetConfig, size: [usize; 2]) -> Result<unet::Plan, ModelError> {
    let numbers = [config.in_channels, size[0], size[1]].into_iter().fold(1, usize::saturating_mul);
    unet::Plan::new(config, (AT_ONCE / numbers.max(1)).max(1), size)
}

/// A network on a device.
struct Placed {
    network: Box<dyn Network>,
    device: String,
    bytes: u64,
    clock: bool,
}

/// Whichever answers one image sooner, the second time it is asked: the first time, it gets ready.
fn faster(a: Placed, b: Placed, shape: [usize; 3], noising: &Noising) -> Result<Placed, ModelError> {
    let time = |placed: &Placed| -> Result<Duration, ModelError> {
        let [c, h, w] = shape;
        let (x, mut out) = (vec![0.0; c * h * w], vec![0.0; c * h * w]);
        let mut last = Duration::ZERO;
        for _ in 0..2 {
            let begun = Instant::now();
            #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
            placed.network.answer(&x, [1, h, w], noising.timestep(1.0) as f32, &mut out)?;
            last = begun.elapsed();
        }
        Ok(last)
    };
    Ok(if time(&a)? <= time(&b)? { a } else { b })
}
