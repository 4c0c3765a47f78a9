//! Matrix products of the networks, in tiles that stay in registers.
//!
//! Rows are samples and lanes are neurons, so that neither values nor gradients are ever transposed. A tile is six rows by
//! one, two or four vectors: with the vectors of B, that fills the registers there are. The order in which a number is summed
//! does not depend on the tile: the same bits wherever the processor has a fused multiply-add.

#![expect(clippy::inline_always, reason = "a tile must be compiled for the instruction set of its caller")]

use pulp::{Arch, Simd, WithSimd};

/// Rows of a tile, where there are as many.
const TALL: usize = 6;

/// A matrix in a flat array: row i begins at i · `stride`.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// The numbers, to the end of the last row at least.
    pub values: &'a [f32],
    /// From the beginning of one row to that of the next.
    pub stride: usize,
}

/// A matrix to be written.
pub struct RowsMut<'a> {
    /// The numbers, to the end of the last row and its padding.
    pub values: &'a mut [f32],
    /// As of [`Rows`].
    pub stride: usize,
}

impl<'a> Rows<'a> {
    #[inline(always)]
    fn from(self, at: usize) -> Self {
        Self { values: &self.values[at..], stride: self.stride }
    }

    /// Row after row, each to the beginning of the next.
    #[inline(always)]
    fn each(self) -> impl Iterator<Item = &'a [f32]> {
        self.values.chunks(self.stride)
    }
}

/// C ← bias + A B:   A of shape (m, k), B of shape (k, n), C of shape (m, n); without biases C ← A B.
///
/// `n` is a multiple of [`crate::lanes::LANES`]; C's length says what m is.
pub fn multiply(arch: Arch, bias: Option<&[f32]>, a: Rows<'_>, k: usize, b: Rows<'_>, c: RowsMut<'_>, n: usize) {
    arch.dispatch(Tiled { c, n, product: Multiply { bias, a, k, b } });
}

/// C ← C + A B, of the shapes of [`multiply`].
pub fn add_product(arch: Arch, a: Rows<'_>, k: usize, b: Rows<'_>, c: RowsMut<'_>, n: usize) {
    arch.dispatch(Tiled { c, n, product: AddProduct { a, k, b } });
}

/// C ← C + Aᵀ B:   A of shape (k, m), B of shape (k, n), C of shape (m, n), `n` as above.
///
/// What a layer's weights see of a block of samples: A their inputs, B the gradient by their outputs.
pub fn add_outer(arch: Arch, a: Rows<'_>, b: Rows<'_>, c: RowsMut<'_>, n: usize) {
    arch.dispatch(Tiled { c, n, product: AddOuter { a, b } });
}

/// One of the two products: what a tile of C, whose corner is at (`row`, `column`), becomes.
trait Product {
    fn tile<S: Simd, const M: usize, const V: usize>(&self, simd: S, row: usize, column: usize, c: Tile<'_>);
}

/// C from the corner of a tile on, and its stride.
struct Tile<'a>(&'a mut [f32], usize);

impl Tile<'_> {
    #[inline(always)]
    fn row<S: Simd, const V: usize>(&mut self, m: usize) -> &mut [S::f32s] {
        S::as_mut_simd_f32s(&mut self.0[m * self.1..][..V * S::F32_LANES]).0
    }

    #[inline(always)]
    fn add<S: Simd, const V: usize>(&mut self, simd: S, m: usize, sum: &[S::f32s; V]) {
        for (c, sum) in self.row::<S, V>(m).iter_mut().zip(sum) {
            *c = simd.add_f32s(*c, *sum);
        }
    }
}

/// A product, tile by tile.
struct Tiled<'a, P> {
    c: RowsMut<'a>,
    n: usize,
    product: P,
}

impl<P: Product> WithSimd for Tiled<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut column = 0;
        while column < self.n {
            let left = (self.n - column) / S::F32_LANES;
            column += S::F32_LANES
                * match left {
                    4.. if S::REGISTER_COUNT > 16 => self.column::<S, 4>(simd, column),
                    2.. => self.column::<S, 2>(simd, column),
                    _ => self.column::<S, 1>(simd, column),
                };
        }
    }
}

impl<P: Product> Tiled<'_, P> {
    /// Tiles one below the other; returns their width in vectors.
    #[inline(always)]
    fn column<S: Simd, const V: usize>(&mut self, simd: S, column: usize) -> usize {
        let RowsMut { values, stride } = &mut self.c;
        let rows = values.len() / *stride;
        let mut row = 0;
        while row < rows {
            let corner = Tile(&mut values[row * *stride + column..], *stride);
            if row + TALL <= rows {
                self.product.tile::<S, TALL, V>(simd, row, column, corner);
                row += TALL;
            } else {
                self.product.tile::<S, 1, V>(simd, row, column, corner);
                row += 1;
            }
        }
        V
    }
}

struct Multiply<'a> {
    bias: Option<&'a [f32]>,
    a: Rows<'a>,
    k: usize,
    b: Rows<'a>,
}

impl Product for Multiply<'_> {
    #[inline(always)]
    fn tile<S: Simd, const M: usize, const V: usize>(&self, simd: S, row: usize, column: usize, mut c: Tile<'_>) {
        let first = self.bias.map_or([simd.splat_f32s(0.0); V], |bias| vectors::<S, V>(&bias[column..]));
        let sum = sums::<S, M, V>(simd, [first; M], self.a.from(row * self.a.stride), self.k, self.b.from(column));
        for (m, sum) in sum.iter().enumerate() {
            c.row::<S, V>(m).copy_from_slice(sum);
        }
    }
}

struct AddProduct<'a> {
    a: Rows<'a>,
    k: usize,
    b: Rows<'a>,
}

impl Product for AddProduct<'_> {
    #[inline(always)]
    fn tile<S: Simd, const M: usize, const V: usize>(&self, simd: S, row: usize, column: usize, mut c: Tile<'_>) {
        let zero = [[simd.splat_f32s(0.0); V]; M];
        let sum = sums::<S, M, V>(simd, zero, self.a.from(row * self.a.stride), self.k, self.b.from(column));
        for (m, sum) in sum.iter().enumerate() {
            c.add::<S, V>(simd, m, sum);
        }
    }
}

/// The tile of A B whose corner is that of both, on top of what `sum` holds.
#[inline(always)]
fn sums<S: Simd, const M: usize, const V: usize>(
    simd: S,
    mut sum: [[S::f32s; V]; M],
    a: Rows<'_>,
    k: usize,
    b: Rows<'_>,
) -> [[S::f32s; V]; M] {
    let rows: [&[f32]; M] = std::array::from_fn(|m| &a.values[m * a.stride..][..k]);
    for (i, b) in b.each().take(k).enumerate() {
        let b = vectors::<S, V>(b);
        for m in 0..M {
            let a = simd.splat_f32s(rows[m][i]);
            for v in 0..V {
                sum[m][v] = simd.mul_add_e_f32s(a, b[v], sum[m][v]);
            }
        }
    }
    sum
}

struct AddOuter<'a> {
    a: Rows<'a>,
    b: Rows<'a>,
}

impl Product for AddOuter<'_> {
    #[inline(always)]
    fn tile<S: Simd, const M: usize, const V: usize>(&self, simd: S, row: usize, column: usize, mut c: Tile<'_>) {
        let mut sum = [[simd.splat_f32s(0.0); V]; M];
        for (a, b) in self.a.from(row).each().zip(self.b.from(column).each()) {
            let Some(a) = a.first_chunk::<M>() else { break };
            let b = vectors::<S, V>(b);
            for m in 0..M {
                let a = simd.splat_f32s(a[m]);
                for v in 0..V {
                    sum[m][v] = simd.mul_add_e_f32s(a, b[v], sum[m][v]);
                }
            }
        }
        for (m, sum) in sum.iter().enumerate() {
            c.add::<S, V>(simd, m, sum);
        }
    }
}

/// The first `V` vectors of a row.
#[inline(always)]
fn vectors<S: Simd, const V: usize>(row: &[f32]) -> [S::f32s; V] {
    let (row, _) = S::as_simd_f32s(&row[..V * S::F32_LANES]);
    std::array::from_fn(|v| row[v])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::fixture::random;

    /// Shapes with every kind of tile: remainders of rows and of columns, strides longer than rows. Against sums in double
    /// precision; k ≤ 70 terms of order 1 have a rounding error below 70 · 6e-8 · 10.
    #[test]
    fn both_products_are_those_of_the_definition_for_every_remainder() {
        for (m, k, n, more) in [(1, 3, 16, 0), (6, 1, 64, 0), (7, 5, 80, 2), (20, 70, 112, 1), (13, 64, 48, 0)] {
            let (a, b, bias) = (random(1, m * (k + more)), random(2, k * n), random(3, n));
            let (a_rows, b_rows) = (Rows { values: &a, stride: k + more }, Rows { values: &b, stride: n });
            let stride = n + 16;
            let mut c = vec![f32::NAN; m * stride];
            multiply(Arch::new(), Some(&bias), a_rows, k, b_rows, RowsMut { values: &mut c, stride }, n);
            let a_at = |row: usize, i: usize| f64::from(a[row * (k + more) + i]);
            for (at, c) in c.iter().enumerate() {
                let (row, column) = (at / stride, at % stride);
                if column >= n {
                    assert!(c.is_nan(), "padding is left alone");
                    continue;
                }
                let products = (0..k).map(|i| a_at(row, i) * f64::from(b[i * n + column]));
                let expected = f64::from(bias[column]) + products.sum::<f64>();
                assert!((f64::from(*c) - expected).abs() < 5e-5, "{m} {k} {n}: {c}, not {expected}");
            }
            // The same once more on top, without biases.
            add_product(Arch::new(), a_rows, k, b_rows, RowsMut { values: &mut c, stride }, n);
            for (at, c) in c.iter().enumerate().filter(|(at, _)| at % stride < n) {
                let products = (0..k).map(|i| a_at(at / stride, i) * f64::from(b[i * n + at % stride]));
                let expected = f64::from(bias[at % stride]) + 2.0 * products.sum::<f64>();
                assert!((f64::from(*c) - expected).abs() < 1e-4, "{m} {k} {n}: {c}, not {expected}");
            }
            // Cᵀ's part: the same A, transposed, against rows of another B.
            let (tall, before) = (random(4, m * n), random(5, k * n));
            let mut c = before.clone();
            add_outer(Arch::new(), a_rows, Rows { values: &tall, stride: n }, RowsMut { values: &mut c, stride: n }, n);
            for (at, c) in c.iter().enumerate() {
                let (i, column) = (at / n, at % n);
                let products = (0..m).map(|row| a_at(row, i) * f64::from(tall[row * n + column]));
                let expected = f64::from(before[at]) + products.sum::<f64>();
                assert!((f64::from(*c) - expected).abs() < 5e-5, "{m} {k} {n}: {c}, not {expected}");
            }
        }
    }
}
