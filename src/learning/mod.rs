//! Learning a score: the only module that names candle. Its public signatures carry plain slices and [`crate::score::Score`].

mod activation;
mod adam;
mod batch;
mod checkpoint;
mod ema;
#[cfg(test)]
mod fixture;
mod fused;
mod guarded;
mod history;
mod mlp_config;
mod objectives;
mod products;
mod reference;
mod reference_trainer;
mod score_mlp;
mod shard;
pub mod speed;
mod trainer;
mod training_config;
mod unet;

use thiserror::Error;

pub use activation::Activation;
pub use adam::Rate;
pub use checkpoint::CheckpointError;
pub use guarded::Guarded;
pub use history::{History, Moment};
pub use mlp_config::{Embedding, MlpConfig, Parameterisation, Scaling};
pub use objectives::{OBJECTIVES, Objective};
pub use reference_trainer::ReferenceTrainer;
pub use score_mlp::ScoreMlp;
pub use trainer::{Snapshot, Trainer};
pub use training_config::{SigmaLaw, TrainingConfig};
pub use unet::{HAS_CARD, Threads, UnetCpu, UnetState, UnetTrainer, UnetTraining};

/// Why learning stopped.
#[derive(Clone, Debug, Error)]
pub enum LearningError {
    /// The loss is no number any more, or out of all proportion.
    #[error(
        "training diverged at step {step}: the loss is {loss:.3e}, with a learning rate of {learning_rate:e} (gradients can be \
         clipped too)"
    )]
    Diverged {
        /// The step at which it was seen.
        step: usize,
        /// The loss of that step.
        loss: f64,
        /// The learning rate in use.
        learning_rate: f64,
    },
    /// A network and a training that do not fit together.
    #[error("{0}")]
    Conflict(String),
}
