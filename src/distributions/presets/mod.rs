//! Distributions by name: each a function of a few numbers. A new one is one file, a `mod` line and a line in the list.

mod bars;
mod checkerboard;
mod circles;
mod cloud;
mod grid_25;
mod heart;
mod line;
mod lissajous;
mod ncsn_toy;
mod pinwheel;
mod random_mixture;
mod ring_8;
mod s_curve;
mod spiral;
mod swiss_roll;
mod two_modes;
mod two_moons;

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use super::{DataError, Distribution};

/// Every preset there is: the mixtures, the curves, the boxes, the points.
pub const PRESETS: &[Preset] = &[
    two_modes::PRESET,
    ncsn_toy::PRESET,
    ring_8::PRESET,
    grid_25::PRESET,
    random_mixture::PRESET,
    pinwheel::PRESET,
    two_moons::PRESET,
    circles::PRESET,
    spiral::PRESET,
    swiss_roll::PRESET,
    s_curve::PRESET,
    lissajous::PRESET,
    heart::PRESET,
    line::PRESET,
    checkerboard::PRESET,
    bars::PRESET,
    cloud::PRESET,
];

/// What the lists, the command line, scenario files and the window know of a preset.
pub struct Preset {
    /// The name in scripts and scenario files.
    pub name: &'static str,
    /// The name on the screen.
    pub title: &'static str,
    /// What it looks like, and what it is good for, in one sentence.
    pub description: &'static str,
    /// Everything about it that can be set.
    pub parameters: &'static [Parameter],
    /// Noise that suits it: σ_max joins everything, σ_min resolves it.
    pub noise: SuggestedNoise,
    /// Builds it from a full set of numbers.
    pub build: fn(&Numbers) -> Result<Arc<dyn Distribution>, DataError>,
}

/// A geometric ladder that suits a preset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuggestedNoise {
    /// Largest σ.
    pub sigma_max: f64,
    /// Smallest σ.
    pub sigma_min: f64,
    /// Number of levels.
    pub levels: usize,
}

/// One number that a preset takes.
#[derive(Debug)]
pub struct Parameter {
    /// The key in scenario files.
    pub name: &'static str,
    /// What it means, with its unit, for tooltips.
    pub meaning: &'static str,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Its value where nobody gives one.
    pub default: f64,
    /// Whether it counts something.
    pub whole: bool,
}

/// A number for every parameter of one preset.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers(BTreeMap<&'static str, f64>);

/// Why a preset cannot be built as asked.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum PresetError {
    /// No preset of that name.
    #[error("there is no preset '{name}'; there are: {known}")]
    NoPreset {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// No parameter of that name.
    #[error("preset '{preset}' has no parameter '{name}'; it has: {known}")]
    NoParameter {
        /// Whose parameter.
        preset: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A number out of range.
    #[error("preset '{preset}': {name} = {number} is refused: expected a {kind}number from {min} to {max}")]
    Number {
        /// Whose parameter.
        preset: &'static str,
        /// Which.
        name: &'static str,
        /// What was given.
        number: f64,
        /// "whole ", or nothing.
        kind: &'static str,
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// Numbers that are each legal and make no distribution.
    #[error("preset '{preset}': {error}")]
    Together {
        /// Which preset.
        preset: &'static str,
        /// What is wrong.
        error: DataError,
    },
}

/// The preset of a name.
///
/// # Errors
/// Where there is no such preset: the message lists those there are.
pub fn find(name: &str) -> Result<&'static Preset, PresetError> {
    PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| PresetError::NoPreset {
        name: name.to_owned(),
        known: PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", "),
    })
}

impl Preset {
    /// A full set of numbers: the defaults.
    #[must_use]
    pub fn defaults(&self) -> Numbers {
        Numbers(self.parameters.iter().map(|parameter| (parameter.name, parameter.default)).collect())
    }

    /// Sets one number.
    ///
    /// # Errors
    /// A name that is no parameter of this preset, a number out of its range.
    pub fn set(&self, numbers: &mut Numbers, name: &str, number: f64) -> Result<(), PresetError> {
        let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == name) else {
            let known = self.parameters.iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(", ");
            return Err(PresetError::NoParameter { preset: self.name, name: name.to_owned(), known });
        };
        let &Parameter { name, min, max, whole, .. } = parameter;
        let kind = if whole { "whole " } else { "" };
        if !(min..=max).contains(&number) || (whole && number.fract() != 0.0) {
            return Err(PresetError::Number { preset: self.name, name, number, kind, min, max });
        }
        numbers.0.insert(name, number);
        Ok(())
    }

    /// The distribution of these numbers.
    ///
    /// # Errors
    /// Numbers that are each legal and make no distribution.
    pub fn distribution(&self, numbers: &Numbers) -> Result<Arc<dyn Distribution>, PresetError> {
        (self.build)(numbers).map_err(|error| PresetError::Together { preset: self.name, error })
    }
}

impl Numbers {
    /// A parameter's number.
    ///
    /// # Panics
    /// Where the preset asks for a parameter that it does not list: a mistake in its own file.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        match self.0.get(name) {
            Some(number) => *number,
            None => panic!("{name} is asked for and not listed"),
        }
    }

    /// A counting parameter.
    ///
    /// # Panics
    /// As [`Self::number`].
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in a small range")]
    #[must_use]
    pub fn count(&self, name: &str) -> u32 {
        self.number(name) as u32
    }
}

/// A length, a width or another real number.
const fn real(name: &'static str, meaning: &'static str, [min, max]: [f64; 2], default: f64) -> Parameter {
    Parameter { name, meaning, min, max, default, whole: false }
}

/// A number of things.
const fn count(name: &'static str, meaning: &'static str, [min, max]: [f64; 2], default: f64) -> Parameter {
    Parameter { name, meaning, min, max, default, whole: true }
}

/// Widths that every curve takes, in units of x.
const fn thickness(default: f64) -> Parameter {
    real("thickness", "Standard deviation across the curve, in units of x", [0.0, 1.0], default)
}

/// A ladder from `sigma_max` to `sigma_min`.
const fn ladder(sigma_max: f64, sigma_min: f64, levels: usize) -> SuggestedNoise {
    SuggestedNoise { sigma_max, sigma_min, levels }
}
