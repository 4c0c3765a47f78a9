//! The TOML form of a scenario, section by section, and its way into a [`Scenario`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::number::{Count, Finite, Fraction, NonNegative, Positive};
use super::{Model, Sampling, Scenario, ScenarioError, View};
use crate::distributions::{Component, Distribution, GaussianMixture};
use crate::learning::{SigmaLaw, TrainingConfig};
use crate::samplers::{self, Scale, Value};
use crate::schedules::Ladder;

/// How far the weights of a mixture may be from summing to 1: room for thirds written with three digits.
const WEIGHT_SUM_TOLERANCE: f64 = 5e-3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<Data> {
    version: Spanned<u32>,
    data: Spanned<Data>,
    #[serde(default)]
    noise: Option<Spanned<NoiseForm>>,
    #[serde(default)]
    model: ModelForm,
    #[serde(default)]
    training: TrainingForm,
    #[serde(default)]
    samplers: Vec<Spanned<SamplerForm>>,
    #[serde(default)]
    view: Option<Spanned<ViewForm>>,
}

/// Only what decides how the rest is read.
#[derive(Deserialize)]
struct Peek {
    data: PeekData,
}

#[derive(Deserialize)]
struct PeekData {
    kind: Spanned<String>,
}

/// One kind of `[data]`.
trait DataForm: DeserializeOwned {
    fn build(&self) -> Result<Arc<dyn Distribution>, String>;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GaussianMixtureForm {
    #[serde(rename = "kind")]
    _kind: String,
    components: Vec<ComponentForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentForm {
    weight: Positive,
    mean: [Finite; 2],
    std: Option<NonNegative>,
    cov: Option<[[Finite; 2]; 2]>,
}

impl DataForm for GaussianMixtureForm {
    fn build(&self) -> Result<Arc<dyn Distribution>, String> {
        let component = |(index, form): (usize, &ComponentForm)| {
            let (weight, mean) = (form.weight.0, form.mean.map(|m| m.0));
            match (form.std, form.cov) {
                (Some(std), None) => Ok(Component::round(weight, mean, std.0)),
                (None, Some(cov)) => Ok(Component { weight, mean, covariance: cov.map(|row| row.map(|v| v.0)) }),
                _ => Err(format!("component {index}: give either std or cov")),
            }
        };
        let components = (1..).zip(&self.components).map(component).collect::<Result<Vec<_>, _>>()?;
        let sum: f64 = components.iter().map(|c| c.weight).sum();
        if !components.is_empty() && (sum - 1.0).abs() > WEIGHT_SUM_TOLERANCE {
            return Err(format!("the weights of the components sum to {sum}; make them sum to 1"));
        }
        Ok(Arc::new(GaussianMixture::new(&components).map_err(|error| error.to_string())?))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoiseForm {
    #[serde(default)]
    #[serde(rename = "kind")]
    _kind: NoiseKind,
    sigma_max: Positive,
    sigma_min: Positive,
    levels: Count<1, 1000>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NoiseKind {
    #[default]
    Geometric,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ModelForm {
    width: Count<16, 512>,
    hidden: Count<1, 6>,
}

impl Default for ModelForm {
    fn default() -> Self {
        Self { width: Count::of(64), hidden: Count::of(3) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TrainingForm {
    #[serde(rename = "objective")]
    _objective: ObjectiveName,
    steps: Count<1, 10_000_000>,
    batch: Count<32, 8192>,
    learning_rate: Positive,
    ema: Fraction,
    sigmas: SigmasName,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ObjectiveName {
    #[default]
    Dsm,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SigmasName {
    Levels,
    #[default]
    LogUniform,
}

impl Default for TrainingForm {
    fn default() -> Self {
        Self {
            _objective: ObjectiveName::Dsm,
            steps: Count::of(10_000),
            batch: Count::of(256),
            learning_rate: Positive(1e-3),
            ema: Fraction(0.999),
            sigmas: SigmasName::LogUniform,
        }
    }
}

#[derive(Deserialize)]
struct SamplerForm {
    name: Spanned<String>,
    #[serde(flatten)]
    knobs: BTreeMap<String, KnobForm>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum KnobForm {
    Number(f64),
    Switch(bool),
    Word(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ViewForm {
    min: [Finite; 2],
    max: [Finite; 2],
    particles: Count<1, 1_000_000>,
}

impl Default for ViewForm {
    fn default() -> Self {
        Self { min: [Finite(-8.0); 2], max: [Finite(8.0); 2], particles: Count::of(2000) }
    }
}

/// Reads a scenario; `origin` is the file's name in messages.
pub fn read(text: &str, origin: &str) -> Result<Scenario, ScenarioError> {
    if text.trim().is_empty() {
        let reason = "the file is empty. A scenario begins with 'version = 1' and a section [data]";
        return Err(ScenarioError::at(origin, text, None, reason));
    }
    let peek: Peek = parse(text, origin)?;
    match peek.data.kind.get_ref().as_str() {
        "gaussian-mixture" => Reader { text, origin }.scenario(parse::<Document<GaussianMixtureForm>>(text, origin)?),
        other => {
            let reason = format!("there is no kind of data '{other}'; expected 'gaussian-mixture'");
            Err(ScenarioError::at(origin, text, Some(peek.data.kind.span()), reason))
        }
    }
}

fn parse<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T, ScenarioError> {
    toml::from_str(text).map_err(|error| ScenarioError::at(origin, text, error.span(), error.message()))
}

struct Reader<'a> {
    text: &'a str,
    origin: &'a str,
}

impl Reader<'_> {
    fn refuse(&self, span: Range<usize>, reason: impl std::fmt::Display) -> ScenarioError {
        ScenarioError::at(self.origin, self.text, Some(span), reason)
    }

    fn scenario<D: DataForm>(&self, document: Document<D>) -> Result<Scenario, ScenarioError> {
        let Document { version, data, noise, model, training, samplers, view } = document;
        if *version.get_ref() != 1 {
            let reason = format!("version {} is not known; this program reads version 1", version.get_ref());
            return Err(self.refuse(version.span(), reason));
        }
        let built = data.get_ref().build().map_err(|reason| self.refuse(data.span(), reason))?;
        let ladder = self.ladder(noise)?;
        let scale = Scale { sigma_max: ladder.max(), sigma_min: ladder.min(), levels: ladder.len() };
        let sampling = |form: Spanned<SamplerForm>| self.sampling(&form, &scale);
        let sigmas = match training.sigmas {
            SigmasName::Levels => SigmaLaw::Levels,
            SigmasName::LogUniform => SigmaLaw::LogUniform,
        };
        Ok(Scenario {
            name: self.origin.to_owned(),
            data: built,
            ladder,
            model: Model { width: model.width.get() as usize, hidden: model.hidden.get() as usize },
            training: TrainingConfig {
                batch: training.batch.get(),
                learning_rate: training.learning_rate.0,
                ema: training.ema.0,
                ladder,
                sigmas,
            },
            training_steps: training.steps.get() as usize,
            samplers: samplers.into_iter().map(sampling).collect::<Result<_, _>>()?,
            view: self.view(view)?,
        })
    }

    fn ladder(&self, noise: Option<Spanned<NoiseForm>>) -> Result<Ladder, ScenarioError> {
        let (span, max, min, levels) = match noise {
            None => (0..0, 20.0, 0.1, 10),
            Some(form) => {
                let NoiseForm { sigma_max, sigma_min, levels, .. } = form.get_ref();
                (form.span(), sigma_max.0, sigma_min.0, levels.get() as usize)
            }
        };
        Ladder::geometric(max, min, levels).map_err(|error| self.refuse(span, error))
    }

    fn sampling(&self, form: &Spanned<SamplerForm>, scale: &Scale) -> Result<Sampling, ScenarioError> {
        let SamplerForm { name, knobs } = form.get_ref();
        let entry = samplers::find(name.get_ref()).map_err(|error| self.refuse(name.span(), error))?;
        let values = knobs.iter().map(|(knob, value)| {
            let value = match value {
                KnobForm::Number(number) => Value::Number(*number),
                KnobForm::Switch(on) => Value::Switch(*on),
                KnobForm::Word(word) => Value::Word(word.clone()),
            };
            (knob.as_str(), value)
        });
        let settings = entry.settings(scale, values).map_err(|error| self.refuse(form.span(), error))?;
        (entry.build)(&settings).map_err(|error| self.refuse(form.span(), error))?;
        Ok(Sampling { entry, settings })
    }

    fn view(&self, form: Option<Spanned<ViewForm>>) -> Result<View, ScenarioError> {
        let (span, ViewForm { min, max, particles }) =
            form.map_or((0..0, ViewForm::default()), |form| (form.span(), form.into_inner()));
        let (min, max) = (min.map(|x| x.0), max.map(|x| x.0));
        if min[0] >= max[0] || min[1] >= max[1] {
            return Err(self.refuse(span, "expected a view whose min is below its max on both axes"));
        }
        Ok(View { min, max, particles: particles.get() })
    }
}
