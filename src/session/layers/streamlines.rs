//! Lines that follow the field, evenly spread: each keeps to cells that no other has crossed, as matplotlib's do.

use super::Lattice;

/// Steps per cell of the mask.
const STEPS_PER_CELL: f32 = 5.0;
/// Shortest line that is kept, in cells.
const SHORTEST: f32 = 2.0;
/// Longest line in one direction, in cells.
const LONGEST: f32 = 60.0;

/// Lines through the field, in the plane's coordinates, each in the direction of the field.
///
/// `cells` of the mask decide how dense they are; they should be about square.
pub fn streamlines(field: &Lattice<'_>, cells: [usize; 2]) -> Vec<Vec<[f32; 2]>> {
    let mut mask = Mask { taken: vec![false; cells[0] * cells[1]], cells };
    let mut lines = Vec::new();
    for seed in inwards(cells) {
        let share = mask.centre(seed);
        if mask.taken[mask.index(share)] {
            continue;
        }
        let mut own = vec![mask.index(share)];
        let mut line = trace(field, &mask, share, -1.0, &mut own);
        line.reverse();
        line.push(share);
        line.extend(trace(field, &mask, share, 1.0, &mut own));
        if length(&line, cells) >= SHORTEST {
            own.into_iter().for_each(|cell| mask.taken[cell] = true);
            lines.push(line.into_iter().map(|share| position(field, share)).collect());
        }
    }
    lines
}

/// Which cells are crossed.
struct Mask {
    taken: Vec<bool>,
    cells: [usize; 2],
}

impl Mask {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "tens of cells"
    )]
    fn index(&self, share: [f32; 2]) -> usize {
        let [column, row] = [0, 1].map(|i| ((share[i] * self.cells[i] as f32) as usize).min(self.cells[i] - 1));
        row * self.cells[0] + column
    }

    #[expect(clippy::cast_precision_loss, reason = "tens of cells")]
    fn centre(&self, cell: [usize; 2]) -> [f32; 2] {
        [0, 1].map(|i| (cell[i] as f32 + 0.5) / self.cells[i] as f32)
    }
}

/// Every cell, ring by ring from the border to the middle.
fn inwards([columns, rows]: [usize; 2]) -> Vec<[usize; 2]> {
    let ring = |[x, y]: [usize; 2]| x.min(y).min(columns - 1 - x).min(rows - 1 - y);
    let mut cells: Vec<_> = (0..rows).flat_map(|y| (0..columns).map(move |x| [x, y])).collect();
    cells.sort_by_key(|cell| ring(*cell));
    cells
}

/// Places along the field (`sign` 1) or against it (−1) from `share` on, by the midpoint rule; `own` collects its cells.
fn trace(field: &Lattice<'_>, mask: &Mask, share: [f32; 2], sign: f32, own: &mut Vec<usize>) -> Vec<[f32; 2]> {
    let (mut line, mut at, mut last) = (Vec::new(), share, None);
    let mut cell = mask.index(share);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred steps")]
    for _ in 0..(LONGEST * STEPS_PER_CELL) as usize {
        let Some(half) = step(field, mask, at, 0.5 * sign) else { break };
        let Some(whole) = step(field, mask, half.0, sign) else { break };
        // At a mode the field turns back on itself: there the line ends.
        if last.is_some_and(|last: [f32; 2]| last[0] * whole.1[0] + last[1] * whole.1[1] < 0.0) {
            break;
        }
        last = Some(whole.1);
        at = [at[0] + whole.0[0] - half.0[0], at[1] + whole.0[1] - half.0[1]];
        if !Lattice::holds(at) {
            break;
        }
        let next = mask.index(at);
        if next != cell {
            if mask.taken[next] || own.contains(&next) {
                break;
            }
            own.push(next);
            cell = next;
        }
        line.push(at);
    }
    line
}

/// Where a step leads, and the direction there; a step is a share of a cell of the mask, whatever the field's strength.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "tens of cells")]
fn step(field: &Lattice<'_>, mask: &Mask, at: [f32; 2], sign: f32) -> Option<([f32; 2], [f32; 2])> {
    let direction = field.direction(at)?;
    let [width, height] = [0, 1].map(|i| (field.view.max[i] - field.view.min[i]) as f32);
    let cell = (width / mask.cells[0] as f32).min(height / mask.cells[1] as f32) / STEPS_PER_CELL;
    Some(([at[0] + sign * cell * direction[0] / width, at[1] + sign * cell * direction[1] / height], direction))
}

/// Length in cells.
#[expect(clippy::cast_precision_loss, reason = "tens of cells")]
fn length(line: &[[f32; 2]], cells: [usize; 2]) -> f32 {
    let piece =
        |two: &[[f32; 2]]| ((two[1][0] - two[0][0]) * cells[0] as f32).hypot((two[1][1] - two[0][1]) * cells[1] as f32);
    line.windows(2).map(piece).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "what is drawn is f32")]
fn position(field: &Lattice<'_>, share: [f32; 2]) -> [f32; 2] {
    let (min, max) = (field.view.min, field.view.max);
    [0, 1].map(|i| (min[i] + f64::from(share[i]) * (max[i] - min[i])) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::View;

    fn lines(field: impl Fn([f64; 2]) -> [f32; 2]) -> Vec<Vec<[f32; 2]>> {
        let view = View { min: [-3.0, -2.0], max: [3.0, 2.0], particles: 1 };
        let cells = [90, 60];
        let vectors: Vec<f32> = view.centres(cells).flat_map(field).collect();
        streamlines(&Lattice { view, cells, vectors: &vectors }, [30, 20])
    }

    /// x²+y² is constant along a rotation. Midpoint steps of 1/25 of a unit, vectors interpolated over 1/15.
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "numbers of order one")]
    fn lines_of_a_rotation_stay_on_their_circles() {
        let lines = lines(|[x, y]| [-y as f32, x as f32]);
        assert!(lines.len() > 10, "{}", lines.len());
        for line in &lines {
            let radius = |p: &[f32; 2]| p[0].hypot(p[1]);
            let first = radius(&line[0]);
            assert!(line.iter().all(|p| (radius(p) - first).abs() < 0.02), "{first}");
        }
    }

    /// Along s = −x every line runs straight to the origin, inwards.
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "numbers of order one")]
    fn lines_of_a_gaussian_score_run_straight_towards_its_mean() {
        for line in lines(|x| x.map(|x| -x as f32)) {
            let (first, last) = (line[0], line[line.len() - 1]);
            let cross = (first[0] * last[1] - first[1] * last[0]).abs();
            assert!(cross < 0.02 * first[0].hypot(first[1]), "{first:?} {last:?}");
            assert!(last[0].hypot(last[1]) < first[0].hypot(first[1]));
        }
    }

    #[test]
    fn a_field_without_direction_has_no_lines() {
        assert!(lines(|_| [0.0, 0.0]).is_empty());
        assert!(lines(|_| [f32::NAN, 0.0]).is_empty());
    }
}
