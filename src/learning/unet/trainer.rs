//! Training a U-Net, one step at a time: denoising score matching on images, at every σ at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fresh::fresh;
use super::{Threads, UnetCpu};
use crate::images::Gallery;
use crate::learning::adam::{Adam, Rate};
use crate::learning::{LearningError, ema};
use crate::noise::{Noise, Purpose};
use crate::unet::{ModelError, Noising, Plan, UnetConfig, Weights};

/// A loss of more than this is no training any more: an answer of nothing has one of about 1.
const EXPLODED: f64 = 1e3;

/// Everything that decides a training, but images, network, noise and seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnetTraining {
    /// Images per step.
    pub batch: u32,
    /// Adam's step size at its highest.
    pub learning_rate: f64,
    /// How it goes with the steps.
    pub rate: Rate,
    /// Length to which longer gradients are shortened.
    pub clip: f64,
    /// Decay of the average of the weights.
    pub ema: f64,
    /// Mean and standard deviation of ln σ, of a preconditioned network.
    pub ln_sigma: [f64; 2],
}

/// A U-Net in training: denoising score matching, Adam on it, and the average of the weights.
pub struct UnetTrainer {
    images: Arc<dyn Gallery>,
    network: UnetCpu,
    noising: Noising,
    training: UnetTraining,
    noise: Noise,
    threads: Threads,
    state: UnetState,
}

/// Everything that a training is after some step: what it takes to go on as if it had never stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct UnetState {
    pub(super) parameters: Vec<f32>,
    pub(super) average: Vec<f32>,
    pub(super) adam: Adam,
    /// Decides first weights, batches and noise.
    pub seed: u64,
    /// Steps made.
    pub steps: u32,
}

impl UnetState {
    /// A fresh network before its first step.
    ///
    /// # Errors
    /// A configuration that makes no network.
    pub fn fresh(config: &UnetConfig, seed: u64) -> Result<Self, ModelError> {
        let plan = Plan::new(config, 1, [config.size_unit(); 2])?;
        let parameters = fresh(&plan.parameters, &Noise::new(seed));
        let adam = Adam::new(parameters.len());
        Ok(Self { average: parameters.clone(), parameters, adam, seed, steps: 0 })
    }
}

impl UnetTrainer {
    /// Goes on from `state`, on threads that are lent to it; what it computes does not depend on how many they are.
    ///
    /// # Errors
    /// Images that the network cannot take, a noise that is not trained here, a state of another network.
    pub fn new(
        images: Arc<dyn Gallery>,
        (config, noising): (UnetConfig, Noising),
        training: UnetTraining,
        state: UnetState,
        threads: Threads,
    ) -> Result<Self, ModelError> {
        let [channels, h, w] = images.shape();
        if [config.in_channels, config.out_channels] != [channels; 2] {
            return Err(ModelError::Input(format!(
                "the images have {channels} channels, the network takes {} and answers {}",
                config.in_channels, config.out_channels
            )));
        }
        if matches!(noising, Noising::Exploding { .. }) {
            let why = "networks with a Fourier embedding are run, not trained. Give time_embedding_type \"positional\"";
            return Err(ModelError::Conflict(why.to_owned()));
        }
        let plan = Plan::new(&config, 1, [h, w])?;
        let weights = plan.parameters.iter().map(|parameter| vec![0.0; parameter.len()]).collect();
        let network = UnetCpu::new(config, Weights::new(weights), Arc::clone(&threads))?;
        network.set(&state.parameters)?;
        let noise = Noise::new(state.seed);
        Ok(Self { images, network, noising, training, noise, threads, state })
    }

    /// One step on a fresh batch; returns its loss, the mean square of what the answers are wrong by.
    ///
    /// # Errors
    /// Where loss or gradient is no number, or out of all proportion; everything is then as before the step.
    pub fn step(&mut self) -> Result<f64, LearningError> {
        let (loss, gradient) = self.gradient().map_err(|error| LearningError::Conflict(error.to_string()))?;
        let length = gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>().sqrt();
        let UnetTraining { learning_rate, rate, clip, ema, .. } = self.training;
        let state = &mut self.state;
        let step = state.steps as usize;
        if !(loss.is_finite() && length.is_finite()) || loss > EXPLODED {
            return Err(LearningError::Diverged { step, loss, learning_rate });
        }
        #[expect(clippy::cast_possible_truncation, reason = "the optimiser works in f32")]
        let [scale, alpha] = [(clip / length).min(1.0), learning_rate * rate.at(step)].map(|v| v as f32);
        state.adam.update(&mut state.parameters, (&gradient, scale), alpha, 0.0, &*self.threads);
        state.steps += 1;
        ema::update(&mut state.average, &state.parameters, ema, step + 1, &*self.threads);
        self.network.set(&state.parameters).map_err(|error| LearningError::Conflict(error.to_string()))?;
        Ok(loss)
    }

    /// Loss and gradient of the next batch.
    fn gradient(&self) -> Result<(f64, Vec<f32>), ModelError> {
        let Batch { seen, timesteps, targets } = self.batch();
        let [_, h, w] = self.images.shape();
        let mut loss = f64::NAN;
        let gradients = self.network.gradient(&seen, [timesteps.len(), h, w], &timesteps, |answers| {
            let mut wrong: Vec<f32> = answers.iter().zip(&targets).map(|(answer, target)| answer - target).collect();
            #[expect(clippy::cast_precision_loss, reason = "a batch has far fewer numbers than 2^52")]
            let count = wrong.len() as f64;
            loss = wrong.iter().map(|wrong| f64::from(*wrong) * f64::from(*wrong)).sum::<f64>() / count;
            #[expect(clippy::cast_possible_truncation, reason = "gradients are f32")]
            let slope = (2.0 / count) as f32;
            wrong.iter_mut().for_each(|wrong| *wrong *= slope);
            wrong
        })?;
        Ok((loss, gradients.concat()))
    }

    /// The next step's images: a function of seed and step number.
    pub(super) fn batch(&self) -> Batch {
        let (dim, step) = (self.images.shape().iter().product::<usize>(), self.state.steps);
        let count = self.training.batch as usize;
        let mut noisy = vec![0.0; count * dim];
        self.noise.normals(Purpose::Training, 0, step, dim, &mut noisy);
        let (mut clean, mut targets) = (vec![0.0; dim], vec![0.0; count * dim]);
        let mut timesteps = Vec::with_capacity(count);
        for ((x, target), index) in noisy.chunks_exact_mut(dim).zip(targets.chunks_exact_mut(dim)).zip(0..) {
            self.images.image(self.choose(index, step), &mut clean);
            let sigma = self.sigma(index, step);
            let ([of_x, of_clean], shown) = (self.noising.target_of(sigma), self.noising.shown(sigma));
            #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
            for ((x, target), clean) in x.iter_mut().zip(target).zip(&clean) {
                let (clean, noisy) = (f64::from(*clean), f64::from(*clean) + sigma * f64::from(*x));
                *target = (of_x * noisy + of_clean * clean) as f32;
                *x = (shown * noisy) as f32;
            }
            #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
            timesteps.push(self.noising.timestep(sigma) as f32);
        }
        Batch { seen: noisy, timesteps, targets }
    }

    /// Which image: each as often.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "image numbers are far below 2^52"
    )]
    fn choose(&self, index: u32, step: u32) -> usize {
        let mut two = [0.0; 2];
        self.noise.uniform(Purpose::Data, index, step, &mut two);
        // Two uniforms of 23 bits each, because one does not reach every image of a large set alike.
        let u = f64::from(two[0]) + (f64::from(two[1]) - 0.5) / f64::from(1 << 23);
        let count = self.images.len();
        ((u * count as f64).max(0.0) as usize).min(count - 1)
    }

    /// Of a preconditioned network ln σ is normal, of a DDPM every timestep as likely.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "thousands of timesteps"
    )]
    fn sigma(&self, index: u32, step: u32) -> f64 {
        let mut draw = [0.0];
        if let Noising::Preserving { log_sigmas, .. } = &self.noising {
            self.noise.uniform(Purpose::Levels, index, step, &mut draw);
            let t = (f64::from(draw[0]) * log_sigmas.len() as f64) as usize;
            return log_sigmas[t.min(log_sigmas.len() - 1)].exp();
        }
        self.noise.normal(Purpose::Levels, index, step, &mut draw);
        let [mean, deviation] = self.training.ln_sigma;
        (mean + deviation * f64::from(draw[0])).exp()
    }

    /// What it takes to go on.
    #[must_use]
    pub const fn state(&self) -> &UnetState {
        &self.state
    }

    /// The average of the weights: the model that a training makes.
    #[must_use]
    pub fn weights(&self) -> Weights {
        self.network.split(&self.state.average)
    }
}

/// Noisy images, and what the network should answer to them.
pub(super) struct Batch {
    /// As the network is shown them: (n, c, h, w).
    pub seen: Vec<f32>,
    pub timesteps: Vec<f32>,
    pub targets: Vec<f32>,
}
