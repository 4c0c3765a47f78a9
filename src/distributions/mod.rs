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
