//! Two circles around one centre.

use std::f64::consts::TAU;
use std::sync::Arc;

use super::{Preset, ladder, real, thickness};
use crate::distributions::{Blend, Curve};

/// Straight pieces of each circle: off it by r (2π/96)²/8, a two-thousandth of the radius.
const PIECES: u32 = 96;

/// w U(circle of radius R) + (1 − w) U(circle of radius qR), each blurred by τ
pub(super) const PRESET: Preset = Preset {
    name: "circles",
    title: "Circles",
    description: "One circle inside another: two modes with the same mean, and nothing at it.",
    parameters: &[
        real("weight", "Share of the outer circle", [0.01, 0.99], 0.6),
        real("radius", "Radius of the outer circle, in units of x", [0.5, 10.0], 4.0),
        real("ratio", "Radius of the inner circle over that of the outer one", [0.05, 0.95], 0.5),
        thickness(0.1),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (radius, weight) = (numbers.number("radius"), numbers.number("weight"));
        let circle = |r: f64| {
            let round = |t: f64| [r * t.cos(), r * t.sin()];
            Curve::traced(round, [0.0, TAU], PIECES, numbers.number("thickness"))
        };
        let inner = circle(radius * numbers.number("ratio"))?;
        Ok(Arc::new(Blend::of_curves(vec![(weight, circle(radius)?), (1.0 - weight, inner)])?))
    },
};
