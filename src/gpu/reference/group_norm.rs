//! `shaders/kernels/group_norm.wgsl` in plain Rust.

use super::pointwise::activated;
use crate::gpu::kernels::Activation;

/// A normalisation of images of `channels` of `pixels`.
#[derive(Clone, Copy, Debug)]
pub struct GroupNorm<'a> {
    /// c
    pub channels: usize,
    /// h · w
    pub pixels: usize,
    /// Groups of neighbouring channels.
    pub groups: usize,
    /// By channel.
    pub weight: &'a [f32],
    /// By channel.
    pub bias: &'a [f32],
    /// Scales, then shifts, by channel.
    pub modulation: Option<&'a [f32]>,
    /// ε
    pub epsilon: f32,
    /// f
    pub activation: Activation,
}

/// f(((x − mean) / √(variance + ε) · weight + bias) (1 + scale) + shift), from the moments of pieces of `piece` numbers.
#[must_use]
pub fn normalised(of: &GroupNorm, input: &[f32], moments: &[[f32; 2]], piece: usize) -> Vec<f32> {
    let length = of.channels / of.groups * of.pixels;
    let normals: Vec<[f32; 2]> =
        moments.chunks_exact(length.div_ceil(piece)).map(|pieces| merged(pieces, piece, length, of.epsilon)).collect();
    let normalise = |(i, x): (usize, &f32)| {
        let [mean, inverse] = normals[i / length];
        let channel = i / of.pixels % of.channels;
        let y = (x - mean) * inverse * of.weight[channel] + of.bias[channel];
        let y = of.modulation.map_or(y, |m| y * (1.0 + m[channel]) + m[of.channels + channel]);
        activated(of.activation, y)
    };
    input.iter().enumerate().map(normalise).collect()
}

/// Mean and 1/√(variance + ε) of a group, from those of its pieces.
#[expect(clippy::cast_precision_loss, reason = "a group's share of the error of its length is 2⁻²⁴")]
fn merged(pieces: &[[f32; 2]], piece: usize, length: usize, epsilon: f32) -> [f32; 2] {
    let counts = (0..).map(|i| piece.min(length - i * piece) as f32);
    let counted = || pieces.iter().zip(counts.clone());
    let mean = counted().map(|([mean, _], count)| mean * count).sum::<f32>() / length as f32;
    let spread: f32 = counted().map(|([of, spread], count)| spread + count * (of - mean) * (of - mean)).sum();
    [mean, (spread / length as f32 + epsilon).sqrt().recip()]
}
