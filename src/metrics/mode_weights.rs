//! The share of each mode among the particles: what plain Langevin gets wrong and annealing right.

use super::{points, real};
use crate::distributions::Distribution;

/// A particle farther than this from all of the data is off-mode, in standard deviations of what blurs them: the
/// Mahalanobis distance of the nearest mode, or, where data have no Gaussian modes, the distance to the nearest line,
/// box or point over √(τ² + σ²). Of a round Gaussian a share of exp(−4²/2) = 0.03 % is out there, of others less.
pub const OFF_MODE_DISTANCE: f64 = 4.0;

/// Shares of the particles by mode.
#[derive(Clone, Debug, PartialEq)]
pub struct ModeShares {
    /// The share nearest to each mode, in the order of the scenario; they sum to 1 over the finite particles. Empty where
    /// the data have no modes.
    pub weights: Vec<f64>,
    /// The share that is near no mode, particles that are no longer finite among them.
    pub off_mode: f64,
}

impl ModeShares {
    /// √(w(1 − w)/n), the standard error of each share of `particles` independent particles.
    #[must_use]
    pub fn standard_errors(&self, particles: usize) -> Vec<f64> {
        self.weights.iter().map(|w| (w * (1.0 - w) / real(particles.max(1))).sqrt()).collect()
    }
}

/// Assigns each particle (`x`, shape (n, 2)) to the mode of p_σ that is nearest, and counts those far from all data.
#[must_use]
pub fn mode_shares(data: &dyn Distribution, sigma: f64, x: &[f32]) -> ModeShares {
    let mut counts = vec![0usize; data.mode_weights().len()];
    let (mut off_mode, mut finite, mut total) = (0, 0, 0);
    for x in points(x) {
        total += 1;
        if !(x[0].is_finite() && x[1].is_finite()) {
            off_mode += 1;
            continue;
        }
        finite += 1;
        let nearest = data.nearest_mode(x, sigma);
        if let Some((mode, _)) = nearest {
            counts[mode] += 1;
        }
        let distance = nearest.map_or_else(|| data.distance(x, sigma), |(_, distance)| distance);
        off_mode += usize::from(distance > OFF_MODE_DISTANCE);
    }
    let share = |count: usize, of: usize| if of == 0 { 0.0 } else { real(count) / real(of) };
    ModeShares {
        weights: counts.into_iter().map(|count| share(count, finite)).collect(),
        off_mode: share(off_mode, total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, Curve, GaussianMixture};

    #[test]
    fn particles_count_for_the_nearest_mode_and_far_ones_as_off_mode() {
        let modes = [Component::round(0.8, [5.0, 5.0], 0.0), Component::round(0.2, [-5.0, -5.0], 0.0)];
        let data = GaussianMixture::new(&modes).expect("a legal mixture");
        let x = [5.0, 5.5, -5.0, -5.0, 4.0, 4.0, 20.0, 20.0, f32::NAN, 0.0];
        let shares = mode_shares(&data, 1.0, &x);
        assert_eq!(shares.weights, [0.75, 0.25]);
        assert!((shares.off_mode - 0.4).abs() < 1e-12, "{}", shares.off_mode);
        let error = (0.75f64 * 0.25 / 4.0).sqrt();
        assert!(shares.standard_errors(4).iter().all(|e| (e - error).abs() < 1e-12));
    }

    /// A line from (0, 0) to (4, 0) of thickness 0.3, noise 0.4: blurred by 0.5, so that 2 away is the limit.
    #[test]
    fn data_without_modes_have_particles_off_them_and_no_shares() {
        let data = Curve::new(&[vec![[0.0, 0.0], [4.0, 0.0]]], 0.3).expect("a legal curve");
        let shares = mode_shares(&data, 0.4, &[1.0, 1.9, 1.0, 2.1, -1.9, 0.0, -1.9, 1.0, f32::NAN, 0.0]);
        assert!(shares.weights.is_empty());
        assert!((shares.off_mode - 0.6).abs() < 1e-12, "{}", shares.off_mode);
    }
}
