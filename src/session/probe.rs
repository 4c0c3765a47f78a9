//! One place, looked at closely: both scores, the angle between them, the density, and where the noise would go.

use super::command::Source;
use super::order::ProbeRequest;
use super::scores::Scores;

/// What is known at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeFrame {
    /// What was asked for.
    pub request: ProbeRequest,
    /// log p_σ(x) in nats, of the data or of what is memorised.
    pub log_density: f64,
    /// The exact score, or the memorising one.
    pub exact: [f64; 2],
    /// The network's score.
    pub learned: Option<[f64; 2]>,
}

impl ProbeFrame {
    pub(super) fn of(request: ProbeRequest, scores: &Scores<'_>) -> Self {
        let sigma = request.sigma;
        let (log_density, exact) = scores.density().log_density_and_score(request.x, sigma.into());
        #[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32")]
        let x = request.x.map(|x| x as f32);
        let learned = scores.learned.map(|learned| {
            let mut s = [0.0; 2];
            learned.score(&x, sigma, &mut s);
            s.map(f64::from)
        });
        Self { request, log_density, exact, learned }
    }

    /// The angle between both scores, in degrees.
    #[must_use]
    pub fn angle(&self) -> Option<f64> {
        let ([a, b], [c, d]) = (self.exact, self.learned?);
        let (across, along) = (a * d - b * c, a * c + b * d);
        (across != 0.0 || along != 0.0).then(|| across.abs().atan2(along).to_degrees())
    }

    /// D(x, σ) = x + σ² s(x, σ): the mean of the data points that x may have come from.
    #[must_use]
    pub fn denoised(&self, source: Source) -> Option<[f64; 2]> {
        let s = if source == Source::Learned && self.request.memorising.is_none() { self.learned? } else { self.exact };
        let variance = f64::from(self.request.sigma).powi(2);
        Some([0, 1].map(|axis| self.request.x[axis] + variance * s[axis]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, GaussianMixture};
    use crate::score::Score;

    /// Everywhere (1, 0).
    struct Rightwards;

    impl Score for Rightwards {
        fn score(&self, _x: &[f32], _sigma: f32, out: &mut [f32]) {
            out.chunks_exact_mut(2).for_each(|s| s.copy_from_slice(&[1.0, 0.0]));
        }
    }

    /// For N(μ, τ²I): D = (σ² μ + τ² x) / (σ² + τ²), log p = −r²/2(σ²+τ²) − ln 2π(σ²+τ²).
    #[test]
    fn a_gaussian_is_denoised_by_the_closed_form() {
        let (tau, mean) = (0.8, [1.0, -2.0]);
        let exact = GaussianMixture::new(&[Component::round(1.0, mean, tau)]).expect("a legal mixture");
        let scores = Scores { learned: Some(&Rightwards), exact: &exact, memorising: None };
        for (x, sigma) in [([3.0, 1.0], 0.5f32), ([-4.0, 0.5], 2.0), ([1.0, -2.0], 1.0)] {
            let request = ProbeRequest { x, sigma, memorising: None, network_version: 0, draft: 0 };
            let probe = ProbeFrame::of(request, &scores);
            let (v, t) = (f64::from(sigma).powi(2), tau * tau);
            let denoised = probe.denoised(Source::Exact).expect("the truth is known");
            for axis in 0..2 {
                assert!((denoised[axis] - (v * mean[axis] + t * x[axis]) / (v + t)).abs() < 1e-9);
            }
            let r2 = (x[0] - mean[0]).powi(2) + (x[1] - mean[1]).powi(2);
            assert!((probe.log_density + 0.5 * r2 / (v + t) + (std::f64::consts::TAU * (v + t)).ln()).abs() < 1e-9);
            let learned = probe.denoised(Source::Learned).expect("there is a network");
            assert!((learned[0] - x[0] - v).abs() < 1e-6 && (learned[1] - x[1]).abs() < 1e-6);
        }
    }

    #[test]
    fn the_angle_is_that_between_the_scores() {
        let request = ProbeRequest { x: [0.0; 2], sigma: 1.0, memorising: None, network_version: 0, draft: 0 };
        let angle = |exact, learned| ProbeFrame { request, log_density: 0.0, exact, learned }.angle();
        for (exact, learned, expected) in
            [([1.0, 0.0], [0.0, 2.0], 90.0), ([1.0, 1.0], [2.0, 2.0], 0.0), ([1.0, 0.0], [-1.0, 1.0], 135.0)]
        {
            assert!((angle(exact, Some(learned)).expect("an angle") - expected).abs() < 1e-9);
        }
        assert_eq!(angle([0.0; 2], Some([1.0, 0.0])), None);
        assert_eq!(angle([1.0, 0.0], None), None);
    }
}
