//! Convolutions as matrix products over plain slices: pixels are gathered a tile at a time, so that the matrix of all of them
//! never exists. `gradients` has the way back.

use pulp::Arch;

use super::planes::{Geometry, Planes, TILE};
use crate::lanes::LANES;
use crate::learning::products::{Rows, RowsMut, add_product};
use crate::samplers::Spread;

/// Rows of the matrix of pixels that are gathered at a time: with the tile of the result, they stay in the nearest caches.
pub const ROWS: usize = 144;

/// y = K ∗ x + b:   y of shape (n, `out`, h, w), row-major.
///
/// `shape`: of x, (n, c, h, w). `weight`: (out, c, k, k). `bias`: (out), or (n, out) for each image its own.
pub fn convolve(
    spread: &dyn Spread,
    x: &[f32],
    shape: [usize; 4],
    geometry: Geometry,
    weight: &[f32],
    bias: &[f32],
    out: usize,
) -> Vec<f32> {
    let [n, channels, h, w] = shape;
    let planes = Planes::new(spread, x, shape, geometry);
    let [height, width] = [h, w].map(|side| geometry.side(side));
    let pixels = height * width;
    let taps = geometry.taps();
    let parts = parts(n, out, spread.threads());
    let rows = out / parts;
    let arch = Arch::new();
    let mut y = vec![0.0; n * out * pixels];
    spread.each_chunk(&mut y, rows * pixels, &|part, y| {
        let (image, first) = (part / parts, part % parts * rows);
        let bias = &bias[if bias.len() == out { first } else { image * out + first }..][..rows];
        let weight = &weight[first * channels * taps..][..rows * channels * taps];
        let block = (ROWS / taps).clamp(1, channels);
        let (mut matrix, mut tile) = (vec![0.0; block * taps * TILE], vec![0.0; rows * TILE]);
        for pixel in (0..pixels).step_by(TILE) {
            let pieces = planes.pieces(pixel, pixels, width);
            let columns = TILE.min(pixels - pixel);
            tile.chunks_exact_mut(TILE).zip(bias).for_each(|(tile, bias)| tile.fill(*bias));
            for from in (0..channels).step_by(block) {
                let to = channels.min(from + block);
                planes.matrix(image, from..to, &pieces, &mut matrix);
                let a = Rows { values: &weight[from * taps..], stride: channels * taps };
                let (b, c) = (Rows { values: &matrix, stride: TILE }, RowsMut { values: &mut tile, stride: TILE });
                add_product(arch, a, (to - from) * taps, b, c, columns.next_multiple_of(LANES));
            }
            let into = y.chunks_exact_mut(pixels).zip(tile.chunks_exact(TILE));
            into.for_each(|(y, tile)| y[pixel..][..columns].copy_from_slice(&tile[..columns]));
        }
    });
    y
}

/// Into how many parts the channels of each of `n` images are cut, so that each thread has as much to do: a divisor of `out`.
fn parts(n: usize, out: usize, threads: usize) -> usize {
    let fair = |parts: &usize| (n * parts).is_multiple_of(threads) || n * parts >= 4 * threads;
    (1..=out).filter(|parts| out.is_multiple_of(*parts)).find(fair).unwrap_or(1)
}
