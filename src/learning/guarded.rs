//! A training that can fall back: it remembers where it was seen to be well, and goes there when a step ruins it.

use super::{LearningError, Snapshot, Trainer, TrainingConfig};
use crate::samplers::Spread;

/// Steps between two states that are remembered.
const EVERY: usize = 100;
/// A loss of more than this many times the least so far is not worth falling back to.
const STILL_GOOD: f32 = 10.0;

/// A trainer and its last good state.
pub struct Guarded {
    trainer: Trainer,
    good: Snapshot,
    least: f32,
    changed: bool,
}

impl Guarded {
    /// What the trainer is now counts as good.
    #[must_use]
    pub fn new(trainer: Trainer) -> Self {
        Self { good: trainer.snapshot(), trainer, least: f32::INFINITY, changed: false }
    }

    /// The trainer as it is now.
    #[must_use]
    pub const fn trainer(&self) -> &Trainer {
        &self.trainer
    }

    /// As [`Trainer::step_unless`].
    ///
    /// # Errors
    /// Where the training has gone wrong; it is then back at its last good state.
    pub fn step_unless(
        &mut self,
        spread: &dyn Spread,
        give_up: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<f32>, LearningError> {
        // Taken before the step: only its loss says whether the weights are good.
        let due = self.changed || self.trainer.steps().is_multiple_of(EVERY);
        let before = due.then(|| self.trainer.snapshot());
        let loss = match self.trainer.step_unless(spread, give_up) {
            Ok(Some(loss)) => loss,
            Ok(None) => return Ok(None),
            Err(error) => return self.fall_back(error),
        };
        self.least = self.least.min(loss.abs());
        if let Some(before) = before
            && loss.abs() <= STILL_GOOD * self.least.max(1.0)
        {
            self.good = before;
        }
        self.changed = false;
        Ok(Some(loss))
    }

    /// As [`Trainer::verify`].
    ///
    /// # Errors
    /// As of [`Self::step_unless`].
    pub fn verify(&mut self, spread: &dyn Spread) -> Result<(), LearningError> {
        self.trainer.verify(spread).or_else(|error| self.fall_back(error))
    }

    /// As [`Trainer::change`].
    ///
    /// # Errors
    /// Where the network does not fit; then nothing changes.
    pub fn change(&mut self, config: TrainingConfig) -> Result<(), LearningError> {
        self.trainer.change(config)?;
        // Other losses are not measured by the least so far, and what is there now is worth falling back to.
        (self.least, self.changed) = (f32::INFINITY, true);
        Ok(())
    }

    fn fall_back<T>(&mut self, error: LearningError) -> Result<T, LearningError> {
        self.trainer.restore(&self.good)?;
        Err(error)
    }
}
