//! Knobs as data: the window makes its sliders of them, the command line and scenario files their keys.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;

use super::Entry;

/// One setting of a sampler.
#[derive(Debug)]
pub struct Knob {
    /// The key in scripts and scenario files.
    pub name: &'static str,
    /// Its name on the screen.
    pub title: &'static str,
    /// What it means, for the tooltip.
    pub meaning: &'static str,
    /// Its unit; empty for pure numbers.
    pub unit: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Its value where nobody gives one.
    pub default: Default,
}

/// The values a knob takes.
#[derive(Debug)]
pub enum Kind {
    /// A number in `[min, max]`; its slider is logarithmic.
    Real {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// A whole number in `[min, max]`.
    Count {
        /// The least.
        min: usize,
        /// The greatest.
        max: usize,
    },
    /// True or false.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// Where a default comes from: some follow the scenario's scale of noise.
#[derive(Debug)]
pub enum Default {
    /// Always the same number.
    Number(f64),
    /// Always the same switch position.
    Switch(bool),
    /// Always the same word.
    Word(&'static str),
    /// The scenario's largest σ.
    SigmaMax,
    /// The scenario's smallest σ.
    SigmaMin,
    /// This multiple of the square of the scenario's smallest σ.
    SigmaMinSquaredTimes(f64),
    /// The scenario's number of levels.
    Levels,
}

/// The scenario's scale of noise, from which defaults are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Largest σ.
    pub sigma_max: f64,
    /// Smallest σ.
    pub sigma_min: f64,
    /// Number of levels between them.
    pub levels: usize,
}

/// The value of a knob.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Of a [`Kind::Real`] or [`Kind::Count`].
    Number(f64),
    /// Of a [`Kind::Switch`].
    Switch(bool),
    /// Of a [`Kind::Choice`].
    Word(String),
}

impl Value {
    /// Reads what a person writes after `key=`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match (text.parse::<f64>(), text) {
            (Ok(number), _) => Self::Number(number),
            (_, "true") => Self::Switch(true),
            (_, "false") => Self::Switch(false),
            _ => Self::Word(text.to_owned()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(on) => write!(f, "{on}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// Why a sampler cannot be set up as asked.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SettingError {
    /// No sampler of that name.
    #[error("there is no sampler '{name}'; there are: {known}")]
    NoSampler {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// No knob of that name.
    #[error("sampler '{sampler}' has no setting '{name}'; it has: {known}")]
    NoKnob {
        /// Whose setting.
        sampler: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A value of the wrong kind or out of range.
    #[error("sampler '{sampler}': {name} = {value} is refused: expected {expected}")]
    Value {
        /// Whose setting.
        sampler: &'static str,
        /// Which.
        name: &'static str,
        /// What was given.
        value: Value,
        /// What it takes.
        expected: String,
    },
    /// Values that are each legal and do not fit together.
    #[error("sampler '{sampler}': {reason}")]
    Together {
        /// Whose settings.
        sampler: &'static str,
        /// What does not fit.
        reason: String,
    },
}

impl Kind {
    /// The legal number nearest to one that follows the scenario's scale of noise.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    const fn nearest(&self, number: f64) -> Value {
        Value::Number(match *self {
            Self::Real { min, max } => number.clamp(min, max),
            Self::Count { min, max } => number.clamp(min as f64, max as f64),
            Self::Switch | Self::Choice(_) => number,
        })
    }

    fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Real { min, max }, Value::Number(x)) => (*min..=*max).contains(x),
            (Self::Count { min, max }, Value::Number(x)) => {
                x.fract() == 0.0 && *x >= 0.0 && (*min..=*max).contains(&whole(*x))
            }
            (Self::Choice(words), Value::Word(word)) => words.contains(&word.as_str()),
            (Self::Switch, Value::Switch(_)) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Count { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Switch => f.write_str("true or false"),
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

/// A value for every knob of one sampler.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    values: BTreeMap<&'static str, Value>,
}

impl Settings {
    pub(super) fn defaults(knobs: impl Iterator<Item = &'static Knob>, scale: &Scale) -> Self {
        let value = |knob: &Knob| match knob.default {
            Default::Number(number) => Value::Number(number),
            Default::Switch(on) => Value::Switch(on),
            Default::Word(word) => Value::Word(word.to_owned()),
            Default::SigmaMax => knob.kind.nearest(scale.sigma_max),
            Default::SigmaMin => knob.kind.nearest(scale.sigma_min),
            Default::SigmaMinSquaredTimes(factor) => knob.kind.nearest(factor * scale.sigma_min * scale.sigma_min),
            #[expect(clippy::cast_precision_loss, reason = "level counts are small")]
            Default::Levels => knob.kind.nearest(scale.levels as f64),
        };
        Self { values: knobs.map(|knob| (knob.name, value(knob))).collect() }
    }

    /// Sets one knob of `sampler`.
    ///
    /// # Errors
    /// A name that is no knob of it, a value of another kind, a value out of range.
    pub fn set(&mut self, sampler: &Entry, name: &str, value: Value) -> Result<(), SettingError> {
        let Some(knob) = sampler.all_knobs().find(|knob| knob.name == name) else {
            let known = sampler.all_knobs().map(|knob| knob.name).collect::<Vec<_>>().join(", ");
            return Err(SettingError::NoKnob { sampler: sampler.name, name: name.to_owned(), known });
        };
        if !knob.kind.accepts(&value) {
            let expected = knob.kind.to_string();
            return Err(SettingError::Value { sampler: sampler.name, name: knob.name, value, expected });
        }
        self.values.insert(knob.name, value);
        Ok(())
    }

    /// The value of a knob, if the sampler has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// A real knob.
    ///
    /// # Panics
    /// Where the sampler asks for a knob that it does not list: a mistake in its own file.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Value::Number(number)) => *number,
            other => panic!("{name} is asked for as a number and is {other:?}"),
        }
    }

    /// A counting knob.
    ///
    /// # Panics
    /// As [`Self::number`].
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        whole(self.number(name))
    }

    /// A switch.
    ///
    /// # Panics
    /// As [`Self::number`].
    #[must_use]
    pub fn switch(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Switch(on)) => *on,
            other => panic!("{name} is asked for as a switch and is {other:?}"),
        }
    }

    /// A choice.
    ///
    /// # Panics
    /// As [`Self::number`].
    #[must_use]
    pub fn word(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Value::Word(word)) => word,
            other => panic!("{name} is asked for as a word and is {other:?}"),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole and in a small range: see Kind::accepts"
)]
const fn whole(number: f64) -> usize {
    number as usize
}
