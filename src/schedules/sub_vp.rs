//! The sub-variance-preserving process: shrinks data as VP does, and never adds more noise than it.
//! Song et al. 2021, §3.4 and Appendix C; constants as in score_sde_pytorch, `sde_lib.py`.

use super::{LinearBeta, Sde, VariancePreserving};

/// f = −½ β,   g² = β (1 − e^{−2∫β}),   a = e^{−½∫β},   b = 1 − e^{−∫β}
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubVariancePreserving {
    /// β(t)
    pub beta: LinearBeta,
}

impl Sde for SubVariancePreserving {
    fn mean_factor(&self, t: f64) -> f64 {
        VariancePreserving { beta: self.beta }.mean_factor(t)
    }

    fn std(&self, t: f64) -> f64 {
        -(-self.beta.integral(t)).exp_m1()
    }

    fn drift(&self, t: f64) -> f64 {
        -0.5 * self.beta.at(t)
    }

    fn diffusion_squared(&self, t: f64) -> f64 {
        self.beta.at(t) * -(-2.0 * self.beta.integral(t)).exp_m1()
    }

    fn end(&self) -> f64 {
        1e-3
    }
}
