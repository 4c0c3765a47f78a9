//! The score of many line segments of one thickness, fast: particles side by side in lanes, single precision.

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use multiversion::multiversion;

use super::lane_interval::{Stretches, log_bound};
use super::lane_sum::{LaneBlur, LaneSum, Nearest, Term, gather, score_by_lanes};
use super::{Distribution, Point};
use crate::lanes::{LANES, Lanes, exp};

/// Terms this far below the highest bound in log space are passed over: a thousand of them change 1e-8.
const NEGLIGIBLE: f32 = 26.0;

/// Segments whose thickness comes with each call.
#[derive(Clone, Debug, Default)]
pub struct CurveKernel {
    segments: Vec<Segment>,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    log_weight: f32,
    /// ln ℓ
    log_length: f32,
    half: f32,
    middle: [f32; 2],
    /// What single precision leaves of the middle.
    rest: [f32; 2],
    /// Unit vector along the segment.
    along: [f32; 2],
}

/// A point as a segment sees it: along it from its middle, and across it.
struct Local {
    u: f32,
    v: f32,
}

impl Segment {
    #[inline(always)]
    fn local(&self, x: f32, y: f32, inverse: f32) -> Local {
        let (dx, dy) = ((x - self.middle[0] - self.rest[0]) * inverse, (y - self.middle[1] - self.rest[1]) * inverse);
        let [cos, sin] = self.along;
        Local { u: dx * cos + dy * sin, v: dy * cos - dx * sin }
    }

    /// Log of the greatest density, in units of the blur and of φ(0).
    #[inline(always)]
    fn log_height(&self, blur: LaneBlur) -> f32 {
        self.log_weight + log_bound(self.log_length - blur.log)
    }

    /// A vector along and across in the directions of x and y.
    #[inline(always)]
    fn turned(&self, along: f32, across: f32) -> [f32; 2] {
        let [cos, sin] = self.along;
        [along * cos - across * sin, along * sin + across * cos]
    }
}

impl CurveKernel {
    /// Adds a segment around `middle`, `along` a unit vector.
    #[expect(clippy::cast_possible_truncation, reason = "the rest of the middle is kept too")]
    pub fn push(&mut self, log_weight: f64, middle: Point, along: Point, half: f64) {
        let rounded = middle.map(|m| m as f32);
        self.segments.push(Segment {
            log_weight: log_weight as f32,
            log_length: (2.0 * half).ln() as f32,
            half: half as f32,
            middle: rounded,
            rest: [0, 1].map(|i| (middle[i] - f64::from(rounded[i])) as f32),
            along: along.map(|x| x as f32),
        });
    }

    /// Adds the segments of another kernel, their weights times `weight`.
    #[expect(clippy::cast_possible_truncation, reason = "lanes are f32")]
    pub fn extend(&mut self, weight: f64, other: &Self) {
        let shift = weight.ln() as f32;
        self.segments.extend(other.segments.iter().map(|one| Segment { log_weight: one.log_weight + shift, ..*one }));
    }

    /// Writes the score of the segments with thickness `tau` at `points`, shape (n, 2). Where single precision may miss
    /// 1e-4 of it, `exact`, the same distribution in double precision, is asked.
    pub fn score(&self, exact: &impl Distribution, tau: f64, points: &[f32], sigma: f32, out: &mut [f32]) {
        let blur = LaneBlur::of(tau, sigma);
        score_by_lanes(exact, points, sigma, out, |points, out| block(&self.segments, points, blur, out));
    }
}

/// s(x) = [ r + Σ_k p_k (g_k − r) / Σ_k p_k ] / s,   p_k = π_k f(u_k) φ(v_k),   r = (c − x)/s
///
/// c is the nearest point of the curve; f(u), φ(v) and the pull g = ∇ log p are those of segment k in units of s.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn block(segments: &[Segment], points: &[f32], blur: LaneBlur, out: &mut [f32]) -> Lanes<bool> {
    let (x, y) = gather(points);
    let near = nearest(segments, &x, &y, blur);
    let mut sum = LaneSum::new();
    for segment in segments {
        let (half, height) = (segment.half * blur.inverse, segment.log_height(blur));
        let [mut u, mut v, mut beyond, mut live] = [[0.0; LANES]; 4];
        for lane in 0..LANES {
            let local = segment.local(x[lane], y[lane], blur.inverse);
            let near_end = local.u.abs() - half;
            let outside = near_end.max(0.0);
            let bound = height - 0.5 * (outside * outside + local.v * local.v);
            live[lane] = if bound > near.bound[lane] - NEGLIGIBLE { 1.0 } else { 0.0 };
            (u[lane], v[lane], beyond[lane]) = (local.u, local.v, live[lane] * near_end);
        }
        if live.iter().all(|live| *live == 0.0) {
            continue;
        }
        let along = Stretches::at(&beyond, half);
        for lane in 0..LANES {
            let exponent = height - 0.5 * v[lane] * v[lane] - along.exponent[lane] - near.bound[lane];
            let share = live[lane] * exp(exponent);
            let density = share * along.value[lane];
            let gradient = segment.turned(-share * along.fall[lane].copysign(u[lane]), -density * v[lane]);
            let reach = u[lane].abs() + v[lane].abs();
            let unsure_density = 1.0 + (beyond[lane].max(0.0) + v[lane].abs()) * reach;
            let unsure_gradient = density * (1.0 + reach);
            sum.add(lane, &near, &Term { density, gradient, unsure_density, unsure_gradient });
        }
    }
    sum.finish(&near, blur, out)
}

#[inline(always)]
fn nearest(segments: &[Segment], x: &Lanes<f32>, y: &Lanes<f32>, blur: LaneBlur) -> Nearest {
    let mut near = Nearest::new();
    for segment in segments {
        let (half, height) = (segment.half * blur.inverse, segment.log_height(blur));
        for lane in 0..LANES {
            let Local { u, v } = segment.local(x[lane], y[lane], blur.inverse);
            let beyond = (u.abs() - half).max(0.0);
            near.see(lane, height - 0.5 * (beyond * beyond + v * v), segment.turned(-beyond.copysign(u), -v));
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::Curve;
    use crate::noise::Noise;

    /// 128 segments of a circle of radius 3, thickness 0 and 0.1, 4096 points of p_σ for each σ: next to none is asked again.
    #[test]
    fn few_points_of_the_data_are_doubtful() {
        let around = |t: f64| [3.0 * t.cos(), 3.0 * t.sin()];
        for tau in [0.0, 0.1] {
            let curve = Curve::traced(around, [0.0, std::f64::consts::TAU], 128, tau).expect("a legal curve");
            for sigma in [0.01f32, 0.1, 0.3, 1.0, 3.0, 20.0] {
                let (mut x, mut out) = (vec![0.0; 8192], [0.0; 2 * LANES]);
                curve.sample(&Noise::new(1), sigma.into(), 0, &mut x);
                let segments = &curve.kernel().segments;
                let ask = |x: &[f32]| block(segments, x, LaneBlur::of(tau, sigma), &mut out);
                let doubtful = x.chunks(2 * LANES).flat_map(ask).filter(|doubtful| *doubtful).count();
                assert!(doubtful < 4096 / 50, "τ = {tau}, σ = {sigma}: {doubtful} of 4096");
            }
        }
    }
}
