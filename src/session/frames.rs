//! What the workers hand to the window.

use std::sync::Arc;

use super::command::{FieldRequest, Heat};
use super::layers::{Contours, Lic};
use super::order::Extras;
use crate::learning::ScoreMlp;
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
    /// What the colours show.
    pub shows: Heat,
    /// The colours' values, row by row from the lower left.
    pub heat: Arc<[f32]>,
    /// Columns and rows of the colours.
    pub cells: [usize; 2],
    /// What was asked for besides.
    pub extras: Extras,
    /// Lines of equal density.
    pub contours: Contours,
    /// Lines along the field, each in its direction, in the plane's coordinates.
    pub streamlines: Vec<Vec<[f32; 2]>>,
    /// Noise smeared along the field.
    pub lic: Option<Arc<Lic>>,
    /// Root mean square of the curl, where the colours show it.
    pub rms_curl: Option<f32>,
}

/// Points drawn from the data, and the noise that belongs to each.
pub struct PointsFrame {
    /// Shape (n, 2).
    pub x: Vec<f32>,
    /// z of x + σ z: shape (n, 2).
    pub z: Vec<f32>,
}
