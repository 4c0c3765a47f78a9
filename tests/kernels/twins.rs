//! The readable twins against formulas, in double precision or by hand; no adapter is wanted.

use std::f64::consts::TAU;

use scorescope::gpu::kernels::{Activation, Resample};
use scorescope::gpu::reference;

use super::{differ, normals};

#[expect(clippy::cast_possible_truncation, reason = "the formula, rounded once")]
fn rounded(x: impl IntoIterator<Item = f64>) -> Vec<f32> {
    x.into_iter().map(|x| x as f32).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test are small")]
const fn real(count: usize) -> f64 {
    count as f64
}

/// candle's convolution. Sums of 100 products in another order: 1e-6 each.
#[test]
fn the_convolution_is_candles() {
    let [n, c, h, w, o] = [2, 11, 9, 7, 5];
    for (kernel, stride, padding, upsample) in [(3, 1, 1, false), (1, 1, 0, false), (3, 2, 1, false), (3, 1, 1, true)] {
        let (input, weights) = (normals(1, n * c * h * w), normals(2, o * c * kernel * kernel));
        let device = &candle_core::Device::Cpu;
        let x = candle_core::Tensor::from_slice(&input, (n, c, h, w), device).unwrap();
        let x = if upsample { x.upsample_nearest2d(2 * h, 2 * w).unwrap() } else { x };
        let k = candle_core::Tensor::from_slice(&weights, (o, c, kernel, kernel), device).unwrap();
        let y = x.conv2d(&k, padding, stride, 1, 1).unwrap();
        let (_, _, rows, columns) = y.dims4().unwrap();
        let conv = reference::conv2d::Conv2d {
            input: [n, c, h, w],
            output: [o, rows, columns],
            kernel,
            stride,
            padding,
            upsample,
        };
        let expected: Vec<f32> = y.flatten_all().unwrap().to_vec1().unwrap();
        let found = differ(&reference::conv2d::sums(&conv, &input, &weights), &expected);
        assert!(found <= 2e-6, "{conv:?}: {found}");
    }
}

/// Sums in two parts, channel by channel: 2 · (7 + 100·channel + …) by hand.
#[test]
fn a_convolution_ends_as_it_should() {
    let parts = [vec![1.0; 4], vec![2.0, 3.0, 4.0, 5.0]];
    let found = reference::conv2d_sum::total(&parts, 2, &[100.0, 200.0], Some(&[10.0, 20.0]), Some(&[0.5; 4]), 2.0);
    assert_eq!(found, [227.0, 229.0, 451.0, 453.0]);
}

/// Mean and variance in double precision. Data a thousand times their width from 0 have the differences that a sum of
/// squares would lose: (1000 2⁻²⁴)² of the variance, and 1000 2⁻²⁴ of x − mean: 6e-5.
#[test]
fn groups_are_normalised() {
    let [n, c, groups, pixels] = [2, 6, 3, 35];
    let input: Vec<f32> = normals(3, n * c * pixels).iter().map(|x| x + 1000.0).collect();
    let (weight, bias, modulation) = (normals(4, c), normals(5, c), normals(6, 2 * c));
    let length = c / groups * pixels;
    let of = reference::group_norm::GroupNorm {
        channels: c,
        pixels,
        groups,
        weight: &weight,
        bias: &bias,
        modulation: Some(&modulation),
        epsilon: 1e-5,
        activation: Activation::Relu,
    };
    let moments = reference::group_moments::moments(&input, length, 16);
    let found = reference::group_norm::normalised(&of, &input, &moments, 16);
    let expected = input.chunks_exact(length).enumerate().flat_map(|(group, x)| {
        let x: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
        let mean = x.iter().sum::<f64>() / real(x.len());
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / real(x.len());
        let channel = |i: usize| group % groups * (c / groups) + i / pixels;
        let (weight, bias, modulation) = (&weight, &bias, &modulation);
        let normal = move |(i, x): (usize, f64)| {
            let y = (x - mean) / (variance + 1e-5).sqrt() * f64::from(weight[channel(i)]) + f64::from(bias[channel(i)]);
            (y * (1.0 + f64::from(modulation[channel(i)])) + f64::from(modulation[c + channel(i)])).max(0.0)
        };
        x.into_iter().enumerate().map(normal).collect::<Vec<_>>()
    });
    let found = differ(&found, &rounded(expected));
    assert!(found <= 1e-4, "{found}");
}

/// Softmax as it is written, in double precision.
#[test]
fn attention_is_the_softmax_of_the_products() {
    let [d, tokens] = [5, 13];
    let [q, k, v] = [7, 8, 9].map(|seed| normals(seed, d * tokens));
    let of = |x: &[f32], c: usize, t: usize| f64::from(x[c * tokens + t]);
    let mut expected = vec![0.0; d * tokens];
    for query in 0..tokens {
        let score = |key| (0..d).map(|c| of(&q, c, query) * of(&k, c, key)).sum::<f64>() / real(d).sqrt();
        let shares: Vec<f64> = (0..tokens).map(|key| score(key).exp()).collect();
        let total: f64 = shares.iter().sum();
        for c in 0..d {
            expected[c * tokens + query] = (0..tokens).map(|key| shares[key] / total * of(&v, c, key)).sum();
        }
    }
    let found = differ(&reference::attention::head(&q, &k, &v, tokens), &rounded(expected));
    assert!(found <= 2e-6, "{found}");
}

/// A straight line after a filter: its length, where number i of it lies on the line before, and its two ends.
type Line<'a> = (usize, &'a dyn Fn(f64) -> f64, [f64; 2]);

/// Of f(y) g(x) each filter makes the product of what it makes of f and of g; of a straight line a straight line, but at
/// the ends, where half or a quarter of what it sees is zero.
#[test]
fn filters_keep_straight_lines() {
    let f = |i: f64| 2.0 * i + 3.0;
    let [h, w] = [6usize, 4usize];
    let line = |how: Resample, n: usize| -> Vec<f64> {
        let last = real(n) - 1.0;
        let (count, at, ends): Line = match how {
            Resample::Average => (n / 2, &|i| 2.0 * i + 0.5, [f(0.5), f(last - 0.5)]),
            Resample::Nearest => (2 * n, &|i| (i / 2.0).floor(), [f(0.0), f(last)]),
            Resample::FirDown => {
                let near = (3.0 * f(0.0) + 3.0 * f(1.0) + f(2.0)) / 8.0;
                let far = (f(last - 2.0) + 3.0 * f(last - 1.0) + 3.0 * f(last)) / 8.0;
                (n / 2, &|i| 2.0 * i + 0.5, [near, far])
            }
            Resample::FirUp => (2 * n, &|i| i / 2.0 - 0.25, [0.75 * f(0.0), 0.75 * f(last)]),
        };
        (0..count)
            .map(|i| match i {
                0 => ends[0],
                _ if i + 1 == count => ends[1],
                _ => f(at(real(i))),
            })
            .collect()
    };
    let plane: Vec<f32> = rounded((0..h).flat_map(|y| (0..w).map(move |x| f(real(y)) * -f(real(x)))));
    for how in [Resample::Average, Resample::Nearest, Resample::FirDown, Resample::FirUp] {
        let columns = line(how, w);
        let expected = line(how, h).into_iter().flat_map(|y| columns.iter().map(move |x| -y * x));
        let found = differ(&reference::resample::planes(how, &plane, [h, w]), &rounded(expected));
        assert!(found <= 1e-6, "{how:?}: {found}");
    }
}

/// Double precision; 1.5e-7 is what Abramowitz & Stegun promise of the error function.
#[test]
fn activations_are_their_formulas() {
    for x in (-900..=900i16).map(|i| f64::from(i) / 10.0) {
        let cases = [
            (Activation::None, x),
            (Activation::Silu, x / (1.0 + (-x).exp())),
            (Activation::Mish, x * x.exp().ln_1p().tanh()),
            (Activation::Gelu, 0.5 * x * libm::erfc(-x / std::f64::consts::SQRT_2)),
            (Activation::Relu, x.max(0.0)),
        ];
        for (activation, expected) in cases {
            let [x, expected] = rounded([x, expected])[..] else { unreachable!() };
            let found = reference::pointwise::activated(activation, x);
            assert!((found - expected).abs() <= 4e-7 * x.abs().max(1.0), "{activation:?}({x}): {found}, {expected}");
        }
    }
    assert_eq!(reference::pointwise::mapped(&[1.0, -2.0], 3.0, 0.5, Activation::Relu), [3.5, 0.0]);
}

/// Row o of W is o, o + 1, …; x is 1, 2, 3, 4: Σ (o + i)(i + 1) = 10 o + 20.
#[test]
fn a_matrix_times_a_vector() {
    let weights: Vec<f32> = (0..3u8).flat_map(|o| (0..4u8).map(move |i| f32::from(o + i))).collect();
    assert_eq!(reference::linear::product(&[1.0, 2.0, 3.0, 4.0], &weights, &[0.0, 0.5, 1.0]), [20.0, 30.5, 41.0]);
}

/// Double precision; 160 turns of 6e-8 each are the angle's own rounding.
#[test]
fn timesteps_are_sines_and_cosines() {
    let turns: Vec<f32> = (0..5u8).map(|i| 0.16 / f32::from(1 + 3 * i)).collect();
    let found = reference::time_embedding::embedded(&turns, 999.0, 11, true);
    let angle = |turns: &f32| TAU * f64::from(*turns) * 999.0;
    let expected = turns.iter().map(|t| angle(t).cos()).chain(turns.iter().map(|t| angle(t).sin())).chain([0.0]);
    assert!(differ(&found, &rounded(expected)) <= 1e-4);
    let swapped = reference::time_embedding::embedded(&turns, 999.0, 10, false);
    assert_eq!([&swapped[5..], &swapped[..5]].concat(), found[..10]);
}
