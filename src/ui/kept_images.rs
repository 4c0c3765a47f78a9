//! What the window remembers of the Images tab: which model, which sampler, what is looked at.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::samplers::Value;
use crate::session::{Device, ImageModelChoice, ImageSetting, MOST_IMAGES, image_samplers};

/// Every choice of the Images tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageChoices {
    /// The model's folder or its name on the hub, as it is written in the field.
    pub folder: String,
    /// Height and width of its images; 0 for those it was trained on.
    pub side: usize,
    /// What computes.
    pub device: Device,
    /// The sampler's name.
    pub sampler: String,
    /// The knobs that somebody turned; the others follow the model's scale of noise.
    pub knobs: BTreeMap<String, Value>,
    /// Whether the knobs are shown.
    pub shows_knobs: bool,
    /// Decides start and noise.
    pub seed: u64,
    /// How many images.
    pub count: usize,
    /// Whether the denoised estimates are shown in the place of the images.
    pub denoised: bool,
    /// The image that is looked at under noise; `None` for noise alone.
    pub chosen: Option<usize>,
    /// The σ of that noise; `None`: in the middle of the model's.
    pub sigma: Option<f32>,
}

/// A sampler that makes images with few calls of the network.
const SAMPLER: &str = "heun";

impl Default for ImageChoices {
    fn default() -> Self {
        Self {
            folder: String::new(),
            side: 0,
            device: Device::Auto,
            sampler: SAMPLER.to_owned(),
            knobs: BTreeMap::new(),
            shows_knobs: false,
            seed: 0,
            count: 16,
            denoised: false,
            chosen: Some(0),
            sigma: None,
        }
    }
}

impl ImageChoices {
    /// The model that is asked for.
    #[must_use]
    pub(super) fn model(&self) -> ImageModelChoice {
        let side = Some(self.side).filter(|side| *side > 0);
        ImageModelChoice { folder: PathBuf::from(self.folder.trim()), side, device: self.device }
    }

    /// What is sampled. A sampler that is none any more is the usual one.
    #[must_use]
    pub(super) fn setting(&self) -> Option<ImageSetting> {
        let named = |name: &str| image_samplers().find(|entry| entry.name == name);
        let entry = named(&self.sampler).or_else(|| named(SAMPLER))?;
        let count = self.count.clamp(1, MOST_IMAGES);
        Some(ImageSetting { entry, knobs: self.knobs.clone(), seed: self.seed, count })
    }
}
