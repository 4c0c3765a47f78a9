//! A weighted sum of Gaussians: closed under added noise, so that density and score are exact at every σ.

use std::f64::consts::TAU;

use nalgebra::{Matrix2, SymmetricEigen, Vector2};
use rand::RngExt;
use rand_distr::StandardNormal;
use thiserror::Error;

use super::choice;
use super::log_sum::LogSum;
use super::round_kernel::RoundKernel;
use super::{Distribution, FARTHEST, Point, score_in_double};
use crate::noise::Generator;

/// π N(μ, Σ). Σ = 0 is a point mass: legal, as long as noise is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// π, before normalisation.
    pub weight: f64,
    /// μ
    pub mean: Point,
    /// Σ, row by row.
    pub covariance: [Point; 2],
}

impl Component {
    /// A round Gaussian of standard deviation `std`.
    #[must_use]
    pub const fn round(weight: f64, mean: Point, std: f64) -> Self {
        Self { weight, mean, covariance: [[std * std, 0.0], [0.0, std * std]] }
    }
}

/// Why a list of components is no mixture. `index` counts from 1.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum MixtureError {
    /// No components.
    #[error("the mixture has no components: give at least one")]
    Empty,
    /// A weight that is no positive number.
    #[error("component {index}: weight {weight} is not a positive number")]
    Weight {
        /// Which component.
        index: usize,
        /// What was given.
        weight: f64,
    },
    /// A mean that is not finite, or too far away.
    #[error("component {index}: the mean [{}, {}] is refused; expected finite coordinates within ±{FARTHEST}", mean[0], mean[1])]
    Mean {
        /// Which component.
        index: usize,
        /// What was given.
        mean: Point,
    },
    /// A matrix that is no covariance.
    #[error(
        "component {index}: {covariance:?} is no covariance: it must be finite, at most {GREATEST} in size, symmetric and without negative eigenvalues"
    )]
    Covariance {
        /// Which component.
        index: usize,
        /// What was given.
        covariance: [Point; 2],
    },
}

impl MixtureError {
    /// Which component is meant, from 1.
    #[must_use]
    pub const fn index(&self) -> Option<usize> {
        match self {
            Self::Empty => None,
            Self::Weight { index, .. } | Self::Mean { index, .. } | Self::Covariance { index, .. } => Some(*index),
        }
    }
}

/// p_σ(x) = Σ_k π_k N(x; μ_k, Σ_k + σ²I)
///
/// Each Σ_k is kept as R diag(λ) Rᵀ: noise adds σ² to each λ, so no matrix is inverted.
#[derive(Clone, Debug)]
pub struct GaussianMixture {
    modes: Vec<Mode>,
    /// The same, where all modes are round and equally wide, and that variance.
    round: Option<(RoundKernel, f64)>,
}

/// An eigenvalue this small beside the greatest is what rounding leaves of 0: the Gaussian is a line, and has no density.
const ROUNDING: f64 = 1e-12;

/// Variances beyond this are refused, and below that are 0, in squared units of x: what is drawn stays finite.
const GREATEST: f64 = FARTHEST * FARTHEST;
const LEAST: f64 = 1e-24;

#[derive(Clone, Debug)]
struct Mode {
    weight: f64,
    mean: Vector2<f64>,
    axes: Matrix2<f64>,
    variances: Vector2<f64>,
}

impl Mode {
    fn of(index: usize, component: &Component) -> Result<Self, MixtureError> {
        let Component { weight, mean, covariance } = *component;
        if !(weight.is_finite() && weight > 0.0) {
            return Err(MixtureError::Weight { index, weight });
        }
        if !mean.iter().all(|m| m.abs() <= FARTHEST) {
            return Err(MixtureError::Mean { index, mean });
        }
        let refused = MixtureError::Covariance { index, covariance };
        let [[a, b], [c, d]] = covariance;
        if ![a, b, c, d].iter().all(|v| v.abs() <= GREATEST) || (b - c).abs() > 1e-9 * (a.abs() + d.abs()) {
            return Err(refused);
        }
        let SymmetricEigen { eigenvectors: axes, eigenvalues: variances } = Matrix2::new(a, b, b, d).symmetric_eigen();
        let rounding = (ROUNDING * variances.amax()).max(LEAST);
        if variances.min() < -rounding {
            return Err(refused);
        }
        let variances = variances.map(|v| if v > rounding { v } else { 0.0 });
        Ok(Self { weight, mean: mean.into(), axes, variances })
    }

    /// x − μ along the axes of the Gaussian, and the noised variance along each.
    fn local(&self, x: Point, sigma: f64) -> (Vector2<f64>, Vector2<f64>) {
        (self.axes.tr_mul(&(Vector2::from(x) - self.mean)), self.variances.add_scalar(sigma * sigma))
    }

    /// log π N(x; μ, Σ + σ²I) and its gradient.
    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        let (u, v) = self.local(x, sigma);
        let w = u.component_div(&v);
        let log_norm = TAU.ln() + 0.5 * (v.x.ln() + v.y.ln());
        (self.weight.ln() - log_norm - 0.5 * u.dot(&w), (-(self.axes * w)).into())
    }
}

impl GaussianMixture {
    /// Builds the mixture; weights are normalised to sum to 1.
    ///
    /// # Errors
    /// An empty list, a weight that is not positive, a mean that is not finite, a matrix that is no covariance.
    pub fn new(components: &[Component]) -> Result<Self, MixtureError> {
        if components.is_empty() {
            return Err(MixtureError::Empty);
        }
        let mut modes = (1..).zip(components).map(|(i, c)| Mode::of(i, c)).collect::<Result<Vec<_>, _>>()?;
        let total: f64 = modes.iter().map(|mode| mode.weight).sum();
        modes.iter_mut().for_each(|mode| mode.weight /= total);
        let variance = modes[0].variances.x;
        let equal = modes.iter().all(|mode| mode.variances.iter().all(|v| (v - variance).abs() <= 1e-12 * variance));
        let parts = modes.iter().map(|mode| (mode.weight, mode.mean.into()));
        let round = equal.then(|| (RoundKernel::new(parts), variance));
        Ok(Self { modes, round })
    }

    fn parts(&self) -> impl Iterator<Item = (f64, Point, f64)> + Clone {
        self.modes.iter().map(|mode| (mode.weight, mode.mean.into(), mode.variances.sum()))
    }

    /// The mode that a number uniform in [0, 1) chooses.
    fn choose(&self, mut uniform: f64) -> &Mode {
        for mode in &self.modes {
            if uniform < mode.weight {
                return mode;
            }
            uniform -= mode.weight;
        }
        &self.modes[self.modes.len() - 1]
    }
}

impl Distribution for GaussianMixture {
    fn score_batch(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        match &self.round {
            Some((kernel, variance)) => kernel.score(self, *variance, x, sigma, out),
            None => score_in_double(self, x, sigma, out),
        }
    }

    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        let mut sum = LogSum::new();
        for mode in &self.modes {
            sum.add(mode.log_density_and_score(x, sigma));
        }
        sum.finish()
    }

    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point {
        let mode = self.choose(generator.random());
        let z = Vector2::from_fn(|_, _| generator.sample::<f64, _>(StandardNormal));
        let std = mode.variances.map(|v| (v + sigma * sigma).sqrt());
        (mode.mean + mode.axes * std.component_mul(&z)).into()
    }

    fn mode_weights(&self) -> Vec<f64> {
        self.modes.iter().map(|mode| mode.weight).collect()
    }

    fn components(&self) -> Vec<Component> {
        let component = |mode: &Mode| {
            let sigma = mode.axes * Matrix2::from_diagonal(&mode.variances) * mode.axes.transpose();
            let covariance = [[sigma[(0, 0)], sigma[(0, 1)]], [sigma[(1, 0)], sigma[(1, 1)]]];
            Component { weight: mode.weight, mean: mode.mean.into(), covariance }
        };
        self.modes.iter().map(component).collect()
    }

    fn nearest_mode(&self, x: Point, sigma: f64) -> Option<(usize, f64)> {
        let distances = self.modes.iter().map(|mode| {
            let (u, v) = mode.local(x, sigma);
            u.component_mul(&u).component_div(&v).sum().sqrt()
        });
        distances.enumerate().reduce(|best, next| if next.1 < best.1 { next } else { best })
    }

    fn distance(&self, x: Point, sigma: f64) -> f64 {
        self.nearest_mode(x, sigma).map_or(f64::INFINITY, |(_, distance)| distance)
    }

    fn mean(&self) -> Point {
        choice::mean_and_std(self.parts()).0
    }

    fn std(&self) -> f64 {
        choice::mean_and_std(self.parts()).1
    }

    fn width(&self) -> f64 {
        self.modes.iter().map(|mode| mode.variances.min()).fold(f64::INFINITY, f64::min).sqrt()
    }

    fn bounds(&self) -> [Point; 2] {
        let corners = self.modes.iter().flat_map(|mode| {
            let reach =
                Vector2::from_fn(|i, _| mode.axes.row(i).map(|a| a * a).transpose().dot(&mode.variances).sqrt());
            [-3.0, 3.0].map(|stds| (mode.mean + reach * stds).into())
        });
        choice::bounds(corners, 0.0)
    }
}
