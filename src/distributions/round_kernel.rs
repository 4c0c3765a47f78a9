//! The score of many equal round Gaussians, fast: particles side by side in lanes, single precision.

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use multiversion::multiversion;

use super::Distribution;
use super::lane_sum::{LaneBlur, LaneSum, Nearest, Term, gather, score_by_lanes};
use crate::lanes::{LANES, Lanes, exp};

/// Terms this far below the highest in log space are passed over: a hundred thousand of them pull by 4e-12/s.
const NEGLIGIBLE: f32 = 40.0;

/// What was passed over may matter where the score is below 1e-7/s: so many roundings more are taken to be in it.
const PASSED_OVER: f32 = 1e-4;

/// Means and log weights of Gaussians that share one variance.
#[derive(Clone, Debug, Default)]
pub struct RoundKernel {
    means: Vec<Mean>,
}

#[derive(Clone, Copy, Debug)]
struct Mean {
    log_weight: f32,
    at: [f32; 2],
    /// What single precision leaves of the mean.
    rest: [f32; 2],
}

impl Mean {
    /// (μ − x)/√v
    #[inline(always)]
    fn pull(&self, x: f32, y: f32, inverse: f32) -> [f32; 2] {
        [(self.at[0] - x + self.rest[0]) * inverse, (self.at[1] - y + self.rest[1]) * inverse]
    }
}

impl RoundKernel {
    /// Gaussians at `means` with `weights`; the variance comes with each call.
    #[expect(clippy::cast_possible_truncation, reason = "the rest is kept too")]
    pub fn new(parts: impl Iterator<Item = (f64, [f64; 2])>) -> Self {
        let mean = |(weight, mean): (f64, [f64; 2])| {
            let at = mean.map(|m| m as f32);
            let rest = [0, 1].map(|i| (mean[i] - f64::from(at[i])) as f32);
            Mean { log_weight: weight.ln() as f32, at, rest }
        };
        Self { means: parts.map(mean).collect() }
    }

    /// Writes the score of Σ_k π_k N(μ_k, (λ + σ²) I) at `points`, shape (n, 2); λ is `variance`. Where single precision may
    /// miss 1e-4 of it, `exact`, the same distribution in double precision, is asked.
    pub fn score(&self, exact: &impl Distribution, variance: f64, points: &[f32], sigma: f32, out: &mut [f32]) {
        let blur = LaneBlur::of(variance.sqrt(), sigma);
        score_by_lanes(exact, points, sigma, out, |points, out| block(&self.means, points, blur, out));
    }
}

/// s(x) = [ r + Σ_k p_k (g_k − r) / Σ_k p_k ] / √v,   p_k = π_k e^{−g_k²/2},   g_k = (μ_k − x)/√v
///
/// r is the g of the nearest mean: the sum is one of small differences.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn block(means: &[Mean], points: &[f32], blur: LaneBlur, out: &mut [f32]) -> Lanes<bool> {
    let (x, y) = gather(points);
    let near = nearest(means, &x, &y, blur);
    let mut sum = LaneSum::new();
    for mean in means {
        let [mut u, mut v, mut worth] = [[0.0; LANES]; 3];
        for lane in 0..LANES {
            [u[lane], v[lane]] = mean.pull(x[lane], y[lane], blur.inverse);
            worth[lane] = mean.log_weight - 0.5 * (u[lane] * u[lane] + v[lane] * v[lane]) - near.bound[lane];
        }
        let mut live = false;
        worth.iter().for_each(|worth| live |= *worth > -NEGLIGIBLE);
        if !live {
            continue;
        }
        for lane in 0..LANES {
            let share = exp(worth[lane]);
            let density = if worth[lane] > -NEGLIGIBLE { share } else { 0.0 };
            let gradient = [density * u[lane], density * v[lane]];
            let square = u[lane] * u[lane] + v[lane] * v[lane];
            let unsure_density = 1.0 + square;
            let unsure_gradient = density * (u[lane].abs() + v[lane].abs() + PASSED_OVER);
            sum.add(lane, &near, &Term { density, gradient, unsure_density, unsure_gradient });
        }
    }
    sum.finish(&near, blur, out)
}

#[inline(always)]
fn nearest(means: &[Mean], x: &Lanes<f32>, y: &Lanes<f32>, blur: LaneBlur) -> Nearest {
    let mut near = Nearest::new();
    for mean in means {
        for lane in 0..LANES {
            let pull = mean.pull(x[lane], y[lane], blur.inverse);
            near.see(lane, mean.log_weight - 0.5 * (pull[0] * pull[0] + pull[1] * pull[1]), pull);
        }
    }
    near
}
