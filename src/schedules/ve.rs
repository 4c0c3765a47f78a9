//! The variance-exploding process: data stay where they are, noise grows geometrically.
//! Song et al. 2021, §3.4 and Appendix C; constants as in score_sde_pytorch, `sde_lib.py`.

use super::{LadderError, Sde};

/// σ(t) = σ_min (σ_max/σ_min)^t,   f = 0,   g = σ(t) √(2 ln(σ_max/σ_min))
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceExploding {
    sigma_min: f64,
    sigma_max: f64,
}

impl VarianceExploding {
    /// The process between two noise levels.
    ///
    /// # Errors
    /// Unless 0 < `sigma_min` ≤ `sigma_max` < ∞.
    pub fn new(sigma_min: f64, sigma_max: f64) -> Result<Self, LadderError> {
        if sigma_min > 0.0 && sigma_min <= sigma_max && sigma_max.is_finite() {
            Ok(Self { sigma_min, sigma_max })
        } else {
            Err(LadderError::Range { max: sigma_max, min: sigma_min })
        }
    }
}

impl Sde for VarianceExploding {
    fn mean_factor(&self, _t: f64) -> f64 {
        1.0
    }

    fn std(&self, t: f64) -> f64 {
        self.sigma_min * (self.sigma_max / self.sigma_min).powf(t)
    }

    fn drift(&self, _t: f64) -> f64 {
        0.0
    }

    fn diffusion_squared(&self, t: f64) -> f64 {
        self.std(t).powi(2) * 2.0 * (self.sigma_max / self.sigma_min).ln()
    }

    fn end(&self) -> f64 {
        1e-5
    }
}
