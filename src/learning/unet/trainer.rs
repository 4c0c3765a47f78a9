//! Training a U-Net, one step at a time: denoising score matching on images, at every σ at once.

use std::ops::Range;
use std::sync::Arc;

use pulp::Arch;
use serde::{Deserialize, Serialize};

use super::batch::{Batch, Source};
use super::fresh::fresh;
use super::{Threads, UnetCpu};
use crate::images::Gallery;
use crate::learning::adam::{Adam, PIECE, Rate};
use crate::learning::{LearningError, ema};
use crate::noise::Noise;
use crate::samplers::{Serial, for_each};
use crate::unet::{ModelError, Noising, Plan, UnetConfig, Weights};

/// Images of a part of a step on the processor.
const PART: usize = 4;
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

/// Loss, and gradient by all parameters one after the other.
type Part = Result<(f64, Vec<f32>), ModelError>;

/// A U-Net in training: denoising score matching, Adam on it, and the average of the weights.
pub struct UnetTrainer {
    images: Arc<dyn Gallery>,
    network: UnetCpu,
    noising: Noising,
    training: UnetTraining,
    noise: Noise,
    threads: Threads,
    /// Images of a part of a step, which one thread takes through the whole network.
    part: usize,
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
    /// Goes on from `state`, on threads that are lent to it, which do not change what it computes; with `on_card` on the card
    /// that candle finds, see [`UnetCpu::by_candle`].
    ///
    /// # Errors
    /// Images that the network cannot take, a noise that is not trained here, a state of another network; no such card.
    pub fn new(
        images: Arc<dyn Gallery>,
        (config, noising): (UnetConfig, Noising),
        training: UnetTraining,
        state: UnetState,
        (threads, on_card): (Threads, bool),
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
        let batch = training.batch as usize;
        let part = if on_card { batch } else { PART };
        // Where there are parts enough for all threads, none of them helps another.
        let helped = batch.div_ceil(part) < threads.threads();
        let within: Threads = if helped { Arc::clone(&threads) } else { Arc::new(Serial) };
        let weights = Weights::new(weights);
        let network =
            if on_card { UnetCpu::by_candle(config, weights) } else { UnetCpu::new(config, weights, within) }?;
        network.set(&state.parameters)?;
        let noise = Noise::new(state.seed);
        Ok(Self { images, network, noising, training, noise, threads, part, state })
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

    /// Loss and gradient of the next batch: its parts side by side, their sums in their order.
    fn gradient(&self) -> Result<(f64, Vec<f32>), ModelError> {
        let batch = self.source().batch(self.state.steps, self.training.batch);
        let count = batch.timesteps.len();
        let mut parts: Vec<(usize, Part)> =
            (0..count).step_by(self.part).map(|first| (first, Ok((0.0, Vec::new())))).collect();
        for_each(&*self.threads, parts.iter_mut(), |(first, part)| {
            *part = self.part(&batch, *first..count.min(*first + self.part));
        });
        let mut parts = parts.into_iter().map(|(_, part)| part);
        let (mut loss, mut gradient) = parts.next().unwrap_or_else(|| Ok((0.0, Vec::new())))?;
        for part in parts {
            let (more, by_part) = part?;
            loss += more;
            self.threads.each_chunk(&mut gradient, PIECE, &|piece, sum| {
                let part = &by_part[piece * PIECE..];
                Arch::new().dispatch(|| sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part));
            });
        }
        Ok((loss, gradient))
    }

    /// What some images of the batch give to its loss and to the gradient of that.
    fn part(&self, batch: &Batch, images: Range<usize>) -> Part {
        let ([_, h, w], dim) = (self.images.shape(), batch.seen.len() / batch.timesteps.len());
        let numbers = dim * images.start..dim * images.end;
        #[expect(clippy::cast_precision_loss, reason = "a batch has far fewer numbers than 2^52")]
        let count = batch.seen.len() as f64;
        let mut loss = 0.0;
        let (seen, timesteps, targets) =
            (&batch.seen[numbers.clone()], &batch.timesteps[images.clone()], &batch.targets[numbers]);
        let gradients = self.network.gradient(seen, [images.len(), h, w], timesteps, |answers| {
            let mut wrong: Vec<f32> = answers.iter().zip(targets).map(|(answer, target)| answer - target).collect();
            loss = wrong.iter().map(|wrong| f64::from(*wrong) * f64::from(*wrong)).sum::<f64>() / count;
            #[expect(clippy::cast_possible_truncation, reason = "gradients are f32")]
            let slope = (2.0 / count) as f32;
            wrong.iter_mut().for_each(|wrong| *wrong *= slope);
            wrong
        })?;
        Ok((loss, gradients.concat()))
    }

    /// What the next steps' images are drawn from.
    pub(super) fn source(&self) -> Source<'_> {
        let Self { images, noising, noise, training, .. } = self;
        Source { images: &**images, noising, noise: *noise, ln_sigma: training.ln_sigma }
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

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "counts and pixels are few")]
mod tests {
    use super::*;
    use crate::learning::unet::batch::tests::{EDM, Two};
    use crate::samplers::Spread;

    /// Threads that never were, so that parts are worked on otherwise.
    struct Many;

    impl Spread for Many {
        fn each_chunk(&self, x: &mut [f32], len: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync)) {
            x.chunks_mut(len).enumerate().rev().for_each(|(i, chunk)| work(i, chunk));
        }

        fn threads(&self) -> usize {
            7
        }
    }

    const NETWORK: &str = r#"{"in_channels": 1, "out_channels": 1, "block_out_channels": [8], "layers_per_block": 1,
        "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"], "norm_num_groups": 4}"#;
    fn trainer(threads: Threads) -> UnetTrainer {
        let config = UnetConfig::from_json(NETWORK).expect("a network");
        let noising = Noising::read(Some(EDM), &config).expect("a noise");
        let rate = Rate { warm_up: 2, cosine: None };
        let training = UnetTraining { batch: 6, learning_rate: 3e-3, rate, clip: 1.0, ema: 0.9, ln_sigma: [-1.2, 1.2] };
        let state = UnetState::fresh(&config, 5).expect("a network");
        UnetTrainer::new(Arc::new(Two), (config, noising), training, state, (threads, false)).expect("a training")
    }

    /// The slope of the loss along its gradient, by central differences: 1e-2 is what f32 leaves of a difference of losses.
    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let mut trainer = trainer(Arc::new(Serial));
        // From the zeros of a fresh network nothing comes back.
        for _ in 0..20 {
            trainer.step().expect("a step");
        }
        let (_, gradient) = trainer.gradient().expect("a gradient");
        let length = gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>().sqrt();
        let loss_at = |h: f64| {
            let along = trainer.state.parameters.iter().zip(&gradient);
            #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
            let moved: Vec<f32> = along.map(|(x, g)| (f64::from(*x) + h * f64::from(*g) / length) as f32).collect();
            trainer.network.set(&moved).expect("as many");
            trainer.gradient().expect("a gradient").0
        };
        let slope = (loss_at(1e-3) - loss_at(-1e-3)) / 2e-3;
        assert!((slope / length - 1.0).abs() < 1e-2, "{slope}, not {length}");
    }

    /// Whoever works on the parts, and wherever a training was written and read again: the same bits. And it learns: of two
    /// images the answer of nothing has a loss of order 1.
    #[test]
    fn a_training_goes_on_as_if_it_had_never_stopped() {
        let mut whole = trainer(Arc::new(Serial));
        let losses: Vec<f64> = (0..200).map(|_| whole.step().expect("a step")).collect();
        let mut part = trainer(Arc::new(Many));
        for _ in 0..7 {
            part.step().expect("a step");
        }
        let bytes = part.state().to_bytes(&"asked").expect("bytes");
        let (state, asked) = UnetState::from_bytes::<String>(&bytes).expect("a training");
        assert_eq!((&state, &*asked), (part.state(), "asked"));
        let mut later = trainer(Arc::new(Serial));
        later.state = state;
        later.network.set(&later.state.parameters).expect("as many");
        let again: Vec<f64> = (7..20).map(|_| later.step().expect("a step")).collect();
        assert_eq!(again, losses[7..20]);
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        assert!(mean(&losses[150..]) < 0.5 * mean(&losses[..10]), "{losses:?}");
        for broken in [&bytes[..bytes.len() - 1], &bytes[..40], b"{}"] {
            assert!(UnetState::from_bytes::<String>(broken).is_err());
        }
    }
}
