//! What the window remembers between two runs.

use serde::{Deserialize, Serialize};

use super::kept_field::FieldChoices;
use super::tabs::Tab;
use super::theme::Theme;
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
    pub panes: [PaneChoice; PANES],
    /// Updates per second.
    pub speed: f32,
}

/// What runs in a pane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaneChoice {
    /// The sampler's name.
    pub sampler: String,
    /// The score it follows.
    pub source: Source,
}

impl Default for Kept {
    fn default() -> Self {
        let pane = |sampler: &str| PaneChoice { sampler: sampler.to_owned(), source: Source::Exact };
        Self {
            scenario: DEFAULT.to_owned(),
            theme: Theme::default(),
            tab: Tab::default(),
            sigma: None,
            source: Source::Learned,
            arrows: true,
            particles: false,
            field: FieldChoices::default(),
            panes: [pane("langevin"), pane("annealed")],
            speed: DEFAULT_SPEED,
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
