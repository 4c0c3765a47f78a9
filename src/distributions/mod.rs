//! What data can look like: distributions whose density and score are known at every noise level.

mod blend;
mod box_kernel;
mod boxes;
mod choice;
mod curve;
mod curve_kernel;
mod error;
mod gaussian_mixture;
mod interval;
mod lane_interval;
mod lane_sum;
mod log_sum;
mod memory;
mod pixels;
mod point_cloud;
pub mod presets;
mod round_kernel;

pub use blend::Blend;
pub use boxes::{Boxes, WeightedBox};
pub use curve::Curve;
pub use error::{DataError, FARTHEST};
pub use gaussian_mixture::{Component, GaussianMixture, MixtureError};
pub use memory::Memory;
pub use pixels::{MOST_PIXELS, Pixels};
pub use point_cloud::PointCloud;
pub use presets::{PRESETS, Preset};

use crate::noise::{Generator, Noise, Purpose};
use crate::score::Score;

/// A point of the plane, in double precision.
pub type Point = [f64; 2];

/// A distribution p_data whose noised form p_σ = p_data * N(0, σ²I) has a closed form.
pub trait Distribution: Score {
    /// log p_σ(x) in nats and ∇ₓ log p_σ(x), both in double precision. Wants [`Self::has_density`].
    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point);

    /// Writes the score of a batch, as [`Score::score`] asks for it; where there is a faster way than point by point in double
    /// precision, it stands here.
    fn score_batch(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        score_in_double(self, x, sigma, out);
    }

    /// Draws one point of p_σ from the generator's numbers.
    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point;

    /// Draws `out.len() / 2` points of p_σ, numbered from `first`: point i is a function of the seed and of i.
    #[expect(clippy::cast_possible_truncation, reason = "particles are f32")]
    fn sample(&self, noise: &Noise, sigma: f64, first: u32, out: &mut [f32]) {
        for (i, out) in (0u32..).zip(out.chunks_exact_mut(2)) {
            let mut generator = noise.generator(Purpose::Data, first.wrapping_add(i), 0);
            out.copy_from_slice(&self.draw(&mut generator, sigma).map(|x| x as f32));
        }
    }

    /// The weights of the modes, in the order of the scenario; they sum to 1. Empty where there are no modes.
    fn mode_weights(&self) -> Vec<f64> {
        Vec::new()
    }

    /// The Gaussians that the data consist of, for editing them; empty where they are something else.
    fn components(&self) -> Vec<Component> {
        Vec::new()
    }

    /// The mode a point belongs to at noise `sigma`, and how far from it, as [`Self::distance`]. `None` without modes.
    fn nearest_mode(&self, _x: Point, _sigma: f64) -> Option<(usize, f64)> {
        None
    }

    /// How far a point is from the data, in standard deviations of what blurs them at noise `sigma`: the Mahalanobis
    /// distance of the nearest noised Gaussian, or the distance to the nearest line, box or point over √(τ² + σ²).
    fn distance(&self, x: Point, sigma: f64) -> f64;

    /// E x, the centre of the data.
    fn mean(&self) -> Point;

    /// √(½ E‖x − E x‖²): the standard deviation of the data per coordinate.
    fn std(&self) -> f64;

    /// The least standard deviation of any primitive in any direction: τ of lines, boxes and points. What is drawn,
    /// integrated or stepped over at noise σ wants steps no longer than √(width² + σ²).
    fn width(&self) -> f64;

    /// Lower left and upper right corner of a rectangle that holds about all of the data.
    fn bounds(&self) -> [Point; 2];

    /// True where p_σ has a density and a score: data without width (points, thin lines, hard edges) have none at σ = 0.
    fn has_density(&self, sigma: f64) -> bool {
        sigma > 0.0 || self.width() > 0.0
    }
}

/// The f32 score of a batch, point by point in double precision.
#[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; sums are done in f64")]
fn score_in_double(data: &(impl Distribution + ?Sized), x: &[f32], sigma: f32, out: &mut [f32]) {
    for (x, out) in x.chunks_exact(2).zip(out.chunks_exact_mut(2)) {
        let (_, s) = data.log_density_and_score([x[0].into(), x[1].into()], sigma.into());
        out.copy_from_slice(&s.map(|s| s as f32));
    }
}

/// Every distribution answers the one call, and knows its density too.
impl<D: Distribution> Score for D {
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        self.score_batch(x, sigma, out);
    }

    /// By central differences of the double-precision score: right to about 1e-8.
    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; the difference is taken in f64")]
    fn jacobian_vector(&self, x: &[f32], v: &[f32], sigma: f32, out: &mut [f32]) {
        let h = 1e-4 * f64::from(sigma);
        for ((x, v), out) in x.chunks_exact(2).zip(v.chunks_exact(2)).zip(out.chunks_exact_mut(2)) {
            let at = |h: f64| {
                let moved = [f64::from(x[0]) + h * f64::from(v[0]), f64::from(x[1]) + h * f64::from(v[1])];
                self.log_density_and_score(moved, sigma.into()).1
            };
            let (ahead, behind) = (at(h), at(-h));
            out.copy_from_slice(&[0, 1].map(|axis| ((ahead[axis] - behind[axis]) / (2.0 * h)) as f32));
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; sums are done in f64")]
    fn log_density(&self, x: &[f32], sigma: f32, out: &mut [f32]) -> bool {
        for (x, out) in x.chunks_exact(2).zip(out) {
            *out = self.log_density_and_score([x[0].into(), x[1].into()], sigma.into()).0 as f32;
        }
        true
    }
}
