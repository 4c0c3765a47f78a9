//! `shaders/kernels/pointwise.wgsl` and `shaders/shared/unet_activation.wgsl` in plain Rust.

use crate::gpu::kernels::Activation;

/// f(factor x + offset)
#[must_use]
pub fn mapped(input: &[f32], factor: f32, offset: f32, activation: Activation) -> Vec<f32> {
    input.iter().map(|x| activated(activation, factor * x + offset)).collect()
}

/// f(x)
#[must_use]
pub fn activated(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::None => x,
        Activation::Silu => x / (1.0 + (-x.max(-80.0)).exp()),
        Activation::Mish => {
            let u = x.min(20.0).exp();
            let v = u * (u + 2.0);
            x * (v / (v + 2.0))
        }
        Activation::Gelu => x * normal_below(x),
        Activation::Relu => x.max(0.0),
    }
}

/// Φ(x), by Abramowitz & Stegun 7.1.26.
fn normal_below(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_8) * t - 0.284_496_74) * t + 0.254_829_6) * t;
    let tail = 0.5 * p * (-z * z).exp();
    if x < 0.0 { tail } else { 1.0 - tail }
}
