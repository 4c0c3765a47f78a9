//! The geometric ladder of noise levels. Song & Ermon 2019, §4.1: {σ_i} is a positive geometric sequence.

use thiserror::Error;

/// σ_i = σ_max (σ_min/σ_max)^((i−1)/(L−1)),   i = 1 … L, from the largest to the smallest
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ladder {
    max: f64,
    min: f64,
    levels: usize,
}

/// Why three numbers are no ladder.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LadderError {
    /// σ out of range or in the wrong order.
    #[error("a ladder wants 0 < sigma_min <= sigma_max, both finite; got sigma_min = {min}, sigma_max = {max}")]
    Range {
        /// The σ_max given.
        max: f64,
        /// The σ_min given.
        min: f64,
    },
    /// An exponent that bends nothing.
    #[error("a ladder wants a finite rho > 0; got {rho}")]
    Rho {
        /// The ρ given.
        rho: f64,
    },
    /// No levels at all.
    #[error("a ladder wants at least one level")]
    NoLevels,
}

impl Ladder {
    /// A ladder of `levels` values of σ from `max` down to `min`. One level alone stands at `min`.
    ///
    /// # Errors
    /// Unless 0 < `min` ≤ `max` < ∞ and `levels` ≥ 1.
    pub fn geometric(max: f64, min: f64, levels: usize) -> Result<Self, LadderError> {
        if !(min > 0.0 && min <= max && max.is_finite()) {
            return Err(LadderError::Range { max, min });
        }
        if levels == 0 {
            return Err(LadderError::NoLevels);
        }
        Ok(Self { max, min, levels })
    }

    /// σ_1, the largest.
    #[must_use]
    pub const fn max(&self) -> f64 {
        self.max
    }

    /// σ_L, the smallest.
    #[must_use]
    pub const fn min(&self) -> f64 {
        self.min
    }

    /// L
    #[must_use]
    pub const fn len(&self) -> usize {
        self.levels
    }

    /// Never: a ladder has at least one level.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.levels == 0
    }

    /// Every σ_i, from the largest to the smallest.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "level counts are small")]
    pub fn levels(&self) -> impl ExactSizeIterator<Item = f64> + use<> {
        let Self { max, min, levels } = *self;
        (0..levels).map(
            move |i| {
                if i + 1 == levels { min } else { max * (min / max).powf(i as f64 / (levels - 1) as f64) }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python: [20 * (1 / 20) ** (i / 9) for i in range(10)]
    #[test]
    fn levels_are_the_geometric_sequence() {
        let expected = [
            20.0,
            14.337_423_288_737_73,
            10.278_085_328_021_952,
            7.368_062_997_280_774_5,
            5.281_951_900_505_004,
            3.786_479_009_414_647,
            2.714_417_616_594_906_8,
            1.945_887_717_576_388_7,
            1.394_950_793_962_421_3,
            1.0,
        ];
        let ladder = Ladder::geometric(20.0, 1.0, 10).expect("a legal ladder");
        for (sigma, expected) in ladder.levels().zip(expected) {
            assert!((sigma / expected - 1.0).abs() < 1e-12, "{sigma} {expected}");
        }
    }

    #[test]
    fn what_is_no_ladder_is_refused() {
        for (max, min) in [(1.0, 2.0), (1.0, 0.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0), (1.0, f64::NAN), (1.0, -1.0)]
        {
            assert!(matches!(Ladder::geometric(max, min, 3), Err(LadderError::Range { .. })), "{max} {min}");
        }
        assert_eq!(Ladder::geometric(2.0, 1.0, 0), Err(LadderError::NoLevels));
    }
}
