//! A weighted sum of distributions of any kind. Its parts are its modes: the two moons, the arms of a pinwheel.

use std::sync::Arc;

use rand::RngExt;

use super::choice::{self, Choice};
use super::curve_kernel::CurveKernel;
use super::log_sum::LogSum;
use super::{Curve, DataError, Distribution, Point, score_in_double};
use crate::noise::Generator;

/// p_σ(x) = Σ_k π_k p_kσ(x)
#[derive(Clone)]
pub struct Blend {
    parts: Vec<Arc<dyn Distribution>>,
    choice: Choice,
    /// All parts in one, where they are curves of one thickness.
    kernel: Option<CurveKernel>,
}

impl Blend {
    /// Parts with their weights, before normalisation.
    ///
    /// # Errors
    /// No parts, or weights that are below 0 or sum to no finite positive number.
    pub fn new(parts: Vec<(f64, Arc<dyn Distribution>)>) -> Result<Self, DataError> {
        let choice = Choice::of(parts.iter().map(|(weight, _)| *weight))?;
        Ok(Self { parts: parts.into_iter().map(|(_, part)| part).collect(), choice, kernel: None })
    }

    /// Curves with their weights. Where all are equally thick, the score of a batch is as fast as that of one curve.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_curves(parts: Vec<(f64, Curve)>) -> Result<Self, DataError> {
        let choice = Choice::of(parts.iter().map(|(weight, _)| *weight))?;
        let mut kernel = CurveKernel::default();
        for (i, (_, curve)) in parts.iter().enumerate() {
            kernel.extend(choice.weight(i), curve.kernel());
        }
        let equally_thick = parts.windows(2).all(|pair| pair[0].1.width().total_cmp(&pair[1].1.width()).is_eq());
        let parts = parts.into_iter().map(|(_, curve)| Arc::new(curve) as Arc<dyn Distribution>).collect();
        Ok(Self { parts, choice, kernel: equally_thick.then_some(kernel) })
    }

    fn weighted(&self) -> impl Iterator<Item = (f64, &dyn Distribution)> + Clone {
        self.parts.iter().enumerate().map(|(i, part)| (self.choice.weight(i), &**part))
    }

    fn moments(&self) -> impl Iterator<Item = (f64, Point, f64)> + Clone {
        self.weighted().map(|(weight, part)| (weight, part.mean(), 2.0 * part.std().powi(2)))
    }
}

impl Distribution for Blend {
    fn score_batch(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        match &self.kernel {
            Some(kernel) => kernel.score(self, self.width(), x, sigma, out),
            None => score_in_double(self, x, sigma, out),
        }
    }

    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        let mut sum = LogSum::new();
        for (weight, part) in self.weighted() {
            let (log_density, score) = part.log_density_and_score(x, sigma);
            sum.add((weight.ln() + log_density, score));
        }
        sum.finish()
    }

    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point {
        self.parts[self.choice.choose(generator.random())].draw(generator, sigma)
    }

    fn mode_weights(&self) -> Vec<f64> {
        self.weighted().map(|(weight, _)| weight).collect()
    }

    fn nearest_mode(&self, x: Point, sigma: f64) -> Option<(usize, f64)> {
        let distances = self.parts.iter().map(|part| part.distance(x, sigma)).enumerate();
        distances.reduce(|best, next| if next.1 < best.1 { next } else { best })
    }

    fn distance(&self, x: Point, sigma: f64) -> f64 {
        self.nearest_mode(x, sigma).map_or(f64::INFINITY, |(_, distance)| distance)
    }

    fn mean(&self) -> Point {
        choice::mean_and_std(self.moments()).0
    }

    fn std(&self) -> f64 {
        choice::mean_and_std(self.moments()).1
    }

    fn width(&self) -> f64 {
        self.parts.iter().map(|part| part.width()).fold(f64::INFINITY, f64::min)
    }

    fn bounds(&self) -> [Point; 2] {
        choice::bounds(self.parts.iter().flat_map(|part| part.bounds()), 0.0)
    }
}
