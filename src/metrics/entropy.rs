//! How uncertain the data are: what the negative log-likelihood of right samples converges to.

use super::each_cell;
use crate::distributions::Distribution;

/// H(p_σ) = −∫ p_σ log p_σ dx, in nats. `None` where p_σ has no density, or is too thin for its extent to be integrated.
#[must_use]
pub fn entropy(data: &dyn Distribution, sigma: f64) -> Option<f64> {
    let mut entropy = 0.0;
    each_cell(data, sigma, |x, side| {
        let log_p = data.log_density_and_score(x, sigma).0;
        if log_p > f64::NEG_INFINITY {
            entropy -= log_p.exp() * log_p * side * side;
        }
    })?;
    Some(entropy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Boxes, Component, GaussianMixture, WeightedBox};

    /// ½ log det 2πe(Σ + σ²I)
    #[test]
    fn a_gaussian_has_the_entropy_of_the_textbook() {
        let data = Component { weight: 1.0, mean: [3.0, -1.0], covariance: [[1.0, 0.6], [0.6, 0.5]] };
        let data = GaussianMixture::new(&[data]).expect("a legal mixture");
        for sigma in [0.0, 0.1, 3.0f64] {
            let v = sigma * sigma;
            let det = (1.0 + v) * (0.5 + v) - 0.36;
            let expected = 1.0 + std::f64::consts::TAU.ln() + 0.5 * det.ln();
            let found = entropy(&data, sigma).expect("it has a density");
            assert!((found - expected).abs() < 1e-6, "σ = {sigma}: {found}, not {expected}");
        }
    }

    /// A box of area 6 with hardly any blur: log 6, and a rim that is O(σ).
    #[test]
    fn a_sharp_box_has_the_log_of_its_area() {
        let data =
            Boxes::new(&[WeightedBox { weight: 2.0, min: [0.0; 2], max: [2.0, 3.0] }], 0.0).expect("a legal box");
        let found = entropy(&data, 0.003).expect("it has a density");
        assert!((found - 6f64.ln()).abs() < 0.01, "{found}");
        assert_eq!(entropy(&data, 0.0), None);
    }
}
