//! `shaders/kernels/resample.wgsl` in plain Rust: one axis after the other, which is the same filter.

use crate::gpu::kernels::Resample;

/// Planes of `height` × `width` numbers, resampled along both axes.
#[must_use]
pub fn planes(how: Resample, input: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
    input.chunks_exact(height * width).flat_map(|plane| plane_of(how, plane, width)).collect()
}

fn plane_of(how: Resample, plane: &[f32], width: usize) -> Vec<f32> {
    let rows: Vec<Vec<f32>> = plane.chunks_exact(width).map(|row| line(how, row)).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let column = |x: usize| line(how, &rows.iter().map(|row| row[x]).collect::<Vec<f32>>());
    let columns: Vec<Vec<f32>> = (0..columns).map(column).collect();
    let height = columns.first().map_or(0, Vec::len);
    (0..height).flat_map(|y| columns.iter().map(move |column| column[y])).collect()
}

/// One axis; what lies beyond its ends is 0.
fn line(how: Resample, x: &[f32]) -> Vec<f32> {
    let at = |i: isize| usize::try_from(i).ok().and_then(|i| x.get(i)).copied().unwrap_or(0.0);
    let length = x.len().cast_signed();
    let halved = 0..length / 2;
    match how {
        Resample::Average => halved.map(|i| 0.5 * (at(2 * i) + at(2 * i + 1))).collect(),
        Resample::Nearest => (0..2 * length).map(|i| at(i / 2)).collect(),
        Resample::FirDown => {
            halved.map(|i| (at(2 * i - 1) + 3.0 * at(2 * i) + 3.0 * at(2 * i + 1) + at(2 * i + 2)) / 8.0).collect()
        }
        Resample::FirUp => {
            let pair = |i| [(at(i - 1) + 3.0 * at(i)) / 4.0, (3.0 * at(i) + at(i + 1)) / 4.0];
            (0..length).flat_map(pair).collect()
        }
    }
}
