//! `shaders/kernels/mixture_update.wgsl` in plain Rust, line by line.

use super::update;
use crate::gpu::{AffineUpdate, MixtureLevels};
use crate::lanes::exp;
use crate::noise::Noise;

/// Takes one particle, the one numbered `index`, through `updates`, the first of which is numbered `first`.
#[must_use]
pub fn particle(
    levels: &MixtureLevels,
    updates: &[AffineUpdate],
    noise: &Noise,
    numbers: [u32; 2],
    x: [f32; 2],
) -> [f32; 2] {
    update::particle(|y, level| score(levels, y, level), updates, noise, numbers, x)
}

/// s(y, σ) = −Σ_m p_m P_m (y − μ_m) / Σ_m p_m
#[must_use]
pub fn score(levels: &MixtureLevels, y: [f32; 2], level: u32) -> [f32; 2] {
    let (mut highest, mut total, mut pull) = (-3.0e38_f32, 0.0, [0.0; 2]);
    let from = level as usize * levels.count;
    for mode in &levels.modes[from..from + levels.count] {
        let [cos, sin] = mode.axis;
        let d = [y[0] - mode.mean[0], y[1] - mode.mean[1]];
        let u = [cos * d[0] + sin * d[1], cos * d[1] - sin * d[0]];
        let w = [u[0] * mode.inverse[0], u[1] * mode.inverse[1]];
        let gradient = [cos * w[0] - sin * w[1], sin * w[0] + cos * w[1]];
        let height = mode.log_height - 0.5 * (u[0] * w[0] + u[1] * w[1]);
        let lower = exp(-(height - highest).abs());
        let (keep, share) = if height > highest { (lower, 1.0) } else { (1.0, lower) };
        total = total * keep + share;
        pull = [0, 1].map(|i| pull[i] * keep + share * gradient[i]);
        highest = highest.max(height);
    }
    pull.map(|pull| -pull / total)
}
