//! Two round modes at a distance of one's choice.

use std::sync::Arc;

use super::{Preset, ladder, real};
use crate::distributions::{Component, GaussianMixture};

/// w N((d/2, 0), τ²I) + (1 − w) N((−d/2, 0), τ²I)
pub(super) const PRESET: Preset = Preset {
    name: "two-modes",
    title: "Two modes",
    description: "Two round modes that touch: plain Langevin crosses between them, given time; pull them apart and it stops.",
    parameters: &[
        real("weight", "Share of the right mode", [0.01, 0.99], 0.7),
        real("distance", "Distance between the means, in units of x", [0.1, 20.0], 2.4),
        real("std", "Standard deviation of each mode, in units of x", [0.0, 3.0], 0.5),
    ],
    noise: ladder(5.0, 0.1, 10),
    build: |numbers| {
        let (weight, std, half) = (numbers.number("weight"), numbers.number("std"), 0.5 * numbers.number("distance"));
        let modes = [Component::round(weight, [half, 0.0], std), Component::round(1.0 - weight, [-half, 0.0], std)];
        Ok(Arc::new(GaussianMixture::new(&modes)?))
    },
};
