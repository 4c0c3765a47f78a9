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
