//! How the Samplers tab shows its panes: what is kept between runs, and what is of the moment.

use serde::{Deserialize, Serialize};

use super::failures::Failure;
use crate::session::{Device, TracePoint};
use crate::ui::desk::Desk;
use crate::ui::kept::PaneChoice;

/// Choices that are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the screen")]
pub struct Showing {
    /// Whether all panes spend as many score evaluations as the first.
    pub equal_nfe: bool,
    /// Whether runs begin again when they are done.
    pub looped: bool,
    /// Whether paths of some particles are shown.
    pub trails: bool,
    /// What the colours of particles say.
    pub colouring: Colouring,
    /// What moves the particles.
    pub device: Device,
    /// How many particles a pane has; `None` for as many as the scenario says.
    pub particles: Option<u32>,
    /// What is plotted against NFE.
    pub metric: Metric,
    /// Whether the position is counted in score evaluations instead of updates.
    pub by_nfe: bool,
    /// The pane whose knobs are shown.
    pub knobs_of: Option<usize>,
}

/// What is there until the window closes.
#[derive(Default)]
pub struct Moment {
    /// The failure that is shown.
    pub failure: Option<&'static Failure>,
    /// Training steps after which the panes of that failure start.
    pub waits_for: Option<usize>,
    /// The sampler whose source is read.
    pub code_of: Option<&'static str>,
}

/// What the colour of a particle says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colouring {
    /// Nothing.
    #[default]
    Plain,
    /// How far to the left or right it started.
    Start,
    /// The mode it is nearest to.
    Mode,
    /// How far its last update moved it.
    Speed,
}

/// Every colouring with its name, and what it means.
pub const COLOURINGS: [(Colouring, &str, &str); 4] = [
    (Colouring::Plain, "Plain", "All alike"),
    (Colouring::Start, "Start", "Where it started: from the left edge of the picture to the right"),
    (Colouring::Mode, "Mode", "The mode it is nearest to, in the colours of the bars; grey: near none"),
    (Colouring::Speed, "Speed", "How far its last update moved it, up to twice the root mean square"),
];

/// What is plotted against NFE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Share of the mode with the greatest weight.
    #[default]
    HeaviestMode,
    /// Share near no mode.
    OffMode,
    /// Distance from the truth.
    SlicedWasserstein,
}

/// Every metric with its name.
pub const METRICS: [(Metric, &str); 3] = [
    (Metric::HeaviestMode, "Heaviest mode"),
    (Metric::OffMode, "Off-mode"),
    (Metric::SlicedWasserstein, "Sliced Wasserstein"),
];

impl Metric {
    /// The metric that is shown where this one was chosen: data without modes have none that is heaviest.
    #[must_use]
    pub const fn on(self, has_modes: bool) -> Self {
        if matches!(self, Self::HeaviestMode) && !has_modes { Self::SlicedWasserstein } else { self }
    }

    /// Its value at a moment of a run, where it has one.
    #[must_use]
    pub const fn of(self, point: &TracePoint) -> Option<f64> {
        match self {
            Self::HeaviestMode => point.heaviest,
            Self::OffMode => Some(point.off_mode),
            Self::SlicedWasserstein => point.sliced_wasserstein,
        }
    }
}

impl Desk {
    /// Forgets the knobs of another scenario: its scale of noise is another.
    pub(in crate::ui) fn forget_knobs(&mut self) {
        self.kept.panes.iter_mut().for_each(|pane| pane.knobs.clear());
        self.moment = Moment::default();
    }

    /// One pane more: a copy of the last, to be changed.
    pub(super) fn add_pane(&mut self) {
        let copy = self.kept.panes.last().cloned().unwrap_or_else(|| PaneChoice::of("annealed"));
        self.kept.panes.push(copy);
        self.set_up_panes();
    }

    /// One pane less.
    pub(super) fn remove_pane(&mut self, pane: usize) {
        self.kept.panes.remove(pane);
        self.kept.samplers.knobs_of = match self.kept.samplers.knobs_of {
            Some(shown) if shown > pane => Some(shown - 1),
            Some(shown) if shown < pane => Some(shown),
            _ => None,
        };
        self.set_up_panes();
    }
}
