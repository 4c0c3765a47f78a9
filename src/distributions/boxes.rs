//! Axis-aligned boxes, uniform inside: checkerboards, bars, textures.

use rand::RngExt;
use rand_distr::StandardNormal;

use super::box_kernel::BoxKernel;
use super::choice::{self, Choice};
use super::error::{checked_point, checked_width};
use super::interval::log_blurred_stretch;
use super::log_sum::{self, Blur, Primitive};
use super::{DataError, Distribution, Point};
use crate::noise::Generator;

/// A box [a₁, b₁] × [a₂, b₂] with a weight, before normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedBox {
    /// π, the probability of the whole box.
    pub weight: f64,
    /// (a₁, a₂)
    pub min: Point,
    /// (b₁, b₂)
    pub max: Point,
}

/// p_σ(x) = Σ_k π_k Π_i [Φ((x_i − a_ki)/s) − Φ((x_i − b_ki)/s)] / (b_ki − a_ki),   s² = τ² + σ²
#[derive(Clone, Debug)]
pub struct Boxes {
    pieces: Vec<Piece>,
    choice: Choice,
    softness: f64,
    kernel: BoxKernel,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    weight: f64,
    /// log π
    log_weight: f64,
    /// log of π over the area
    log_height: f64,
    middle: Point,
    half: Point,
}

impl Primitive for Piece {
    fn distance_squared(&self, x: Point) -> f64 {
        let beyond = |axis: usize| ((x[axis] - self.middle[axis]).abs() - self.half[axis]).max(0.0);
        beyond(0).powi(2) + beyond(1).powi(2)
    }

    fn bound(&self, distance_squared: f64, Blur { s, .. }: Blur) -> f64 {
        self.log_height - 0.5 * distance_squared / (s * s)
    }

    fn log_density_and_score(&self, x: Point, Blur { s, log_s }: Blur) -> (f64, Point) {
        let axis = |i: usize| log_blurred_stretch((x[i] - self.middle[i]) / s, self.half[i] / s);
        let ((log_x, slope_x), (log_y, slope_y)) = (axis(0), axis(1));
        (self.log_weight + log_x + log_y - 2.0 * log_s, [slope_x / s, slope_y / s])
    }
}

impl Boxes {
    /// `softness` is τ, the blur of the edges.
    ///
    /// # Errors
    /// An empty list, a box without area, weights below 0 or all 0, a coordinate or softness out of bounds.
    pub fn new(boxes: &[WeightedBox], softness: f64) -> Result<Self, DataError> {
        let softness = checked_width(softness)?;
        let choice = Choice::of(boxes.iter().map(|one| one.weight))?;
        let piece = |(index, &WeightedBox { min, max, .. }): (usize, &WeightedBox)| {
            let (min, max) = (checked_point(index + 1, min)?, checked_point(index + 1, max)?);
            let (middle, half) =
                ([0, 1].map(|i| f64::midpoint(min[i], max[i])), [0, 1].map(|i| 0.5 * (max[i] - min[i])));
            if half.iter().any(|half| *half <= 0.0) {
                return Err(DataError::NoArea { index: index + 1 });
            }
            let weight = choice.weight(index);
            let log_height = weight.ln() - (2.0 * half[0]).ln() - (2.0 * half[1]).ln();
            Ok(Piece { weight, log_weight: weight.ln(), log_height, middle, half })
        };
        let pieces: Vec<_> = boxes.iter().enumerate().map(piece).collect::<Result<_, _>>()?;
        let mut kernel = BoxKernel::default();
        for (Piece { log_weight, .. }, WeightedBox { min, max, .. }) in pieces.iter().zip(boxes) {
            kernel.push(*log_weight, *min, *max);
        }
        Ok(Self { pieces, choice, softness, kernel })
    }

    fn parts(&self) -> impl Iterator<Item = (f64, Point, f64)> + Clone {
        let soft = 2.0 * self.softness * self.softness;
        self.pieces.iter().map(move |b| (b.weight, b.middle, (b.half[0].powi(2) + b.half[1].powi(2)) / 3.0 + soft))
    }
}

impl Distribution for Boxes {
    fn score_batch(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        self.kernel.score(self, self.softness, x, sigma, out);
    }

    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        log_sum::sum(&self.pieces, x, Blur::of(self.softness, sigma))
    }

    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point {
        let Piece { middle, half, .. } = self.pieces[self.choice.choose(generator.random())];
        let s = self.softness.hypot(sigma);
        [0, 1].map(|i| {
            let inside = middle[i] + half[i] * (2.0 * generator.random::<f64>() - 1.0);
            inside + s * generator.sample::<f64, _>(StandardNormal)
        })
    }

    fn distance(&self, x: Point, sigma: f64) -> f64 {
        let away = log_sum::nearest(&self.pieces, x);
        if away > 0.0 { away / self.softness.hypot(sigma) } else { 0.0 }
    }

    fn mean(&self) -> Point {
        choice::mean_and_std(self.parts()).0
    }

    fn std(&self) -> f64 {
        choice::mean_and_std(self.parts()).1
    }

    fn width(&self) -> f64 {
        self.softness
    }

    fn bounds(&self) -> [Point; 2] {
        let corners = self.pieces.iter().flat_map(|Piece { middle, half, .. }| {
            [-1.0, 1.0].map(|side| [middle[0] + side * half[0], middle[1] + side * half[1]])
        });
        choice::bounds(corners, 3.0 * self.softness)
    }
}
