//! Training, one step at a time: whoever owns the trainer decides when, and lends it threads.

use std::sync::Arc;

use pulp::Arch;
use serde::{Deserialize, Serialize};

use super::adam::{Adam, PIECE};
use super::batch::Source;
use super::fused::Turned;
use super::shard::Shard;
use super::{LearningError, MlpConfig, ScoreMlp, TrainingConfig, ema};
use crate::distributions::Distribution;
use crate::lanes::LANES;
use crate::noise::Noise;
use crate::samplers::{Spread, for_each};

/// Most parts of a step: as many threads can work on it.
const MOST_SHARDS: usize = 8;
/// Fewest examples of a part: below, handing it out costs more than it gives.
const FEWEST: usize = 128;
/// Losses beyond this many times the first ones are no training any more.
const EXPLODED: f64 = 1e4;
/// Steps whose mean loss is the measure of the rest.
const FIRST_STEPS: u32 = 20;

/// A network in training: an objective, Adam on it, and the average of the weights.
pub struct Trainer {
    data: Arc<dyn Distribution>,
    config: TrainingConfig,
    noise: Noise,
    seed: u64,
    levels: Vec<f32>,
    network: ScoreMlp,
    average: Vec<f32>,
    adam: Adam,
    steps: usize,
    first: FirstLosses,
    turned: Turned,
    shards: Vec<Shard>,
    gradient: Vec<f32>,
}

/// The first losses since what is minimised was last changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FirstLosses {
    /// How many there are, at most [`FIRST_STEPS`].
    pub(super) count: u32,
    /// Their sum, without signs; in single precision, of which JSON loses nothing.
    pub(super) sum: f32,
}

impl FirstLosses {
    #[expect(clippy::cast_possible_truncation, reason = "a measure of orders of magnitude")]
    fn count(&mut self, loss: f64) {
        if self.count < FIRST_STEPS {
            (self.count, self.sum) = (self.count + 1, (self.sum + loss.abs() as f32).min(f32::MAX));
        }
    }

    /// Whether a loss is out of all proportion to them.
    fn are_far_below(&self, loss: f64) -> bool {
        self.count > 0 && loss.abs() > EXPLODED * (f64::from(self.sum) / f64::from(self.count)).max(1.0)
    }
}

/// Everything that a training is after some step, apart from what it was asked to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub(super) parameters: Vec<f32>,
    pub(super) average: Vec<f32>,
    pub(super) adam: Adam,
    pub(super) steps: usize,
    pub(super) first: FirstLosses,
    pub(super) seed: u64,
}

impl Snapshot {
    /// Steps behind it.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }
}

impl Trainer {
    /// A fresh network before its first step; the same seed gives the same training.
    ///
    /// # Errors
    /// Where network and training do not fit together.
    pub fn new(
        data: Arc<dyn Distribution>,
        network: MlpConfig,
        config: TrainingConfig,
        seed: u64,
    ) -> Result<Self, LearningError> {
        refuse_conflict(&config, &network)?;
        let noise = Noise::new(seed);
        let network = ScoreMlp::fresh(network, &noise);
        let average = network.parameters().to_vec();
        let count = average.len();
        let mut trainer = Self {
            data,
            levels: Vec::new(),
            noise,
            seed,
            average,
            adam: Adam::new(count),
            steps: 0,
            first: FirstLosses::default(),
            turned: Turned::default(),
            shards: Vec::new(),
            gradient: vec![0.0; count],
            network,
            config,
        };
        trainer.settle();
        Ok(trainer)
    }

    /// What follows from the configuration.
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    fn settle(&mut self) {
        self.levels = self.config.ladder.levels().map(|sigma| sigma as f32).collect();
        let shards = (self.config.batch as usize).div_ceil(FEWEST).clamp(1, MOST_SHARDS);
        self.shards.resize_with(shards, Shard::default);
    }

    /// Goes on under another configuration: weights, averages and step number stay.
    ///
    /// # Errors
    /// Where the network does not fit it; then nothing changes.
    pub fn change(&mut self, config: TrainingConfig) -> Result<(), LearningError> {
        refuse_conflict(&config, self.network.config())?;
        if !config.has_losses_like(&self.config) {
            self.first = FirstLosses::default();
        }
        self.config = config;
        self.settle();
        Ok(())
    }

    /// Looks at the next batch without learning from it: the last step too is judged by the loss that follows it.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn verify(&mut self, spread: &dyn Spread) -> Result<(), LearningError> {
        // Nobody gives it up.
        self.gradient(spread, &|| false).map_or(Ok(()), |loss| self.judge(loss).map(drop))
    }

    /// One step on a fresh batch, its parts handed to `spread`; returns its loss.
    ///
    /// # Errors
    /// Where loss or gradient is no number, or the loss has exploded. Everything is then still as before this step.
    pub fn step(&mut self, spread: &dyn Spread) -> Result<f32, LearningError> {
        // Nobody gives it up.
        self.step_unless(spread, &|| false).map(|loss| loss.unwrap_or(f32::NAN))
    }

    /// A step that is left, and has then no effect, as soon as `give_up` says so, which is asked every few milliseconds.
    /// `None` where it was left; as a step is a function of seed and step number, it can be made later as well.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn step_unless(
        &mut self,
        spread: &dyn Spread,
        give_up: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<f32>, LearningError> {
        let mut made = Ok(None);
        spread.together(&mut || {
            made = self.gradient(spread, give_up).map(|loss| self.follow(loss, spread)).transpose();
        });
        made
    }

    /// The length of `self.gradient`, where it and its loss are those of a training that goes well.
    fn judge(&self, loss: f64) -> Result<f64, LearningError> {
        let length = length(&self.gradient);
        if !(loss.is_finite() && length.is_finite()) || self.first.are_far_below(loss) {
            return Err(LearningError::Diverged { step: self.steps, loss, learning_rate: self.config.learning_rate });
        }
        Ok(length)
    }

    /// One update along `self.gradient`, the gradient of a loss.
    fn follow(&mut self, loss: f64, spread: &dyn Spread) -> Result<f32, LearningError> {
        let length = self.judge(loss)?;
        let TrainingConfig { learning_rate, rate, weight_decay, clip, ema, .. } = self.config;
        let scale = clip.map_or(1.0, |clip| (f64::from(clip) / length).min(1.0));
        #[expect(clippy::cast_possible_truncation, reason = "the optimiser works in f32")]
        let [scale, alpha, decay] = [scale, learning_rate * rate.at(self.steps), weight_decay].map(|v| v as f32);
        self.adam.update(self.network.parameters_mut(), (&self.gradient, scale), alpha, decay, spread);
        self.first.count(loss);
        self.steps += 1;
        ema::update(&mut self.average, self.network.parameters(), ema, self.steps, spread);
        #[expect(clippy::cast_possible_truncation, reason = "a loss is shown, not computed with")]
        Ok(loss as f32)
    }

    /// The loss of a fresh batch, `None` if it was given up; its gradient goes to `self.gradient`, the parts' sums in their
    /// order.
    fn gradient(&mut self, spread: &dyn Spread, give_up: &(dyn Fn() -> bool + Sync)) -> Option<f64> {
        self.network.fused().turn(self.network.parameters(), &mut self.turned, spread);
        let mut shards = std::mem::take(&mut self.shards);
        let loss = self.add_up(&mut shards, spread, give_up);
        self.shards = shards;
        if loss.is_some() {
            let Self { shards, gradient, .. } = self;
            spread.each_chunk(gradient, PIECE, &|i, gradient| {
                let from = i * PIECE;
                gradient.fill(0.0);
                for shard in &*shards {
                    let part = &shard.gradient[from..];
                    Arch::new().dispatch(|| gradient.iter_mut().zip(part).for_each(|(sum, part)| *sum += part));
                }
            });
        }
        loss
    }

    /// Has each part draw its share of a fresh batch; returns the loss, `None` if it was given up.
    #[expect(clippy::cast_precision_loss, reason = "a batch has at most 8192 examples")]
    fn add_up(&self, shards: &mut [Shard], spread: &dyn Spread, give_up: &(dyn Fn() -> bool + Sync)) -> Option<f64> {
        let (source, batch, parts) = (self.source(), self.config.batch as usize, shards.len());
        let part = batch.div_ceil(parts);
        for_each(spread, shards.iter_mut().enumerate(), |(i, shard)| {
            let numbers = (i * part).min(batch)..((i + 1) * part).min(batch);
            shard.work((&self.network, &self.turned), &source, numbers, 1.0 / batch as f32, give_up);
        });
        shards.iter().map(|shard| shard.loss).sum()
    }

    /// What the next step's examples are drawn from.
    #[expect(clippy::cast_possible_truncation, reason = "steps wrap around after 2^32")]
    pub(super) fn source(&self) -> Source<'_> {
        let Self { data, config, levels, noise, steps, .. } = self;
        Source { data: &**data, config, levels, noise: *noise, step: *steps as u32 }
    }

    /// Steps made.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// What decides first weights, batches and noise.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The network with the average of the weights, as it is now; later steps do not change it.
    #[must_use]
    pub fn network(&self) -> ScoreMlp {
        self.network.with_parameters(&self.average)
    }

    /// The network with the weights themselves, as they are now.
    #[must_use]
    pub fn raw_network(&self) -> ScoreMlp {
        self.network.clone()
    }

    /// What it was asked to do.
    #[must_use]
    pub const fn config(&self) -> &TrainingConfig {
        &self.config
    }

    /// What it takes to come back here.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            parameters: self.network.parameters().to_vec(),
            average: self.average.clone(),
            adam: self.adam.clone(),
            steps: self.steps,
            first: self.first,
            seed: self.seed,
        }
    }

    /// Back, or on, to a snapshot of a network of the same shape: the steps that follow are those that followed there.
    ///
    /// # Errors
    /// A snapshot of another shape; then nothing changes.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), LearningError> {
        if snapshot.parameters.len() != self.average.len() {
            return Err(LearningError::Conflict("the snapshot is of a network of another shape".to_owned()));
        }
        self.network = self.network.with_parameters(&snapshot.parameters);
        self.average.clone_from(&snapshot.average);
        self.adam = snapshot.adam.clone();
        (self.steps, self.first) = (snapshot.steps, snapshot.first);
        (self.seed, self.noise) = (snapshot.seed, Noise::new(snapshot.seed));
        Ok(())
    }
}

fn refuse_conflict(config: &TrainingConfig, network: &MlpConfig) -> Result<(), LearningError> {
    config.conflict(network).map_or(Ok(()), |reason| Err(LearningError::Conflict(reason)))
}

/// ‖g‖
fn length(gradient: &[f32]) -> f64 {
    Arch::new().dispatch(|| {
        let mut sums = [0.0f64; LANES];
        for g in gradient.as_chunks::<LANES>().0 {
            sums.iter_mut().zip(g).for_each(|(sum, g)| *sum += f64::from(*g) * f64::from(*g));
        }
        sums.iter().sum::<f64>().sqrt()
    })
}
