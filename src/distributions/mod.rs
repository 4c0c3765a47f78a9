//! What data can look like: distributions whose density and score are known at every noise level.

mod gaussian_mixture;
mod round_kernel;

pub use gaussian_mixture::{Component, GaussianMixture, MixtureError};

use crate::noise::Noise;
use crate::score::Score;

/// A point of the plane, in double precision.
pub type Point = [f64; 2];

/// A distribution p_data whose noised form p_σ = p_data * N(0, σ²I) has a closed form.
pub trait Distribution: Score {
    /// log p_σ(x) in nats and ∇ₓ log p_σ(x), both in double precision. Wants [`Self::has_density`].
    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point);

    /// Draws `out.len() / 2` points of p_σ, numbered from `first`: point i is a function of the seed and of i.
    fn sample(&self, noise: &Noise, sigma: f64, first: u32, out: &mut [f32]);

    /// The weights of the modes, in the order of the scenario; they sum to 1.
    fn mode_weights(&self) -> Vec<f64>;

    /// The mode a point belongs to at noise `sigma`, and how far from it: the Mahalanobis distance of the noised mode.
    fn nearest_mode(&self, x: Point, sigma: f64) -> (usize, f64);

    /// E x, the centre of the data.
    fn mean(&self) -> Point;

    /// √(½ E‖x − E x‖²): the standard deviation of the data per coordinate.
    fn std(&self) -> f64;

    /// True where p_σ has a density: data with point masses have none at σ = 0.
    fn has_density(&self, sigma: f64) -> bool;
}

/// ∇s v of an exact score by central differences of its double-precision form: right to about 1e-8.
#[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; the difference is taken in f64")]
fn jacobian_vector(data: &dyn Distribution, x: &[f32], v: &[f32], sigma: f32, out: &mut [f32]) {
    let h = 1e-4 * f64::from(sigma);
    for ((x, v), out) in x.chunks_exact(2).zip(v.chunks_exact(2)).zip(out.chunks_exact_mut(2)) {
        let at = |h: f64| {
            let moved = [f64::from(x[0]) + h * f64::from(v[0]), f64::from(x[1]) + h * f64::from(v[1])];
            data.log_density_and_score(moved, sigma.into()).1
        };
        let (ahead, behind) = (at(h), at(-h));
        out.copy_from_slice(&[0, 1].map(|axis| ((ahead[axis] - behind[axis]) / (2.0 * h)) as f32));
    }
}
