//! The heavy operations in candle's own, for devices that ours do not run on, and to compare ours with.

use candle_core::{D, Device, Result, Tensor};

use super::planes::Geometry;
use super::resampling;
use crate::unet::Activation;
use crate::unet::plan::Resampling;

/// y = K ∗ x + b:   x (n, c, h, w), K (out, c, k, k) or (out, c), b (out) or (n, out).
pub fn convolution(x: &Tensor, weight: &Tensor, bias: &Tensor, geometry: Geometry) -> Result<Tensor> {
    let Geometry { kernel, stride, padding: [before, after], repeat, .. } = geometry;
    let (_, _, h, w) = x.dims4()?;
    let x = if repeat > 1 { x.upsample_nearest2d(repeat * h, repeat * w)? } else { x.clone() };
    let x = x.pad_with_zeros(2, before, after)?.pad_with_zeros(3, before, after)?;
    let (out, channels) = (weight.dims()[0], x.dims()[1]);
    let y = x.conv2d(&weight.reshape((out, channels, kernel, kernel))?, 0, stride, 1, 1)?;
    y.broadcast_add(&bias.reshape((bias.elem_count() / out, out, 1, 1))?)
}

/// y = f(x̂ w + b):   x (n, c, h, w), w and b (c) or (n, c).
pub fn group_norm(x: &Tensor, [weight, bias]: [&Tensor; 2], groups: usize, eps: f32) -> Result<Tensor> {
    let (n, c, h, w) = x.dims4()?;
    let grouped = x.reshape((n, groups, c / groups * h * w))?;
    let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
    let deviation = (centred.sqr()?.mean_keepdim(2)? + f64::from(eps))?.sqrt()?;
    let each = |of: &Tensor| of.reshape((of.elem_count() / c, c, 1, 1));
    let normal = centred.broadcast_div(&deviation)?.reshape((n, c, h, w))?;
    normal.broadcast_mul(&each(weight)?)?.broadcast_add(&each(bias)?)
}

/// y = f(x)
pub fn function(x: &Tensor, f: Activation) -> Result<Tensor> {
    match f {
        Activation::Silu => x.silu(),
        Activation::Gelu => x.gelu_erf(),
        Activation::Relu => x.relu(),
        // x tanh(ln(1 + e^x)), with ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)
        Activation::Mish => x * (x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?)?.tanh()?,
    }
}

/// Rows of the last dimension to e^x / Σ e^x.
pub fn softmax(x: &Tensor) -> Result<Tensor> {
    candle_nn::ops::softmax(x, D::Minus1)
}

/// Half or twice the height and width: A x Bᵀ of every plane.
pub fn resample(x: &Tensor, how: Resampling) -> Result<Tensor> {
    let (n, c, h, w) = x.dims4()?;
    let [down, across] = [h, w].map(|side| matrix(how, side, x.device()));
    let y = down?.broadcast_matmul(&x.reshape((n * c, h, w))?)?.broadcast_matmul(&across?.t()?)?;
    y.reshape((n, c, resampling::side(how, h), resampling::side(how, w)))
}

/// Shape (side after, side).
fn matrix(how: Resampling, side: usize, device: &Device) -> Result<Tensor> {
    let after = resampling::side(how, side);
    let mut rows = vec![0.0f32; after * side];
    for (i, row) in rows.chunks_exact_mut(side).enumerate() {
        resampling::taps(how, i, side).into_iter().for_each(|(from, weight)| row[from] += weight);
    }
    Tensor::from_vec(rows, (after, side), device)
}
