//! What the workers hand to the window.

use std::sync::Arc;

use super::command::FieldRequest;
use crate::learning::{ScoreMlp, TrainingConfig};
use crate::metrics::ModeShares;
use crate::samplers::Update;

/// The network as it is now.
pub struct Network {
    /// Its averaged weights.
    pub score: Arc<ScoreMlp>,
    /// Steps behind it.
    pub steps: usize,
}

/// How training goes.
#[derive(Clone, Default)]
pub struct TrainingFrame {
    /// Whether it goes on by itself.
    pub running: bool,
    /// Steps made.
    pub steps: usize,
    /// The loss of the last step.
    pub loss: Option<f32>,
    /// (step, mean loss around it), thinned so that it never grows beyond a few hundred entries.
    pub history: Arc<Vec<[f64; 2]>>,
    /// Steps behind each network kept of this training, oldest first.
    pub moments: Arc<[usize]>,
    /// Which of them is shown instead of the newest; the last before it, if it was thinned out since.
    pub looking: Option<usize>,
    /// What the trainer was asked to do; `None` before there is one.
    pub config: Option<TrainingConfig>,
    /// Steps per second of real time over the last second; none yet, none while paused, none in virtual time.
    pub steps_per_second: Option<f64>,
}

/// Particles of one pane.
pub struct SamplingFrame {
    /// Whether updates go on by themselves.
    pub playing: bool,
    /// Positions, shape (n, 2).
    pub x: Vec<f32>,
    /// Updates made.
    pub done: usize,
    /// Updates of the whole plan.
    pub updates: usize,
    /// Score evaluations made, per particle.
    pub nfe: usize,
    /// The update that comes next, or the last one.
    pub update: Option<Update>,
    /// Share of each mode.
    pub shares: ModeShares,
}

/// A field, evaluated.
pub struct FieldFrame {
    /// What was asked for.
    pub request: FieldRequest,
    /// The scores, shape (arrows, 2), row by row from the lower left; empty where a network was asked for and there is none yet.
    pub arrows: Vec<f32>,
    /// The colours' values, row by row from the lower left: see [`super::Heat`].
    pub heat: Arc<[f32]>,
}
