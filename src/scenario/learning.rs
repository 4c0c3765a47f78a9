//! The sections `[model]` and `[training]`, and changes to them in one line of key=value.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::form::plain;
use super::number::{Count, Finite, Fraction, Positive, Sigma, Width};
use super::{Scenario, ScenarioError};
use crate::distributions::Distribution;
use crate::learning::{
    Activation, Embedding, MlpConfig, OBJECTIVES, Objective, Parameterisation, Rate, SigmaLaw, TrainingConfig,
};
use crate::schedules::Ladder;

/// What is said of the network; what is not said stays as it is.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelForm {
    width: Option<Count<16, 512>>,
    hidden: Option<Count<1, 6>>,
    activation: Option<Activation>,
    embedding: Option<Embedding>,
    parameterisation: Option<Parameterisation>,
    energy: Option<bool>,
}

impl ModelForm {
    /// The network where nothing is said.
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    pub fn default_for(data: &dyn Distribution) -> MlpConfig {
        MlpConfig {
            width: 64,
            hidden: 3,
            activation: Activation::default(),
            embedding: Embedding::default(),
            parameterisation: Parameterisation::default(),
            energy: false,
            centre: data.mean().map(|m| m as f32),
            scale: data.std() as f32,
        }
    }

    pub fn apply(self, model: &mut MlpConfig) {
        model.width = self.width.map_or(model.width, |width| width.get() as usize);
        model.hidden = self.hidden.map_or(model.hidden, |hidden| hidden.get() as usize);
        model.activation = self.activation.unwrap_or(model.activation);
        model.embedding = self.embedding.unwrap_or(model.embedding);
        model.parameterisation = self.parameterisation.unwrap_or(model.parameterisation);
        model.energy = self.energy.unwrap_or(model.energy);
    }
}

/// p of λ(σ) = σ^p where there are many σ and nothing is said: every σ then counts alike.
const MANY_SIGMAS: f32 = 2.0;

/// What is said of the training; what is not said stays as it is.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingForm {
    objective: Option<ObjectiveName>,
    steps: Option<Count<1, 10_000_000>>,
    batch: Option<Count<32, 8192>>,
    learning_rate: Option<Positive>,
    warm_up: Option<Count<0, 10_000_000>>,
    schedule: Option<ScheduleName>,
    weight_decay: Option<Fraction>,
    clip: Option<Positive>,
    ema: Option<Fraction>,
    sigmas: Option<SigmasName>,
    sigma: Option<OneSigma>,
    weighting: Option<Weighting>,
}

/// The one σ of a training: 0, or a standard deviation of noise.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Width")]
struct OneSigma(f64);

impl TryFrom<Width> for OneSigma {
    type Error = String;

    fn try_from(Width(x): Width) -> Result<Self, String> {
        let sigma = if x == 0.0 { Ok(x) } else { Sigma::try_from(x).map(|sigma| sigma.0) };
        sigma.map(Self).map_err(|error| error.replacen("expected", "expected 0, or", 1))
    }
}

/// p of λ(σ) = σ^p.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Finite")]
struct Weighting(f64);

/// Beyond these, single precision does not hold λ(σ) for every σ there can be.
const WEIGHTINGS: std::ops::RangeInclusive<f64> = -4.0..=4.0;

impl TryFrom<Finite> for Weighting {
    type Error = String;

    fn try_from(Finite(p): Finite) -> Result<Self, String> {
        let (least, greatest) = (WEIGHTINGS.start(), WEIGHTINGS.end());
        let range = format!("expected a number from {least} to {greatest}, found {p}");
        if WEIGHTINGS.contains(&p) { Ok(Self(p)) } else { Err(range) }
    }
}

#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
struct ObjectiveName(&'static Objective);

impl TryFrom<String> for ObjectiveName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Objective::find(&name).map(Self).ok_or_else(|| {
            let known: Vec<_> = OBJECTIVES.iter().map(|objective| objective.name).collect();
            format!("there is no objective '{name}'; expected one of {}", known.join(", "))
        })
    }
}

/// How the learning rate goes after warming up.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ScheduleName {
    Constant,
    Cosine,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SigmasName {
    Levels,
    LogUniform,
}

impl TrainingForm {
    /// The training where nothing is said, and its steps.
    pub const fn default_for(ladder: Ladder) -> (TrainingConfig, usize) {
        let config = TrainingConfig {
            objective: OBJECTIVES[0],
            weighting: MANY_SIGMAS,
            batch: 256,
            learning_rate: 1e-3,
            rate: Rate { warm_up: 0, cosine: None },
            weight_decay: 0.0,
            clip: None,
            ema: 0.999,
            ladder,
            sigmas: SigmaLaw::LogUniform,
        };
        (config, 10_000)
    }

    /// # Errors
    /// Statements that contradict each other.
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32; at most 10,000,000 steps")]
    pub fn apply(&self, config: &mut TrainingConfig, steps: &mut usize) -> Result<(), String> {
        config.objective = self.objective.as_ref().map_or(config.objective, |objective| objective.0);
        *steps = self.steps.map_or(*steps, |steps| steps.get() as usize);
        config.batch = self.batch.map_or(config.batch, Count::get);
        config.learning_rate = self.learning_rate.map_or(config.learning_rate, |rate| rate.0);
        config.rate.warm_up = self.warm_up.map_or(config.rate.warm_up, Count::get);
        config.rate.cosine = match self.schedule {
            None => config.rate.cosine.map(|_| *steps as u32),
            Some(ScheduleName::Constant) => None,
            Some(ScheduleName::Cosine) => Some(*steps as u32),
        };
        config.weight_decay = self.weight_decay.map_or(config.weight_decay, |decay| decay.0);
        config.clip = self.clip.map_or(config.clip, |clip| Some(clip.0 as f32));
        config.ema = self.ema.map_or(config.ema, |ema| ema.0);
        let was_single = matches!(config.sigmas, SigmaLaw::Single(_));
        config.sigmas = match (self.sigmas, self.sigma) {
            (Some(_), Some(_)) => return Err("sigmas and sigma contradict each other; leave one".to_owned()),
            (None, None) => config.sigmas,
            (None, Some(sigma)) => SigmaLaw::Single(sigma.0 as f32),
            (Some(SigmasName::Levels), None) => SigmaLaw::Levels,
            (Some(SigmasName::LogUniform), None) => SigmaLaw::LogUniform,
        };
        // One σ has nothing to be weighed against.
        let usual = match (self.sigma, self.sigmas) {
            (Some(_), _) => 0.0,
            (None, Some(_)) if was_single => MANY_SIGMAS,
            _ => config.weighting,
        };
        config.weighting = self.weighting.map_or(usual, |weighting| weighting.0 as f32);
        Ok(())
    }
}

impl Scenario {
    /// The scenario with other data; the network takes their scale.
    #[must_use]
    pub fn with_data(&self, data: Arc<dyn Distribution>) -> Self {
        let MlpConfig { centre, scale, .. } = ModelForm::default_for(&*data);
        let model = MlpConfig { centre, scale, ..self.model.clone() };
        Self { data, model, ..self.clone() }
    }

    /// The scenario with changes to `[model]` and `[training]`, each a list key=value,key=value of that section's keys.
    ///
    /// # Errors
    /// Keys that are not known, values out of range, and statements that do not fit together.
    pub fn with_learning(&self, model: &str, training: &str) -> Result<Self, ScenarioError> {
        let mut changed = self.clone();
        section::<ModelForm>("model", model)?.apply(&mut changed.model);
        let form: TrainingForm = section("training", training)?;
        let told = if training.is_empty() { origin("model", model) } else { origin("training", training) };
        let refused = |reason| ScenarioError::at(&told, "", None, reason);
        form.apply(&mut changed.training, &mut changed.training_steps).map_err(refused)?;
        conflict(&*changed.data, &changed.model, &changed.training).map_or(Ok(changed), |reason| Err(refused(reason)))
    }
}

/// Name and description of every objective that `[training]` takes.
pub fn objectives() -> impl Iterator<Item = (&'static str, &'static str)> {
    OBJECTIVES.iter().map(|objective| (objective.name, objective.description))
}

/// What keeps data, network and training apart; `None` where they fit.
pub fn conflict(data: &dyn Distribution, model: &MlpConfig, training: &TrainingConfig) -> Option<String> {
    let clean = matches!(training.sigmas, SigmaLaw::Single(0.0));
    training.conflict(model).or_else(|| {
        let reason = "the data have no width (points, thin lines, hard edges), so they have no score at sigma = 0. Take sigma > 0";
        (clean && !data.has_density(0.0)).then(|| reason.to_owned())
    })
}

fn origin(name: &str, list: &str) -> String {
    format!("--{name} {list}")
}

/// Reads key=value,key=value as a section of that name.
fn section<Form: DeserializeOwned>(name: &str, list: &str) -> Result<Form, ScenarioError> {
    let mut table = toml::Table::new();
    for pair in list.split(',').filter(|pair| !pair.is_empty()) {
        let refused = |reason: String| ScenarioError::at(&origin(name, pair), "", None, reason);
        let (key, value) = pair.split_once('=').ok_or_else(|| refused("expected key=value".to_owned()))?;
        let (key, value) = (key.trim().to_owned(), value_of(value.trim()));
        // Alone first, so that a refusal can name it.
        let alone = toml::Table::from_iter([(key.clone(), value.clone())]);
        alone.try_into::<Form>().map_err(|error: toml::de::Error| refused(plain(error.message())))?;
        if table.insert(key.clone(), value).is_some() {
            return Err(refused(format!("'{key}' is given twice")));
        }
    }
    let refused = |error: toml::de::Error| ScenarioError::at(&origin(name, list), "", None, plain(error.message()));
    table.try_into().map_err(refused)
}

/// A number, true or false, or a word.
fn value_of(text: &str) -> toml::Value {
    let whole = text.parse().map(toml::Value::Integer).ok();
    let number = || text.parse().map(toml::Value::Float).ok();
    let switch = || text.parse().map(toml::Value::Boolean).ok();
    whole.or_else(number).or_else(switch).unwrap_or_else(|| toml::Value::String(text.to_owned()))
}
