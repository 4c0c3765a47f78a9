//! How much arithmetic learning is, and how much of it this machine does at best: what `bench` measures against.

use super::MlpConfig;
use super::fused;
use crate::samplers::Spread;

/// Floating-point operations of the matrix products of one example: forward, or forward and backward.
///
/// A product and a sum are two; the first layer has no gradient by its inputs.
#[must_use]
pub fn operations(config: &MlpConfig, backward: bool) -> usize {
    let products = |(i, (inputs, outputs)): (usize, (usize, usize))| {
        let passes = match (backward, i) {
            (false, _) => 1,
            (true, 0) => 2,
            (true, _) => 3,
        };
        2 * passes * inputs * outputs
    };
    config.layers().enumerate().map(products).sum()
}

/// Multiplies matrices that fit the nearest caches in each of `parts` pieces of work; returns the operations made.
pub fn multiply_in_cache(spread: &dyn Spread, parts: usize) -> usize {
    const ROWS: usize = 96;
    const WIDTH: usize = 64;
    const TIMES: usize = 2000;
    let mut sums = vec![0.0; parts];
    spread.each_chunk(&mut sums, 1, &|_, sum| {
        let (a, b, mut c) = (vec![0.5; ROWS * WIDTH], vec![0.25; WIDTH * WIDTH], vec![0.0; ROWS * WIDTH]);
        for _ in 0..TIMES {
            fused::product(std::hint::black_box(&a), &b, WIDTH, &mut c);
            sum[0] += c[0];
        }
    });
    std::hint::black_box(sums);
    2 * ROWS * WIDTH * WIDTH * TIMES * parts
}
