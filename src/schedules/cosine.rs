//! The cosine schedule: data are forgotten slowly at both ends of time.
//! Nichol & Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", Eq. 17.

use std::f64::consts::FRAC_PI_2;

/// ᾱ(t) = h(t)/h(0),   h(t) = cos²((t + s)/(1 + s) · π/2),   a = √ᾱ,   b = √(1 − ᾱ)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    /// s: keeps the first steps from being too small; 0.008 in the paper.
    pub offset: f64,
}

/// The paper's bound on β of one step, which keeps the last one from erasing x entirely.
const GREATEST_BETA: f64 = 0.999;

impl Default for Cosine {
    fn default() -> Self {
        Self { offset: 0.008 }
    }
}

impl Cosine {
    fn angle(&self, t: f64) -> f64 {
        (t + self.offset) / (1.0 + self.offset) * FRAC_PI_2
    }

    /// ᾱ(t), for t in [0, 1]; 0 at t = 1.
    #[must_use]
    pub fn alpha_bar(&self, t: f64) -> f64 {
        (self.angle(t).cos() / self.angle(0.0).cos()).powi(2)
    }

    /// a(t), the factor by which the data have shrunk.
    #[must_use]
    pub fn mean_factor(&self, t: f64) -> f64 {
        self.alpha_bar(t).sqrt()
    }

    /// b(t), the standard deviation of the noise where the data have standard deviation 1.
    #[must_use]
    pub fn std(&self, t: f64) -> f64 {
        (1.0 - self.alpha_bar(t)).max(0.0).sqrt()
    }

    /// β_i = min(1 − ᾱ(i/N)/ᾱ((i−1)/N), 0.999) for i = 1 … N.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "step counts are small")]
    pub fn betas(&self, steps: usize) -> Vec<f64> {
        let at = |i: usize| self.alpha_bar(i as f64 / steps as f64);
        (1..=steps).map(|i| (1.0 - at(i) / at(i - 1)).min(GREATEST_BETA)).collect()
    }
}
