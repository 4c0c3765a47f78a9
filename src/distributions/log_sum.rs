//! Sums of densities in log space: whatever is greatest so far has weight 1, the others are relative to it.

use super::Point;

/// Terms this far below the greatest in log space change no digit, a million of them together included.
const NEGLIGIBLE: f64 = 60.0;

/// A running log-sum-exp of densities, and of their scores weighted by them.
pub struct LogSum {
    greatest: f64,
    total: f64,
    score: Point,
}

impl LogSum {
    pub const fn new() -> Self {
        Self { greatest: f64::NEG_INFINITY, total: 0.0, score: [0.0; 2] }
    }

    /// Adds a term with its score.
    pub fn add(&mut self, (log_density, s): (f64, Point)) {
        if log_density > self.greatest {
            let shrink = (self.greatest - log_density).exp();
            self.greatest = log_density;
            self.total = self.total * shrink + 1.0;
            self.score = [self.score[0] * shrink + s[0], self.score[1] * shrink + s[1]];
        } else if log_density != f64::NEG_INFINITY {
            let share = (log_density - self.greatest).exp();
            self.total += share;
            self.score = [self.score[0] + s[0] * share, self.score[1] + s[1] * share];
        }
    }

    /// Whether a term of at most this log density may be left out.
    pub fn passes_over(&self, bound: f64) -> bool {
        bound < self.greatest - NEGLIGIBLE
    }

    /// The log of the sum, and its score.
    pub fn finish(&self) -> (f64, Point) {
        (self.greatest + self.total.ln(), self.score.map(|s| s / self.total))
    }
}

/// s = √(τ² + σ²): how far a primitive of thickness τ is blurred at noise σ.
#[derive(Clone, Copy)]
pub struct Blur {
    pub s: f64,
    pub log_s: f64,
}

impl Blur {
    pub fn of(tau: f64, sigma: f64) -> Self {
        let s = tau.hypot(sigma);
        Self { s, log_s: s.ln() }
    }
}

/// A weighted primitive whose blurred density falls off at least as fast as the blur does.
pub trait Primitive {
    /// Distance of `x` from the primitive without its blur, squared.
    fn distance_squared(&self, x: Point) -> f64;

    /// An upper bound of the log density at this squared distance.
    fn bound(&self, distance_squared: f64, blur: Blur) -> f64;

    /// Log of weight times density, and its score.
    fn log_density_and_score(&self, x: Point, blur: Blur) -> (f64, Point);
}

/// The sum over primitives: the most promising is evaluated first, so that those that cannot matter are passed over.
pub fn sum<P: Primitive>(primitives: &[P], x: Point, blur: Blur) -> (f64, Point) {
    let bound = |primitive: &P| primitive.bound(primitive.distance_squared(x), blur);
    let (mut best, mut highest) = (0, f64::NEG_INFINITY);
    for (i, primitive) in primitives.iter().enumerate() {
        let bound = bound(primitive);
        if bound > highest {
            (best, highest) = (i, bound);
        }
    }
    let mut sum = LogSum::new();
    if let Some(first) = primitives.get(best) {
        sum.add(first.log_density_and_score(x, blur));
    }
    for (i, primitive) in primitives.iter().enumerate() {
        if i != best && !sum.passes_over(bound(primitive)) {
            sum.add(primitive.log_density_and_score(x, blur));
        }
    }
    sum.finish()
}

/// Distance to the nearest primitive, in units of x.
pub fn nearest<P: Primitive>(primitives: &[P], x: Point) -> f64 {
    primitives.iter().map(|primitive| primitive.distance_squared(x)).fold(f64::INFINITY, f64::min).sqrt()
}
