//! What the window asks of the images worker.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::start::ImageStart;
use crate::samplers::{Entry, Knob, SAMPLERS, Scale, SettingError, Value};
use crate::scenario::Sampling;
use crate::session::{Device, Graphics};

/// Most images that form side by side.
pub const MOST_IMAGES: usize = 64;

/// A model and what computes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageModelChoice {
    /// The folder of a diffusers `UNet2DModel`, or the name of one that was fetched from the hub.
    pub folder: PathBuf,
    /// Height and width of its images; `None` for those it was trained on.
    pub side: Option<usize>,
    /// What computes it.
    pub device: Device,
    /// Somebody says that its images are cats, where nothing else tells.
    pub cats: bool,
}

/// Whose score the samplers follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// The network's.
    Network,
    /// That of a perfect fit to so many cats to train on: see [`crate::distributions::Memory`].
    Memory(usize),
}

/// Numbers of cats whose memory is a source.
pub const MEMORIES: std::ops::RangeInclusive<usize> = 10..=10_000;

/// What is sampled, and how.
#[derive(Clone)]
pub struct ImageSetting {
    /// The sampler.
    pub entry: &'static Entry,
    /// The knobs that somebody turned; the others follow the model's scale of noise.
    pub knobs: BTreeMap<String, Value>,
    /// Decides start and noise.
    pub seed: u64,
    /// How many images, from 1 to [`MOST_IMAGES`].
    pub count: usize,
    /// Whose score it follows.
    pub source: ImageSource,
    /// Where it starts.
    pub start: ImageStart,
}

impl PartialEq for ImageSetting {
    fn eq(&self, other: &Self) -> bool {
        let key = |of: &Self| (of.seed, of.count, of.start.clone());
        self.is_alike(other) && key(self) == key(other)
    }
}

impl ImageSetting {
    /// Whether it draws from the same distribution as another, whatever the seeds and numbers of images.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        let key = |of: &Self| (of.entry.name, of.source);
        key(self) == key(other) && self.knobs == other.knobs
    }

    /// The sampler with a value for every knob.
    ///
    /// # Errors
    /// A knob that it does not have, or a value that it refuses.
    pub fn sampling(&self, scale: &Scale) -> Result<Sampling, SettingError> {
        let given = self.knobs.iter().map(|(name, value)| (name.as_str(), value.clone()));
        Ok(Sampling { entry: self.entry, settings: self.entry.settings(scale, given)? })
    }
}

/// The samples, and those that are compared with them.
pub type ImagePanes = Vec<ImageSetting>;

/// Panes in which images form side by side.
pub const IMAGE_PANES: usize = 2;

/// Every sampler that runs on images: those that ask for a density do not.
pub fn image_samplers() -> impl Iterator<Item = &'static Entry> {
    let scale = Scale { sigma_max: 10.0, sigma_min: 0.1, levels: 2 };
    let runs = move |entry: &&Entry| {
        let sampler = entry.settings(&scale, []).and_then(|settings| (entry.build)(&settings));
        sampler.is_ok_and(|sampler| !sampler.plan().wants_density())
    };
    SAMPLERS.iter().filter(runs)
}

/// The knobs of a sampler on images: all but those of the start, which is the prior.
pub fn image_knobs(entry: &Entry) -> impl Iterator<Item = &'static Knob> + use<> {
    entry.all_knobs().filter(|knob| !["start", "box"].contains(&knob.name))
}

/// One image under noise: x = D + σ z, with D what is known of the image and z the noise that it started from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Which image; `None` for noise alone, D = 0.
    pub image: Option<usize>,
    /// σ, in units of the model's images.
    pub sigma: f32,
    /// The run that is on the screen and its updates: what asks tells by it whether the image is another by now.
    pub of: [usize; 2],
}

/// What the images worker does next.
pub enum ImagesCommand {
    /// Opens a model and sets its samples up; where that fails, everything stays as it was.
    Open(ImageModelChoice, ImagePanes),
    /// What is sampled; where anything of it is another than before, all samples start again.
    Setup(ImagePanes),
    /// Forgets what was counted of earlier samples.
    Forget,
    /// Update after update, in all panes at one share of their ways.
    Play,
    /// Stop after the call of the network in hand.
    Pause,
    /// One update for each pane, of those that are behind first.
    Step,
    /// Back to the start.
    Reset,
    /// Looks at one image under noise; a newer wish replaces an older one.
    Look(Look),
    /// Measures where the device's time goes.
    Time,
    /// The adapter that draws the window, and can compute.
    Graphics(Box<Graphics>),
}
