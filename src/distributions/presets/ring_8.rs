//! Equal modes on a ring.

use std::f64::consts::TAU;
use std::sync::Arc;

use super::{Preset, count, ladder, real};
use crate::distributions::{Component, GaussianMixture};

/// 1/n Σ_k N(r (cos 2πk/n, sin 2πk/n), τ²I)
pub(super) const PRESET: Preset = Preset {
    name: "ring-8",
    title: "Ring of modes",
    description: "Eight equal modes on a ring: samplers that forget modes show it at once.",
    parameters: &[
        count("count", "Number of modes", [1.0, 64.0], 8.0),
        real("radius", "Radius of the ring, in units of x", [0.1, 20.0], 4.0),
        real("std", "Standard deviation of each mode, in units of x", [0.0, 3.0], 0.3),
    ],
    noise: ladder(10.0, 0.1, 10),
    build: |numbers| {
        let (count, radius, std) = (numbers.count("count"), numbers.number("radius"), numbers.number("std"));
        let mode = |k: u32| {
            let (sin, cos) = (TAU * f64::from(k) / f64::from(count)).sin_cos();
            Component::round(1.0, [radius * cos, radius * sin], std)
        };
        Ok(Arc::new(GaussianMixture::new(&(0..count).map(mode).collect::<Vec<_>>())?))
    },
};
