//! What the window remembers of the Images tab: which model, which sampler, what is looked at.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};

use crate::samplers::Value;
use crate::session::{
    Device, ImageModelChoice, ImagePanes, ImageSetting, ImageSource, ImageStart, MEMORIES, MOST_IMAGES, carried_models,
    image_samplers,
};

/// Every choice of the Images tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the screen")]
pub struct ImageChoices {
    /// The model's folder, its name on the hub, or that of one that the program carries.
    #[serde(deserialize_with = "carried_where_none")]
    pub folder: String,
    /// Height and width of its images; 0 for those it was trained on.
    pub side: usize,
    /// What computes.
    pub device: Device,
    /// Whether its images are cats, where nothing but the user says so.
    pub cats: bool,
    /// Whether the score is that of a memory.
    pub memory: bool,
    /// How many cats it holds.
    pub memory_of: usize,
    /// The sampler's name.
    pub sampler: String,
    /// The knobs that somebody turned; the others follow the model's scale of noise.
    pub knobs: BTreeMap<String, Value>,
    /// Whether another sampler makes the same images beside it.
    pub compares: bool,
    /// That sampler's name.
    pub other_sampler: String,
    /// Its knobs.
    pub other_knobs: BTreeMap<String, Value>,
    /// Whether the knobs are shown.
    pub shows_knobs: bool,
    /// Decides start and noise.
    pub seed: u64,
    /// How many images.
    pub count: usize,
    /// Whether the denoised estimates are shown in the place of the images.
    pub denoised: bool,
    /// Whether seed after seed is drawn.
    pub draws_on: bool,
    /// What is beside the images.
    pub beside: Beside,
    /// The image that is looked at under noise; `None` for noise alone.
    pub chosen: Option<usize>,
    /// The σ of that noise; `None`: in the middle of the model's.
    pub sigma: Option<f32>,
}

/// What is shown beside the images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beside {
    /// One of them under noise.
    #[default]
    Noise,
    /// What became of them, where they are cats.
    Verdict,
    /// A brush on one of them.
    Painting,
}

/// The model that is opened where nobody chose another.
fn carried() -> String {
    carried_models().next().unwrap_or_default().to_owned()
}

/// A name that is no name is that of the model that the program carries.
fn carried_where_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|name| if name.trim().is_empty() { carried() } else { name })
}

/// Images on the way between two seeds, their own among them.
pub const BETWEEN: usize = 8;

/// A sampler that makes images with few calls of the network, and one to compare it with.
const SAMPLERS: [&str; 2] = ["heun", "ddim"];

impl Default for ImageChoices {
    fn default() -> Self {
        Self {
            folder: carried(),
            side: 0,
            device: Device::Auto,
            cats: false,
            memory: false,
            memory_of: 100,
            sampler: SAMPLERS[0].to_owned(),
            knobs: BTreeMap::new(),
            compares: false,
            other_sampler: SAMPLERS[1].to_owned(),
            other_knobs: BTreeMap::new(),
            shows_knobs: false,
            seed: 0,
            count: 16,
            denoised: false,
            draws_on: false,
            beside: Beside::default(),
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
        ImageModelChoice { folder: PathBuf::from(self.folder.trim()), side, device: self.device, cats: self.cats }
    }

    /// Whether the program carries the model that is asked for.
    #[must_use]
    pub(super) fn is_carried(&self) -> bool {
        carried_models().any(|name| name == self.folder)
    }

    /// Whose score the samplers follow.
    #[must_use]
    pub(super) fn source(&self) -> ImageSource {
        let cats = self.memory_of.clamp(*MEMORIES.start(), *MEMORIES.end());
        if self.memory { ImageSource::Memory(cats) } else { ImageSource::Network }
    }

    /// What is sampled from `start` in each pane, of a painting under noise of `sigma`. A sampler that is none any more is the usual one.
    #[must_use]
    pub(super) fn panes(&self, start: &ImageStart, sigma: Option<f32>) -> ImagePanes {
        let panes = [(&self.sampler, &self.knobs), (&self.other_sampler, &self.other_knobs)];
        let setting = |((name, knobs), usual): ((&String, &BTreeMap<String, Value>), &str)| {
            let named = |name: &str| image_samplers().find(|entry| entry.name == name);
            let (mut knobs, mut count) = (knobs.clone(), self.count.clamp(1, MOST_IMAGES));
            match (start, sigma) {
                (ImageStart::Edit(_), Some(sigma)) => {
                    knobs.insert("sigma_max".to_owned(), Value::Number(sigma.into()));
                }
                (ImageStart::Between { .. }, _) => count = BETWEEN,
                _ => {}
            }
            Some(ImageSetting {
                entry: named(name).or_else(|| named(usual))?,
                knobs,
                seed: self.seed,
                count,
                source: self.source(),
                start: start.clone(),
            })
        };
        panes.into_iter().zip(SAMPLERS).take(1 + usize::from(self.compares)).filter_map(setting).collect()
    }
}
