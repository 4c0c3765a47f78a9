//! The score of many equal round Gaussians, fast: particles side by side in lanes, single precision.

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use multiversion::multiversion;

use super::Distribution;
use super::lane_sum::{gather, score_by_lanes};
use crate::lanes::{LANES, Lanes, exp};

/// Means and log weights of Gaussians that share one variance, as flat arrays.
#[derive(Clone, Debug, Default)]
pub struct RoundKernel {
    x: Vec<f32>,
    y: Vec<f32>,
    /// What single precision leaves of each mean.
    rest: Vec<[f32; 2]>,
    log_weight: Vec<f32>,
    /// No mean is farther from the origin, along either axis.
    reach: f32,
}

impl RoundKernel {
    /// Gaussians at `means` with `weights`; the variance comes with each call.
    #[expect(clippy::cast_possible_truncation, reason = "the rest is kept too")]
    pub fn new(parts: impl Iterator<Item = (f64, [f64; 2])>) -> Self {
        let mut kernel = Self::default();
        for (weight, mean) in parts {
            let [x, y] = mean.map(|m| m as f32);
            kernel.x.push(x);
            kernel.y.push(y);
            kernel.rest.push([(mean[0] - f64::from(x)) as f32, (mean[1] - f64::from(y)) as f32]);
            kernel.log_weight.push(weight.ln() as f32);
            kernel.reach = kernel.reach.max(x.abs()).max(y.abs());
        }
        kernel
    }

    /// Writes the score of Σ_k π_k N(μ_k, (λ + σ²) I) at `points`, shape (n, 2); λ is `variance`. Where single precision may
    /// miss 1e-4 of it, `exact`, the same distribution in double precision, is asked.
    pub fn score(&self, exact: &impl Distribution, variance: f64, points: &[f32], sigma: f32, out: &mut [f32]) {
        #[expect(clippy::cast_possible_truncation, reason = "lanes are f32")]
        let noised = (variance + f64::from(sigma) * f64::from(sigma)) as f32;
        score_by_lanes(exact, points, sigma, out, |points, out| block(self, points, noised, out));
    }
}

/// s(x) = [ (μ_j − x) + Σ_k r_k (μ_k − μ_j) / Σ_k r_k ] / v,   r_k = π_k/π_j exp[(μ_k − μ_j)·(2x − μ_k − μ_j) / 2v]
///
/// j is the nearest mean of each particle. The exponents are differences already: no two large numbers cancel.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn block(kernel: &RoundKernel, points: &[f32], variance: f32, out: &mut [f32]) -> Lanes<bool> {
    let (mean_x, mean_y, log_weight) = (&kernel.x[..], &kernel.y[..], &kernel.log_weight[..]);
    let half_inverse = 0.5 / variance;
    let (x, y) = gather(points);
    let index = nearest(mean_x, mean_y, &x, &y);
    let near_x: Lanes<f32> = std::array::from_fn(|lane| mean_x[index[lane] as usize]);
    let near_y: Lanes<f32> = std::array::from_fn(|lane| mean_y[index[lane] as usize]);
    let near_weight: Lanes<f32> = std::array::from_fn(|lane| log_weight[index[lane] as usize]);
    let (mut total, mut sum_x, mut sum_y) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for ((mean_x, mean_y), log_weight) in mean_x.iter().zip(mean_y).zip(log_weight) {
        for lane in 0..LANES {
            let (dx, dy) = (mean_x - near_x[lane], mean_y - near_y[lane]);
            let (ax, ay) = (2.0 * x[lane] - mean_x - near_x[lane], 2.0 * y[lane] - mean_y - near_y[lane]);
            let r = exp((dx * ax + dy * ay) * half_inverse + (log_weight - near_weight[lane]));
            total[lane] += r;
            sum_x[lane] += r * dx;
            sum_y[lane] += r * dy;
        }
    }
    let mut doubtful = [false; LANES];
    for (lane, out) in out.chunks_exact_mut(2).enumerate() {
        let rest = kernel.rest[index[lane] as usize];
        let (shift_x, shift_y) = (sum_x[lane] / total[lane], sum_y[lane] / total[lane]);
        out[0] = (near_x[lane] - x[lane] + rest[0] + shift_x) / variance;
        out[1] = (near_y[lane] - y[lane] + rest[1] + shift_y) / variance;
        // Rounding of an exponent, times the share of the other modes; and how far the two terms cancel.
        let rounding = 2.4e-7 * (x[lane].abs().max(y[lane].abs()) + kernel.reach) * 2.0 * kernel.reach * half_inverse;
        let others = (total[lane] - 1.0) / total[lane];
        let (left, shift) = (out[0].abs() + out[1].abs(), shift_x.abs() + shift_y.abs());
        doubtful[lane] = rounding * others > 2e-5 || left * variance < 0.05 * shift;
    }
    doubtful
}

/// The number of the mean nearest to each lane's point.
#[inline(always)]
fn nearest(mean_x: &[f32], mean_y: &[f32], x: &Lanes<f32>, y: &Lanes<f32>) -> Lanes<u32> {
    let (mut best, mut index) = ([f32::INFINITY; LANES], [0; LANES]);
    for (k, (mean_x, mean_y)) in (0u32..).zip(mean_x.iter().zip(mean_y)) {
        for lane in 0..LANES {
            let (dx, dy) = (mean_x - x[lane], mean_y - y[lane]);
            let distance = dx * dx + dy * dy;
            let closer = distance < best[lane];
            best[lane] = if closer { distance } else { best[lane] };
            index[lane] = if closer { k } else { index[lane] };
        }
    }
    index
}
