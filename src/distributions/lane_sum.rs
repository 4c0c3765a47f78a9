//! Sums of densities in single precision, particles side by side in lanes: [`super::log_sum`]'s faster twin.

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use super::{Distribution, score_in_double};
use crate::lanes::{LANES, Lanes};

/// What a rounding or two leave of 1. All terms are taken to err to the same side.
const ROUNDING: f32 = 1.2e-7;

/// What the estimate of the error may be, relative to the score, of which 1e-4 is promised.
const TOLERATED: f32 = 7e-5;

/// The first primitive must be worth this share of what its bound promised, or what was passed over might matter.
const LEAST_TOTAL: f32 = 1e-3;

/// s = √(τ² + σ²) and what loops over primitives need of it.
#[derive(Clone, Copy)]
pub struct LaneBlur {
    pub inverse: f32,
    pub log: f32,
}

impl LaneBlur {
    #[expect(clippy::cast_possible_truncation, reason = "lanes are f32")]
    pub fn of(tau: f64, sigma: f32) -> Self {
        let s = tau.hypot(sigma.into());
        Self { inverse: s.recip() as f32, log: s.ln() as f32 }
    }
}

/// Writes the score at `points`, shape (n, 2), block by block of [`LANES`] points. `block` writes the scores of its points
/// and says which of them it doubts; there `exact`, the same distribution in double precision, is asked.
pub fn score_by_lanes(
    exact: &impl Distribution,
    points: &[f32],
    sigma: f32,
    out: &mut [f32],
    block: impl Fn(&[f32], &mut [f32]) -> Lanes<bool>,
) {
    for (points, out) in points.chunks(2 * LANES).zip(out.chunks_mut(2 * LANES)) {
        let doubtful = block(points, out);
        if doubtful.contains(&true) {
            let lanes = points.chunks_exact(2).zip(out.chunks_exact_mut(2)).zip(doubtful);
            let asked = lanes.filter(|(_, doubtful)| *doubtful);
            asked.for_each(|((x, out), _)| score_in_double(exact, x, sigma, out));
        }
    }
}

/// The coordinates of up to `LANES` points; lanes without a point repeat the origin.
#[inline(always)]
pub fn gather(points: &[f32]) -> (Lanes<f32>, Lanes<f32>) {
    let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
    for (lane, point) in points.chunks_exact(2).enumerate() {
        (x[lane], y[lane]) = (point[0], point[1]);
    }
    (x, y)
}

/// The primitive whose bound is highest at each lane's point. Its log bound is the common exponent of the sum, and the
/// pull of its nearest point, (c − x)/s, is what all other pulls are measured from: the sum is one of small differences.
pub struct Nearest {
    pub bound: Lanes<f32>,
    pub x: Lanes<f32>,
    pub y: Lanes<f32>,
}

impl Nearest {
    #[inline(always)]
    pub const fn new() -> Self {
        Self { bound: [f32::NEG_INFINITY; LANES], x: [0.0; LANES], y: [0.0; LANES] }
    }

    #[inline(always)]
    pub fn see(&mut self, lane: usize, bound: f32, pull: [f32; 2]) {
        // Bits are mixed, as numbers that are kept or replaced become stores under a mask, which the next load waits for.
        let closer = 0u32.wrapping_sub(u32::from(bound > self.bound[lane]));
        let mixed = |old: f32, new: f32| f32::from_bits((old.to_bits() & !closer) | (new.to_bits() & closer));
        self.bound[lane] = self.bound[lane].max(bound);
        self.x[lane] = mixed(self.x[lane], pull[0]);
        self.y[lane] = mixed(self.y[lane], pull[1]);
    }
}

/// Σ p_k, Σ (∇p_k − r p_k) with r the pull of the nearest, and what rounding may have done to the latter.
pub struct LaneSum {
    total: Lanes<f32>,
    x: Lanes<f32>,
    y: Lanes<f32>,
    rounding: Lanes<f32>,
}

/// One primitive at one point, in units of the blur and relative to the highest bound.
pub struct Term {
    pub density: f32,
    pub gradient: [f32; 2],
    /// By how many roundings the density may be off, relative to itself,
    pub unsure_density: f32,
    /// and the gradient, in units of the blur: what rounded coordinates do to it.
    pub unsure_gradient: f32,
}

impl LaneSum {
    #[inline(always)]
    pub const fn new() -> Self {
        Self { total: [0.0; LANES], x: [0.0; LANES], y: [0.0; LANES], rounding: [0.0; LANES] }
    }

    #[inline(always)]
    pub fn add(&mut self, lane: usize, near: &Nearest, term: &Term) {
        let (x, y) = (term.gradient[0] - term.density * near.x[lane], term.gradient[1] - term.density * near.y[lane]);
        self.total[lane] += term.density;
        self.x[lane] += x;
        self.y[lane] += y;
        self.rounding[lane] += (x.abs() + y.abs()) * term.unsure_density + term.unsure_gradient;
    }

    /// Writes the scores; returns where they may be off by more than 1e-4 of themselves, or are no numbers.
    #[inline(always)]
    pub fn finish(&self, near: &Nearest, blur: LaneBlur, out: &mut [f32]) -> Lanes<bool> {
        let mut doubtful = [false; LANES];
        for (lane, out) in out.chunks_exact_mut(2).enumerate() {
            let total = self.total[lane];
            let (x, y) = (near.x[lane] + self.x[lane] / total, near.y[lane] + self.y[lane] / total);
            out[0] = x * blur.inverse;
            out[1] = y * blur.inverse;
            let sure = ROUNDING * self.rounding[lane] / total <= TOLERATED * x.abs().max(y.abs());
            doubtful[lane] = !(sure && total > LEAST_TOTAL);
        }
        doubtful
    }
}
