//! The audit worker: how wrong the network is, by noise level and by density, now and then.

use std::sync::Arc;
use std::time::Duration;

use super::Latest;
use super::worker::{Trouble, Work};
use crate::distributions::Distribution;
use crate::metrics::{DecadeError, ScoreError, score_error, score_error_by_density};
use crate::noise::Noise;
use crate::scenario::{Scenario, View};
use crate::schedules::Ladder;

/// Points at each σ: the relative error of a mean of squares is about √(2/n).
const POINTS: usize = 200;
/// Most noise levels.
const LEVELS: usize = 12;
/// Points per axis that the view is looked at with.
const GRID: usize = 24;

/// How wrong the network is.
pub struct AuditFrame {
    /// Steps behind the network.
    pub steps: usize,
    /// σ² E‖s − s*‖² at levels of the ladder, largest σ first.
    pub by_sigma: Vec<ScoreError>,
    /// The σ of the errors by density.
    pub sigma: f32,
    /// √ mean ‖s − s*‖² over a grid of the view, by decade of p_σ, densest first.
    pub by_decade: Vec<DecadeError>,
}

pub struct Audit {
    data: Arc<dyn Distribution>,
    ladder: Ladder,
    view: View,
    noise: Noise,
    latest: Arc<Latest>,
    pending: Option<f32>,
}

impl Audit {
    pub fn new(scenario: &Scenario, seed: u64, latest: Arc<Latest>) -> Self {
        let (data, ladder, view) = (Arc::clone(&scenario.data), scenario.ladder, scenario.view);
        Self { data, ladder, view, noise: Noise::new(seed), latest, pending: None }
    }

    fn evaluate(&self, sigma: f32) -> Option<AuditFrame> {
        let network = self.latest.network.get()?;
        let levels: Vec<f64> = self.ladder.levels().collect();
        let sigmas = levels.iter().step_by(levels.len().div_ceil(LEVELS)).copied();
        let by_sigma = score_error(&*network.score, &*self.data, sigmas, POINTS, &self.noise);
        #[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32")]
        let x: Vec<f32> = self.view.centres([GRID; 2]).flat_map(|x| x.map(|x| x as f32)).collect();
        let by_decade = score_error_by_density(&*network.score, &*self.data, sigma.into(), &x);
        Some(AuditFrame { steps: network.steps, by_sigma, sigma, by_decade })
    }
}

impl Work for Audit {
    type Command = f32;
    const GIVES_WAY: bool = true;

    fn obey(&mut self, sigma: f32) -> Result<(), Trouble> {
        self.pending = Some(sigma);
        Ok(())
    }

    fn advance(&mut self, _frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        if let Some(frame) = self.pending.take().and_then(|sigma| self.evaluate(sigma)) {
            self.latest.audit.put(frame);
        }
        Ok(None)
    }
}
