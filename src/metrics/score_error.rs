//! How wrong a score is, where the data are, at each noise level.

use serde::Serialize;

use super::{points, real};
use crate::distributions::Distribution;
use crate::noise::Noise;
use crate::score::Score;

/// σ² E‖s − s*‖² under p_σ, without unit: 0 for the truth; a score of zero everywhere has about 2 at large σ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScoreError {
    /// σ
    pub sigma: f64,
    /// σ² E‖s − s*‖²
    pub error: f64,
}

/// Compares `score` with the exact score of `data` on `count` points of p_σ, for each σ.
#[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32")]
pub fn score_error(
    score: &dyn Score,
    data: &dyn Distribution,
    sigmas: impl IntoIterator<Item = f64>,
    count: usize,
    noise: &Noise,
) -> Vec<ScoreError> {
    let (mut x, mut s) = (vec![0.0; 2 * count], vec![0.0; 2 * count]);
    let error_at = |sigma: f64| {
        data.sample(noise, sigma, 0, &mut x);
        score.score(&x, sigma as f32, &mut s);
        let squared = points(&x).zip(points(&s)).map(|(x, s)| {
            let (_, exact) = data.log_density_and_score(x, sigma);
            (s[0] - exact[0]).powi(2) + (s[1] - exact[1]).powi(2)
        });
        ScoreError { sigma, error: sigma * sigma * squared.sum::<f64>() / real(count) }
    };
    sigmas.into_iter().map(error_at).collect()
}

/// The lowest decade of density that is told apart.
pub const LOWEST_DECADE: i32 = -12;

/// The error of a score where the density is of one order of magnitude.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DecadeError {
    /// ⌊log₁₀ p_σ⌋; [`LOWEST_DECADE`] stands for all below it, too.
    pub decade: i32,
    /// √ mean ‖s − s*‖² over the points, in inverse units of x.
    pub rms: f64,
    /// How many points were there.
    pub count: usize,
}

/// Root mean square error of `score` at `x`, shape (n, 2), by decade of the true density at `sigma`, greatest first.
#[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32; decades are small")]
pub fn score_error_by_density(score: &dyn Score, data: &dyn Distribution, sigma: f64, x: &[f32]) -> Vec<DecadeError> {
    let mut s = vec![0.0; x.len()];
    score.score(x, sigma as f32, &mut s);
    let mut decades = std::collections::BTreeMap::<i32, (f64, usize)>::new();
    for (x, s) in points(x).zip(points(&s)) {
        let (log_p, exact) = data.log_density_and_score(x, sigma);
        let decade = ((log_p / std::f64::consts::LN_10).floor() as i32).max(LOWEST_DECADE);
        let (sum, count) = decades.entry(decade).or_default();
        *sum += (s[0] - exact[0]).powi(2) + (s[1] - exact[1]).powi(2);
        *count += 1;
    }
    let entry =
        |(decade, (sum, count)): (i32, (f64, usize))| DecadeError { decade, rms: (sum / real(count)).sqrt(), count };
    decades.into_iter().rev().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, GaussianMixture};

    /// The exact score, wrong by a constant vector (0.3, 0.4).
    struct Off<'a>(&'a GaussianMixture);

    impl Score for Off<'_> {
        fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
            self.0.score(x, sigma, out);
            out.chunks_exact_mut(2).for_each(|s| (s[0], s[1]) = (s[0] + 0.3, s[1] + 0.4));
        }
    }

    #[test]
    fn a_constant_fault_of_one_half_is_found_at_every_sigma_and_density() {
        let data = GaussianMixture::new(&[Component::round(1.0, [0.0, 0.0], 1.0)]).expect("a legal mixture");
        for found in score_error(&Off(&data), &data, [0.1, 2.0], 500, &Noise::new(1)) {
            assert!((found.error - 0.25 * found.sigma.powi(2)).abs() < 1e-5 * (1.0 + found.sigma.powi(2)), "{found:?}");
        }
        // log10 p at |x| = 0, 2, 4, 9, 20: −0.80, −1.67, −4.27, −18.4, −87.7.
        let x = [0.0, 0.0, 2.0, 0.0, 0.0, 4.0, 4.0, 0.0, 9.0, 0.0, 0.0, -20.0];
        let decades = score_error_by_density(&Off(&data), &data, 0.0, &x);
        let seen: Vec<(i32, usize)> = decades.iter().map(|d| (d.decade, d.count)).collect();
        assert_eq!(seen, [(-1, 1), (-2, 1), (-5, 2), (-12, 2)]);
        assert!(decades.iter().all(|d| (d.rms - 0.5).abs() < 1e-5));
    }
}
