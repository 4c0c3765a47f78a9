//! What the window remembers between two runs.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::kept_field::FieldChoices;
use super::kept_images::ImageChoices;
use super::tabs::{Showing, Tab};
use super::theme::Theme;
use crate::samplers::Value;
use crate::scenario::{DEFAULT, Scenario};
use crate::session::{DEFAULT_SPEED, PANES, Source};

/// Every choice a person made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Name or path of the scenario.
    pub scenario: String,
    /// The theme.
    pub theme: Theme,
    /// The tab in front.
    pub tab: Tab,
    /// σ of the Field tab; `None` until somebody moved the slider of this scenario.
    pub sigma: Option<f32>,
    /// Whose field is drawn.
    pub source: Source,
    /// Whether arrows are drawn.
    pub arrows: bool,
    /// Whether particles are drawn over the field.
    pub particles: bool,
    /// Everything else of the Field tab.
    pub field: FieldChoices,
    /// The sampler of each pane.
    #[serde(deserialize_with = "one_to_four")]
    pub panes: Vec<PaneChoice>,
    /// How the Samplers tab shows them.
    pub samplers: Showing,
    /// Everything of the Images tab.
    pub images: ImageChoices,
    /// Updates per second.
    pub speed: f32,
    /// Where the next picture of the window goes.
    pub picture: String,
}

/// What runs in a pane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaneChoice {
    /// The sampler's name.
    pub sampler: String,
    /// The score it follows.
    pub source: Source,
    /// The knobs that somebody turned; the others are as the scenario has them.
    #[serde(default)]
    pub knobs: BTreeMap<String, Value>,
}

impl PaneChoice {
    /// A sampler as the scenario has it, on the exact score.
    #[must_use]
    pub fn of(sampler: &str) -> Self {
        Self { sampler: sampler.to_owned(), source: Source::Exact, knobs: BTreeMap::new() }
    }

    /// The knobs that somebody turned.
    pub(super) fn given(&self) -> impl Iterator<Item = (&str, Value)> {
        self.knobs.iter().map(|(name, value)| (name.as_str(), value.clone()))
    }
}

/// Panes as they are written now, or as the pair that they once were; at least one, at most as many as there can be.
fn one_to_four<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PaneChoice>, D::Error> {
    struct Panes;
    impl<'de> Visitor<'de> for Panes {
        type Value = Vec<PaneChoice>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one to four panes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut panes = Vec::new();
            while let Some(pane) = list.next_element()? {
                panes.push(pane);
            }
            panes.truncate(PANES);
            Ok(if panes.is_empty() { Kept::default().panes } else { panes })
        }
    }
    deserializer.deserialize_any(Panes)
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            scenario: DEFAULT.to_owned(),
            theme: Theme::default(),
            tab: Tab::default(),
            sigma: None,
            source: Source::Learned,
            arrows: true,
            particles: false,
            field: FieldChoices::default(),
            panes: ["langevin", "annealed"].map(PaneChoice::of).to_vec(),
            samplers: Showing::default(),
            images: ImageChoices::default(),
            speed: DEFAULT_SPEED,
            picture: super::widgets::export::first_path(),
        }
    }
}

impl Kept {
    /// σ of the Field tab: as chosen, or else in the middle of the scenario's noise.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "σ is drawn and asked in f32")]
    pub fn sigma(&self, scenario: &Scenario) -> f32 {
        let (max, min) = (scenario.ladder.max() as f32, scenario.ladder.min() as f32);
        self.sigma.unwrap_or_else(|| (max * min).sqrt()).clamp(min, max)
    }
}
