//! The score of a network that has learnt its training images by heart, in any number of dimensions.
//! [`super::PointCloud`] is the same in the plane, with weights and a density.

use std::sync::Arc;

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn, MatrixView};

use super::point_cloud::{NEGLIGIBLE, real};
use crate::images::{self, Gallery};
use crate::samplers::{Spread, for_each};
use crate::score::Score;

/// Points whose score is computed together: what their exponents take is then 2.5 MB for ten thousand images.
const TOGETHER: usize = 64;
/// Images, and numbers of an image, in a piece of work.
const BLOCK: usize = 256;
/// Where the exponents of the fast way may err by more, they are computed again.
const CAREFUL: f64 = 1e-4;
/// Of the pairs of a point and an image, the share above which a product of matrices sums faster than one pair at a time.
const DENSE: usize = 16;

/// s(x, σ) = (D − x)/σ²,   D = Σ_i w_i x_i,   w_i ∝ exp(−‖x − x_i‖²/2σ²)
///
/// Exponents come from ‖x − x_i‖² = ‖x‖² − 2 x·x_i + ‖x_i‖², a product of matrices. Its terms are thousands of times greater than
/// the distance where σ is small: those that can matter then are computed again, from the difference, in double precision.
pub struct Memory {
    dim: usize,
    /// Shape (n, d).
    images: Vec<f32>,
    /// ½‖x_i‖²
    half_squares: Vec<f64>,
    spread: Arc<dyn Spread + Send + Sync>,
}

/// The images that count for a point, and by how much: x_i and w_i.
type Weights = Vec<(usize, f64)>;

impl Memory {
    /// Of all images that a gallery has to train on, which are kept; `None` where it has none.
    #[must_use]
    pub fn of(gallery: &dyn Gallery, spread: Arc<dyn Spread + Send + Sync>) -> Option<Self> {
        let dim: usize = gallery.shape().iter().product();
        let mut images = vec![0.0; dim * gallery.len()];
        spread.each_chunk(&mut images, dim, &|index, image| gallery.image(index, image));
        let half_squares = images.chunks_exact(dim).map(|image| 0.5 * norm_squared(image)).collect();
        (!gallery.is_empty()).then_some(Self { dim, images, half_squares, spread })
    }

    fn image(&self, index: usize) -> &[f32] {
        &self.images[index * self.dim..][..self.dim]
    }

    /// x·x_i in single precision: shape (blocks of images, points, images of a block).
    fn products(&self, x: &[f32]) -> Vec<f32> {
        let points = x.len() / self.dim;
        let mut products = vec![0.0; points * self.half_squares.len()];
        self.spread.each_chunk(&mut products, BLOCK * points, &|block, out| {
            let images = &self.images[block * BLOCK * self.dim..][..out.len() / points * self.dim];
            images::products(images, x, self.dim, out);
        });
        products
    }

    /// The weights of one point: the greatest exponent first, then what is not [`NEGLIGIBLE`] beside it.
    fn weights(&self, point: usize, x: &[f32], products: &[f32], points: usize, sigma: f64) -> Weights {
        let precision = 1.0 / (sigma * sigma);
        let length = norm_squared(x).sqrt() * (2.0 * self.half_squares.iter().copied().fold(0.0, f64::max)).sqrt();
        // What a sum of products errs by as a rule, and hardly ever.
        let [rule, most] = [1.0, 4.0 * real(self.dim).sqrt()].map(|times| times * f64::from(f32::EPSILON) * length);
        let blocks = products.chunks(BLOCK * points).map(|block| {
            let count = block.len() / points;
            &block[point * count..][..count]
        });
        let rough =
            || blocks.clone().flatten().zip(&self.half_squares).map(|(product, half)| f64::from(*product) - half);
        let greatest = rough().fold(f64::NEG_INFINITY, f64::max);
        let window = NEGLIGIBLE / precision + 2.0 * most;
        let near = rough().enumerate().filter(|(_, exponent)| greatest - exponent < window);
        let careful = rule * precision > CAREFUL;
        let exponent =
            |(i, rough): (usize, f64)| (i, if careful { -0.5 * distance_squared(x, self.image(i)) } else { rough });
        let exponents: Weights = near.map(exponent).collect();
        let greatest = exponents.iter().fold(f64::NEG_INFINITY, |most, (_, e)| most.max(*e));
        let terms = exponents.into_iter().map(|(i, e)| (i, ((e - greatest) * precision).exp()));
        let weights: Weights = terms.filter(|(_, w)| *w > (-NEGLIGIBLE).exp()).collect();
        let total: f64 = weights.iter().map(|(_, w)| w).sum();
        weights.into_iter().map(|(i, w)| (i, w / total)).collect()
    }

    /// The scores of at most [`TOGETHER`] points.
    fn score_together(&self, x: &[f32], sigma: f64, out: &mut [f32]) {
        let (points, products) = (x.len() / self.dim, self.products(x));
        let mut weights = vec![Weights::new(); points];
        let each = weights.iter_mut().zip(x.chunks_exact(self.dim)).enumerate();
        for_each(&*self.spread, each, |(point, (weights, x))| {
            *weights = self.weights(point, x, &products, points, sigma);
        });
        if weights.iter().map(Vec::len).sum::<usize>() * DENSE < products.len() {
            let each = weights.iter().zip(x.chunks_exact(self.dim)).zip(out.chunks_exact_mut(self.dim));
            for_each(&*self.spread, each, |((weights, x), out)| self.pull(weights, x, sigma, out));
        } else {
            self.pull_together(&weights, x, sigma, out);
        }
    }

    /// Σ w_i (x_i − x)/σ²
    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; sums are done in f64")]
    fn pull(&self, weights: &Weights, x: &[f32], sigma: f64, out: &mut [f32]) {
        let mut sums = vec![0.0; self.dim];
        for (i, w) in weights {
            let difference = self.image(*i).iter().zip(x).map(|(y, x)| f64::from(*y) - f64::from(*x));
            sums.iter_mut().zip(difference).for_each(|(sum, difference)| *sum += w * difference);
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = (sum / (sigma * sigma)) as f32);
    }

    /// The same of many points with many images each: D as a product of matrices.
    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32; weights are at most 1")]
    fn pull_together(&self, weights: &[Weights], x: &[f32], sigma: f64, out: &mut [f32]) {
        let (n, points) = (self.half_squares.len(), weights.len());
        let mut matrix = vec![0.0f32; n * points];
        for (column, weights) in matrix.chunks_exact_mut(n).zip(weights) {
            weights.iter().for_each(|(i, w)| column[*i] = *w as f32);
        }
        let matrix = DMatrixView::from_slice(&matrix, n, points);
        // Shape (blocks of numbers, points, numbers of a block).
        let mut means = vec![0.0; points * self.dim];
        self.spread.each_chunk(&mut means, BLOCK * points, &|block, means| {
            let images = &self.images[block * BLOCK..];
            let count = means.len() / points;
            let turned = MatrixView::from_slice_with_strides_generic(images, Dyn(count), Dyn(n), Dyn(1), Dyn(self.dim));
            DMatrixViewMut::from_slice(means, count, points).gemm(1.0, &turned, &matrix, 0.0);
        });
        for (block, means) in means.chunks(BLOCK * points).enumerate() {
            for (point, means) in means.chunks_exact(means.len() / points).enumerate() {
                let at = point * self.dim + block * BLOCK;
                for ((out, x), mean) in out[at..].iter_mut().zip(&x[at..]).zip(means) {
                    *out = (f64::from(mean - x) / (sigma * sigma)) as f32;
                }
            }
        }
    }
}

impl Score for Memory {
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        let length = TOGETHER * self.dim;
        let parts = x.chunks(length).zip(out.chunks_mut(length));
        parts.for_each(|(x, out)| self.score_together(x, sigma.into(), out));
    }
}

fn norm_squared(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x).powi(2)).sum()
}

fn distance_squared(x: &[f32], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::Normals;
    use crate::noise::{Noise, Purpose};
    use crate::samplers::Serial;

    const DIM: usize = 768;

    /// The formula, pair by pair in double precision.
    fn exact(images: &[Vec<f32>], x: &[f32], sigma: f64) -> Vec<f64> {
        let exponents: Vec<f64> = images.iter().map(|y| -0.5 * distance_squared(x, y) / (sigma * sigma)).collect();
        let greatest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = exponents.iter().map(|exponent| (exponent - greatest).exp()).collect();
        let total: f64 = weights.iter().sum();
        let pull = |j: usize| -> f64 {
            let pulls = images.iter().zip(&weights).map(|(y, w)| w / total * (f64::from(y[j]) - f64::from(x[j])));
            pulls.sum::<f64>() / (sigma * sigma)
        };
        (0..DIM).map(pull).collect()
    }

    /// 300 images, each twice but for a hundredth; 70 points under noise from a fifth of that hundredth up to what drowns
    /// everything, one of them halfway between an image and its twin. Errors are measured by the length of the score.
    #[test]
    fn the_score_of_a_memory_is_right_at_every_noise() {
        let normals = Normals { shape: [3, 16, 16], count: 300, alike: 2 };
        let memory = Memory::of(&normals, Arc::new(Serial)).expect("images");
        let images: Vec<Vec<f32>> = (0..300).map(|i| memory.image(i).to_vec()).collect();
        for sigma in [0.002f32, 0.05, 0.6, 3.0, 50.0] {
            let mut x = vec![0.0; 70 * DIM];
            Noise::new(2).normals(Purpose::Data, 0, 0, DIM, &mut x);
            for (i, x) in x.chunks_exact_mut(DIM).enumerate() {
                x.iter_mut().zip(&images[i]).for_each(|(x, y)| *x = y + sigma * *x);
            }
            x[..DIM].iter_mut().enumerate().for_each(|(j, x)| *x = 0.5 * (images[4][j] + images[5][j]));
            let mut found = vec![f32::NAN; x.len()];
            memory.score(&x, sigma, &mut found);
            for (i, (x, found)) in x.chunks_exact(DIM).zip(found.chunks_exact(DIM)).enumerate().step_by(7) {
                let expected = exact(&images, x, sigma.into());
                let squares = found.iter().zip(&expected).map(|(a, b)| (f64::from(*a) - b).powi(2)).sum::<f64>();
                let length = expected.iter().map(|s| s * s).sum::<f64>().sqrt();
                assert!(squares.sqrt() < 1e-4 * length, "σ {sigma}, point {i}: {} of {length}", squares.sqrt());
            }
        }
    }
}
