//! What the workers hand to the window.

use std::sync::Arc;

use super::Moment;
use super::command::{FieldRequest, Heat};
use super::layers::{Contours, Lic};
use super::order::Extras;
use crate::learning::{ScoreMlp, TrainingConfig};
use crate::metrics::{Membership, ModeShares};
use crate::samplers::{Settings, Update};

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
    /// Positions, shape (n, 2): where a graphics adapter moves them, those of the first particles, and all measures are of
    /// these.
    pub x: Vec<f32>,
    /// What moves them.
    pub carrier: Carrier,
    /// Updates made.
    pub done: usize,
    /// Updates of the whole plan.
    pub updates: usize,
    /// Score evaluations made, per particle.
    pub nfe: usize,
    /// The update that comes next, or the last one.
    pub update: Option<Update>,
    /// Share of each mode: of these particles, or while a pane plays in real time of somewhat older ones.
    pub shares: ModeShares,
    /// Which of its noise levels `update` belongs to, from 1.
    pub level: usize,
    /// The noise levels of the plan, in the order in which they come.
    pub levels: Vec<f32>,
    /// Score evaluations of the whole plan, per particle; `None` where steps choose their own length.
    pub nfe_of_plan: Option<usize>,
    /// The knobs in use: with equal NFE one of them may be turned.
    pub settings: Settings,
    /// Training steps behind the network that the run follows.
    pub network_steps: Option<usize>,
    /// Particles that are not finite, or far out of the picture.
    pub lost: usize,
    /// Sliced Wasserstein distance of the first particles, 4,096 at the most, from many times as many points of the truth, in
    /// units of x; `None` where one of them is not finite.
    pub sliced_wasserstein: Option<f64>,
    /// The same distance of independent samples of the truth in the place of particles: what a perfect sampler has.
    pub floor: Option<f64>,
    /// Measures along the run, as far as it ever went.
    pub trace: Vec<TracePoint>,
    /// What colours and trails are made of.
    pub picture: Picture,
}

/// What moves the particles of a pane.
pub struct Carrier {
    /// Its name on the screen: "CPU (2 threads)", "GPU: …".
    pub name: String,
    /// How many particles in all.
    pub particles: usize,
    /// Why it is not what was asked for.
    pub remark: Option<String>,
    /// All positions in the memory of the adapter that draws, where it is that which moves them.
    pub on_adapter: Option<Moment>,
}

/// Measures at one moment of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracePoint {
    /// Updates made.
    pub done: usize,
    /// Score evaluations made, per particle.
    pub nfe: usize,
    /// Share of the mode whose true weight is the greatest, where there are modes.
    pub heaviest: Option<f64>,
    /// Share near no mode.
    pub off_mode: f64,
    /// As of [`SamplingFrame::sliced_wasserstein`]; in real time not at every moment.
    pub sliced_wasserstein: Option<f64>,
}

/// Of each particle, what it may be coloured by; and the paths of a few.
pub struct Picture {
    /// Where each particle belongs.
    pub members: Vec<Membership>,
    /// How far the last update moved each particle, in units of x; empty before the first.
    pub moved: Vec<f32>,
    /// Where each particle started, shape (n, 2).
    pub start: Arc<Vec<f32>>,
    /// Where each mode of the data is.
    pub centres: Arc<Vec<[f64; 2]>>,
    /// Paths.
    pub trails: Trails,
}

/// The last positions of the first few particles.
pub struct Trails {
    /// Shape (places, particles, 2), oldest first.
    pub x: Vec<f32>,
    /// How many particles.
    pub particles: usize,
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
