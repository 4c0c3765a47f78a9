//! A model of images, read from its folder and put on a device: the one asked for, or the faster one.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::command::Device;
use super::{Graphics, Pool, placement};
use crate::gpu::{Kernels, Precision};
use crate::learning::UnetCpu;
use crate::unet::{Folder, ModelError, Network, Noising, Plan, UnetConfig, UnetGpu, UnetScore, Weights};

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
}

impl ImageModel {
    /// Reads a folder of a diffusers `UNet2DModel`; `size` is height and width of the images, by default those it was
    /// trained on. `Device::Auto` takes a graphics card, and where there is only software that pretends to be one, whichever
    /// answers sooner.
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
        let folder = Folder::find(path)?;
        let config = folder.config()?;
        let size = size.or(config.sample_size).ok_or_else(|| {
            ModelError::Input("config.json does not say how large its images are (sample_size). Give a size".to_owned())
        })?;
        let noising = folder.noising(&config)?;
        let weights = folder.weights(&config)?;
        Self::place(&config, &weights, noising, size, (device, graphics, pool))
    }

    fn place(
        config: &UnetConfig,
        weights: &Weights,
        noising: Noising,
        [h, w]: [usize; 2],
        (device, graphics, pool): (Device, Option<&Graphics>, &Arc<Pool>),
    ) -> Result<Self, ModelError> {
        if config.in_channels != config.out_channels {
            let why = format!("it takes {} channels and answers {}", config.in_channels, config.out_channels);
            return Err(ModelError::Input(format!("{why}: that is no score of an image")));
        }
        let shape = [config.in_channels, h, w];
        let at_once = (AT_ONCE / (config.in_channels * h * w)).max(1);
        let plan = Plan::new(config, at_once, [h, w])?;
        let on_gpu = |graphics: &Graphics| {
            let network = UnetGpu::new(config.clone(), weights, &Kernels::new(graphics), Precision::Single)?;
            let needs = network.needs([at_once, h, w])?;
            needs.check(graphics)?;
            Ok::<_, ModelError>(Placed {
                network: Box::new(Mutex::new(network)),
                device: graphics.to_string(),
                bytes: needs.bytes(),
            })
        };
        let on_cpu = || {
            let network = UnetCpu::new(config.clone(), weights.clone(), Arc::clone(pool) as _)?;
            let bytes = 4 * (plan.weights() + plan.memory().numbers()) as u64;
            Ok::<_, ModelError>(Placed { network: Box::new(network), device: placement::by_cpu(pool), bytes })
        };
        let placed = match (device, graphics) {
            (Device::Gpu, None) => {
                return Err(ModelError::NoRoom("there is no graphics adapter that computes".to_owned()));
            }
            (Device::Gpu, Some(graphics)) => on_gpu(graphics)?,
            (Device::Cpu, _) | (Device::Auto, None) => on_cpu()?,
            (Device::Auto, Some(graphics)) => match on_gpu(graphics) {
                Ok(placed) if !graphics.is_software() => placed,
                Ok(placed) => faster(placed, on_cpu()?, shape, &noising)?,
                Err(_) => on_cpu()?,
            },
        };
        let Placed { network, device, bytes } = placed;
        let score = UnetScore::new(network, noising, shape, at_once);
        Ok(Self { score, device, bytes, parameters: plan.weights() })
    }
}

/// A network on a device.
struct Placed {
    network: Box<dyn Network>,
    device: String,
    bytes: u64,
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
