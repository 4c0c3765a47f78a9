//! Group normalisation with the function that follows it, forward and backward, over plain slices: Wu & He 2018.
//!
//! ```text
//! y = f(h),   h = x̂ w + b,   x̂ = (x − mean) r,   r = 1/√(variance + ε)   over the channels and pixels of a group
//! ```

use multiversion::multiversion;

use super::function;
use crate::lanes::LANES;
use crate::samplers::Spread;
use crate::unet::Activation;

/// What is normalised, and how.
#[derive(Clone, Copy)]
pub struct Form {
    /// Images.
    pub n: usize,
    /// Channels.
    pub channels: usize,
    /// Pixels of a channel.
    pub pixels: usize,
    /// Groups of neighbouring channels.
    pub groups: usize,
    /// ε
    pub eps: f32,
    /// f
    pub activation: Option<Activation>,
}

/// w and b: (channels), or (n, channels) for each image its own.
#[derive(Clone, Copy)]
pub struct Affine<'a> {
    pub weight: &'a [f32],
    pub bias: &'a [f32],
}

/// What the gradient by y makes of the gradients by x, w and b; those of w and b are (n, channels).
pub struct Gradients {
    pub x: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

impl Form {
    /// Numbers in a group of an image.
    fn group(&self) -> usize {
        self.channels / self.groups * self.pixels
    }

    /// Where w or b of channel `row` stands, rows counted through all images.
    fn at(&self, row: usize, values: &[f32]) -> usize {
        if values.len() == self.channels { row % self.channels } else { row }
    }

    /// Mean and r of each group of each image.
    fn moments(&self, spread: &dyn Spread, x: &[f32]) -> Vec<f32> {
        let mut moments = vec![0.0; 2 * self.n * self.groups];
        spread.each_chunk(&mut moments, 2, &|group, out| {
            let x = &x[group * self.group()..][..self.group()];
            out.copy_from_slice(&mean_and_inverse_deviation(x, self.eps));
        });
        moments
    }

    /// y
    pub fn forward(&self, spread: &dyn Spread, x: &[f32], affine: Affine<'_>) -> Vec<f32> {
        let mut y = vec![0.0; x.len()];
        spread.each_chunk(&mut y, self.group(), &|group, y| {
            let x = &x[group * y.len()..][..y.len()];
            let [mean, r] = mean_and_inverse_deviation(x, self.eps);
            let first = group * self.channels / self.groups;
            for (row, (x, y)) in (first..).zip(x.chunks_exact(self.pixels).zip(y.chunks_exact_mut(self.pixels))) {
                let (w, b) = (affine.weight[self.at(row, affine.weight)], affine.bias[self.at(row, affine.bias)]);
                // In this order, so that large means leave no rounding of their products behind.
                let scale = r * w;
                x.iter().zip(y.iter_mut()).for_each(|(x, y)| *y = (x - mean) * scale + b);
                if let Some(f) = self.activation {
                    function::apply(f, y);
                }
            }
        });
        y
    }

    /// The gradients, from `gradient` by y.
    pub fn backward(&self, spread: &dyn Spread, x: &[f32], affine: Affine<'_>, gradient: &[f32]) -> Gradients {
        let moments = self.moments(spread, x);
        let rows = self.n * self.channels;
        // x̂ of a row and the gradient by its h.
        let row_of = |row: usize| {
            let [x, gradient] = [x, gradient].map(|all| &all[row * self.pixels..][..self.pixels]);
            let group = row / (self.channels / self.groups);
            let (mean, r) = (moments[2 * group], moments[2 * group + 1]);
            let (w, b) = (affine.weight[self.at(row, affine.weight)], affine.bias[self.at(row, affine.bias)]);
            let normal: Vec<f32> = x.iter().map(|x| (x - mean) * r).collect();
            let mut gradient = gradient.to_vec();
            if let Some(f) = self.activation {
                let h: Vec<f32> = normal.iter().map(|x| x * w + b).collect();
                function::through(f, &h, &mut gradient);
            }
            (normal, gradient, r, w)
        };
        // Of each row Σ g x̂ and Σ g.
        let mut sums = vec![0.0; 2 * rows];
        spread.each_chunk(&mut sums, 2, &|row, out| {
            let (normal, gradient, ..) = row_of(row);
            out.copy_from_slice(&[sum(&gradient, Some(&normal)), sum(&gradient, None)]);
        });
        let mut by_x = vec![0.0; x.len()];
        spread.each_chunk(&mut by_x, self.pixels, &|row, out| {
            let (normal, gradient, r, w) = row_of(row);
            // g w less its mean and its share along x̂, over the group.
            let members = self.channels / self.groups;
            let first = row / members * members;
            let (mut mean, mut along) = (0.0, 0.0);
            for member in first..first + members {
                let w = affine.weight[self.at(member, affine.weight)];
                along += w * sums[2 * member];
                mean += w * sums[2 * member + 1];
            }
            #[expect(clippy::cast_precision_loss, reason = "a group has far fewer than 2^24 numbers that matter")]
            let [mean, along] = [mean, along].map(|sum| sum / self.group() as f32);
            let values = out.iter_mut().zip(gradient.iter().zip(&normal));
            values.for_each(|(out, (gradient, x))| *out = r * (gradient * w - mean - x * along));
        });
        let of = |which: usize| sums.iter().skip(which).step_by(2).copied().collect();
        Gradients { x: by_x, weight: of(0), bias: of(1) }
    }
}

/// Two passes: the second sums squares of what is small already.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "summed in f64, used in f32")]
fn mean_and_inverse_deviation(x: &[f32], eps: f32) -> [f32; 2] {
    let n = x.len() as f64;
    let mean = (total(x) / n) as f32;
    let variance = total_of_squares(x, mean) / n;
    [mean, (1.0 / (variance + f64::from(eps)).sqrt()) as f32]
}

/// Σ a b, or Σ a.
#[expect(clippy::cast_possible_truncation, reason = "summed in f64, used in f32")]
fn sum(a: &[f32], b: Option<&[f32]>) -> f32 {
    match b {
        Some(b) => total(&a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<f32>>()) as f32,
        None => total(a) as f32,
    }
}

/// Numbers that are summed in single precision before the sums go to double.
const RUN: usize = 64 * LANES;

/// Σ x
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma", "aarch64+neon"))]
pub fn total(x: &[f32]) -> f64 {
    x.chunks(RUN).map(|x| run(x, |x| x)).sum()
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma", "aarch64+neon"))]
fn total_of_squares(x: &[f32], mean: f32) -> f64 {
    x.chunks(RUN).map(|x| run(x, |x| (x - mean) * (x - mean))).sum()
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a loop must be compiled for the instruction set of its caller")]
fn run(x: &[f32], f: impl Fn(f32) -> f32) -> f64 {
    let mut sums = [0.0; LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    for x in whole {
        sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += f(*x));
    }
    sums.iter().copied().chain(rest.iter().map(|x| f(*x))).map(f64::from).sum()
}
