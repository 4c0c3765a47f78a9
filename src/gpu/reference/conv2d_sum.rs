//! `shaders/kernels/conv2d_sum.wgsl` in plain Rust; conv2d.wgsl ends in the same way.

/// `scale (bias[o] + shift[o] + residual[i] + Σ parts[i])`, for every number i of shape (n, o, pixels).
#[must_use]
pub fn total(
    parts: &[Vec<f32>],
    pixels: usize,
    bias: &[f32],
    shift: Option<&[f32]>,
    residual: Option<&[f32]>,
    scale: f32,
) -> Vec<f32> {
    let numbers = parts.first().map_or(0, Vec::len);
    let total = |i: usize| {
        let channel = i / pixels % bias.len();
        let sum: f32 = parts.iter().map(|part| part[i]).sum();
        scale * (sum + bias[channel] + shift.map_or(0.0, |shift| shift[channel]) + residual.map_or(0.0, |r| r[i]))
    };
    (0..numbers).map(total).collect()
}
