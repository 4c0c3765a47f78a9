//! Archimedes' spiral, uniform along its length.

use std::f64::consts::TAU;
use std::sync::Arc;

use super::{Preset, ladder, real, thickness};
use crate::distributions::Curve;

/// Straight pieces of each turn.
const PIECES: u32 = 60;

/// r = R t/T, angle t ∈ [0.15 T, T], T = 2π turns
pub(super) const PRESET: Preset = Preset {
    name: "spiral",
    title: "Spiral",
    description: "Archimedes' spiral: one long thin mode, wound up, whose turns the noise joins one after another.",
    parameters: &[
        real("turns", "Turns from the centre to the outer end", [0.5, 6.0], 2.5),
        real("radius", "Radius of the outer end, in units of x", [0.5, 10.0], 4.5),
        thickness(0.08),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (turns, radius) = (numbers.number("turns"), numbers.number("radius"));
        let end = TAU * turns;
        let pieces = PIECES * rounded_up(turns);
        let at = |i: u32| {
            let t = end * (0.15 + 0.85 * f64::from(i) / f64::from(pieces));
            [radius * t / end * t.cos(), radius * t / end * t.sin()]
        };
        let points = (0..=pieces).map(at).collect();
        Ok(Arc::new(Curve::new(&[points], numbers.number("thickness"))?))
    },
};

fn rounded_up(turns: f64) -> u32 {
    (1..7).find(|count| f64::from(*count) >= turns).unwrap_or(7)
}
