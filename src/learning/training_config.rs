//! Everything that decides a training, but the data, the network's shape and the seed.

use super::adam::Rate;
use super::mlp_config::MlpConfig;
use super::objectives::Objective;
use crate::lanes::{exp, ln};
use crate::schedules::Ladder;

/// How σ is drawn for each example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SigmaLaw {
    /// One of the ladder's levels, each as often.
    Levels,
    /// ln σ uniform from the smallest to the largest level.
    LogUniform,
    /// Always this one; 0 for the clean data.
    Single(f32),
}

/// Everything that decides a training, but the data, the network's shape and the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingConfig {
    /// What is minimised.
    pub objective: &'static Objective,
    /// p of the weight λ(σ) = σ^p of each example: 2 makes every σ count alike, 0 is no weight.
    pub weighting: f32,
    /// Examples per step.
    pub batch: u32,
    /// Adam's step size at its highest.
    pub learning_rate: f64,
    /// How it goes with the steps.
    pub rate: Rate,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Length to which longer gradients are shortened.
    pub clip: Option<f32>,
    /// Decay of the average of the weights.
    pub ema: f64,
    /// The noise levels trained on.
    pub ladder: Ladder,
    /// How σ is drawn from them.
    pub sigmas: SigmaLaw,
}

impl TrainingConfig {
    /// λ(σ) = σ^p
    pub(super) fn lambda(&self, sigma: f32) -> f32 {
        match self.weighting {
            0.0 => 1.0,
            2.0 => sigma * sigma,
            p => exp(p * ln(sigma)),
        }
    }

    /// Whether the losses of both are of one kind, so that one may be measured by the other.
    pub(super) fn has_losses_like(&self, other: &Self) -> bool {
        let kind = |config: &Self| (config.objective, config.weighting, config.sigmas);
        kind(self) == kind(other) && self.ladder == other.ladder
    }

    /// What keeps this training and a network of that shape apart; `None` where they fit.
    #[must_use]
    pub fn conflict(&self, network: &MlpConfig) -> Option<String> {
        let Self { objective, weighting, sigmas, .. } = self;
        let name = objective.name;
        if network.energy && !objective.trains_energies() {
            return Some(format!(
                "objective '{name}' wants the slope of the score, which an energy network does not give. \
                 Take dsm or esm, or energy = false"
            ));
        }
        if let SigmaLaw::Single(sigma) = *sigmas
            && sigma <= 0.0
        {
            if name == "dsm" || name == "esm" {
                return Some(format!("objective '{name}' wants noise. Take sigma > 0"));
            }
            if *weighting != 0.0 {
                return Some("λ(σ) = σ^weighting is 0 at sigma = 0. Take weighting = 0".to_owned());
            }
            if !network.takes(sigma) {
                return Some(
                    "only a network with parameterisation = \"plain\" and embedding = \"none\" has a score at sigma = 0"
                        .to_owned(),
                );
            }
        }
        None
    }
}
