//! Data that a hand can change: Gaussians with their axes, or strokes of a pen.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::distributions::{Component, Curve, DataError, Distribution, GaussianMixture};

/// Thickness of a pen's stroke, in units of x, as in scenario files.
const THICKNESS: f64 = 0.05;
/// Least and greatest weight that a hand gives a mode.
const WEIGHTS: [f64; 2] = [0.01, 0.99];

/// Most modes that a hand can tell apart.
const MOST_MODES: usize = 200;

/// Data as they were edited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Draft {
    /// Gaussians.
    Mixture(Vec<Mode>),
    /// Strokes, each a list of points.
    Strokes(Vec<Vec<[f64; 2]>>),
}

/// One Gaussian: Σ = R diag(std²) Rᵀ with R the rotation by `angle`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mode {
    /// Its share; those of all modes sum to 1.
    pub weight: f64,
    /// Where it is.
    pub mean: [f64; 2],
    /// Standard deviations along its axes.
    pub std: [f64; 2],
    /// The direction of the first axis, in radians.
    pub angle: f64,
}

impl Mode {
    fn of(component: &Component) -> Self {
        let [[a, b], [_, d]] = component.covariance;
        // The angle of the greater axis, and both variances, of a symmetric 2 × 2 matrix.
        let (middle, half) = (f64::midpoint(a, d), (0.5 * (a - d)).hypot(b));
        let round = half <= 1e-9 * middle.abs();
        let angle = if round { 0.0 } else { 0.5 * b.atan2(0.5 * (a - d)) };
        let std = [middle + half, middle - half].map(|variance| variance.max(0.0).sqrt());
        Self { weight: component.weight, mean: component.mean, std, angle }
    }

    fn component(&self) -> Component {
        let (sin, cos) = self.angle.sin_cos();
        let [u, v] = self.std.map(|std| std * std);
        let across = (u - v) * sin * cos;
        let covariance = [[u * cos * cos + v * sin * sin, across], [across, u * sin * sin + v * cos * cos]];
        Component { weight: self.weight, mean: self.mean, covariance }
    }

    /// Unit vector along an axis, 0 or 1.
    pub fn axis(&self, axis: usize) -> [f64; 2] {
        let (sin, cos) = self.angle.sin_cos();
        if axis == 0 { [cos, sin] } else { [-sin, cos] }
    }
}

impl Draft {
    /// The Gaussians of these data, where they are some Gaussians.
    pub fn of(data: &dyn Distribution) -> Option<Self> {
        let components = data.components();
        (1..=MOST_MODES).contains(&components.len()).then(|| Self::Mixture(components.iter().map(Mode::of).collect()))
    }

    /// One round mode.
    #[must_use]
    pub fn one_mode(mean: [f64; 2], std: f64) -> Self {
        Self::Mixture(vec![Mode { weight: 1.0, mean, std: [std; 2], angle: 0.0 }])
    }

    /// The data.
    ///
    /// # Errors
    /// No modes, no stroke with length, a coordinate that is too far away.
    pub fn distribution(&self) -> Result<Arc<dyn Distribution>, DataError> {
        Ok(match self {
            Self::Mixture(modes) => {
                let components: Vec<Component> = modes.iter().map(Mode::component).collect();
                Arc::new(GaussianMixture::new(&components)?)
            }
            Self::Strokes(strokes) => Arc::new(Curve::new(strokes, THICKNESS)?),
        })
    }

    /// Its Gaussians.
    #[must_use]
    pub fn modes(&self) -> &[Mode] {
        match self {
            Self::Mixture(modes) => modes,
            Self::Strokes(_) => &[],
        }
    }

    /// The same, to be changed.
    pub fn mode_mut(&mut self, index: usize) -> Option<&mut Mode> {
        match self {
            Self::Mixture(modes) => modes.get_mut(index),
            Self::Strokes(_) => None,
        }
    }

    /// Gives a mode a share; the others keep their proportions.
    pub fn reweigh(&mut self, index: usize, weight: f64) {
        let Self::Mixture(modes) = self else { return };
        let rest: f64 = modes.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, mode)| mode.weight).sum();
        if modes.len() < 2 || index >= modes.len() || rest <= 0.0 {
            return;
        }
        let weight = weight.clamp(WEIGHTS[0], WEIGHTS[1]);
        for (i, mode) in modes.iter_mut().enumerate() {
            mode.weight = if i == index { weight } else { mode.weight * (1.0 - weight) / rest };
        }
    }

    /// One more mode with the mean share; returns which it is.
    pub fn add_mode(&mut self, mean: [f64; 2], std: f64) -> usize {
        let Self::Mixture(modes) = self else {
            *self = Self::one_mode(mean, std);
            return 0;
        };
        modes.push(Mode { weight: 0.0, mean, std: [std; 2], angle: 0.0 });
        let index = modes.len() - 1;
        #[expect(clippy::cast_precision_loss, reason = "dozens of modes")]
        let share = 1.0 / modes.len() as f64;
        self.reweigh(index, share);
        index
    }

    /// One mode less; the last one stays.
    pub fn remove_mode(&mut self, index: usize) {
        let Self::Mixture(modes) = self else { return };
        if modes.len() > 1 && index < modes.len() {
            modes.remove(index);
            let total: f64 = modes.iter().map(|mode| mode.weight).sum();
            modes.iter_mut().for_each(|mode| mode.weight /= total);
        }
    }

    /// Points of all strokes.
    pub fn stroke_points(&self) -> usize {
        match self {
            Self::Mixture(_) => 0,
            Self::Strokes(strokes) => strokes.iter().map(Vec::len).sum(),
        }
    }

    /// Takes away what lies within `radius` of a place; a stroke that is cut falls into two.
    pub fn erase(&mut self, at: [f64; 2], radius: f64) {
        let Self::Strokes(strokes) = self else { return };
        let gone = |point: &[f64; 2]| (point[0] - at[0]).hypot(point[1] - at[1]) <= radius;
        let pieces = strokes.iter().flat_map(|stroke| stroke.split(gone));
        *strokes = pieces.filter(|piece| piece.len() > 1).map(<[[f64; 2]]>::to_vec).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_survives_the_way_through_its_axes() {
        let components = [
            Component { weight: 0.3, mean: [1.0, -2.0], covariance: [[2.0, 0.7], [0.7, 0.5]] },
            Component { weight: 0.7, mean: [0.0, 3.0], covariance: [[0.2, 0.0], [0.0, 1.5]] },
            Component::round(1.0, [4.0, 4.0], 0.0),
        ];
        let data = GaussianMixture::new(&components).expect("a legal mixture");
        let again = Draft::of(&data).expect("it has modes").distribution().expect("it is legal");
        for x in [[0.3, 0.1], [2.0, -1.0], [4.0, 3.0]] {
            let ((p, s), (q, t)) = (data.log_density_and_score(x, 0.4), again.log_density_and_score(x, 0.4));
            assert!((p - q).abs() < 1e-9 && (0..2).all(|i| (s[i] - t[i]).abs() < 1e-9), "{x:?}");
        }
    }

    #[test]
    fn weights_sum_to_one_whatever_is_done() {
        let mut draft = Draft::one_mode([0.0; 2], 1.0);
        draft.reweigh(0, 0.2);
        let sum = |draft: &Draft| draft.modes().iter().map(|mode| mode.weight).sum::<f64>();
        assert!((sum(&draft) - 1.0).abs() < 1e-12);
        draft.add_mode([1.0; 2], 1.0);
        draft.add_mode([2.0; 2], 1.0);
        assert!((draft.modes()[2].weight - 1.0 / 3.0).abs() < 1e-12 && (sum(&draft) - 1.0).abs() < 1e-12);
        draft.reweigh(0, 0.5);
        assert!((draft.modes()[0].weight - 0.5).abs() < 1e-12 && (sum(&draft) - 1.0).abs() < 1e-12);
        draft.remove_mode(1);
        assert!((sum(&draft) - 1.0).abs() < 1e-12 && draft.modes().len() == 2);
        draft.remove_mode(0);
        draft.remove_mode(0);
        assert_eq!(draft.modes().len(), 1, "the last one stays");
    }

    #[test]
    fn erasing_cuts_a_stroke_in_two() {
        let mut draft = Draft::Strokes(vec![(0..10).map(|i| [f64::from(i), 0.0]).collect()]);
        draft.erase([4.6, 0.0], 0.7);
        let Draft::Strokes(strokes) = &draft else { panic!("strokes stay strokes") };
        assert_eq!(strokes.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4]);
        draft.erase([0.0, 0.0], 100.0);
        assert!(draft.distribution().is_err(), "nothing is no distribution");
    }
}
