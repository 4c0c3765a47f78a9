//! Rules for a ladder of noise levels: where to begin, how far apart, how long a step.
//! Song & Ermon 2020, "Improved Techniques for Training Score-Based Generative Models" (NCSNv2), Techniques 1, 2 and 4.

use thiserror::Error;

use crate::distributions::Point;

/// Why a rule has no value.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum NoValue {
    /// Technique 1 without a pair.
    #[error("a largest distance wants at least two finite points; there are {points}")]
    NoPair {
        /// Finite points given.
        points: usize,
    },
    /// Technique 2 in few dimensions.
    #[error(
        "in {dimensions} dimensions noise of neighbouring levels always overlaps by more than half: \
         no ratio γ > 1 solves the rule, which needs 5 dimensions or more"
    )]
    TooFewDimensions {
        /// D
        dimensions: usize,
    },
    /// Technique 4 outside the numbers that mean something.
    #[error("the rule wants 0 < ε < 2 σ_L², T ≥ 1, γ ≥ 1 and σ_L > 0, all finite")]
    OutOfRange,
}

/// Technique 1: σ_1 = max_ij ‖x_i − x_j‖, so that the first level reaches from any point to any other.
///
/// # Errors
/// With fewer than two finite points.
pub fn first_level(points: &[Point]) -> Result<f64, NoValue> {
    let finite: Vec<_> = points.iter().filter(|x| x.iter().all(|x| x.is_finite())).collect();
    if finite.len() < 2 {
        return Err(NoValue::NoPair { points: finite.len() });
    }
    let distance = |a: &Point, b: &Point| (a[0] - b[0]).hypot(a[1] - b[1]);
    let farthest = |(i, a): (usize, &&Point)| finite[i + 1..].iter().map(|b| distance(a, b)).fold(0.0, f64::max);
    Ok(finite.iter().enumerate().map(farthest).fold(0.0, f64::max))
}

/// The left side of Technique 2: Φ(√(2D)(γ−1) + 3γ) − Φ(√(2D)(γ−1) − 3γ), the share of one level's noise that lies where
/// the next one's does.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "dimensions stay far below 2^52")]
pub fn overlap(dimensions: usize, ratio: f64) -> f64 {
    let shift = (2.0 * dimensions as f64).sqrt() * (ratio - 1.0);
    normal_cdf(shift + 3.0 * ratio) - normal_cdf(shift - 3.0 * ratio)
}

/// Technique 2: the ratio γ = σ_{i−1}/σ_i > 1 at which the [`overlap`] is ½.
///
/// # Errors
/// Where D < 5. The overlap is ½ near √(2D)(γ−1) = 3γ, that is at γ = √(2D)/(√(2D) − 3): there is one only if √(2D) > 3.
pub fn ratio(dimensions: usize) -> Result<f64, NoValue> {
    if dimensions < 5 {
        return Err(NoValue::TooFewDimensions { dimensions });
    }
    // The overlap falls with γ: .997 at 1, and below ½ at 100 even for D = 5.
    let (mut low, mut high) = (1.0, 100.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if overlap(dimensions, middle) > 0.5 { low = middle } else { high = middle }
    }
    Ok(0.5 * (low + high))
}

/// What Technique 4 asks about: T steps of x + ε s + √(2ε) z at the last level σ_L of a ladder of ratio γ.
/// In our x + ½ α s + √α z, α = 2ε.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastLevel {
    /// T
    pub steps: u32,
    /// γ = σ_{L−1}/σ_L
    pub ratio: f64,
    /// σ_L, in units of x.
    pub sigma: f64,
}

impl LastLevel {
    /// (1 − ε/σ_L²)^{2T} (γ² − q) + q,   q = 2ε / (σ_L² − σ_L² (1 − ε/σ_L²)²):
    /// the variance with which particles leave the level, in units of σ_L².
    ///
    /// # Errors
    /// Where a number is out of range.
    pub fn variance(&self, epsilon: f64) -> Result<f64, NoValue> {
        let Self { steps, ratio, sigma } = *self;
        let legal = steps > 0 && ratio >= 1.0 && ratio.is_finite() && sigma > 0.0 && sigma.is_finite();
        let kept = 1.0 - epsilon / (sigma * sigma);
        if !(legal && epsilon > 0.0 && kept > -1.0) {
            return Err(NoValue::OutOfRange);
        }
        let q = 2.0 * epsilon / (sigma * sigma * (1.0 - kept * kept));
        Ok((kept * kept).powf(steps.into()) * (ratio * ratio - q) + q)
    }

    /// Technique 4: the ε at which [`Self::variance`] is as near to 1 as it comes.
    ///
    /// It is a mean of γ² and q, both above 1, so it never is 1: the paper's ≈ means the least.
    ///
    /// # Errors
    /// Where a number is out of range.
    pub fn step(&self) -> Result<f64, NoValue> {
        let unit = self.sigma * self.sigma;
        let at = |log_share: f64| self.variance(unit * log_share.exp());
        // One minimum in ln(ε/σ_L²): golden section, from 1e-9 to 1.
        let (mut low, mut high) = (1e-9f64.ln(), 0.0);
        let golden = 0.5 * (5f64.sqrt() - 1.0);
        for _ in 0..100 {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if at(left)? < at(right)? { high = right } else { low = left }
        }
        Ok(unit * (0.5 * (low + high)).exp())
    }
}

/// Φ(x) = ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …), to 1e-15. Marsaglia 2004, "Evaluating the Normal Distribution".
fn normal_cdf(x: f64) -> f64 {
    if x.abs() > 8.5 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut sum, mut term, mut odd) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    0.5 + sum * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
}
