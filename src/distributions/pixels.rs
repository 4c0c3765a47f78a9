//! A grid of grey pixels: an image as a distribution, as many boxes as it has dark pixels.

use rand::RngExt;
use rand_distr::StandardNormal;

use super::choice::{self, Choice};
use super::error::checked_point;
use super::interval::log_blurred_stretch;
use super::log_sum::{Blur, LogSum};
use super::{DataError, Distribution, Point};
use crate::noise::Generator;

/// Most pixels on a side.
pub const MOST_PIXELS: usize = 128;

/// Below this, the shares of columns and rows have lost digits to underflow, and the sum is done in log space.
const UNDERFLOW: f64 = 1e-200;

/// p_σ(x) = Σ_ij π_ij f_i(x) g_j(y),   f_i(x) = [Φ((x − a_i)/σ) − Φ((x − b_i)/σ)] / (b_i − a_i), g_j alike
///
/// All boxes of a column share f_i and all of a row g_j: a score costs columns + rows of Φ, not columns × rows.
#[derive(Clone, Debug)]
pub struct Pixels {
    columns: usize,
    rows: usize,
    /// Lower left corner.
    corner: Point,
    /// Side of a pixel, in units of x.
    side: f64,
    /// π_ij, row by row from the lower left corner.
    weights: Vec<f64>,
    choice: Choice,
}

/// Log densities of the columns, or rows, at one x, and their slopes.
struct Axis {
    log: [f64; MOST_PIXELS],
    slope: [f64; MOST_PIXELS],
}

impl Axis {
    fn at(x: f64, corner: f64, side: f64, count: usize, blur: Blur) -> Self {
        let (mut log, mut slope) = ([f64::NEG_INFINITY; MOST_PIXELS], [0.0; MOST_PIXELS]);
        for (i, (log, slope)) in log.iter_mut().zip(&mut slope).take(count).enumerate() {
            let middle = corner + side * (real(i) + 0.5);
            (*log, *slope) = log_blurred_stretch((x - middle) / blur.s, 0.5 * side / blur.s);
        }
        Self { log, slope }
    }

    /// The greatest log; densities relative to it, and those times slopes.
    fn relative(&self) -> (f64, [f64; MOST_PIXELS], [f64; MOST_PIXELS]) {
        let greatest = self.log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares = self.log.map(|log| (log - greatest).exp());
        let mut slopes = shares;
        slopes.iter_mut().zip(&self.slope).for_each(|(share, slope)| *share *= slope);
        (greatest, shares, slopes)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
const fn real(count: usize) -> f64 {
    count as f64
}

impl Pixels {
    /// `darkness` of every pixel, row by row from the lower left one, `columns` to a row; `side` of a pixel in units
    /// of x. The middle of the image is the origin.
    ///
    /// # Errors
    /// A grid that is empty, not rectangular or longer than [`MOST_PIXELS`]; darkness below 0, or 0 everywhere.
    pub fn new(darkness: &[f64], columns: usize, side: f64) -> Result<Self, DataError> {
        let rows = darkness.len().checked_div(columns).unwrap_or(0);
        if rows == 0 || rows * columns != darkness.len() || rows.max(columns) > MOST_PIXELS {
            return Err(DataError::Empty);
        }
        let corner = checked_point(1, [-0.5 * side * real(columns), -0.5 * side * real(rows)])?;
        if side.is_nan() || side <= 0.0 {
            return Err(DataError::NoArea { index: 1 });
        }
        let choice = Choice::of(darkness.iter().copied())?;
        let weights = (0..choice.len()).map(|i| choice.weight(i)).collect();
        Ok(Self { columns, rows, corner, side, weights, choice })
    }

    /// How many pixels have any weight.
    #[must_use]
    pub fn count(&self) -> usize {
        self.weights.iter().filter(|weight| **weight > 0.0).count()
    }

    fn middle(&self, index: usize) -> Point {
        let (column, row) = (index % self.columns, index / self.columns);
        [self.corner[0] + self.side * (real(column) + 0.5), self.corner[1] + self.side * (real(row) + 0.5)]
    }

    fn parts(&self) -> impl Iterator<Item = (f64, Point, f64)> + Clone {
        self.weights.iter().enumerate().map(|(i, weight)| (*weight, self.middle(i), self.side * self.side / 6.0))
    }

    /// Every pixel in log space: where the nearest columns and the nearest rows have only white in common.
    fn in_log_space(&self, x: &Axis, y: &Axis) -> (f64, Point) {
        let mut sum = LogSum::new();
        for (row, weights) in self.weights.chunks_exact(self.columns).enumerate() {
            for (column, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
                let log_density = weight.ln() + x.log[column] + y.log[row];
                if !sum.passes_over(log_density) {
                    sum.add((log_density, [x.slope[column], y.slope[row]]));
                }
            }
        }
        sum.finish()
    }
}

impl Distribution for Pixels {
    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        let blur = Blur::of(0.0, sigma);
        let across = Axis::at(x[0], self.corner[0], self.side, self.columns, blur);
        let up = Axis::at(x[1], self.corner[1], self.side, self.rows, blur);
        let ((log_f, f, df), (log_g, g, dg)) = (across.relative(), up.relative());
        let (mut total, mut slope) = (0.0, [0.0; 2]);
        for (row, weights) in self.weights.chunks_exact(self.columns).enumerate() {
            if g[row] > 0.0 {
                let along = dot(weights, &f);
                total += g[row] * along;
                slope = [slope[0] + g[row] * dot(weights, &df), slope[1] + dg[row] * along];
            }
        }
        let (log_density, score) = if total > UNDERFLOW {
            (log_f + log_g + total.ln(), slope.map(|slope| slope / total))
        } else {
            self.in_log_space(&across, &up)
        };
        (log_density - 2.0 * blur.log_s, score.map(|score| score / blur.s))
    }

    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point {
        let middle = self.middle(self.choice.choose(generator.random()));
        middle.map(|x| {
            let inside = x + self.side * (generator.random::<f64>() - 0.5);
            inside + sigma * generator.sample::<f64, _>(StandardNormal)
        })
    }

    fn distance(&self, x: Point, sigma: f64) -> f64 {
        let beyond = |x: f64, middle: f64| ((x - middle).abs() - 0.5 * self.side).max(0.0);
        let dark = self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        let away = dark.map(|(i, _)| {
            let middle = self.middle(i);
            beyond(x[0], middle[0]).powi(2) + beyond(x[1], middle[1]).powi(2)
        });
        let away = away.fold(f64::INFINITY, f64::min).sqrt();
        if away > 0.0 { away / sigma } else { 0.0 }
    }

    fn mean(&self) -> Point {
        choice::mean_and_std(self.parts()).0
    }

    fn std(&self) -> f64 {
        choice::mean_and_std(self.parts()).1
    }

    fn width(&self) -> f64 {
        0.0
    }

    fn bounds(&self) -> [Point; 2] {
        [self.corner, self.corner.map(|x| -x)]
    }
}
