//! A Lissajous figure: a closed curve that crosses itself.

use std::f64::consts::{FRAC_PI_2, TAU};
use std::sync::Arc;

use super::{Preset, count, ladder, real, thickness};
use crate::distributions::Curve;

/// r (sin(at + π/2), sin bt),   t uniform in [0, 2π]: denser where the pen is slow
pub(super) const PRESET: Preset = Preset {
    name: "lissajous",
    title: "Lissajous figure",
    description: "A closed curve that crosses itself: where it does, the score is 0 and the density greatest.",
    parameters: &[
        count("a", "Swings from side to side", [1.0, 7.0], 3.0),
        count("b", "Swings up and down", [1.0, 7.0], 2.0),
        real("radius", "Half the width of the figure, in units of x", [0.5, 10.0], 4.0),
        thickness(0.08),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (a, b, r) = (numbers.number("a"), numbers.number("b"), numbers.number("radius"));
        let figure = |t: f64| [r * (a * t + FRAC_PI_2).sin(), r * (b * t).sin()];
        let pieces = 64 * numbers.count("a").max(numbers.count("b"));
        Ok(Arc::new(Curve::traced(figure, [0.0, TAU], pieces, numbers.number("thickness"))?))
    },
};
