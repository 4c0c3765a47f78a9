//! The TOML form of a scenario, section by section, and its way into a [`Scenario`].

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::data::{BoxesForm, CurveForm, Data, DataForm, ImageForm, KINDS, MixtureForm, Place, PointsForm, PresetForm};
use super::knob::{self, Refusal, SamplerForm};
use super::learning::{self, ModelForm, TrainingForm};
use super::number::{Count, Finite, Pair, Sigma, Whole};
use super::{Sampling, Scenario, ScenarioError, View};
use crate::distributions::presets::SuggestedNoise;
use crate::distributions::{Distribution, FARTHEST, Point};
use crate::learning::{MlpConfig, TrainingConfig};
use crate::samplers::Scale;
use crate::schedules::Ladder;

/// Longest text of a scenario, in bytes: what is more is data, and belongs into a file of its own.
const LONGEST: usize = 1 << 24;

/// Views reach no farther: room around the farthest data.
const FARTHEST_VIEW: f64 = 10.0 * FARTHEST;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<Data> {
    #[serde(rename = "version")]
    _version: Whole,
    data: Spanned<Data>,
    #[serde(default)]
    noise: Option<Spanned<NoiseForm>>,
    #[serde(default)]
    model: ModelForm,
    #[serde(default)]
    training: Option<Spanned<TrainingForm>>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoiseForm {
    #[serde(default)]
    #[serde(rename = "kind")]
    _kind: NoiseKind,
    sigma_max: Option<Sigma>,
    sigma_min: Option<Sigma>,
    levels: Option<Count<1, 1000>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NoiseKind {
    #[default]
    Geometric,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ViewForm {
    min: Option<Pair<Finite>>,
    max: Option<Pair<Finite>>,
    particles: Count<1, 1_000_000>,
}

impl Default for ViewForm {
    fn default() -> Self {
        Self { min: None, max: None, particles: Count::of(2000) }
    }
}

/// Reads a scenario; `origin` is the file's name in messages.
pub fn read(text: &str, origin: &str) -> Result<Scenario, ScenarioError> {
    if text.trim().is_empty() {
        let reason = "the file is empty. A scenario begins with 'version = 1' and a section [data]";
        return Err(ScenarioError::at(origin, text, None, reason));
    }
    if text.len() > LONGEST {
        let most = LONGEST >> 20;
        let reason =
            format!("the file is longer than {most} MiB. Put points into a CSV file: kind = \"points\", file = \"…\"");
        return Err(ScenarioError::at(origin, text, None, reason));
    }
    let PeekVersion { version } = parse(text, origin)?;
    if *version.get_ref() != Whole(1) {
        let reason = format!("version {} is not known; this program reads version 1", version.get_ref().0);
        return Err(ScenarioError::at(origin, text, Some(version.span()), reason));
    }
    let peek: Peek = parse(text, origin)?;
    let reader = Reader { text, origin };
    let kind = peek.data.kind;
    match kind.get_ref().as_str() {
        "gaussian-mixture" => reader.scenario(parse::<Document<MixtureForm>>(text, origin)?),
        "curve" => reader.scenario(parse::<Document<CurveForm>>(text, origin)?),
        "boxes" => reader.scenario(parse::<Document<BoxesForm>>(text, origin)?),
        "points" => reader.scenario(parse::<Document<PointsForm>>(text, origin)?),
        "image" => reader.scenario(parse::<Document<ImageForm>>(text, origin)?),
        "preset" => reader.scenario(parse::<Document<PresetForm>>(text, origin)?),
        other => {
            let reason = format!("there is no kind of data '{other}'; expected {KINDS}");
            Err(reader.refuse(kind.span(), reason))
        }
    }
}

fn parse<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T, ScenarioError> {
    toml::from_str(text).map_err(|error| ScenarioError::at(origin, text, error.span(), plain(error.message())))
}

/// The reader's words for kinds of values, in those of somebody who writes a scenario.
pub(super) fn plain(message: &str) -> String {
    let one_of_many = "found a table, expected a list of tables: write a section as [[name]], an entry as [{ … }]";
    message
        .replace("invalid type: map, expected a sequence", one_of_many)
        .replace("expected a sequence", "expected a list")
        .replace("invalid type: sequence", "invalid type: list")
        .replace("invalid type: map", "invalid type: table")
        .replace("wanted string or table", "expected a word in quotes")
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
        let folder = Path::new(self.origin).parent().unwrap_or(Path::new(""));
        let whole = data.span();
        let Data { distribution, noise: suggested, frame } =
            data.get_ref().build(&Place { folder, whole }).map_err(refused)?;
        let ladder = self.ladder(noise, suggested)?;
        let scale = Scale { sigma_max: ladder.max(), sigma_min: ladder.min(), levels: ladder.len() };
        let mut settled: Vec<Sampling> = Vec::new();
        for form in samplers {
            let sampling = knob::sampling(form.get_ref(), form.span(), &scale).map_err(refused)?;
            if settled.iter().any(|other| other.entry.name == sampling.entry.name) {
                let reason = format!("sampler '{}' has an entry already; leave one", sampling.entry.name);
                return Err(self.refuse(form.span(), reason));
            }
            settled.push(sampling);
        }
        let mut network = ModelForm::default_for(&*distribution);
        model.apply(&mut network);
        let (config, steps) = self.training(training, ladder, &*distribution, &network)?;
        Ok(Scenario {
            name: self.origin.to_owned(),
            data: distribution,
            ladder,
            model: network,
            training: config,
            training_steps: steps,
            samplers: settled,
            view: self.view(view, frame)?,
        })
    }

    fn training(
        &self,
        form: Option<Spanned<TrainingForm>>,
        ladder: Ladder,
        data: &dyn Distribution,
        network: &MlpConfig,
    ) -> Result<(TrainingConfig, usize), ScenarioError> {
        let (span, form) = form.map_or((0..0, TrainingForm::default()), |form| (form.span(), form.into_inner()));
        let (mut config, mut steps) = TrainingForm::default_for(ladder);
        form.apply(&mut config, &mut steps).map_err(|reason| self.refuse(span.clone(), reason))?;
        learning::conflict(data, network, &config).map_or(Ok((config, steps)), |reason| Err(self.refuse(span, reason)))
    }

    fn ladder(&self, noise: Option<Spanned<NoiseForm>>, suggested: SuggestedNoise) -> Result<Ladder, ScenarioError> {
        let (span, max, min, levels) = match noise {
            None => (0..0, suggested.sigma_max, suggested.sigma_min, suggested.levels),
            Some(form) => {
                let NoiseForm { sigma_max, sigma_min, levels, .. } = form.get_ref();
                let max = sigma_max.map_or(suggested.sigma_max, |sigma| sigma.0);
                let min = sigma_min.map_or(suggested.sigma_min, |sigma| sigma.0);
                (form.span(), max, min, levels.map_or(suggested.levels, |levels| levels.get() as usize))
            }
        };
        Ladder::geometric(max, min, levels).map_err(|error| self.refuse(span, error))
    }

    fn view(&self, form: Option<Spanned<ViewForm>>, frame: [Point; 2]) -> Result<View, ScenarioError> {
        let (span, ViewForm { min, max, particles }) =
            form.map_or((0..0, ViewForm::default()), |form| (form.span(), form.into_inner()));
        let [min, max] = [(min, frame[0]), (max, frame[1])]
            .map(|(given, default)| given.map_or(default, |corner| corner.0.map(|x| x.0)));
        if min[0] >= max[0] || min[1] >= max[1] {
            return Err(self.refuse(span, "expected a view whose min is below its max on both axes"));
        }
        let reach = min.iter().chain(&max).fold(0.0f64, |reach, x| reach.max(x.abs()));
        let side = (max[0] - min[0]).min(max[1] - min[1]);
        if reach > FARTHEST_VIEW || side < 1e-6 * (1.0 + reach) {
            let reason = format!("expected a view within ±{FARTHEST_VIEW:e} whose sides can be told from a point");
            return Err(self.refuse(span, reason));
        }
        Ok(View { min, max, particles: particles.get() })
    }
}
