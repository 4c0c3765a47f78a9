//! What the window asks of the workers.

use super::Graphics;
use crate::learning::TrainingConfig;
use crate::scenario::{Sampling, View};

/// Which score is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The network in training.
    Learned,
    /// The truth.
    #[default]
    Exact,
    /// Learned minus exact.
    Difference,
}

impl std::str::FromStr for Source {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "learned" => Ok(Self::Learned),
            "exact" => Ok(Self::Exact),
            "difference" => Ok(Self::Difference),
            _ => Err("expected learned, exact or difference".to_owned()),
        }
    }
}

/// What the training worker does next.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainingCommand {
    /// Step after step until told otherwise.
    Start,
    /// Stop; a step on its way is given up, and made when training goes on.
    Pause,
    /// One step.
    Step,
    /// Forget everything learned and start from the first weights of the seed.
    Reset,
    /// Go on with another objective, learning rate or batch, from the weights there are.
    Change(Box<TrainingConfig>),
    /// Show the network of this entry of [`super::TrainingFrame::moments`]; `None` shows it as it is now.
    Look(Option<usize>),
}

/// A sampler in a pane.
#[derive(Clone)]
pub struct PaneSetting {
    /// Which sampler, and its knobs.
    pub sampling: Sampling,
    /// The score it follows: [`Source::Learned`] or [`Source::Exact`].
    pub source: Source,
}

impl PartialEq for PaneSetting {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (&self.sampling, &other.sampling);
        (one.entry.name, &one.settings, self.source) == (two.entry.name, &two.settings, other.source)
    }
}

/// Which processor moves the particles of the panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// A graphics card from some number of particles up, where it can; else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The graphics adapter wherever it can, also one that is a program on the CPU.
    Gpu,
}

impl std::str::FromStr for Device {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            _ => Err("expected auto, cpu or gpu".to_owned()),
        }
    }
}

/// How many particles a pane has, and what moves them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cloud {
    /// What moves them.
    pub device: Device,
    /// How many; `None` for as many as the scenario says.
    pub particles: Option<u32>,
}

/// What the sampling worker does next.
#[derive(Clone)]
pub enum SamplingCommand {
    /// What runs in each pane; those whose setting is another than before start again.
    Setup(Vec<PaneSetting>),
    /// Update after update.
    Play,
    /// Stop at the next update.
    Pause,
    /// One update in every pane, or as many as one score evaluation more pays for.
    Step,
    /// Every pane back to its start.
    Reset,
    /// Updates, or score evaluations, per second while playing; infinite for as many as there can be.
    Speed(f32),
    /// Every pane to a place of its run, forward or back.
    Seek(Place),
    /// Whether a run that is done begins again.
    Loop(bool),
    /// How many particles, and what moves them; where that is another than before, every pane starts again.
    Cloud(Cloud),
    /// The adapter that draws the window, and can move particles.
    Graphics(Box<Graphics>),
    /// Whether every pane spends as many score evaluations as the first, as nearly as its knobs allow.
    EqualNfe(bool),
    /// Whether time is counted in score evaluations instead of updates, by playing and by steps; with equal NFE it is anyway.
    ByEvaluations(bool),
}

/// A place of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// After so many updates.
    Update(usize),
    /// After as many updates as so many score evaluations per particle pay for.
    Evaluations(usize),
}

/// What the colours behind the arrows show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heat {
    /// log p_σ of the data.
    LogDensity,
    /// σ‖s_learned − s_exact‖, root mean square over a cell and its neighbours.
    Error,
    /// σ² (∂x s_y − ∂y s_x), which no true score has.
    Curl,
}

/// A field to be evaluated for drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldRequest {
    /// The rectangle; arrows and cells stand at the centres of equal cells.
    pub view: View,
    /// σ
    pub sigma: f32,
    /// Whose arrows.
    pub source: Source,
    /// Arrows per axis; 0 for none.
    pub arrows: [usize; 2],
    /// Colour cells per axis.
    pub cells: [usize; 2],
    /// The version of [`super::Latest::network`] that the answer must at least know.
    pub network_version: u64,
}

impl FieldRequest {
    /// What its colours show.
    #[must_use]
    pub fn heat(&self) -> Heat {
        if self.source == Source::Difference { Heat::Error } else { Heat::LogDensity }
    }
}
