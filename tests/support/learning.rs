//! What the tests of learning share: one Gaussian, a small network, and a training of a second.

use std::sync::Arc;

use safetensors::SafeTensors;
use scorescope::distributions::{Component, Distribution, GaussianMixture};
use scorescope::learning::{
    Activation, Embedding, MlpConfig, OBJECTIVES, Parameterisation, Rate, ScoreMlp, SigmaLaw, Trainer, TrainingConfig,
};
use scorescope::metrics::score_error;
use scorescope::noise::Noise;
use scorescope::samplers::Serial;
use scorescope::schedules::Ladder;

pub fn gaussian() -> Arc<GaussianMixture> {
    let mode = Component { weight: 1.0, mean: [2.0, -1.0], covariance: [[1.0, 0.6], [0.6, 0.8]] };
    Arc::new(GaussianMixture::new(&[mode]).expect("a legal mixture"))
}

/// dsm, batch 128, five levels from 5 to 0.5, ln σ uniform.
pub fn config() -> TrainingConfig {
    let ladder = Ladder::geometric(5.0, 0.5, 5).expect("a legal ladder");
    TrainingConfig {
        objective: OBJECTIVES[0],
        weighting: 2.0,
        batch: 128,
        learning_rate: 3e-3,
        rate: Rate::default(),
        weight_decay: 0.0,
        clip: None,
        ema: 0.99,
        ladder,
        sigmas: SigmaLaw::LogUniform,
    }
}

/// Two hidden layers of 32.
#[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
pub fn network() -> MlpConfig {
    let data = gaussian();
    MlpConfig {
        width: 32,
        hidden: 2,
        activation: Activation::Silu,
        embedding: Embedding::LnSigma,
        parameterisation: Parameterisation::Ncsnv2,
        energy: false,
        centre: data.mean().map(|m| m as f32),
        scale: data.std() as f32,
    }
}

pub fn trainer(config: TrainingConfig, seed: u64) -> Trainer {
    trainer_of(network(), config, seed)
}

pub fn trainer_of(network: MlpConfig, config: TrainingConfig, seed: u64) -> Trainer {
    Trainer::new(gaussian(), network, config, seed).expect("a trainer")
}

pub fn trained(steps: usize, config: TrainingConfig, seed: u64) -> Trainer {
    run(trainer(config, seed), steps)
}

/// So many steps more.
pub fn run(mut trainer: Trainer, steps: usize) -> Trainer {
    (0..steps).for_each(|_| assert!(trainer.step(&Serial).expect("a step").is_finite()));
    trainer
}

/// Mean over the levels of σ²E‖s − s*‖², on 2,000 points of each.
pub fn error(network: &ScoreMlp) -> f64 {
    let errors = score_error(network, &*gaussian(), config().ladder.levels(), 2000, &Noise::new(99));
    errors.iter().map(|entry| entry.error).sum::<f64>() / 5.0
}

/// The file of a whole training.
pub fn whole(trainer: &Trainer) -> Vec<u8> {
    trainer.to_bytes().expect("a training's file")
}

/// All numbers of a training's file whose tensors' names begin so, in the order of names: "weights.", "adam.m.", "adam.v.",
/// or "layers." for the model.
pub fn numbers(trainer: &Trainer, prefix: &str) -> Vec<f32> {
    let bytes = whole(trainer);
    let file = SafeTensors::deserialize(&bytes).expect("safetensors");
    let mut names = file.names();
    names.sort_unstable();
    let tensors = names.into_iter().filter(|name| name.starts_with(prefix)).map(|name| file.tensor(name));
    let values = |data: &[u8]| data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect::<Vec<_>>();
    tensors.flat_map(|tensor| values(tensor.expect("a tensor").data())).collect()
}
