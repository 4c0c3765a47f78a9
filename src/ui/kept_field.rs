//! What the window remembers of the Field tab: where it looks, what it draws, what is compared.

use serde::{Deserialize, Serialize};

use super::tabs::Draft;
use crate::scenario::View;
use crate::session::{MOST_DATA_POINTS, Source};

/// Every choice of the Field tab that is not as old as the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct FieldChoices {
    /// Where the canvas looks; `None`: at the scenario's view.
    pub camera: Option<Camera>,
    /// What the colours show.
    pub colours: Colours,
    /// Lines of equal density.
    pub contours: bool,
    /// Lines along the field.
    pub streamlines: bool,
    /// Smeared noise.
    pub lic: bool,
    /// Data points.
    pub data_points: bool,
    /// Data points with noise of this σ.
    pub noised_points: bool,
    /// Whether the memorising score stands in the place of the source.
    pub memorising: bool,
    /// Data points that the memorising score knows.
    pub memorised: u16,
    /// How a second source is shown.
    pub compare: Compare,
    /// The second source.
    pub other: Shown,
    /// Where the wipe stands, as a share of the width.
    pub wipe: f32,
    /// Whether small pictures across σ are shown.
    pub strip: bool,
    /// Whether the place under the pointer is looked at.
    pub probe: bool,
    /// The scenario's data as they were edited.
    pub draft: Option<Draft>,
}

impl Default for FieldChoices {
    fn default() -> Self {
        Self {
            camera: None,
            colours: Colours::Density,
            contours: false,
            streamlines: false,
            lic: false,
            data_points: false,
            noised_points: false,
            memorising: false,
            memorised: 100,
            compare: Compare::Alone,
            other: Shown::Exact,
            wipe: 0.5,
            strip: true,
            probe: true,
            draft: None,
        }
    }
}

/// What the colours show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colours {
    /// Nothing.
    Off,
    /// Density, or the error where the difference is shown.
    #[default]
    Density,
    /// The curl of the field.
    Curl,
}

/// How a second source is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    /// Not at all.
    #[default]
    Alone,
    /// On a canvas of its own.
    SideBySide,
    /// On the same canvas, right of a line that can be dragged.
    Wipe,
}

/// Whose field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// The network's.
    Learned,
    /// The truth.
    Exact,
    /// Learned minus exact.
    Difference,
    /// That of some data points alone.
    Memorising,
}

impl Shown {
    /// As the field worker is asked: a source, and how many points are memorised instead.
    #[must_use]
    pub const fn asked(self, memorised: u16) -> (Source, Option<u16>) {
        match self {
            Self::Learned => (Source::Learned, None),
            Self::Exact => (Source::Exact, None),
            Self::Difference => (Source::Difference, None),
            Self::Memorising => {
                let count = if memorised < 1 { 1 } else { memorised };
                (Source::Exact, Some(if count > MOST_DATA_POINTS { MOST_DATA_POINTS } else { count }))
            }
        }
    }
}

/// Where the canvas looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// The point in the middle.
    pub centre: [f64; 2],
    /// How much larger than in the scenario's view everything is.
    pub zoom: f64,
}

/// Least and greatest zoom.
const ZOOMS: [f64; 2] = [0.05, 200.0];

impl Camera {
    /// The scenario's own view.
    #[must_use]
    pub fn fit(view: &View) -> Self {
        Self { centre: [0, 1].map(|axis| f64::midpoint(view.min[axis], view.max[axis])), zoom: 1.0 }
    }

    /// What is seen.
    #[must_use]
    pub fn view(&self, view: &View) -> View {
        let half = [0, 1].map(|axis| 0.5 * (view.max[axis] - view.min[axis]) / self.zoom.clamp(ZOOMS[0], ZOOMS[1]));
        let corner = |sign: f64| [0, 1].map(|axis| self.centre[axis] + sign * half[axis]);
        View { min: corner(-1.0), max: corner(1.0), particles: view.particles }
    }

    /// Moves what is seen by a distance of the plane, not farther than ten views away.
    pub fn pan(&mut self, by: [f64; 2], view: &View) {
        let fit = Self::fit(view);
        for (axis, by) in by.into_iter().enumerate() {
            let reach = 10.0 * (view.max[axis] - view.min[axis]);
            let moved = (self.centre[axis] + by).clamp(fit.centre[axis] - reach, fit.centre[axis] + reach);
            self.centre[axis] = if moved.is_finite() { moved } else { fit.centre[axis] };
        }
    }

    /// Zooms by a factor; the point `about` stays where it is on the screen.
    pub fn zoom_about(&mut self, factor: f64, about: [f64; 2]) {
        let zoom = (self.zoom * factor).clamp(ZOOMS[0], ZOOMS[1]);
        let factor = zoom / self.zoom;
        if factor.is_finite() {
            self.zoom = zoom;
            self.centre = [0, 1].map(|axis| about[axis] + (self.centre[axis] - about[axis]) / factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let view = View { min: [-10.0, -5.0], max: [10.0, 5.0], particles: 1 };
        let mut camera = Camera::fit(&view);
        let about = [4.0, -2.0];
        let share = |camera: &Camera| {
            let seen = camera.view(&view);
            [0, 1].map(|axis| (about[axis] - seen.min[axis]) / (seen.max[axis] - seen.min[axis]))
        };
        let before = share(&camera);
        camera.zoom_about(3.0, about);
        let after = share(&camera);
        assert!((0..2).all(|axis| (before[axis] - after[axis]).abs() < 1e-12));
        let seen = camera.view(&view);
        assert!((seen.max[0] - seen.min[0] - 20.0 / 3.0).abs() < 1e-12);
        camera.zoom_about(1e9, about);
        assert!(camera.zoom <= ZOOMS[1]);
    }
}
