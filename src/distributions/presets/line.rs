//! A straight line: data on a thin manifold.

use std::sync::Arc;

use super::{Preset, ladder, real, thickness};
use crate::distributions::Curve;

/// Uniform on a stretch of length ℓ through the origin, blurred by τ ≪ ℓ
pub(super) const PRESET: Preset = Preset {
    name: "line",
    title: "Line",
    description: "Data on a thin manifold: without noise the score is defined on the line alone, and grows as 1/σ beside it.",
    parameters: &[
        real("length", "Length of the line, in units of x", [0.5, 20.0], 8.0),
        real("angle", "Angle against the horizontal, in degrees", [-90.0, 90.0], 30.0),
        thickness(0.0),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (half, angle) = (0.5 * numbers.number("length"), numbers.number("angle").to_radians());
        let end = [half * angle.cos(), half * angle.sin()];
        Ok(Arc::new(Curve::new(&[vec![end.map(|x| -x), end]], numbers.number("thickness"))?))
    },
};
