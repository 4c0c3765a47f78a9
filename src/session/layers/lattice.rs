//! Vectors at the centres of equal cells, and between them.

use crate::scenario::View;

/// A field known at the centres of `cells` of `view`, row by row from the lower left; linear between the centres.
pub struct Lattice<'a> {
    /// The rectangle that the cells fill.
    pub view: View,
    /// Columns and rows.
    pub cells: [usize; 2],
    /// Shape (columns · rows, 2).
    pub vectors: &'a [f32],
}

impl Lattice<'_> {
    /// The vector at a place given in shares of the rectangle, (0, 0) its lower left corner, (1, 1) the upper right one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index of a small grid"
    )]
    pub fn at(&self, share: [f32; 2]) -> [f32; 2] {
        let [columns, rows] = self.cells;
        let place = |share: f32, n: usize| {
            let place = (share * n as f32 - 0.5).clamp(0.0, (n - 1) as f32);
            let low = (place as usize).min(n.saturating_sub(2));
            (low, (low + 1).min(n - 1), place - low as f32)
        };
        let ((left, right, across), (below, above, up)) = (place(share[0], columns), place(share[1], rows));
        let corner = |column: usize, row: usize, axis: usize| self.vectors[2 * (row * columns + column) + axis];
        [0, 1].map(|axis| {
            let low = corner(left, below, axis) * (1.0 - across) + corner(right, below, axis) * across;
            let high = corner(left, above, axis) * (1.0 - across) + corner(right, above, axis) * across;
            low * (1.0 - up) + high * up
        })
    }

    /// The unit vector along the field there, in units of the plane; `None` where the field has no direction.
    pub fn direction(&self, share: [f32; 2]) -> Option<[f32; 2]> {
        let [x, y] = self.at(share);
        let length = x.hypot(y);
        (length.is_finite() && length > 1e-12).then(|| [x / length, y / length])
    }

    /// Whether a place in shares lies within.
    pub fn holds(share: [f32; 2]) -> bool {
        share.iter().all(|share| (0.0..1.0).contains(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A linear field is known exactly between the centres of the cells.
    #[test]
    fn a_linear_field_is_exact_between_the_centres() {
        let view = View { min: [0.0, 0.0], max: [1.0, 1.0], particles: 1 };
        let cells = [7, 5];
        #[expect(clippy::cast_possible_truncation, reason = "numbers of order one")]
        let vectors: Vec<f32> =
            view.centres(cells).flat_map(|[x, y]| [(2.0 * x - y) as f32, (0.5 + 3.0 * y) as f32]).collect();
        let lattice = Lattice { view, cells, vectors: &vectors };
        for share in [[0.3f32, 0.4], [0.5, 0.5], [0.77, 0.21]] {
            let [x, y] = lattice.at(share);
            assert!((x - (2.0 * share[0] - share[1])).abs() < 1e-5 && (y - (0.5 + 3.0 * share[1])).abs() < 1e-5);
        }
    }
}
