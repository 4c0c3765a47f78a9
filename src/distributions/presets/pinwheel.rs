//! A pinwheel: bent arms, as in Johnson, Duvenaud, Wiltschko, Datta & Adams 2016 (structured variational autoencoders).

use std::f64::consts::TAU;
use std::sync::Arc;

use super::{Preset, count, ladder, real};
use crate::distributions::{Blend, Component, DataError, Distribution, GaussianMixture, Point};

/// Gaussians along each arm, close enough for their sum to have no ripples.
const BEADS: u32 = 16;

/// Each arm: a Gaussian along the radius, N(r₀, r₁²), with width growing outwards, turned by an angle that falls with
/// the radius. There the turn is of each point; here an arm is a row of slanted Gaussians, so that its density is known.
pub(super) const PRESET: Preset = Preset {
    name: "pinwheel",
    title: "Pinwheel",
    description: "Five bent arms that thin out: modes that no Gaussian describes, close together in the middle.",
    parameters: &[
        count("arms", "Number of arms", [2.0, 12.0], 5.0),
        real("twist", "How far an arm turns from its inner to its outer end, in radians", [-4.0, 4.0], 1.5),
        real("width", "Width of an arm at its middle, in units of x", [0.01, 1.0], 0.15),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (arms, twist, width) = (numbers.count("arms"), numbers.number("twist"), numbers.number("width"));
        let arm = |k: u32| -> Result<(f64, Arc<dyn Distribution>), DataError> {
            let turn = TAU * f64::from(k) / f64::from(arms);
            let beads: Vec<_> = (0..BEADS).map(|bead| component(bead, turn, twist, width)).collect();
            Ok((1.0, Arc::new(GaussianMixture::new(&beads)?)))
        };
        Ok(Arc::new(Blend::new((0..arms).map(arm).collect::<Result<_, _>>()?)?))
    },
};

/// Radius of the inner and of the outer end of an arm.
const ENDS: [f64; 2] = [0.8, 4.2];

/// One Gaussian of an arm: along the bent arm as long as the beads are apart, across it as wide as the arm there.
fn component(bead: u32, turn: f64, twist: f64, width: f64) -> Component {
    let share = (f64::from(bead) + 0.5) / f64::from(BEADS);
    let at = |share: f64| -> Point {
        let (radius, angle) = (ENDS[0] + (ENDS[1] - ENDS[0]) * share, turn + twist * share);
        [radius * angle.cos(), radius * angle.sin()]
    };
    let step = 1.0 / f64::from(BEADS);
    let (before, after) = (at(share - 0.5 * step), at(share + 0.5 * step));
    let [dx, dy] = [after[0] - before[0], after[1] - before[1]];
    let across = (width * (0.4 + 1.2 * share)).powi(2) / (dx * dx + dy * dy);
    let covariance = [
        [dx * dx + across * dy * dy, (1.0 - across) * dx * dy],
        [(1.0 - across) * dx * dy, dy * dy + across * dx * dx],
    ];
    // Heaviest in the middle, as a normal radius is.
    Component { weight: (-0.5 * ((share - 0.5) / 0.25).powi(2)).exp(), mean: at(share), covariance }
}
