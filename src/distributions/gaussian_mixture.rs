//! A weighted sum of Gaussians: closed under added noise, so that density and score are exact at every σ.

use std::f64::consts::TAU;

use nalgebra::{Matrix2, SymmetricEigen, Vector2};
use rand::RngExt;
use rand_distr::StandardNormal;
use thiserror::Error;

use super::round_kernel::RoundKernel;
use super::{Distribution, Point};
use crate::noise::{Noise, Purpose};
use crate::score::Score;

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
    /// A mean that is not finite.
    #[error("component {index}: the mean [{}, {}] is not finite", mean[0], mean[1])]
    Mean {
        /// Which component.
        index: usize,
        /// What was given.
        mean: Point,
    },
    /// A matrix that is no covariance.
    #[error(
        "component {index}: {covariance:?} is no covariance: it must be finite, symmetric and without negative eigenvalues"
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
        if !mean.iter().all(|m| m.is_finite()) {
            return Err(MixtureError::Mean { index, mean });
        }
        let refused = MixtureError::Covariance { index, covariance };
        let [[a, b], [c, d]] = covariance;
        if ![a, b, c, d].iter().all(|v| v.is_finite()) || (b - c).abs() > 1e-9 * (a.abs() + d.abs()) {
            return Err(refused);
        }
        let SymmetricEigen { eigenvectors: axes, eigenvalues: variances } = Matrix2::new(a, b, b, d).symmetric_eigen();
        let rounding = ROUNDING * variances.amax();
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
    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Vector2<f64>) {
        let (u, v) = self.local(x, sigma);
        let w = u.component_div(&v);
        let log_norm = TAU.ln() + 0.5 * (v.x.ln() + v.y.ln());
        (self.weight.ln() - log_norm - 0.5 * u.dot(&w), -(self.axes * w))
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

impl Score for GaussianMixture {
    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; the sum is done in f64")]
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        let in_double = |x: &[f32], out: &mut [f32]| {
            let (_, s) = self.log_density_and_score([x[0].into(), x[1].into()], sigma.into());
            out.copy_from_slice(&s.map(|s| s as f32));
        };
        let Some((kernel, variance)) = &self.round else {
            return x.chunks_exact(2).zip(out.chunks_exact_mut(2)).for_each(|(x, out)| in_double(x, out));
        };
        let variance = (variance + f64::from(sigma) * f64::from(sigma)) as f32;
        let mut doubtful = Vec::new();
        kernel.score(x, variance, out, &mut |i| doubtful.push(2 * i));
        doubtful.into_iter().for_each(|i| in_double(&x[i..i + 2], &mut out[i..i + 2]));
    }

    fn jacobian_vector(&self, x: &[f32], v: &[f32], sigma: f32, out: &mut [f32]) {
        super::jacobian_vector(self, x, v, sigma, out);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; the sum is done in f64")]
    fn log_density(&self, x: &[f32], sigma: f32, out: &mut [f32]) -> bool {
        for (x, out) in x.chunks_exact(2).zip(out) {
            *out = self.log_density_and_score([x[0].into(), x[1].into()], sigma.into()).0 as f32;
        }
        true
    }
}

impl Distribution for GaussianMixture {
    /// A running log-sum-exp: whatever mode is nearest so far has weight 1, the others are relative to it.
    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        let (mut greatest, mut total, mut score) = (f64::NEG_INFINITY, 0.0, Vector2::zeros());
        for mode in &self.modes {
            let (log_density, s) = mode.log_density_and_score(x, sigma);
            if log_density > greatest {
                let shrink = (greatest - log_density).exp();
                greatest = log_density;
                total = total * shrink + 1.0;
                score = score * shrink + s;
            } else {
                let share = (log_density - greatest).exp();
                total += share;
                score += s * share;
            }
        }
        (greatest + total.ln(), (score / total).into())
    }

    #[expect(clippy::cast_possible_truncation, reason = "particles are f32")]
    fn sample(&self, noise: &Noise, sigma: f64, first: u32, out: &mut [f32]) {
        for (i, out) in (0u32..).zip(out.chunks_exact_mut(2)) {
            let mut generator = noise.generator(Purpose::Data, first.wrapping_add(i), 0);
            let mode = self.choose(generator.random());
            let z = Vector2::from_fn(|_, _| generator.sample::<f64, _>(StandardNormal));
            let std = mode.variances.map(|v| (v + sigma * sigma).sqrt());
            let x = mode.mean + mode.axes * std.component_mul(&z);
            out.copy_from_slice(&[x.x as f32, x.y as f32]);
        }
    }

    fn mode_weights(&self) -> Vec<f64> {
        self.modes.iter().map(|mode| mode.weight).collect()
    }

    fn nearest_mode(&self, x: Point, sigma: f64) -> (usize, f64) {
        let distances = self.modes.iter().map(|mode| {
            let (u, v) = mode.local(x, sigma);
            u.component_mul(&u).component_div(&v).sum().sqrt()
        });
        distances.enumerate().fold((0, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
    }

    fn mean(&self) -> Point {
        self.modes.iter().map(|mode| mode.mean * mode.weight).sum::<Vector2<f64>>().into()
    }

    fn std(&self) -> f64 {
        let mean = Vector2::from(self.mean());
        let spread = |mode: &Mode| mode.weight * (mode.variances.sum() + (mode.mean - mean).norm_squared());
        (0.5 * self.modes.iter().map(spread).sum::<f64>()).sqrt()
    }

    fn has_density(&self, sigma: f64) -> bool {
        sigma > 0.0 || self.modes.iter().all(|mode| mode.variances.min() > 0.0)
    }
}
