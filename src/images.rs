//! Images as vectors: what every collection of them answers, and their inner products.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn, MatrixView};

/// Images of one shape, numbered, in the network's units: −1 is black and 1 is white.
pub trait Gallery: Send + Sync {
    /// What it is, as `--data` takes it.
    fn name(&self) -> String;

    /// Channels, height and width of every image.
    fn shape(&self) -> [usize; 3];

    /// How many images there are to train on.
    fn len(&self) -> usize;

    /// Writes image `index`, which is below [`Self::len`]: shape (c, h, w), each channel row by row from the top, within [−1, 1].
    fn image(&self, index: usize, out: &mut [f32]);

    /// True where there is nothing to train on; what this program opens never is.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The least rows and numbers for which nalgebra hands a product on. With fewer it takes a way of its own, which reads and
/// writes beyond columns whose numbers do not lie side by side.
const HANDED_ON: usize = 6;

/// Writes a_i · b_j of every row of `a` and every row of `b`, shapes (m, `dim`) and (n, `dim`): shape (n, m).
pub fn products(a: &[f32], b: &[f32], dim: usize, out: &mut [f32]) {
    let (m, n) = (a.len() / dim, b.len() / dim);
    // Rows of ours are columns of nalgebra's.
    let (mut out, b) = (DMatrixViewMut::from_slice(out, m, n), DMatrixView::from_slice(b, dim, n));
    if m.min(n).min(dim) < HANDED_ON {
        out.gemm_tr(1.0, &DMatrixView::from_slice(a, dim, m), &b, 0.0);
    } else {
        out.gemm(1.0, &MatrixView::from_slice_with_strides_generic(a, Dyn(m), Dyn(dim), Dyn(dim), Dyn(1)), &b, 0.0);
    }
}

/// A gallery to test with: normal numbers, and each image `alike` times but for a hundredth.
#[cfg(test)]
pub(crate) struct Normals {
    pub(crate) shape: [usize; 3],
    pub(crate) count: usize,
    pub(crate) alike: usize,
}

#[cfg(test)]
impl Gallery for Normals {
    fn name(&self) -> String {
        "normals".to_owned()
    }

    fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn len(&self) -> usize {
        self.count
    }

    #[expect(clippy::cast_possible_truncation, reason = "tests have few images")]
    fn image(&self, index: usize, out: &mut [f32]) {
        use crate::noise::{Noise, Purpose};
        let mut own = vec![0.0; out.len()];
        Noise::new(4).normal(Purpose::Data, (index / self.alike) as u32, 0, out);
        Noise::new(4).normal(Purpose::Data, index as u32, 1, &mut own);
        out.iter_mut().zip(own).for_each(|(x, z)| *x += 0.01 * z);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers, whose products are exact, on either side of what is short; nothing is written beyond the end.
    #[test]
    fn products_of_any_shape_are_right_and_stay_in_their_place() {
        for [m, n, dim] in [[1, 1, 1], [10, 1, 300], [1, 10, 300], [7, 8, 3], [5, 6, 9], [6, 6, 6], [300, 7, 40]] {
            let numbers = |count: usize, from: u16| -> Vec<f32> {
                (from..).take(count).map(|i| f32::from(i % 17) - 8.0).collect()
            };
            let (a, b) = (numbers(m * dim, 3), numbers(n * dim, 11));
            let mut out = vec![0.5; m * n + m * dim];
            products(&a, &b, dim, &mut out[..m * n]);
            let expected = b
                .chunks(dim)
                .flat_map(|b| a.chunks(dim).map(move |a| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>()));
            assert!(
                out[..m * n].iter().copied().eq(expected)
                    && out[m * n..].iter().all(|x| x.to_bits() == 0.5f32.to_bits()),
                "{m} {n} {dim}"
            );
        }
    }
}
