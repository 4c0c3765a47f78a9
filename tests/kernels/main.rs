//! The kernels of image networks, on sizes that fit no tile.

mod adapter;
mod twins;

use scorescope::noise::{Noise, Purpose};

/// n normal numbers.
fn normals(seed: u64, n: usize) -> Vec<f32> {
    let mut x = vec![0.0; n];
    Noise::new(seed).normals(Purpose::Start, 0, 0, n.max(1), &mut x);
    x
}

/// Greatest difference, relative to the greatest number.
fn differ(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(f32::MIN_POSITIVE, |most, x| most.max(x.abs()));
    let differences =
        found.iter().zip(expected).map(|(a, b)| if a.is_finite() { (a - b).abs() } else { f32::INFINITY });
    differences.fold(0.0, f32::max) / size
}
