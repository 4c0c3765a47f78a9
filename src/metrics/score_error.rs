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
