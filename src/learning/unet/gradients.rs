//! The way back through a convolution: what the gradient by its result makes of those by its input, kernel and biases.

use pulp::Arch;

use super::convolution::{ROWS, convolve};
use super::normalisation::total;
use super::planes::{Geometry, Planes, TILE};
use crate::lanes::LANES;
use crate::learning::products::{Rows, RowsMut, add_product};
use crate::samplers::Spread;

/// The gradient by x, of `shape` (n, c, h, w): a convolution with the kernel turned by half a turn and its channels
/// exchanged. `gradient`: by y, (n, out, h', w').
pub fn by_input(
    spread: &dyn Spread,
    gradient: &[f32],
    shape: [usize; 4],
    geometry: Geometry,
    weight: &[f32],
    out: usize,
) -> Vec<f32> {
    let ([n, channels, h, w], taps) = (shape, geometry.taps());
    let [height, width] = [h, w].map(|side| geometry.side(side));
    let mut turned = vec![0.0; weight.len()];
    spread.each_chunk(&mut turned, out * taps, &|channel, turned| {
        for (from, turned) in turned.chunks_exact_mut(taps).enumerate() {
            let kernel = &weight[(from * channels + channel) * taps..][..taps];
            turned.iter_mut().zip(kernel.iter().rev()).for_each(|(turned, weight)| *turned = *weight);
        }
    });
    let Geometry { kernel, stride, padding: [before, _], repeat, .. } = geometry;
    // As much behind as makes the result as large as the input.
    let after = h * repeat + before - (height - 1) * stride - 1;
    let back = Geometry { kernel, stride: 1, padding: [kernel - 1 - before, after], repeat: 1, spacing: stride };
    let by_repeated =
        convolve(spread, gradient, [n, out, height, width], back, &turned, &vec![0.0; channels], channels);
    if repeat == 1 {
        return by_repeated;
    }
    let mut by_x = vec![0.0; n * channels * h * w];
    spread.each_chunk(&mut by_x, w, &|row, out| {
        for repeated in by_repeated[row * w * repeat * repeat..][..w * repeat * repeat].chunks_exact(w * repeat) {
            let sums = repeated.chunks_exact(repeat).map(|same| same.iter().sum::<f32>());
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
        }
    });
    by_x
}

/// The gradient by K, (out, c, k, k): pixels times gradients, summed over pixels and images.
pub fn by_weight(
    spread: &dyn Spread,
    x: &[f32],
    shape: [usize; 4],
    geometry: Geometry,
    gradient: &[f32],
    out: usize,
) -> Vec<f32> {
    let ([n, channels, h, w], taps) = (shape, geometry.taps());
    let planes = Planes::new(spread, x, shape, geometry);
    let [height, width] = [h, w].map(|side| geometry.side(side));
    let pixels = height * width;
    let lanes = out.next_multiple_of(LANES);
    let turned = channels_last(spread, gradient, [n, out, pixels], lanes);
    let block = (ROWS / taps).clamp(1, channels);
    let arch = Arch::new();
    // (c, k, k, out), some channels at a time; the sum of each number runs through the images in order.
    let mut sums = vec![0.0; channels * taps * lanes];
    spread.each_chunk(&mut sums, block * taps * lanes, &|part, sums| {
        let from = part * block;
        let to = channels.min(from + block);
        let mut matrix = vec![0.0; block * taps * TILE];
        for (image, turned) in turned.chunks_exact(pixels * apart(lanes)).enumerate() {
            for pixel in (0..pixels).step_by(TILE) {
                planes.matrix(image, from..to, &planes.pieces(pixel, pixels, width), &mut matrix);
                let a = Rows { values: &matrix, stride: TILE };
                let b = Rows { values: &turned[pixel * apart(lanes)..], stride: apart(lanes) };
                let c = RowsMut { values: &mut *sums, stride: lanes };
                add_product(arch, a, TILE.min(pixels - pixel), b, c, lanes);
            }
        }
    });
    let mut by_weight = vec![0.0; out * channels * taps];
    spread.each_chunk(&mut by_weight, channels * taps, &|row, out| {
        out.iter_mut().zip(sums.iter().skip(row).step_by(lanes)).for_each(|(out, sum)| *out = *sum);
    });
    by_weight
}

/// The gradient by the biases of each image: (n, out).
pub fn by_bias(spread: &dyn Spread, gradient: &[f32], pixels: usize) -> Vec<f32> {
    let mut sums = vec![0.0; gradient.len() / pixels];
    #[expect(clippy::cast_possible_truncation, reason = "summed in f64, used in f32")]
    spread.each_chunk(&mut sums, 1, &|row, sum| sum[0] = total(&gradient[row * pixels..][..pixels]) as f32);
    sums
}

/// Rows of this many numbers keep off each other's cache sets.
const fn apart(lanes: usize) -> usize {
    lanes + LANES
}

/// From (n, out, pixels) to (n, pixels, out), rows of `lanes` numbers and a gap.
fn channels_last(spread: &dyn Spread, gradient: &[f32], [n, out, pixels]: [usize; 3], lanes: usize) -> Vec<f32> {
    let mut turned = vec![0.0; n * pixels * apart(lanes)];
    spread.each_chunk(&mut turned, pixels * apart(lanes), &|image, turned| {
        let rows = &gradient[image * out * pixels..][..out * pixels];
        // A few pixels of all channels at a time, so that what is written stays near.
        for first in (0..pixels).step_by(LANES) {
            let last = pixels.min(first + LANES);
            for (channel, row) in rows.chunks_exact(pixels).enumerate() {
                for (pixel, value) in (first..last).zip(&row[first..last]) {
                    turned[pixel * apart(lanes) + channel] = *value;
                }
            }
        }
    });
    turned
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor, Var};

    use super::*;
    use crate::learning::fixture::random;
    use crate::samplers::Serial;

    /// Against candle's own convolution and its gradient, which pads, repeats and strides by other means: every kind of kernel
    /// a network has, on sides and channels that fill no tile. Sums of a few hundred products of order 1 round to 1e-5.
    #[test]
    fn convolutions_and_their_gradients_are_candles() {
        let plain = Geometry { kernel: 3, stride: 1, padding: [1, 1], repeat: 1, spacing: 1 };
        let shape = [2, 5, 6, 14];
        for (geometry, out) in [
            (plain, 7),
            (Geometry { kernel: 1, padding: [0, 0], ..plain }, 20),
            (Geometry { stride: 2, ..plain }, 4),
            (Geometry { stride: 2, padding: [0, 1], ..plain }, 9),
            (Geometry { repeat: 2, ..plain }, 6),
        ] {
            let [n, c, h, w] = shape;
            let (x, k, b) = (random(1, n * c * h * w), random(2, out * c * geometry.taps()), random(3, out));
            let var = |values: &[f32], shape: &[usize]| Var::from_slice(values, shape, &Device::Cpu).unwrap();
            let side = geometry.kernel;
            let (x_var, k_var, b_var) = (var(&x, &shape), var(&k, &[out, c, side, side]), var(&b, &[out]));
            let repeated = match geometry.repeat {
                1 => x_var.as_tensor().clone(),
                repeat => x_var.upsample_nearest2d(h * repeat, w * repeat).unwrap(),
            };
            let [before, after] = geometry.padding;
            let padded = repeated.pad_with_zeros(2, before, after).unwrap().pad_with_zeros(3, before, after).unwrap();
            let y = padded.conv2d(&k_var, 0, geometry.stride, 1, 1).unwrap();
            let y = y.broadcast_add(&b_var.reshape((1, out, 1, 1)).unwrap()).unwrap();
            let g = random(4, y.elem_count());
            let expected = (&y * Tensor::from_slice(&g, y.shape(), &Device::Cpu).unwrap()).unwrap().sum_all().unwrap();
            let expected = expected.backward().unwrap();

            let close = |what: &str, found: &[f32], expected: &Tensor| {
                let expected: Vec<f32> = expected.flatten_all().unwrap().to_vec1().unwrap();
                assert_eq!(found.len(), expected.len(), "{what}, {geometry:?}");
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() < 1e-4, "{what}, {geometry:?}: {found}, not {expected}");
                }
            };
            let of = |var: &Var| expected.get(var).unwrap().clone();
            close("y", &convolve(&Serial, &x, shape, geometry, &k, &b, out), &y);
            close("by x", &by_input(&Serial, &g, shape, geometry, &k, out), &of(&x_var));
            close("by K", &by_weight(&Serial, &x, shape, geometry, &g, out), &of(&k_var));
            let pixels = geometry.side(h) * geometry.side(w);
            let both = by_bias(&Serial, &g, pixels);
            let sums: Vec<f32> = (0..out).map(|channel| both[channel] + both[out + channel]).collect();
            close("by b", &sums, &of(&b_var));
        }
    }
}
