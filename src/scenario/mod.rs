//! Scenario files: one TOML form to share, teach, test and drive the command line with.

mod bundled;
mod data;
mod error;
mod form;
mod knob;
mod learning;
mod number;
mod table;

use std::path::Path;
use std::sync::Arc;

pub use bundled::{BUNDLED, Bundled};
pub use error::ScenarioError;
pub use learning::objectives;
pub use table::{TableError, read_points, read_points_watched};

use crate::distributions::Distribution;
use crate::learning::{MlpConfig, TrainingConfig};
use crate::samplers::{self, Entry, Plan, Scale, SettingError, Settings, Value};
use crate::schedules::Ladder;

/// The scenario that opens where nothing else is asked for.
pub const DEFAULT: &str = "ncsn-toy";

/// Everything that a screen, a lesson or a run starts from.
#[derive(Clone)]
pub struct Scenario {
    /// Its name, or the path it was read from.
    pub name: String,
    /// What the data look like.
    pub data: Arc<dyn Distribution>,
    /// The noise levels.
    pub ladder: Ladder,
    /// The network's shape.
    pub model: MlpConfig,
    /// How it is trained.
    pub training: TrainingConfig,
    /// Steps of a training that runs to its end.
    pub training_steps: usize,
    /// The samplers it names, in order, fully set.
    pub samplers: Vec<Sampling>,
    /// What part of the plane is shown.
    pub view: View,
}

/// A sampler with a value for each of its knobs.
#[derive(Clone)]
pub struct Sampling {
    /// Which sampler.
    pub entry: &'static Entry,
    /// Its knobs.
    pub settings: Settings,
}

impl Sampling {
    /// Its plan on these data.
    ///
    /// # Errors
    /// Settings that do not fit together, or a σ at which the data have no score.
    pub fn plan(&self, data: &dyn Distribution) -> Result<Plan, SettingError> {
        let Self { entry, settings } = self;
        let mut plan = (entry.build)(settings)?.plan();
        if let Some(update) = plan.updates().iter().find(|update| !data.has_density(update.sigma().into())) {
            let reason = format!(
                "the data are points without width, so they have no score at sigma = {}. Take sigma > 0",
                update.sigma()
            );
            return Err(SettingError::Together { sampler: entry.name, reason });
        }
        if !data.has_density(plan.final_sigma()) {
            plan.compare_at_least_sigma();
        }
        Ok(plan)
    }
}

/// A rectangle of the plane, and how many particles are shown in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Lower left corner.
    pub min: [f64; 2],
    /// Upper right corner.
    pub max: [f64; 2],
    /// Particles of each run in the window.
    pub particles: u32,
}

impl View {
    /// The centres of `columns` × `rows` equal cells, row by row from the lower left corner.
    #[expect(clippy::cast_precision_loss, reason = "grids are small")]
    pub fn centres(&self, [columns, rows]: [usize; 2]) -> impl Iterator<Item = [f64; 2]> + use<> {
        let Self { min, max, .. } = *self;
        let at =
            move |i: usize, n: usize, axis: usize| min[axis] + (max[axis] - min[axis]) * (i as f64 + 0.5) / n as f64;
        (0..rows).flat_map(move |row| (0..columns).map(move |column| [at(column, columns, 0), at(row, rows, 1)]))
    }

    /// `n` × `n` points that span the rectangle, corners included, row by row from the lower left corner.
    #[expect(clippy::cast_precision_loss, reason = "grids are small")]
    pub fn grid(&self, n: usize) -> impl Iterator<Item = [f64; 2]> + use<> {
        let Self { min, max, .. } = *self;
        let last = n.saturating_sub(1).max(1) as f64;
        let at = move |i: usize, axis: usize| min[axis] + (max[axis] - min[axis]) * i as f64 / last;
        (0..n).flat_map(move |row| (0..n).map(move |column| [at(column, 0), at(row, 1)]))
    }
}

impl Scenario {
    /// Loads a bundled scenario by name, or a file by path.
    ///
    /// # Errors
    /// Where there is no such name or file, or where its content is refused.
    pub fn load(name_or_path: &str) -> Result<Self, ScenarioError> {
        if let Some(bundled) = BUNDLED.iter().find(|bundled| bundled.name == name_or_path) {
            return Self::parse(bundled.text, bundled.name);
        }
        let looks_like_path = name_or_path.contains(['/', '\\', '.']) || Path::new(name_or_path).exists();
        if !looks_like_path {
            return Err(ScenarioError::unknown(name_or_path));
        }
        let text =
            std::fs::read_to_string(name_or_path).map_err(|error| ScenarioError::unreadable(name_or_path, &error))?;
        Self::parse(&text, name_or_path)
    }

    /// Reads the TOML form; `origin` is the file's name in messages.
    ///
    /// # Errors
    /// Unknown fields, wrong types, values out of range: with file, line and what was expected.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ScenarioError> {
        form::read(text, origin)
    }

    /// The scale of noise that samplers take their defaults from.
    #[must_use]
    pub fn scale(&self) -> Scale {
        Scale { sigma_max: self.ladder.max(), sigma_min: self.ladder.min(), levels: self.ladder.len() }
    }

    /// A sampler by name: the scenario's own entry where it has one, or else the defaults; then `given` on top.
    ///
    /// # Errors
    /// A name that is no sampler, or a setting that it refuses.
    pub fn sampling<'a>(
        &self,
        name: &str,
        given: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Sampling, SettingError> {
        let entry = samplers::find(name)?;
        let own = self.samplers.iter().find(|sampling| sampling.entry.name == name);
        let mut settings = match own {
            Some(sampling) => sampling.settings.clone(),
            None => entry.settings(&self.scale(), [])?,
        };
        for (knob, value) in given {
            settings.set(entry, knob, value)?;
        }
        Ok(Sampling { entry, settings })
    }
}
