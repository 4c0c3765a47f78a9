//! Weights: checked, normalised, and chosen by, exactly and in the same way for every list of primitives.

use super::{DataError, Point};

/// A choice among weighted things. P(i) = w_i / Σ w
#[derive(Clone, Debug)]
pub struct Choice {
    weights: Vec<f64>,
    cumulative: Vec<f64>,
}

impl Choice {
    /// From weights of at least 0, whose sum is positive and finite.
    ///
    /// # Errors
    /// An empty list, a weight below 0 or not finite, weights that are all 0 or sum to no finite number.
    pub fn of(weights: impl IntoIterator<Item = f64>) -> Result<Self, DataError> {
        let (mut total, mut cumulative) = (0.0f64, Vec::new());
        let mut weights: Vec<f64> = weights.into_iter().collect();
        for (index, &weight) in (1..).zip(&weights) {
            total += weight;
            if !(weight >= 0.0 && total.is_finite()) {
                return Err(DataError::Weight { index, weight });
            }
            cumulative.push(total);
        }
        match cumulative.last() {
            None => Err(DataError::Empty),
            Some(0.0) => Err(DataError::NoWeight),
            Some(_) => {
                weights.iter_mut().chain(&mut cumulative).for_each(|weight| *weight /= total);
                Ok(Self { weights, cumulative })
            }
        }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.weights.len()
    }

    /// The normalised weight of one of them.
    pub fn weight(&self, index: usize) -> f64 {
        self.weights[index]
    }

    /// What a number uniform in [0, 1) chooses; never what has no weight.
    pub fn choose(&self, uniform: f64) -> usize {
        self.cumulative.partition_point(|sum| *sum <= uniform).min(self.len() - 1)
    }
}

/// E x and √(½ E‖x − E x‖²) of a mixture of (weight, mean, trace of the covariance).
pub fn mean_and_std(parts: impl Iterator<Item = (f64, Point, f64)> + Clone) -> (Point, f64) {
    let mean = [0, 1].map(|axis| parts.clone().map(|(weight, mean, _)| weight * mean[axis]).sum::<f64>());
    let spread = parts.map(|(weight, m, trace)| weight * (trace + (m[0] - mean[0]).powi(2) + (m[1] - mean[1]).powi(2)));
    (mean, (0.5 * spread.sum::<f64>()).sqrt())
}

/// The rectangle around some points, grown by `margin` on every side.
pub fn bounds(points: impl Iterator<Item = Point>, margin: f64) -> [Point; 2] {
    let empty = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
    let [min, max] = points
        .fold(empty, |[min, max], x| [[min[0].min(x[0]), min[1].min(x[1])], [max[0].max(x[0]), max[1].max(x[1])]]);
    [min.map(|m| m - margin), max.map(|m| m + margin)]
}
