//! A heart: a closed curve with a notch and a point.

use std::f64::consts::TAU;
use std::sync::Arc;

use super::{Preset, ladder, real, thickness};
use crate::distributions::Curve;

/// Straight pieces of the outline.
const PIECES: u32 = 120;

/// q (16 sin³ t, 13 cos t − 5 cos 2t − 2 cos 3t − cos 4t + 2.5),   t ∈ [0, 2π], uniform along its length
pub(super) const PRESET: Preset = Preset {
    name: "heart",
    title: "Heart",
    description: "The outline of a heart: smooth sides, a notch and a point for the score to get right.",
    parameters: &[real("size", "Half the width of the heart, in units of x", [0.5, 10.0], 4.0), thickness(0.1)],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let q = numbers.number("size") / 16.0;
        let at = |i: u32| {
            let t = TAU * f64::from(i) / f64::from(PIECES);
            let y = 13.0 * t.cos() - 5.0 * (2.0 * t).cos() - 2.0 * (3.0 * t).cos() - (4.0 * t).cos();
            [q * 16.0 * t.sin().powi(3), q * (y + 2.5)]
        };
        Ok(Arc::new(Curve::new(&[(0..=PIECES).map(at).collect()], numbers.number("thickness"))?))
    },
};
