//! Whether draws fall on every part as often as the truth says: shares, and Pearson's chi-square.

use serde::Serialize;

use super::real;

/// A share of independent draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Of how many draws.
    pub of: usize,
    /// The share.
    pub share: f64,
    /// √(p(1 − p)/n)
    pub standard_error: f64,
}

impl Rate {
    /// `count` of `of` draws; `None` where there are none.
    #[must_use]
    pub fn new(count: usize, of: usize) -> Option<Self> {
        let share = real(count) / real(of);
        (of > 0).then(|| Self { of, share, standard_error: (share * (1.0 - share) / real(of)).sqrt() })
    }
}

/// χ² = Σ (n_i − n p_i)² / n p_i, and how often the truth gives as much.
/// Pearson 1900, "On the criterion that a given system of deviations …".
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChiSquare {
    /// χ²
    pub statistic: f64,
    /// Degrees of freedom: one less than there are parts.
    pub degrees: usize,
    /// The probability of so much or more under the truth. Known where every part is expected five times (Cochran 1954):
    /// with fewer draws χ² has another distribution.
    pub p_value: Option<f64>,
}

/// Expected draws of the rarest part for which χ² is distributed as such.
const ENOUGH: f64 = 5.0;

impl ChiSquare {
    /// Of counts against probabilities that sum to 1; `None` without draws, or with fewer than two parts.
    #[must_use]
    pub fn new(counts: &[usize], expected: &[f64]) -> Option<Self> {
        let n = real(counts.iter().sum());
        if n == 0.0 || counts.len() < 2 {
            return None;
        }
        let terms = counts.iter().zip(expected).map(|(count, p)| (real(*count) - n * p).powi(2) / (n * p));
        let (statistic, degrees) = (terms.sum(), counts.len() - 1);
        let enough = expected.iter().all(|p| n * p >= ENOUGH);
        Some(Self { statistic, degrees, p_value: enough.then(|| chi_square_tail(statistic, degrees)) })
    }
}

/// P(χ²_ν ≥ x) = Q(ν/2, x/2)
#[must_use]
pub fn chi_square_tail(x: f64, degrees: usize) -> f64 {
    upper_gamma(0.5 * real(degrees), 0.5 * x)
}

/// Q(a, x) = Γ(a, x)/Γ(a): Abramowitz & Stegun 1964, 6.5.29 below a + 1, the continued fraction 6.5.31 above.
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() - x - libm::lgamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut k) = (1.0 / a, 1.0 / a, a);
        while term > f64::EPSILON * sum {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        return (1.0 - front * sum).max(0.0);
    }
    // From the inside out, and far enough in: each level gains a digit or more beyond the turning point.
    let fraction = (1..200).rev().map(f64::from).fold(0.0, |inner, k| k * (k - a) / (x + 2.0 * k + 1.0 - a - inner));
    front / (x + 1.0 - a - fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAILS: [(f64, usize, f64); 9] = [
        (0.0, 3, 1.0000000000000000e+00),
        (0.5, 1, 4.7950012218695337e-01),
        (3.0, 4, 5.5782540037107475e-01),
        (14.067140449340169, 7, 4.9999999999999996e-02),
        (30.0, 14, 7.6318996375149516e-03),
        (9.0, 15, 8.7751745160128247e-01),
        (120.0, 15, 1.8924849646375555e-18),
        (700.0, 9, 6.9163578387954540e-145),
        (200.0, 239, 9.6858155254028078e-01),
    ];

    /// `scipy.stats.chi2.sf(x, k)`, and a chi-square by hand: (12 − 10)²/10 + (6 − 5)²/5 + (2 − 5)²/5 = 2.4.
    #[test]
    fn tails_are_those_of_scipy() {
        for (x, degrees, expected) in TAILS {
            let found = chi_square_tail(x, degrees);
            assert!((found - expected).abs() < 1e-12 + 1e-10 * expected, "{x}, {degrees}: {found} {expected}");
        }
        let found = ChiSquare::new(&[12, 6, 2], &[0.5, 0.25, 0.25]).expect("three parts");
        assert!((found.statistic - 2.4).abs() < 1e-12 && found.degrees == 2, "{found:?}");
        assert!((found.p_value.expect("enough draws") - (-1.2f64).exp()).abs() < 1e-12);
        assert_eq!(ChiSquare::new(&[1, 2], &[0.5, 0.5]).and_then(|few| few.p_value), None);
        assert_eq!(ChiSquare::new(&[0, 0], &[0.5, 0.5]), None);
    }

    #[test]
    fn a_rate_has_the_binomial_error() {
        let rate = Rate::new(20, 100).expect("draws");
        assert!((rate.share - 0.2).abs() < 1e-12 && (rate.standard_error - 0.04).abs() < 1e-12);
        assert_eq!(Rate::new(0, 0), None);
    }
}
