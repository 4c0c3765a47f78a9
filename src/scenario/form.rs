//! The TOML form of a scenario, section by section, and its way into a [`Scenario`].

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::knob::{self, Refusal, SamplerForm};
use super::number::{Count, Finite, Fraction, NonNegative, Pair, Positive, Sigma, Whole};
use super::{Model, Scenario, ScenarioError, View};
use crate::distributions::{Component, Distribution, GaussianMixture};
use crate::learning::{SigmaLaw, TrainingConfig};
use crate::samplers::Scale;
use crate::schedules::Ladder;

/// How far the weights of a mixture may be from summing to 1: room for thirds written with three digits.
const WEIGHT_SUM_TOLERANCE: f64 = 5e-3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<Data> {
    #[serde(rename = "version")]
    _version: Whole,
    data: Data,
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

/// Only what decides whether the rest is read.
#[derive(Deserialize)]
struct PeekVersion {
    version: Spanned<Whole>,
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
    fn build(&self) -> Result<Arc<dyn Distribution>, Refusal>;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GaussianMixtureForm {
    #[serde(rename = "kind")]
    _kind: String,
    components: Spanned<Vec<Spanned<ComponentForm>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentForm {
    weight: Positive,
    mean: Pair<Finite>,
    std: Option<NonNegative>,
    cov: Option<Pair<Pair<Finite>>>,
}

impl ComponentForm {
    fn component(&self) -> Option<Component> {
        let (weight, mean) = (self.weight.0, self.mean.0.map(|m| m.0));
        match (self.std, self.cov) {
            (Some(std), None) => Some(Component::round(weight, mean, std.0)),
            (None, Some(cov)) => Some(Component { weight, mean, covariance: cov.0.map(|row| row.0.map(|v| v.0)) }),
            _ => None,
        }
    }
}

impl DataForm for GaussianMixtureForm {
    fn build(&self) -> Result<Arc<dyn Distribution>, Refusal> {
        let (whole, forms) = (self.components.span(), self.components.get_ref());
        let component = |(index, form): (usize, &Spanned<ComponentForm>)| {
            let refused = || Refusal::new(form.span(), format!("component {index}: give either std or cov"));
            form.get_ref().component().ok_or_else(refused)
        };
        let components = (1..).zip(forms).map(component).collect::<Result<Vec<_>, _>>()?;
        let sum: f64 = components.iter().map(|c| c.weight).sum();
        if !components.is_empty() && (sum - 1.0).abs() > WEIGHT_SUM_TOLERANCE {
            return Err(Refusal::new(whole, format!("the weights of the components sum to {sum}; make them sum to 1")));
        }
        let mixture = GaussianMixture::new(&components).map_err(|error| {
            let form = error.index().and_then(|index| forms.get(index - 1));
            Refusal::new(form.map_or(whole, Spanned::span), error)
        })?;
        Ok(Arc::new(mixture))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoiseForm {
    #[serde(default)]
    #[serde(rename = "kind")]
    _kind: NoiseKind,
    sigma_max: Sigma,
    sigma_min: Sigma,
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
#[serde(deny_unknown_fields, default)]
struct ViewForm {
    min: Pair<Finite>,
    max: Pair<Finite>,
    particles: Count<1, 1_000_000>,
}

impl Default for ViewForm {
    fn default() -> Self {
        Self { min: Pair([Finite(-8.0); 2]), max: Pair([Finite(8.0); 2]), particles: Count::of(2000) }
    }
}

/// Reads a scenario; `origin` is the file's name in messages.
pub fn read(text: &str, origin: &str) -> Result<Scenario, ScenarioError> {
    if text.trim().is_empty() {
        let reason = "the file is empty. A scenario begins with 'version = 1' and a section [data]";
        return Err(ScenarioError::at(origin, text, None, reason));
    }
    let PeekVersion { version } = parse(text, origin)?;
    if *version.get_ref() != Whole(1) {
        let reason = format!("version {} is not known; this program reads version 1", version.get_ref().0);
        return Err(ScenarioError::at(origin, text, Some(version.span()), reason));
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
    toml::from_str(text).map_err(|error| ScenarioError::at(origin, text, error.span(), plain(error.message())))
}

/// The reader's words for kinds of values, in those of somebody who writes a scenario.
fn plain(message: &str) -> String {
    let one_of_many = "found a table, expected a list of tables: write a section as [[name]], an entry as [{ … }]";
    message
        .replace("invalid type: map, expected a sequence", one_of_many)
        .replace("expected a sequence", "expected a list")
        .replace("invalid type: sequence", "invalid type: list")
        .replace("invalid type: map", "invalid type: table")
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
        let Document { _version, data, noise, model, training, samplers, view } = document;
        let refused = |Refusal { span, reason }| self.refuse(span, reason);
        let data = data.build().map_err(refused)?;
        let ladder = self.ladder(noise)?;
        let scale = Scale { sigma_max: ladder.max(), sigma_min: ladder.min(), levels: ladder.len() };
        let sampling =
            |form: Spanned<SamplerForm>| knob::sampling(form.get_ref(), form.span(), &scale).map_err(refused);
        let sigmas = match training.sigmas {
            SigmasName::Levels => SigmaLaw::Levels,
            SigmasName::LogUniform => SigmaLaw::LogUniform,
        };
        Ok(Scenario {
            name: self.origin.to_owned(),
            data,
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

    fn view(&self, form: Option<Spanned<ViewForm>>) -> Result<View, ScenarioError> {
        let (span, ViewForm { min, max, particles }) =
            form.map_or((0..0, ViewForm::default()), |form| (form.span(), form.into_inner()));
        let (min, max) = (min.0.map(|x| x.0), max.0.map(|x| x.0));
        if min[0] >= max[0] || min[1] >= max[1] {
            return Err(self.refuse(span, "expected a view whose min is below its max on both axes"));
        }
        Ok(View { min, max, particles: particles.get() })
    }
}
