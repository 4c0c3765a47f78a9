//! `shaders/kernels/time_embedding.wgsl` in plain Rust.

use std::f32::consts::TAU;

/// (sin 2π u, cos 2π u), or cosines first, and 0 where the length is odd: u_i = turns_i · factor.
#[must_use]
pub fn embedded(turns: &[f32], factor: f32, length: usize, cosines_first: bool) -> Vec<f32> {
    let angles: Vec<f32> = turns.iter().map(|turns| TAU * (turns * factor - (turns * factor).floor())).collect();
    let (sines, cosines) = (angles.iter().map(|a| a.sin()), angles.iter().map(|a| a.cos()));
    let mut out: Vec<f32> = if cosines_first { cosines.chain(sines).collect() } else { sines.chain(cosines).collect() };
    out.resize(length, 0.0);
    out
}
