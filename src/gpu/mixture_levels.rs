//! A Gaussian mixture at every noise level of a plan: what depends on σ alone is computed here, once, in double precision.

use nalgebra::{Matrix2, SymmetricEigen};

use super::GpuError;
use crate::distributions::{Component, Distribution, GaussianMixture};

/// One mode at one noise level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoisedMode {
    /// μ
    pub mean: [f32; 2],
    /// First axis of the Gaussian, of length 1; the second is this, turned by 90°.
    pub axis: [f32; 2],
    /// 1/(λ + σ²) along the axes.
    pub inverse: [f32; 2],
    /// ln π − ½ ln |Σ + σ²I|, less the greatest of the level: constants leave the score as it is.
    pub log_height: f32,
}

impl NoisedMode {
    /// As `Mode` in WGSL.
    pub(super) fn packed(&self) -> [f32; 8] {
        let Self { mean, axis, inverse, log_height } = *self;
        [mean[0], mean[1], axis[0], axis[1], inverse[0], inverse[1], log_height, 0.0]
    }
}

/// Every mode at every noise level.
#[derive(Clone, Debug, PartialEq)]
pub struct MixtureLevels {
    /// Shape (levels, modes).
    pub modes: Vec<NoisedMode>,
    /// Modes of the mixture.
    pub count: usize,
}

/// Σ = R diag(λ) Rᵀ
struct Axes {
    weight: f64,
    mean: [f64; 2],
    first: [f64; 2],
    variances: [f64; 2],
}

impl Axes {
    fn of(component: &Component) -> Self {
        let [[a, b], [_, d]] = component.covariance;
        let SymmetricEigen { eigenvectors, eigenvalues } = Matrix2::new(a, b, b, d).symmetric_eigen();
        let Component { weight, mean, .. } = *component;
        // The mixture sets what rounding leaves of an eigenvalue 0 to 0; putting Σ together and apart again may undo it.
        let rounding = 1e-12 * eigenvalues.amax();
        let variances = [eigenvalues.x, eigenvalues.y].map(|v| if v > rounding { v } else { 0.0 });
        Self { weight, mean, first: [eigenvectors[(0, 0)], eigenvectors[(1, 0)]], variances }
    }

    fn log_height(&self, sigma: f64) -> f64 {
        let [v, w] = self.variances.map(|v| (v + sigma * sigma).ln());
        self.weight.ln() - 0.5 * (v + w)
    }

    #[expect(clippy::cast_possible_truncation, reason = "particles move in f32")]
    fn noised(&self, sigma: f64, highest: f64) -> NoisedMode {
        NoisedMode {
            mean: self.mean.map(|m| m as f32),
            axis: self.first.map(|r| r as f32),
            inverse: self.variances.map(|v| (v + sigma * sigma).recip() as f32),
            log_height: (self.log_height(sigma) - highest) as f32,
        }
    }
}

impl MixtureLevels {
    /// The mixture at these noise levels.
    ///
    /// # Errors
    /// Where it has no density at one of them.
    pub fn new(mixture: &GaussianMixture, levels: &[f32]) -> Result<Self, GpuError> {
        let axes: Vec<Axes> = mixture.components().iter().map(Axes::of).collect();
        let mut modes = Vec::with_capacity(axes.len() * levels.len());
        for sigma in levels {
            if !mixture.has_density((*sigma).into()) {
                return Err(GpuError::NoDensity(*sigma));
            }
            let sigma = f64::from(*sigma);
            let highest = axes.iter().map(|mode| mode.log_height(sigma)).fold(f64::NEG_INFINITY, f64::max);
            modes.extend(axes.iter().map(|mode| mode.noised(sigma, highest)));
        }
        Ok(Self { modes, count: axes.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_no_score_without_noise() {
        let points = GaussianMixture::new(&[Component::round(1.0, [0.0, 0.0], 0.0)]).unwrap();
        assert_eq!(MixtureLevels::new(&points, &[1.0, 0.0]), Err(GpuError::NoDensity(0.0)));
        let noised = MixtureLevels::new(&points, &[2.0]).unwrap();
        assert_eq!((noised.count, noised.modes[0].inverse), (1, [0.25; 2]));
    }
}
