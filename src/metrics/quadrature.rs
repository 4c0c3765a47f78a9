//! Integrals over the plane under p_σ: the midpoint rule on a square grid, where there is any density.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::distributions::{Distribution, Point};

/// Cells per standard deviation s of what blurs the data. The midpoint rule errs by about 2 e^{−2π²(s/h)²} for what is
/// blurred by s: 1e-15 at h = ¾ s. (Trefethen & Weideman 2014, "The exponentially convergent trapezoidal rule", is why.)
const SIDE: f64 = 0.75;

/// Cells farther than this many standard deviations from all data are passed over: e^{−8²/2} = 1e-14 of the mass.
const REACH: f64 = 8.0;

/// Most cells: beyond, data are too thin for their extent, and there is no answer within a minute.
const MOST_CELLS: usize = 20_000_000;

/// Calls `visit` with the centre and the side of every cell that has any density at noise `sigma`. Sides are the same,
/// and corners are whole multiples of them. `None` where there is no density, or it is too thin for its extent.
pub fn each_cell(data: &dyn Distribution, sigma: f64, mut visit: impl FnMut(Point, f64)) -> Option<()> {
    if !data.has_density(sigma) {
        return None;
    }
    let s = data.width().hypot(sigma);
    let side = SIDE * s;
    let [min, max] = data.bounds();
    // Bounds hold three standard deviations of each Gaussian: as much again on every side holds nine.
    let reach = REACH * s + (max[0] - min[0]).max(max[1] - min[1]);
    let first = min.map(|m| ((m - reach) / side).floor());
    let cells = [0, 1].map(|axis| ((max[axis] + reach) / side).ceil() - first[axis]);
    let (mut count, mut size) = (0, 1.0);
    while size < cells[0].max(cells[1]) {
        size *= 2.0;
    }
    let mut squares = vec![(first, size)];
    while let Some((corner, size)) = squares.pop() {
        let centre = corner.map(|c| (c + 0.5 * size) * side);
        if data.distance(centre, sigma) - size * side * FRAC_1_SQRT_2 / s > REACH {
            continue;
        }
        count += 1;
        if count > MOST_CELLS {
            return None;
        }
        if size <= 1.0 {
            visit(centre, side);
        } else {
            let half = 0.5 * size;
            let [x, y] = corner;
            squares.extend([[x, y], [x + half, y], [x, y + half], [x + half, y + half]].map(|corner| (corner, half)));
        }
    }
    Some(())
}
