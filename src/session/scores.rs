//! The scores that a picture of the Field tab chooses from.

use crate::distributions::{Distribution, PointCloud};
use crate::metrics::curl;
use crate::score::Score;

use super::command::Source;

/// Whatever there is at the moment.
pub struct Scores<'a> {
    /// The network, once there is one.
    pub learned: Option<&'a dyn Score>,
    /// The truth, or the draft of it.
    pub exact: &'a dyn Distribution,
    /// In place of every source: the score that only memorises.
    pub memorising: Option<&'a PointCloud>,
}

/// Evaluates one score on a flat batch.
type Evaluate<'a> = dyn Fn(&dyn Score) -> Vec<f32> + 'a;

impl Scores<'_> {
    /// The density behind the arrows.
    pub fn density(&self) -> &dyn Distribution {
        match self.memorising {
            Some(cloud) => cloud,
            None => self.exact,
        }
    }

    /// The vectors of a source at `x`, shape (n, 2); none where there is no network yet.
    pub fn vectors(&self, source: Source, x: &[f32], sigma: f32) -> Vec<f32> {
        self.of(source, &|score| {
            let mut s = vec![0.0; x.len()];
            score.score(x, sigma, &mut s);
            s
        })
    }

    /// σ² (∂x s_y − ∂y s_x) at `x`, shape (n, 2): 0 wherever s is the slope of anything.
    pub fn curl(&self, source: Source, x: &[f32], sigma: f32) -> Vec<f32> {
        self.of(source, &|score| curl(score, sigma, x).into_iter().map(|curl| sigma * sigma * curl).collect())
    }

    /// What a source has of something that is linear in the score.
    fn of(&self, source: Source, evaluate: &Evaluate<'_>) -> Vec<f32> {
        match (self.memorising, source, self.learned) {
            (Some(cloud), _, _) => evaluate(cloud),
            (None, Source::Exact, _) => evaluate(self.exact),
            (None, _, None) => Vec::new(),
            (None, Source::Learned, Some(learned)) => evaluate(learned),
            (None, Source::Difference, Some(learned)) => {
                evaluate(learned).iter().zip(evaluate(self.exact)).map(|(learned, exact)| learned - exact).collect()
            }
        }
    }
}

/// √ mean v², of what is finite.
pub fn root_mean_square(values: &[f32]) -> Option<f32> {
    let finite = || values.iter().filter(|value| value.is_finite());
    #[expect(clippy::cast_precision_loss, reason = "thousands of cells")]
    let count = finite().count() as f32;
    (count > 0.0).then(|| (finite().map(|value| value * value).sum::<f32>() / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, GaussianMixture};

    /// s = ω (−y, x) − x: a Gaussian's score with a rotation, whose curl is 2ω.
    struct Rotating(f32);

    impl Score for Rotating {
        fn score(&self, x: &[f32], _sigma: f32, out: &mut [f32]) {
            for (x, out) in x.chunks_exact(2).zip(out.chunks_exact_mut(2)) {
                out.copy_from_slice(&[-self.0 * x[1] - x[0], self.0 * x[0] - x[1]]);
            }
        }
    }

    /// Central differences in single precision at h = σ/100 are right to about 1e-3.
    #[test]
    fn the_curl_of_a_rotation_is_twice_its_rate_and_that_of_a_true_score_is_nothing() {
        let exact =
            GaussianMixture::new(&[Component::round(0.5, [1.0, 0.0], 0.5), Component::round(0.5, [-1.0, 1.0], 0.7)])
                .expect("a legal mixture");
        let scores = Scores { learned: Some(&Rotating(0.3)), exact: &exact, memorising: None };
        let x = [0.3, -0.2, 1.0, 2.0, -1.5, 0.7];
        for (source, expected) in [(Source::Learned, 0.6), (Source::Exact, 0.0), (Source::Difference, 0.6)] {
            let curl = scores.curl(source, &x, 0.5);
            assert_eq!(curl.len(), 3);
            assert!(curl.iter().all(|curl| (curl - 0.25 * expected).abs() < 1e-3), "{source:?} {curl:?}");
        }
        assert!((root_mean_square(&[3.0, -4.0, f32::NAN]).expect("two numbers") - 12.5f32.sqrt()).abs() < 1e-6);
    }
}
