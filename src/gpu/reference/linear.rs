//! `shaders/kernels/linear.wgsl` in plain Rust.

/// W x + b; W of shape (out, in).
#[must_use]
pub fn product(input: &[f32], weights: &[f32], bias: &[f32]) -> Vec<f32> {
    let row = |row: &[f32]| row.iter().zip(input).map(|(weight, x)| weight * x).sum::<f32>();
    weights.chunks_exact(input.len()).zip(bias).map(|(weights, bias)| row(weights) + bias).collect()
}
