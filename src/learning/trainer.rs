//! Training, one step at a time and without threads: whoever owns the trainer decides when.

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};

use super::objectives::dsm;
use super::{LearningError, MlpConfig, ScoreMlp, ema};
use crate::distributions::Distribution;
use crate::noise::{Noise, Purpose};
use crate::schedules::Ladder;

/// How σ is drawn for each example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SigmaLaw {
    /// One of the levels, each as often.
    Levels,
    /// ln σ uniform from the smallest to the largest level.
    LogUniform,
}

/// Everything that decides a training, but the data and the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingConfig {
    /// Examples per step.
    pub batch: u32,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Decay of the average of the weights.
    pub ema: f64,
    /// The noise levels trained on.
    pub ladder: Ladder,
    /// How σ is drawn from them.
    pub sigmas: SigmaLaw,
}

/// A network in training: Adam (Kingma & Ba 2015) on denoising score matching, and the average of its weights.
pub struct Trainer {
    data: Arc<dyn Distribution>,
    config: TrainingConfig,
    noise: Noise,
    network: ScoreMlp,
    average: ScoreMlp,
    optimiser: AdamW,
    levels: Vec<f32>,
    steps: usize,
}

impl Trainer {
    /// A fresh network before its first step; the same seed gives the same training.
    ///
    /// # Errors
    /// Where the tensor library refuses an operation.
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    pub fn new(
        data: Arc<dyn Distribution>,
        width: usize,
        hidden: usize,
        config: TrainingConfig,
        seed: u64,
    ) -> Result<Self, LearningError> {
        let noise = Noise::new(seed);
        let shape = MlpConfig { width, hidden, centre: data.mean().map(|m| m as f32), scale: data.std() as f32 };
        let average = ScoreMlp::fresh(shape.clone(), &noise, Ok)?;
        let vars = std::cell::RefCell::new(Vec::new());
        let network = ScoreMlp::fresh(shape, &noise, |tensor| {
            let var = Var::from_tensor(&tensor)?;
            let tensor = var.as_tensor().clone();
            vars.borrow_mut().push(var);
            Ok(tensor)
        })?;
        let adam = ParamsAdamW { lr: config.learning_rate, weight_decay: 0.0, ..ParamsAdamW::default() };
        let optimiser = AdamW::new(vars.into_inner(), adam)?;
        let levels = config.ladder.levels().map(|sigma| sigma as f32).collect();
        Ok(Self { data, config, noise, network, average, optimiser, levels, steps: 0 })
    }

    /// One step on a fresh batch; returns its loss.
    ///
    /// # Errors
    /// Where the loss is no number any more, or the tensor library refuses an operation. The average of the weights is
    /// then still the one before this step.
    pub fn step(&mut self) -> Result<f32, LearningError> {
        let (x, sigma, z) = self.batch()?;
        let loss = dsm(&self.network, &x, &sigma, &z)?;
        let value = loss.to_scalar::<f32>()?;
        if !value.is_finite() {
            let learning_rate = self.config.learning_rate;
            return Err(LearningError::Diverged { step: self.steps, loss: value, learning_rate });
        }
        self.optimiser.backward_step(&loss)?;
        self.steps += 1;
        ema::update(&mut self.average.layers, &self.network.layers, self.config.ema, self.steps)?;
        Ok(value)
    }

    /// x of shape (n, 2), σ of shape (n, 1), z of shape (n, 2): functions of the seed and the step.
    #[expect(clippy::cast_possible_truncation, reason = "step numbers wrap around after 2^32")]
    fn batch(&self) -> Result<(Tensor, Tensor, Tensor), LearningError> {
        let (n, step) = (self.config.batch as usize, self.steps as u32);
        let (mut x, mut sigma, mut z) = (vec![0.0; 2 * n], vec![0.0; n], vec![0.0; 2 * n]);
        self.data.sample(&self.noise, 0.0, step.wrapping_mul(self.config.batch), &mut x);
        for (index, (sigma, z)) in (0..).zip(sigma.iter_mut().zip(z.chunks_exact_mut(2))) {
            self.noise.normal(Purpose::Training, index, step, z);
            self.noise.uniform(Purpose::Levels, index, step, std::slice::from_mut(sigma));
            *sigma = self.sigma_at(*sigma);
        }
        let tensor = |values, width| Tensor::from_vec(values, (n, width), &Device::Cpu);
        Ok((tensor(x, 2)?, tensor(sigma, 1)?, tensor(z, 2)?))
    }

    /// The σ that a number uniform in (0, 1) chooses.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below L"
    )]
    fn sigma_at(&self, uniform: f32) -> f32 {
        match self.config.sigmas {
            SigmaLaw::Levels => self.levels[((uniform * self.levels.len() as f32) as usize).min(self.levels.len() - 1)],
            SigmaLaw::LogUniform => {
                let (max, min) = (self.config.ladder.max() as f32, self.config.ladder.min() as f32);
                min * (max / min).powf(uniform)
            }
        }
    }

    /// Steps made.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// The network with the average of the weights, as it is now; later steps do not change it.
    #[must_use]
    pub fn network(&self) -> ScoreMlp {
        self.average.clone()
    }

    /// The noise levels it is trained on.
    #[must_use]
    pub const fn ladder(&self) -> &Ladder {
        &self.config.ladder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, GaussianMixture};

    fn sigmas(law: SigmaLaw) -> Vec<f32> {
        let data = GaussianMixture::new(&[Component::round(1.0, [0.0; 2], 1.0)]).expect("a legal mixture");
        let ladder = Ladder::geometric(8.0, 0.5, 5).expect("a legal ladder");
        let config = TrainingConfig { batch: 10_000, learning_rate: 1e-3, ema: 0.9, ladder, sigmas: law };
        let trainer = Trainer::new(Arc::new(data), 16, 1, config, 1).expect("a trainer");
        let (_, sigma, _) = trainer.batch().expect("a batch");
        sigma.flatten_all().and_then(|sigma| sigma.to_vec1()).expect("its levels")
    }

    /// n = 10,000, seed 1: a share of 1/5 has three sigma of 3 √(.16/n) = .012.
    #[test]
    fn each_level_is_trained_on_as_often() {
        let sigmas = sigmas(SigmaLaw::Levels);
        for level in [8.0f32, 4.0, 2.0, 1.0, 0.5] {
            let share = sigmas.iter().filter(|sigma| (*sigma / level - 1.0).abs() < 1e-6).map(|_| 1e-4).sum::<f64>();
            assert!((share - 0.2).abs() < 0.012, "{share} at σ = {level}");
        }
    }

    /// n = 10,000, seed 1: ln σ is uniform over ln 16, of mean ln 2 here; three sigma of the mean 3 ln 16 / √(12 n) = .024.
    #[test]
    fn the_logarithm_of_sigma_is_uniform() {
        let sigmas = sigmas(SigmaLaw::LogUniform);
        assert!(sigmas.iter().all(|sigma| (0.5..=8.0).contains(sigma)));
        let mean = sigmas.iter().map(|sigma| f64::from(sigma.ln())).sum::<f64>() / 1e4;
        assert!((mean - 2.0f64.ln()).abs() < 0.024, "{mean}");
    }
}
