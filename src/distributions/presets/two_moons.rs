//! Two half circles that reach into each other, after scikit-learn's `make_moons`.

use std::f64::consts::PI;
use std::sync::Arc;

use super::{Preset, ladder, real, thickness};
use crate::distributions::{Blend, Curve};

/// Straight pieces of each moon: 64 of a half circle are off it by r (π/64)²/8, a three-thousandth of the radius.
const PIECES: u32 = 64;

/// r (cos t − ½, sin t − ¼) and r (½ − cos t, ¼ − sin t),   t ∈ [0, π]
pub(super) const PRESET: Preset = Preset {
    name: "two-moons",
    title: "Two moons",
    description: "Two half circles that reach into each other: two modes that no straight line parts.",
    parameters: &[
        real("weight", "Share of the upper moon", [0.01, 0.99], 0.5),
        real("radius", "Radius of each moon, in units of x", [0.5, 10.0], 2.5),
        thickness(0.1),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (r, thickness, weight) = (numbers.number("radius"), numbers.number("thickness"), numbers.number("weight"));
        let upper = Curve::traced(|t| [r * (t.cos() - 0.5), r * (t.sin() - 0.25)], [0.0, PI], PIECES, thickness)?;
        let lower = Curve::traced(|t| [r * (0.5 - t.cos()), r * (0.25 - t.sin())], [0.0, PI], PIECES, thickness)?;
        Ok(Arc::new(Blend::of_curves(vec![(weight, upper), (1.0 - weight, lower)])?))
    },
};
