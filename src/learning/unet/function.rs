//! The functions between a U-Net's layers, with their slopes, over slices of any length.

use crate::lanes::LANES;
use crate::learning::Activation as Fast;
use crate::unet::Activation;

/// x ← f(x)
pub fn apply(f: Activation, x: &mut [f32]) {
    match f {
        Activation::Silu => by_lanes(x, |x| Fast::Silu.apply(x)),
        Activation::Mish => x.iter_mut().for_each(|x| *x = mish(*x)[0]),
        Activation::Gelu => x.iter_mut().for_each(|x| *x = gelu(*x)[0]),
        Activation::Relu => x.iter_mut().for_each(|x| *x = x.max(0.0)),
    }
}

/// gradient ← gradient · f'(x)
pub fn through(f: Activation, x: &[f32], gradient: &mut [f32]) {
    for (x, gradient) in x.chunks(LANES).zip(gradient.chunks_mut(LANES)) {
        let (mut values, mut slopes) = ([0.0; LANES], [0.0; LANES]);
        values[..x.len()].copy_from_slice(x);
        match f {
            Activation::Silu => Fast::Silu.apply_with_slope(&mut values, &mut slopes),
            Activation::Mish => slopes = values.map(|x| mish(x)[1]),
            Activation::Gelu => slopes = values.map(|x| gelu(x)[1]),
            Activation::Relu => slopes = values.map(|x| if x > 0.0 { 1.0 } else { 0.0 }),
        }
        gradient.iter_mut().zip(slopes).for_each(|(gradient, slope)| *gradient *= slope);
    }
}

fn by_lanes(x: &mut [f32], apply: impl Fn(&mut [f32])) {
    let (whole, rest) = x.split_at_mut(x.len() / LANES * LANES);
    apply(whole);
    let mut last = [0.0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    apply(&mut last);
    rest.copy_from_slice(&last[..rest.len()]);
}

/// x t and its slope, t = tanh(ln(1 + e^x)) = n / (n + 2), n = e^x (e^x + 2). Beyond 20, t is 1.
fn mish(x: f32) -> [f32; 2] {
    let e = x.min(20.0).exp();
    let n = e * (e + 2.0);
    let t = n / (n + 2.0);
    let sigmoid = e / (1.0 + e);
    [x * t, t + x * sigmoid * (1.0 - t * t)]
}

/// x Φ(x) and its slope Φ(x) + x φ(x).
#[expect(clippy::cast_possible_truncation, reason = "the digits of f32 are what is wanted")]
fn gelu(x: f32) -> [f32; 2] {
    let x = f64::from(x);
    let below = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    [x * below, below + x * density].map(|x| x as f32)
}
