//! The distance between two clouds of points, by projecting both on lines.
//! Bonneel, Rabin, Peyré & Pfister 2015, "Sliced and Radon Wasserstein barycenters of measures".

use std::f64::consts::PI;

use super::{points, real};

/// Directions, evenly spaced over the half circle: in the plane no chance is needed.
const DIRECTIONS: usize = 64;

/// SW₂(X, Y)² = mean over directions θ of W₂(θᵀX, θᵀY)², in units of x.
///
/// `x` and `y`: shapes (n, 2) and (n, 2), the same n. On a line W₂² is the mean squared difference of the sorted values.
/// `None` where there are no points, where the counts differ, or where a point is not finite.
#[must_use]
pub fn sliced_wasserstein(x: &[f32], y: &[f32]) -> Option<f64> {
    Slices::of(y)?.distance(x)
}

/// A cloud, projected and sorted once, to be compared with many others.
#[derive(Clone, Debug)]
pub struct Slices(Vec<Vec<f64>>);

impl Slices {
    /// Of points of shape (n, 2); `None` where there are none, or where one is not finite.
    #[must_use]
    pub fn of(y: &[f32]) -> Option<Self> {
        let whole = !y.is_empty() && y.iter().all(|y| y.is_finite());
        whole.then(|| Self(directions().map(|[cos, sin]| projected(y, cos, sin)).collect()))
    }

    /// The distance as of [`sliced_wasserstein`].
    #[must_use]
    pub fn distance(&self, x: &[f32]) -> Option<f64> {
        let n = self.0.first().map_or(0, Vec::len);
        if x.len() != 2 * n || !x.iter().all(|x| x.is_finite()) {
            return None;
        }
        let squared = directions().zip(&self.0).map(|([cos, sin], y)| {
            projected(x, cos, sin).iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / real(n)
        });
        Some((squared.sum::<f64>() / real(DIRECTIONS)).sqrt())
    }
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
    line.sort_by(f64::total_cmp);
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
}
