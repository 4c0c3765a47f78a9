//! Line integral convolution: noise smeared along the field, so that its lines are seen everywhere at once.
//! Cabral & Leedom 1993, "Imaging vector fields using line integral convolution".

use super::Lattice;
use crate::noise::{Noise, Purpose};

/// Steps of one pixel along the field and against it.
const REACH: usize = 14;

/// The noise is a texture, not a draw: it is the same in every picture.
const TEXTURE: u64 = 0x11C;

/// A grey picture.
pub struct Lic {
    /// Columns and rows.
    pub size: [usize; 2],
    /// Grey in [0, 1] around ½, row by row from the lower left.
    pub grey: Vec<f32>,
}

impl Lic {
    /// The field's picture of `size` pixels.
    #[must_use]
    pub fn of(field: &Lattice<'_>, size: [usize; 2]) -> Self {
        let smeared = smear(field, size, REACH);
        // A mean of n uniform numbers has a standard deviation of 1/√(12 n): stretched to ¼.
        #[expect(clippy::cast_precision_loss, reason = "a few dozen steps")]
        let contrast = 0.25 * (12.0 * (2 * REACH + 1) as f32).sqrt();
        Self { size, grey: smeared.into_iter().map(|v| (0.5 + contrast * (v - 0.5)).clamp(0.0, 1.0)).collect() }
    }
}

/// The mean of white noise over `reach` pixels along the field and as many against it.
fn smear(field: &Lattice<'_>, [columns, rows]: [usize; 2], reach: usize) -> Vec<f32> {
    let mut noise = vec![0.0; columns * rows];
    Noise::new(TEXTURE).uniform(Purpose::Start, 0, 0, &mut noise);
    let walker = Walker { field, noise: &noise, columns, rows };
    (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row))).map(|at| walker.mean(at, reach)).collect()
}

struct Walker<'a> {
    field: &'a Lattice<'a>,
    noise: &'a [f32],
    columns: usize,
    rows: usize,
}

impl Walker<'_> {
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
    fn mean(&self, (column, row): (usize, usize), reach: usize) -> f32 {
        let start = [column as f32 + 0.5, row as f32 + 0.5];
        let mut sum = (self.noise[row * self.columns + column], 1.0f32);
        for sign in [1.0, -1.0] {
            let mut at = start;
            for _ in 0..reach {
                let Some(step) = self.step(at) else { break };
                at = [at[0] + sign * step[0], at[1] + sign * step[1]];
                let Some(pixel) = self.pixel(at) else { break };
                sum = (sum.0 + self.noise[pixel], sum.1 + 1.0);
            }
        }
        sum.0 / sum.1
    }

    /// One pixel along the field: pixels are as tall as they are wide, whatever the cells are.
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
    fn step(&self, at: [f32; 2]) -> Option<[f32; 2]> {
        self.field.direction([at[0] / self.columns as f32, at[1] / self.rows as f32])
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a picture")]
    fn pixel(&self, [x, y]: [f32; 2]) -> Option<usize> {
        if x < 0.0 || y < 0.0 {
            return None;
        }
        let (column, row) = (x as usize, y as usize);
        (column < self.columns && row < self.rows).then_some(row * self.columns + column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::View;

    const SIZE: [usize; 2] = [40, 30];

    fn constant(vector: [f32; 2]) -> Vec<f32> {
        (0..16).flat_map(|_| vector).collect()
    }

    fn lattice(vectors: &[f32]) -> Lattice<'_> {
        Lattice { view: View { min: [0.0; 2], max: [4.0, 3.0], particles: 1 }, cells: [4, 4], vectors }
    }

    /// With a reach beyond the picture every pixel of a row is the mean of the whole row.
    #[test]
    fn the_picture_of_a_constant_field_is_constant_along_it_and_not_across() {
        for (vector, along) in [([1.0, 0.0], true), ([0.0, -3.0], false)] {
            let vectors = constant(vector);
            let smeared = smear(&lattice(&vectors), SIZE, 60);
            let [columns, rows] = SIZE;
            let at = |column: usize, row: usize| smeared[row * columns + column];
            for row in 0..rows {
                for column in 0..columns {
                    let first = if along { at(0, row) } else { at(column, 0) };
                    assert!((at(column, row) - first).abs() < 1e-5);
                }
            }
            let across = if along { at(0, 0) - at(0, 1) } else { at(0, 0) - at(1, 0) };
            assert!(across.abs() > 1e-3, "{across}");
        }
    }

    /// Moving on by a pixel exchanges one of 2n + 1 numbers at most.
    #[test]
    fn neighbours_along_the_field_differ_by_one_number_of_the_mean() {
        let vectors = constant([2.0, 0.0]);
        let smeared = smear(&lattice(&vectors), SIZE, 5);
        for column in 6..33 {
            assert!((smeared[column + 1] - smeared[column]).abs() <= 1.0 / 11.0 + 1e-6);
        }
    }

    #[test]
    fn a_field_of_zeros_leaves_the_noise() {
        let vectors = constant([0.0, 0.0]);
        let lic = Lic::of(&lattice(&vectors), SIZE);
        assert!(lic.grey.len() == 1200 && lic.grey.iter().all(|grey| (0.0..=1.0).contains(grey)));
    }
}
