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

/// Writes a_i · b_j of every row of `a` and every row of `b`, shapes (m, `dim`) and (n, `dim`): shape (n, m).
pub fn products(a: &[f32], b: &[f32], dim: usize, out: &mut [f32]) {
    let (m, n) = (a.len() / dim, b.len() / dim);
    // Rows of ours are columns of nalgebra's.
    let rows = MatrixView::from_slice_with_strides_generic(a, Dyn(m), Dyn(dim), Dyn(dim), Dyn(1));
    DMatrixViewMut::from_slice(out, m, n).gemm(1.0, &rows, &DMatrixView::from_slice(b, dim, n), 0.0);
}

/// A gallery to test with: normal numbers, and each image `alike` times but for a hundredth.
#[cfg(test)]
pub struct Normals {
    pub shape: [usize; 3],
    pub count: usize,
    pub alike: usize,
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
