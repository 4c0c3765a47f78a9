//! The softmax of a row and its way back.

use multiversion::multiversion;

use crate::lanes::exp;

/// x ← e^(x − max) / Σ e^(x − max)
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma", "aarch64+neon"))]
pub fn softmax(x: &mut [f32]) {
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    x.iter_mut().for_each(|x| *x = exp(*x - max));
    let sum: f32 = x.iter().sum();
    x.iter_mut().for_each(|x| *x /= sum);
}

/// gradient ← y (gradient − Σ gradient y)
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma", "aarch64+neon"))]
pub fn through(y: &[f32], gradient: &mut [f32]) {
    let along: f32 = gradient.iter().zip(y).map(|(gradient, y)| gradient * y).sum();
    gradient.iter_mut().zip(y).for_each(|(gradient, y)| *gradient = y * (*gradient - along));
}
