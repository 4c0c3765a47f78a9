//! The distance between two clouds of points, by projecting both on lines.
//! Bonneel, Rabin, Peyré & Pfister 2015, "Sliced and Radon Wasserstein barycenters of measures".

use std::f64::consts::PI;

use super::{points, real};
use crate::images::products;
use crate::noise::{Noise, Purpose};

/// Directions, evenly spaced over the half circle: in the plane no chance is needed.
const DIRECTIONS: usize = 64;
/// Directions where there are too many dimensions to space them: the distance then scatters by 1/√512 of itself at most.
const RANDOM_DIRECTIONS: usize = 256;

/// Points of the truth for each particle: their own scatter then counts for an eighth of that of the particles.
const TRUTH_PER_PARTICLE: usize = 8;
/// Points of the truth beyond which there are no more than particles: their scatter is small, and sorting them is not.
const ENOUGH_TRUTH: usize = 1 << 20;

/// How many points of the truth `n` particles are compared with: a whole multiple of n.
#[must_use]
pub const fn truth_points(n: usize) -> usize {
    if n * TRUTH_PER_PARTICLE <= ENOUGH_TRUTH { n * TRUTH_PER_PARTICLE } else { n }
}

/// SW₂(X, Y)² = mean over directions θ of W₂(θᵀX, θᵀY)², in units of x.
///
/// `x` and `y`: shapes (n, 2) and (k n, 2). On a line W₂² = ∫₀¹ (F⁻¹(u) − G⁻¹(u))² du: each sorted value of X stands against
/// the next k of Y. `None` where there are no points, where n does not divide the points of Y, or where a point is not finite.
#[must_use]
pub fn sliced_wasserstein(x: &[f32], y: &[f32]) -> Option<f64> {
    Slices::of(y, x.len() / 2)?.distance(x)
}

/// A cloud, projected and sorted once, to be compared with many others of n points.
#[derive(Clone, Debug)]
pub struct Slices {
    /// In each direction, the mean of every k sorted values.
    means: Vec<Vec<f64>>,
    /// In each direction, the mean of their variances: what no cloud of n points comes below.
    spreads: Vec<f64>,
}

impl Slices {
    /// Of points of shape (k n, 2); `None` where there are none, where n does not divide them, or where one is not finite.
    #[must_use]
    pub fn of(y: &[f32], n: usize) -> Option<Self> {
        let whole = n > 0 && !y.is_empty() && (y.len() / 2).is_multiple_of(n) && y.iter().all(|y| y.is_finite());
        whole.then(|| {
            let k = y.len() / 2 / n;
            let (means, spreads) = directions().map(|[cos, sin]| gathered(&projected(y, cos, sin), k)).unzip();
            Self { means, spreads }
        })
    }

    /// The distance as of [`sliced_wasserstein`].
    #[must_use]
    pub fn distance(&self, x: &[f32]) -> Option<f64> {
        let n = self.means.first().map_or(0, Vec::len);
        if x.len() != 2 * n || !x.iter().all(|x| x.is_finite()) {
            return None;
        }
        let squared = directions().zip(self.means.iter().zip(&self.spreads)).map(|([cos, sin], (means, spread))| {
            projected(x, cos, sin).iter().zip(means).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / real(n) + spread
        });
        Some((squared.sum::<f64>() / real(DIRECTIONS)).sqrt())
    }
}

/// SW₂ as of [`sliced_wasserstein`] in `dim` dimensions, over directions that the noise draws from the sphere: for images, of
/// which x and y hold n and k n. A shift by v is at about |v|/√`dim`.
#[must_use]
pub fn sliced_wasserstein_of_images(x: &[f32], y: &[f32], dim: usize, noise: &Noise) -> Option<f64> {
    let (n, truth) = (x.len() / dim, y.len() / dim);
    let whole = n > 0 && truth > 0 && truth.is_multiple_of(n);
    if !whole || !x.iter().chain(y).all(|x| x.is_finite()) {
        return None;
    }
    let mut directions = vec![0.0; RANDOM_DIRECTIONS * dim];
    noise.normals(Purpose::Projection, 0, 0, dim, &mut directions);
    let lines = |x: &[f32]| {
        let mut lines = vec![0.0; x.len() / dim * RANDOM_DIRECTIONS];
        products(x, &directions, dim, &mut lines);
        lines
    };
    let sorted = |line: &[f32], length: f64| {
        let mut line: Vec<f64> = line.iter().map(|x| f64::from(*x) / length).collect();
        line.sort_unstable_by(f64::total_cmp);
        line
    };
    let (x, y) = (lines(x), lines(y));
    let pairs = x.chunks_exact(n).zip(y.chunks_exact(truth)).zip(directions.chunks_exact(dim));
    let squared = pairs.map(|((x, y), direction)| {
        let length = direction.iter().map(|z| f64::from(*z).powi(2)).sum::<f64>().sqrt();
        let (means, spread) = gathered(&sorted(y, length), truth / n);
        sorted(x, length).iter().zip(means).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / real(n) + spread
    });
    Some((squared.sum::<f64>() / real(RANDOM_DIRECTIONS)).sqrt())
}

/// The mean of every `k` sorted values, and the mean of their variances: ∫ (x − G⁻¹)² over their share of u is
/// (x − mean)² + variance.
fn gathered(line: &[f64], k: usize) -> (Vec<f64>, f64) {
    let means: Vec<f64> = line.chunks_exact(k).map(|values| values.iter().sum::<f64>() / real(k)).collect();
    let squares =
        line.chunks_exact(k).zip(&means).flat_map(|(values, mean)| values.iter().map(move |y| (y - mean).powi(2)));
    let spread = squares.sum::<f64>() / real(line.len());
    (means, spread)
}

/// cos and sin of every direction.
fn directions() -> impl Iterator<Item = [f64; 2]> {
    (0..DIRECTIONS).map(|k| {
        let (sin, cos) = (PI * real(k) / real(DIRECTIONS)).sin_cos();
        [cos, sin]
    })
}

fn projected(x: &[f32], cos: f64, sin: f64) -> Vec<f64> {
    let mut line: Vec<f64> = points(x).map(|[x, y]| x * cos + y * sin).collect();
    line.sort_unstable_by(f64::total_cmp);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shift by v moves every projection by θᵀv: SW₂² = mean (θᵀv)² = |v|²/2.
    #[test]
    fn a_shift_is_at_its_length_over_the_root_of_two() {
        let x: Vec<f32> = (0..200u8).map(|i| f32::from(i) * 0.37 % 5.0).collect();
        let y: Vec<f32> = x.chunks(2).flat_map(|x| [x[0] + 3.0, x[1] - 4.0]).collect();
        let distance = sliced_wasserstein(&x, &y).expect("two clouds");
        assert!((distance - 5.0 / 2.0_f64.sqrt()).abs() < 1e-5, "{distance}");
        assert_eq!(sliced_wasserstein(&x, &x), Some(0.0));
        assert_eq!(sliced_wasserstein(&x, &y[2..]), None);
    }

    /// In the plane both are the same mean over directions, the one by even spaces and the other by chance: a shift by v gives
    /// (θᵀv)² = |v|² cos², of mean ½ and variance ⅛, so that three sigma of 256 draws are 6.6 % of the distance.
    #[test]
    fn directions_by_chance_measure_what_even_ones_do() {
        let x: Vec<f32> = (0..200u8).map(|i| f32::from(i) * 0.37 % 5.0).collect();
        let y: Vec<f32> = x.chunks(2).flat_map(|x| [x[0] + 3.0, x[1] - 4.0]).collect();
        let twice = [&y[..], &y[..]].concat();
        for y in [&y, &twice] {
            let found = sliced_wasserstein_of_images(&x, y, 2, &Noise::new(1)).expect("two clouds");
            let expected = sliced_wasserstein(&x, y).expect("two clouds");
            assert!((found / expected - 1.0).abs() < 0.066, "{found} {expected}");
        }
        assert_eq!(sliced_wasserstein_of_images(&x, &y[2..], 2, &Noise::new(1)), None);
    }

    /// Each point three times is the same distribution: nothing changes. And with k points for one, W₂² of a line is the
    /// integral that k copies of each particle give against them one by one.
    #[test]
    fn more_points_of_the_truth_than_particles_are_compared_by_their_quantiles() {
        let x: Vec<f32> = (0..60u8).map(|i| f32::from(i) * 0.77 % 4.0).collect();
        let y: Vec<f32> = (0..180u8).map(|i| (f32::from(i) * 0.31 % 5.0).powi(2)).collect();
        let thrice: Vec<f32> = x.chunks(2).flat_map(|x| [x, x, x]).flatten().copied().collect();
        let [one, other] =
            [sliced_wasserstein(&x, &y), sliced_wasserstein(&thrice, &y)].map(|d| d.expect("two clouds"));
        assert!((one - other).abs() < 1e-9 && one > 0.1, "{one} {other}");
        assert!(sliced_wasserstein(&x, &thrice).is_some_and(|distance| distance < 1e-9));
    }
}
