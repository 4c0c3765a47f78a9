//! The score of many boxes of one softness, fast: particles side by side in lanes, single precision.

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use multiversion::multiversion;

use super::lane_interval::{Stretches, log_bound};
use super::lane_sum::{LaneBlur, LaneSum, Nearest, Term, gather, score_by_lanes};
use super::{Distribution, Point};
use crate::lanes::{LANES, Lanes, exp};

/// Terms this far below the highest bound in log space are passed over: what is left of them is below 1e-34, and so is the
/// score that deep inside a box.
const NEGLIGIBLE: f32 = 80.0;

/// Boxes whose softness comes with each call.
#[derive(Clone, Debug, Default)]
pub struct BoxKernel {
    boxes: Vec<[Side; 2]>,
    log_weight: Vec<f32>,
}

/// A box along one axis. Distances are taken from its edges: inside a large box the score is what is left of the nearest.
#[derive(Clone, Copy, Debug)]
struct Side {
    min: f32,
    max: f32,
    /// What single precision leaves of both.
    rest: [f32; 2],
    half: f32,
    log_length: f32,
}

impl Side {
    #[expect(clippy::cast_possible_truncation, reason = "the rest is kept too")]
    fn of(min: f64, max: f64) -> Self {
        let (a, b) = (min as f32, max as f32);
        let rest = [(min - f64::from(a)) as f32, (max - f64::from(b)) as f32];
        Self { min: a, max: b, rest, half: (0.5 * (max - min)) as f32, log_length: (max - min).ln() as f32 }
    }

    /// How far x is beyond the nearer edge, and the direction back, 1 or −1.
    #[inline(always)]
    fn beyond(&self, x: f32, inverse: f32) -> (f32, f32) {
        let (left, right) = (self.min - x + self.rest[0], x - self.max - self.rest[1]);
        (left.max(right) * inverse, if left > right { 1.0 } else { -1.0 })
    }
}

/// Log of the greatest density, in units of the blur and of φ(0).
#[inline(always)]
fn log_height(log_weight: f32, [across, up]: &[Side; 2], blur: LaneBlur) -> f32 {
    log_weight + log_bound(across.log_length - blur.log) + log_bound(up.log_length - blur.log)
}

impl BoxKernel {
    /// Adds a box.
    #[expect(clippy::cast_possible_truncation, reason = "lanes are f32")]
    pub fn push(&mut self, log_weight: f64, min: Point, max: Point) {
        self.boxes.push([Side::of(min[0], max[0]), Side::of(min[1], max[1])]);
        self.log_weight.push(log_weight as f32);
    }

    /// Writes the score of the boxes with edges blurred by `tau` at `points`, shape (n, 2). Where single precision may
    /// miss 1e-4 of it, `exact`, the same distribution in double precision, is asked.
    pub fn score(&self, exact: &impl Distribution, tau: f64, points: &[f32], sigma: f32, out: &mut [f32]) {
        let blur = LaneBlur::of(tau, sigma);
        score_by_lanes(exact, points, sigma, out, |points, out| block(self, points, blur, out));
    }
}

/// s(x) = [ r + Σ_k p_k (g_k − r) / Σ_k p_k ] / s,   p_k = π_k f(x_1) f(x_2),   r = (c − x)/s
///
/// c is the nearest point of any box; the f and the pull g = ∇ log p are those of box k in units of s.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn block(kernel: &BoxKernel, points: &[f32], blur: LaneBlur, out: &mut [f32]) -> Lanes<bool> {
    let (x, y) = gather(points);
    let near = nearest(kernel, &x, &y, blur);
    let mut sum = LaneSum::new();
    for (sides, log_weight) in kernel.boxes.iter().zip(&kernel.log_weight) {
        let height = log_height(*log_weight, sides, blur);
        let [mut beyond_x, mut beyond_y, mut back_x, mut back_y, mut live] = [[0.0; LANES]; 5];
        for lane in 0..LANES {
            let ((dx, towards_x), (dy, towards_y)) =
                (sides[0].beyond(x[lane], blur.inverse), sides[1].beyond(y[lane], blur.inverse));
            let bound = height - 0.5 * squared(dx, dy);
            live[lane] = if bound > near.bound[lane] - NEGLIGIBLE { 1.0 } else { 0.0 };
            (beyond_x[lane], beyond_y[lane]) = (live[lane] * dx, live[lane] * dy);
            (back_x[lane], back_y[lane]) = (towards_x, towards_y);
        }
        if live.iter().all(|live| *live == 0.0) {
            continue;
        }
        let across = Stretches::at(&beyond_x, sides[0].half * blur.inverse);
        let up = Stretches::at(&beyond_y, sides[1].half * blur.inverse);
        for lane in 0..LANES {
            let share = exp(height - across.exponent[lane] - up.exponent[lane] - near.bound[lane]);
            let share = live[lane] * share;
            let (fall_x, fall_y) = (back_x[lane] * across.fall[lane], back_y[lane] * up.fall[lane]);
            let unsure = across.unsure[lane] * up.value[lane] + across.value[lane] * up.unsure[lane];
            let term = Term {
                density: share * across.value[lane] * up.value[lane],
                gradient: [share * fall_x * up.value[lane], share * across.value[lane] * fall_y],
                unsure_density: 1.0 + squared(beyond_x[lane], beyond_y[lane]),
                unsure_gradient: share * unsure,
            };
            sum.add(lane, &near, &term);
        }
    }
    sum.finish(&near, blur, out)
}

/// The squared distance from a box, from how far beyond its edges a point is.
#[inline(always)]
fn squared(beyond_x: f32, beyond_y: f32) -> f32 {
    let (dx, dy) = (beyond_x.max(0.0), beyond_y.max(0.0));
    dx * dx + dy * dy
}

#[inline(always)]
fn nearest(kernel: &BoxKernel, x: &Lanes<f32>, y: &Lanes<f32>, blur: LaneBlur) -> Nearest {
    let mut near = Nearest::new();
    for (sides, log_weight) in kernel.boxes.iter().zip(&kernel.log_weight) {
        let height = log_height(*log_weight, sides, blur);
        for lane in 0..LANES {
            let (dx, back_x) = sides[0].beyond(x[lane], blur.inverse);
            let (dy, back_y) = sides[1].beyond(y[lane], blur.inverse);
            near.see(lane, height - 0.5 * squared(dx, dy), [back_x * dx.max(0.0), back_y * dy.max(0.0)]);
        }
    }
    near
}
