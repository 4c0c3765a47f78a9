//! The variance-preserving process: data shrink as noise grows. DDPM in continuous time.
//! Song et al. 2021, §3.4 and Appendix C; constants as in score_sde_pytorch, `sde_lib.py`.

use super::Sde;

/// β(t) = β_0 + t (β_1 − β_0): how fast data are forgotten
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearBeta {
    start: f64,
    end: f64,
}

impl LinearBeta {
    /// β_0 at t = 0 and β_1 at t = 1; `None` unless both are positive and finite.
    #[must_use]
    pub fn new(start: f64, end: f64) -> Option<Self> {
        (start > 0.0 && start.is_finite() && end > 0.0 && end.is_finite()).then_some(Self { start, end })
    }

    /// β(t)
    #[must_use]
    pub const fn at(&self, t: f64) -> f64 {
        self.start + t * (self.end - self.start)
    }

    /// ∫_0^t β
    #[must_use]
    pub const fn integral(&self, t: f64) -> f64 {
        0.5 * t * t * (self.end - self.start) + t * self.start
    }
}

/// f = −½ β,   g = √β,   a = e^{−½∫β},   b = √(1 − e^{−∫β})
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VariancePreserving {
    /// β(t)
    pub beta: LinearBeta,
}

impl Sde for VariancePreserving {
    fn mean_factor(&self, t: f64) -> f64 {
        (-0.5 * self.beta.integral(t)).exp()
    }

    fn std(&self, t: f64) -> f64 {
        (-(-self.beta.integral(t)).exp_m1()).sqrt()
    }

    fn drift(&self, t: f64) -> f64 {
        -0.5 * self.beta.at(t)
    }

    fn diffusion_squared(&self, t: f64) -> f64 {
        self.beta.at(t)
    }

    fn end(&self) -> f64 {
        1e-3
    }
}
