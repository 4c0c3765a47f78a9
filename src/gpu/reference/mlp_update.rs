//! `shaders/kernels/mlp_update.wgsl` in plain Rust: one particle at a time, neuron by neuron.

use super::update;
use crate::gpu::{Activation, AffineUpdate, MlpTables};
use crate::noise::Noise;

/// Takes one particle, the one numbered `index`, through `updates`, the first of which is numbered `first`.
#[must_use]
pub fn particle(
    tables: &MlpTables,
    updates: &[AffineUpdate],
    noise: &Noise,
    numbers: [u32; 2],
    x: [f32; 2],
) -> [f32; 2] {
    update::particle(|y, level| score(tables, y, level), updates, noise, numbers, x)
}

/// s(y, σ) = skip d + output F(input d, σ),   d = y − m
#[must_use]
pub fn score(tables: &MlpTables, y: [f32; 2], level: u32) -> [f32; 2] {
    let at = &tables.levels[level as usize];
    let d = [y[0] - at.centre[0], y[1] - at.centre[1]];
    let f = network(tables, d.map(|d| at.input * d), level as usize);
    [0, 1].map(|i| at.skip * d[i] + at.output * (f[i] + at.bias[i]))
}

/// F(u, σ) without the last biases.
fn network(tables: &MlpTables, u: [f32; 2], level: usize) -> [f32; 2] {
    let MlpTables { activation, hidden, width, weights, biases, .. } = tables;
    let mut rows = weights.chunks_exact(*width);
    let mut seen = vec![u[0], u[1], 0.0, 0.0];
    for layer in 0..*hidden {
        let own = if layer == 0 { hidden - 1 + level } else { layer - 1 };
        let mut answers = biases[own * width..(own + 1) * width].to_vec();
        for (seen, row) in seen.iter().zip(&mut rows) {
            answers.iter_mut().zip(row).for_each(|(answer, weight)| *answer += weight * seen);
        }
        seen = answers.into_iter().map(|x| activated(*activation, x)).collect();
    }
    let mut answer = || rows.next().map_or(0.0, |row| row.iter().zip(&seen).map(|(w, h)| w * h).sum());
    [answer(), answer()]
}

/// φ
fn activated(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Softplus => 0.5 * (x + x.abs()) + (-x.abs()).exp().ln_1p(),
        Activation::Tanh => x.tanh(),
        Activation::Gelu => 0.5 * x * (1.0 + (0.797_884_6 * x * (1.0 + 0.044_715 * x * x)).tanh()),
    }
}
