//! What the images worker hands out.

use std::sync::Arc;

use super::command::{ImageModelChoice, ImageSetting, Look};
use super::judge::Judged;
use super::pictures::Pictures;
use crate::gallery::Coverage;
use crate::gpu::KernelShare;
use crate::samplers::{Scale, Settings};

/// A model that is open.
pub struct ImageFacts {
    /// What was asked for.
    pub choice: ImageModelChoice,
    /// Where it is computed.
    pub device: String,
    /// Bytes that it takes there, for one call.
    pub bytes: u64,
    /// Weights in all.
    pub parameters: usize,
    /// Channels, rows and columns of an image.
    pub shape: [usize; 3],
    /// The darkest and the brightest that an image has.
    pub range: [f32; 2],
    /// Its scale of noise, in units of its images.
    pub scale: Scale,
    /// Whether the device says how long each kernel takes.
    pub clock: bool,
    /// Whether its images have the shape of cats, and nothing says whether they are some.
    pub may_be_cats: bool,
    /// What is known of its images where they are cats.
    pub cats: Option<CatFacts>,
}

/// A model whose images are cats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatFacts {
    /// How many it was trained on, where that is known.
    pub trained_on: Option<usize>,
}

/// A moment of the samples.
pub struct ImagesFrame {
    /// Whose samples they are.
    pub model: Arc<ImageFacts>,
    /// What was asked for.
    pub setting: ImageSetting,
    /// Every knob.
    pub settings: Settings,
    /// The number of the run: another after every start.
    pub run: usize,
    /// The sampler's own numbers, shape (n, c, h, w).
    pub x: Vec<f32>,
    /// The same as pictures, noise in sight.
    pub noisy: Arc<Pictures>,
    /// D = x + σ² s of the last answer of the network, once there is one.
    pub denoised: Option<Arc<Pictures>>,
    /// Updates made.
    pub done: usize,
    /// Updates in all.
    pub updates: usize,
    /// Score evaluations per image so far.
    pub nfe: usize,
    /// In all, where the plan knows.
    pub nfe_of_plan: Option<usize>,
    /// The noise level of the images.
    pub sigma: f32,
    /// How long the last update took.
    pub seconds: Option<f64>,
    /// How long all of them took.
    pub spent: Option<f64>,
    /// Whether they go on.
    pub playing: bool,
    /// What became of them, once they are done, where they are cats.
    pub judged: Option<Arc<Judged>>,
    /// The same of all seeds so far.
    pub coverage: Option<Arc<Coverage>>,
}

/// An image under noise; each of the pictures is one image.
pub struct LookFrame {
    /// What was asked for.
    pub look: Look,
    /// x
    pub noisy: Arc<Pictures>,
    /// σ s(x, σ): minus the noise, as the network sees it. From −3 to 3.
    pub score: Arc<Pictures>,
    /// D = x + σ² s(x, σ)
    pub denoised: Arc<Pictures>,
}

/// Where the time of one call of the network goes.
pub struct KernelTimes {
    /// Images in the call.
    pub images: usize,
    /// Each kernel, the longest first.
    pub shares: Vec<KernelShare>,
}
