//! A cloud of points of one bandwidth: measured data, and the score that only memorises.

use rand::RngExt;
use rand_distr::StandardNormal;

use super::choice::{self, Choice};
use super::error::{checked_point, checked_width};
use super::interval::HALF_LN_TAU;
use super::round_kernel::RoundKernel;
use super::{DataError, Distribution, Point};
use crate::noise::Generator;

/// Terms this far below the greatest in log space change no digit, a million of them together included.
pub(super) const NEGLIGIBLE: f64 = 60.0;

/// p_σ(x) = Σ_k π_k N(x; x_k, s² I),   s² = τ² + σ²
///
/// Coordinates and log weights lie in one flat array each, for loops that the compiler turns into vector code.
#[derive(Clone, Debug)]
pub struct PointCloud {
    x: Vec<f64>,
    y: Vec<f64>,
    /// log π_k
    log_weight: Vec<f64>,
    choice: Choice,
    bandwidth: f64,
    kernel: RoundKernel,
}

impl PointCloud {
    /// `weights` of every point, or none for equal ones; `bandwidth` is τ.
    ///
    /// # Errors
    /// No points, a coordinate or bandwidth out of bounds, weights below 0 or fewer or more than points.
    pub fn new(points: &[Point], weights: Option<&[f64]>, bandwidth: f64) -> Result<Self, DataError> {
        let bandwidth = checked_width(bandwidth)?;
        for (index, point) in (1..).zip(points) {
            checked_point(index, *point)?;
        }
        let choice = match weights {
            None => Choice::of(points.iter().map(|_| 1.0))?,
            Some(weights) if weights.len() == points.len() => Choice::of(weights.iter().copied())?,
            Some(weights) => {
                let index = weights.len().min(points.len()) + 1;
                return Err(DataError::Weight { index, weight: f64::NAN });
            }
        };
        let log_weight = match weights {
            None => vec![-real(points.len()).ln(); points.len()],
            Some(_) => (0..choice.len()).map(|i| choice.weight(i).ln()).collect(),
        };
        let [x, y] = [0, 1].map(|axis| points.iter().map(|point| point[axis]).collect());
        let kernel = RoundKernel::new(points.iter().enumerate().map(|(i, point)| (choice.weight(i), *point)));
        Ok(Self { x, y, log_weight, choice, bandwidth, kernel })
    }

    fn points(&self) -> impl Iterator<Item = Point> + Clone {
        self.x.iter().zip(&self.y).map(|(x, y)| [*x, *y])
    }

    /// Each point with its log weight.
    fn weighted(&self) -> impl Iterator<Item = (Point, f64)> {
        self.points().zip(self.log_weight.iter().copied())
    }

    fn parts(&self) -> impl Iterator<Item = (f64, Point, f64)> + Clone {
        let trace = 2.0 * self.bandwidth * self.bandwidth;
        self.points().enumerate().map(move |(i, point)| (self.choice.weight(i), point, trace))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) const fn real(count: usize) -> f64 {
    count as f64
}

impl Distribution for PointCloud {
    fn score_batch(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        self.kernel.score(self, self.bandwidth * self.bandwidth, x, sigma, out);
    }

    /// First the greatest exponent, then the sum relative to it: an exponential only where it changes a digit.
    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        let s = self.bandwidth.hypot(sigma);
        let half_precision = 0.5 / (s * s);
        let exponent = |point: Point, log_weight: f64| {
            log_weight - half_precision * ((x[0] - point[0]).powi(2) + (x[1] - point[1]).powi(2))
        };
        let greatest = self.weighted().fold(f64::NEG_INFINITY, |best, (point, w)| best.max(exponent(point, w)));
        let (mut total, mut pull) = (0.0, [0.0; 2]);
        for (point, log_weight) in self.weighted() {
            let below = exponent(point, log_weight) - greatest;
            if below > -NEGLIGIBLE {
                let share = below.exp();
                total += share;
                pull = [pull[0] + share * (point[0] - x[0]), pull[1] + share * (point[1] - x[1])];
            }
        }
        let log_density = greatest + total.ln() - 2.0 * (HALF_LN_TAU + s.ln());
        (log_density, pull.map(|pull| pull / total / (s * s)))
    }

    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point {
        let (i, s) = (self.choice.choose(generator.random()), self.bandwidth.hypot(sigma));
        [self.x[i], self.y[i]].map(|x| x + s * generator.sample::<f64, _>(StandardNormal))
    }

    fn distance(&self, x: Point, sigma: f64) -> f64 {
        let squared = self.points().map(|point| (x[0] - point[0]).powi(2) + (x[1] - point[1]).powi(2));
        squared.fold(f64::INFINITY, f64::min).sqrt() / self.bandwidth.hypot(sigma)
    }

    fn mean(&self) -> Point {
        choice::mean_and_std(self.parts()).0
    }

    fn std(&self) -> f64 {
        choice::mean_and_std(self.parts()).1
    }

    fn width(&self) -> f64 {
        self.bandwidth
    }

    fn bounds(&self) -> [Point; 2] {
        choice::bounds(self.points(), 3.0 * self.bandwidth)
    }
}
