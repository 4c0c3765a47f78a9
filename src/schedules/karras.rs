//! The noise levels of EDM: close together where σ is small and the way bends.
//! Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", Eq. 5.

use super::LadderError;

/// σ_i = (σ_max^{1/ρ} + i/(N−1) (σ_min^{1/ρ} − σ_max^{1/ρ}))^ρ,   i = 0 … N−1,   then σ_N = 0
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Karras {
    max: f64,
    min: f64,
    rho: f64,
    levels: usize,
}

impl Karras {
    /// N levels from σ_max to σ_min, without the 0. One level alone stands at σ_max.
    ///
    /// # Errors
    /// Unless 0 < `min` ≤ `max` < ∞, `rho` > 0 and `levels` ≥ 1.
    pub fn new(max: f64, min: f64, rho: f64, levels: usize) -> Result<Self, LadderError> {
        if !(min > 0.0 && min <= max && max.is_finite()) {
            return Err(LadderError::Range { max, min });
        }
        if !(rho > 0.0 && rho.is_finite()) {
            return Err(LadderError::Rho { rho });
        }
        if levels == 0 {
            return Err(LadderError::NoLevels);
        }
        Ok(Self { max, min, rho, levels })
    }

    /// σ_0 … σ_{N−1}, from the largest to the smallest.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "level counts are small")]
    pub fn levels(&self) -> Vec<f64> {
        let Self { max, min, rho, levels } = *self;
        let (from, to) = (max.powf(1.0 / rho), min.powf(1.0 / rho));
        let at = |i: usize| match i {
            0 => max,
            i if i + 1 == levels => min,
            i => (from + i as f64 / (levels - 1) as f64 * (to - from)).powf(rho),
        };
        (0..levels).map(at).collect()
    }

    /// σ_0 … σ_{N−1}, then σ_N = 0.
    #[must_use]
    pub fn levels_to_zero(&self) -> Vec<f64> {
        let mut levels = self.levels();
        levels.push(0.0);
        levels
    }
}
