//! Distances between two clouds of points that look at all pairs.

use super::{points, real};

/// Most points of each cloud that are looked at, the first ones: pairs are their square.
const MOST: usize = 2000;

/// E²(X, Y) = 2 E‖X − Y‖ − E‖X − X'‖ − E‖Y − Y'‖, in units of x; its root is a distance.
/// Székely & Rizzo 2013, "Energy statistics: A class of statistics based on distances". Unbiased: pairs of a point with
/// itself are left out.
///
/// `x`, `y`: shapes (n, 2) and (m, 2), at least two points each. `None` otherwise, or where a point is not finite.
#[must_use]
pub fn energy_distance(x: &[f32], y: &[f32]) -> Option<f64> {
    let [xy, xx, yy] = pair_means(x, y, f64::sqrt)?;
    Some(2.0 * xy - xx - yy)
}

/// MMD²(X, Y) = E k(X, X') + E k(Y, Y') − 2 E k(X, Y),   k(x, y) = exp(−‖x − y‖² / 2ℓ²), without unit.
/// Gretton et al. 2012, "A kernel two-sample test", Eq. 3, the unbiased form.
///
/// `length`: ℓ, in units of x. `x`, `y` as of [`energy_distance`].
#[must_use]
pub fn maximum_mean_discrepancy(x: &[f32], y: &[f32], length: f64) -> Option<f64> {
    let [xy, xx, yy] = pair_means(x, y, |squared| (-0.5 * squared / (length * length)).exp())?;
    Some(xx + yy - 2.0 * xy)
}

/// The means of `kernel`(‖a − b‖²) over pairs between the clouds, within the first, within the second.
fn pair_means(x: &[f32], y: &[f32], kernel: impl Fn(f64) -> f64) -> Option<[f64; 3]> {
    let cloud = |x: &[f32]| points(x).take(MOST).collect::<Vec<_>>();
    let (x, y) = (cloud(x), cloud(y));
    let finite = |cloud: &[[f64; 2]]| cloud.len() > 1 && cloud.iter().flatten().all(|x| x.is_finite());
    if !finite(&x) || !finite(&y) {
        return None;
    }
    let sum = |a: &[[f64; 2]], b: &[[f64; 2]]| -> f64 {
        a.iter().flat_map(|a| b.iter().map(move |b| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2))).map(&kernel).sum()
    };
    let within = |a: &[[f64; 2]]| (sum(a, a) - real(a.len()) * kernel(0.0)) / (real(a.len()) * real(a.len() - 1));
    Some([sum(&x, &y) / (real(x.len()) * real(y.len())), within(&x), within(&y)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::{Noise, Purpose};

    fn normals(n: usize, seed: u64, shift: f32) -> Vec<f32> {
        let mut x = vec![0.0; 2 * n];
        Noise::new(seed).normals(Purpose::Data, 0, 0, 2, &mut x);
        x.iter_mut().step_by(2).for_each(|x| *x += shift);
        x
    }

    /// N(0, I) against N((a, 0), I): MMD² = 2 c (1 − exp(−a²/2(ℓ²+2))),  c = ℓ²/(ℓ²+2). 2,000 points each, seeds 1 and 2;
    /// the mean of a kernel within [0, 1] over 2,000 points is known to .5/√2000 = .011, of which three terms enter.
    #[test]
    fn mmd_of_two_gaussians_is_its_closed_form() {
        let (x, y) = (normals(2000, 1, 0.0), normals(2000, 2, 1.5));
        let (length, shift) = (1.2f64, 1.5f64);
        let c = length.powi(2) / (length.powi(2) + 2.0);
        let expected = 2.0 * c * (1.0 - (-0.5 * shift.powi(2) / (length.powi(2) + 2.0)).exp());
        let found = maximum_mean_discrepancy(&x, &y, length).expect("two clouds");
        assert!((found - expected).abs() < 0.03, "{found} {expected}");
        let same = maximum_mean_discrepancy(&normals(2000, 3, 0.0), &x, length).expect("two clouds");
        assert!(same.abs() < 0.003, "{same}");
    }

    /// Two spots at distance 5: between them 5, within them 0, and so 10.
    #[test]
    fn energy_of_two_far_spots_is_twice_their_distance() {
        let (x, y) = ([0.0f32, 0.0].repeat(5), [3.0f32, 4.0].repeat(7));
        assert!((energy_distance(&x, &y).expect("two clouds") - 10.0).abs() < 1e-12);
        assert_eq!(energy_distance(&x[..2], &y), None);
        assert_eq!(energy_distance(&[f32::NAN, 0.0, 1.0, 1.0], &y), None);
        let same = energy_distance(&normals(2000, 1, 0.0), &normals(2000, 2, 0.0)).expect("two clouds");
        assert!(same.abs() < 0.01, "{same}");
    }
}
