//! Lines of equal density, by marching squares. Lorensen & Cline 1987, in the plane.

use crate::scenario::View;

/// Steps between two lines, in decades of the density; the finest that gives no more than [`MOST`] lines is taken.
const STEPS: [f32; 9] = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// Most lines.
const MOST: f32 = 8.0;
/// Decades below the peak in which lines are drawn: farther down the colours show nothing either.
const DEEPEST: f32 = 8.0;

/// One line: a level and its pieces.
pub struct Contour {
    /// log₁₀ p along the line.
    pub log10: f32,
    /// Straight pieces, in the plane's coordinates.
    pub pieces: Vec<[[f32; 2]; 2]>,
}

/// Lines at even steps of log p.
#[derive(Default)]
pub struct Contours {
    /// Decades of density between two lines.
    pub step: f32,
    /// The lines, lowest first.
    pub lines: Vec<Contour>,
}

impl Contours {
    /// From log p (natural) at the centres of the cells of `view`, row by row from the lower left.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a handful of levels, drawn in f32"
    )]
    pub fn of(log_density: &[f32], view: &View, cells: [usize; 2]) -> Self {
        let values: Vec<f32> = log_density.iter().map(|log_p| log_p / std::f32::consts::LN_10).collect();
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
        let range = (high - low).min(DEEPEST);
        if range.is_nan() || range <= 0.0 || cells.contains(&0) {
            return Self::default();
        }
        let step = STEPS.into_iter().find(|step| range / step <= MOST).unwrap_or(DEEPEST);
        let (first, last) = (((high - range) / step).ceil() as i32, (high / step).floor() as i32);
        let line = |level: i32| {
            let log10 = level as f32 * step;
            Contour { log10, pieces: pieces(&values, view, cells, log10) }
        };
        Self { step, lines: (first..=last).map(line).collect() }
    }
}

/// The pieces of one level: at most two in each square between four centres.
fn pieces(values: &[f32], view: &View, cells: [usize; 2], level: f32) -> Vec<[[f32; 2]; 2]> {
    let [columns, rows] = cells;
    let mut found = Vec::new();
    for row in 0..rows.saturating_sub(1) {
        for column in 0..columns.saturating_sub(1) {
            let at = |dx: usize, dy: usize| values[(row + dy) * columns + column + dx] - level;
            let corners = [at(0, 0), at(1, 0), at(1, 1), at(0, 1)];
            if corners.iter().all(|corner| corner.is_finite()) {
                cut(corners, |place| found.push(place.map(|place| position(place, [column, row], view, cells))));
            }
        }
    }
    found
}

/// Corners of the unit square, anticlockwise from the lower left.
const CORNERS: [[f32; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];

/// Where the line of height 0 crosses a unit square with these heights at its corners.
fn cut(corners: [f32; 4], mut piece: impl FnMut([[f32; 2]; 2])) {
    let mut crossings = Vec::with_capacity(4);
    for edge in 0..4 {
        let (from, to) = (corners[edge], corners[(edge + 1) % 4]);
        if (from >= 0.0) != (to >= 0.0) {
            let share = from / (from - to);
            let (a, b) = (CORNERS[edge], CORNERS[(edge + 1) % 4]);
            crossings.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
        }
    }
    match crossings[..] {
        [a, b] => piece([a, b]),
        // A saddle: the height of the middle says which corners belong together.
        [a, b, c, d] => {
            let middle = corners.iter().sum::<f32>() >= 0.0;
            let pairs = if middle == (corners[0] >= 0.0) { [[a, b], [c, d]] } else { [[d, a], [b, c]] };
            pairs.into_iter().for_each(piece);
        }
        _ => {}
    }
}

/// From a place in the square above the centre of a cell to the plane.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "what is drawn is f32")]
fn position(place: [f32; 2], cell: [usize; 2], view: &View, cells: [usize; 2]) -> [f32; 2] {
    [0, 1].map(|axis| {
        let share = (cell[axis] as f64 + 0.5 + f64::from(place[axis])) / cells[axis] as f64;
        (view.min[axis] + share * (view.max[axis] - view.min[axis])) as f32
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, Distribution, GaussianMixture};

    /// log₁₀ p = log₁₀ p(0) − r²/(2 s² ln 10): a level is a circle of known radius. Linear interpolation between centres
    /// h apart is wrong by less than h²/(8 r).
    #[test]
    fn contours_of_a_gaussian_are_circles_of_known_radius() {
        let (sigma, centre) = (1.5, [0.4, -0.3]);
        let data = GaussianMixture::new(&[Component::round(1.0, centre, 0.0)]).expect("a legal mixture");
        let view = View { min: [-6.0, -5.0], max: [6.0, 5.0], particles: 1 };
        let cells = [96, 80];
        #[expect(clippy::cast_possible_truncation, reason = "as the worker does")]
        let log_p: Vec<f32> = view.centres(cells).map(|x| data.log_density_and_score(x, sigma).0 as f32).collect();
        let contours = Contours::of(&log_p, &view, cells);
        assert!(contours.lines.len() >= 4, "{}", contours.lines.len());
        let peak = -(std::f64::consts::TAU * sigma * sigma).log10();
        for line in &contours.lines {
            assert!((line.log10 / contours.step).fract().abs() < 1e-3, "{} is no even step", line.log10);
            let radius = (2.0 * sigma * sigma * std::f64::consts::LN_10 * (peak - f64::from(line.log10))).sqrt();
            assert!(!line.pieces.is_empty());
            for point in line.pieces.iter().flatten() {
                let r = (f64::from(point[0]) - centre[0]).hypot(f64::from(point[1]) - centre[1]);
                assert!((r - radius).abs() < 0.01, "{r} instead of {radius}");
            }
        }
    }

    /// Pieces of a closed line meet: every end is the end of one other piece.
    #[test]
    fn a_saddle_is_cut_twice_and_by_its_middle() {
        let mut pieces = Vec::new();
        cut([1.0, -1.0, 1.0, -1.5], |piece| pieces.push(piece));
        assert_eq!(pieces.len(), 2);
        // The middle is below: the high corners (0, 0) and (1, 1) are cut off, each by its own piece.
        assert!(pieces.iter().any(|piece| piece.iter().all(|p| p[0] + p[1] < 1.0)));
        assert!(pieces.iter().any(|piece| piece.iter().all(|p| p[0] + p[1] > 1.0)));
    }

    #[test]
    fn a_flat_density_has_no_contours() {
        let view = View { min: [0.0; 2], max: [1.0; 2], particles: 1 };
        assert!(Contours::of(&[-2.0; 9], &view, [3, 3]).lines.is_empty());
        assert!(Contours::of(&[f32::NEG_INFINITY; 9], &view, [3, 3]).lines.is_empty());
    }
}
