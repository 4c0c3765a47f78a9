//! How probable the particles are under the truth.

use super::{points, real};
use crate::distributions::Distribution;

/// −1/n Σ log p_σ(x_i), in nats; `x` of shape (n, 2). `None` where p_σ has no density or there are no particles.
#[must_use]
pub fn negative_log_likelihood(data: &dyn Distribution, sigma: f64, x: &[f32]) -> Option<f64> {
    if x.is_empty() || !data.has_density(sigma) {
        return None;
    }
    let total: f64 = points(x).map(|x| data.log_density_and_score(x, sigma).0).sum();
    Some(-total / real(x.len() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, GaussianMixture};
    use crate::noise::Noise;

    /// A round Gaussian has entropy 1 + ln 2πs². n = 20,000, seed 1; −log p has variance 1, so three sigma is .0212.
    #[test]
    fn samples_of_a_gaussian_have_its_entropy() {
        let data = GaussianMixture::new(&[Component::round(1.0, [3.0, -1.0], 0.6)]).expect("a legal mixture");
        let mut x = vec![0.0; 40_000];
        data.sample(&Noise::new(1), 0.8, 0, &mut x);
        let nll = negative_log_likelihood(&data, 0.8, &x).expect("it has a density");
        assert!((nll - (1.0 + std::f64::consts::TAU.ln())).abs() < 0.0212, "{nll}");
    }

    #[test]
    fn a_point_mass_has_no_density_without_noise() {
        let data = GaussianMixture::new(&[Component::round(1.0, [0.0, 0.0], 0.0)]).expect("a legal mixture");
        assert_eq!(negative_log_likelihood(&data, 0.0, &[0.0, 0.0]), None);
    }
}
