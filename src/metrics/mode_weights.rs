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

/// Where one particle belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The nearest mode; `None` where the data have no modes, and where the particle is no longer finite.
    pub mode: Option<usize>,
    /// Whether it is finite.
    pub finite: bool,
    /// Whether it is farther than [`OFF_MODE_DISTANCE`] from all of the data, or no longer finite.
    pub off: bool,
}

/// The nearest mode of p_σ of each particle (`x`, shape (n, 2)).
#[must_use]
pub fn memberships(data: &dyn Distribution, sigma: f64, x: &[f32]) -> Vec<Membership> {
    let of = |x: [f64; 2]| {
        if !(x[0].is_finite() && x[1].is_finite()) {
            return Membership { mode: None, finite: false, off: true };
        }
        let nearest = data.nearest_mode(x, sigma);
        let distance = nearest.map_or_else(|| data.distance(x, sigma), |(_, distance)| distance);
        Membership { mode: nearest.map(|(mode, _)| mode), finite: true, off: distance > OFF_MODE_DISTANCE }
    };
    points(x).map(of).collect()
}

impl ModeShares {
    /// The shares that `members` particles have in `modes` modes.
    #[must_use]
    pub fn of(members: &[Membership], modes: usize) -> Self {
        let share = |count: usize, of: usize| if of == 0 { 0.0 } else { real(count) / real(of) };
        let mut counts = vec![0usize; modes];
        members.iter().filter_map(|member| member.mode).for_each(|mode| counts[mode] += 1);
        let count = |which: fn(&Membership) -> bool| members.iter().filter(|member| which(member)).count();
        let finite = count(|member| member.finite);
        Self {
            weights: counts.into_iter().map(|count| share(count, finite)).collect(),
            off_mode: share(count(|member| member.off), members.len()),
        }
    }
}

/// Assigns each particle (`x`, shape (n, 2)) to the mode of p_σ that is nearest, and counts those far from all data.
#[must_use]
pub fn mode_shares(data: &dyn Distribution, sigma: f64, x: &[f32]) -> ModeShares {
    ModeShares::of(&memberships(data, sigma, x), data.mode_weights().len())
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
