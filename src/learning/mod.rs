//! Learning a score: the only module that names candle. Its public signatures carry plain slices and [`crate::score::Score`].

mod checkpoint;
mod ema;
#[cfg(test)]
mod fixture;
mod objectives;
mod score_mlp;
mod trainer;

use thiserror::Error;

pub use checkpoint::CheckpointError;
pub use score_mlp::{MlpConfig, ScoreMlp};
pub use trainer::{SigmaLaw, Trainer, TrainingConfig};

/// What is known of an objective.
pub struct Objective {
    /// Its name in scenario files.
    pub name: &'static str,
    /// What it asks for, in one sentence.
    pub description: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
}

/// Every objective there is.
pub const OBJECTIVES: &[Objective] = &[Objective {
    name: "dsm",
    description: "Denoising score matching over the noise levels, weighted by σ²: E ½‖σ s(x + σz, σ) + z‖²",
    paper: "Vincent 2011, A Connection Between Score Matching and Denoising Autoencoders; Song & Ermon 2019, Generative Modeling by Estimating Gradients of the Data Distribution, Eq. 6",
}];

/// Why learning stopped.
#[derive(Debug, Error)]
pub enum LearningError {
    /// The loss is no number any more.
    #[error(
        "training diverged at step {step}: the loss is {loss}. Lower the learning rate (now {learning_rate:e}) and reset"
    )]
    Diverged {
        /// The step at which it was seen.
        step: usize,
        /// The loss of that step.
        loss: f32,
        /// The learning rate in use.
        learning_rate: f64,
    },
    /// The tensor library refused an operation.
    #[error("the tensor library failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
