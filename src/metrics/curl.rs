//! How far a field is from being a gradient: only the score of a density, or of an energy, has no curl.

use super::{points, real};
use crate::score::Score;

/// √ mean (∂ₓ s_y − ∂_y s_x)² at `x`, shape (n, 2), in inverse squared units of x: 0 for a gradient.
#[must_use]
pub fn rms_curl(score: &dyn Score, sigma: f32, x: &[f32]) -> f64 {
    let curl = curl(score, sigma, x);
    (curl.iter().map(|c| f64::from(*c).powi(2)).sum::<f64>() / real(points(x).count().max(1))).sqrt()
}

/// ∂ₓ s_y − ∂_y s_x at each point of `x`, shape (n, 2).
#[must_use]
pub fn curl(score: &dyn Score, sigma: f32, x: &[f32]) -> Vec<f32> {
    let along = |direction: [f32; 2]| {
        let (v, mut slope) = (direction.repeat(x.len() / 2), vec![0.0; x.len()]);
        score.jacobian_vector(x, &v, sigma, &mut slope);
        slope
    };
    let (along_x, along_y) = (along([1.0, 0.0]), along([0.0, 1.0]));
    along_x.chunks_exact(2).zip(along_y.chunks_exact(2)).map(|(along_x, along_y)| along_x[1] - along_y[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, GaussianMixture};

    /// s = (−y, x)/σ turns everywhere by 2/σ.
    struct Turning;

    impl Score for Turning {
        fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
            for (x, out) in x.chunks_exact(2).zip(out.chunks_exact_mut(2)) {
                (out[0], out[1]) = (-x[1] / sigma, x[0] / sigma);
            }
        }
    }

    /// Central differences of a linear field are exact but for rounding: 1e-6 of the coordinates over a step of 0.005.
    #[test]
    fn a_rotation_has_twice_its_speed_and_a_density_has_none() {
        let x = [0.5, -1.0, 2.0, 0.25, -3.0, 1.0];
        assert!(curl(&Turning, 0.5, &x).iter().all(|c| (c - 4.0).abs() < 1e-2));
        assert!((rms_curl(&Turning, 0.5, &x) - 4.0).abs() < 1e-2);
        let modes = [Component::round(0.3, [1.0, 0.0], 0.5), Component::round(0.7, [-1.0, 1.0], 0.2)];
        let data = GaussianMixture::new(&modes).expect("a legal mixture");
        assert!(rms_curl(&data, 0.5, &x) < 1e-5, "{}", rms_curl(&data, 0.5, &x));
    }
}
