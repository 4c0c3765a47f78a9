//! The toy of Song & Ermon 2019, §3.2: two far modes of unequal weight.

use std::sync::Arc;

use super::{Preset, ladder, real};
use crate::distributions::{Component, GaussianMixture};

/// w N((5, 5), τ²I) + (1 − w) N((−5, −5), τ²I). The paper counts σ as the total width of a mode: τ = 0, σ down to 1.
pub(super) const PRESET: Preset = Preset {
    name: "ncsn-toy",
    title: "NCSN toy",
    description: "Two far modes of weight 0.8 and 0.2: plain Langevin gets the weights wrong, annealing right.",
    parameters: &[
        real("weight", "Share of the mode at (5, 5)", [0.01, 0.99], 0.8),
        real("std", "Standard deviation of each mode before noise, in units of x", [0.0, 3.0], 0.0),
    ],
    noise: ladder(20.0, 1.0, 10),
    build: |numbers| {
        let (weight, std) = (numbers.number("weight"), numbers.number("std"));
        let modes = [Component::round(weight, [5.0; 2], std), Component::round(1.0 - weight, [-5.0; 2], std)];
        Ok(Arc::new(GaussianMixture::new(&modes)?))
    },
};
