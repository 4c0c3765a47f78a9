//! Equal modes on a square grid.

use std::sync::Arc;

use super::{Preset, count, ladder, real};
use crate::distributions::{Component, GaussianMixture};

/// 1/n² Σ_ij N(h (i, j), τ²I), the grid's middle at the origin
pub(super) const PRESET: Preset = Preset {
    name: "grid-25",
    title: "Grid of modes",
    description: "Twenty-five equal modes on a 5 × 5 grid: mode coverage that can be counted.",
    parameters: &[
        count("side", "Modes on a side", [1.0, 9.0], 5.0),
        real("spacing", "Distance between neighbours, in units of x", [0.1, 10.0], 2.0),
        real("std", "Standard deviation of each mode, in units of x", [0.0, 3.0], 0.1),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (side, spacing, std) = (numbers.count("side"), numbers.number("spacing"), numbers.number("std"));
        let at = |i: u32| spacing * (f64::from(i) - 0.5 * f64::from(side - 1));
        let row = |j: u32| (0..side).map(move |i| Component::round(1.0, [at(i), at(j)], std));
        Ok(Arc::new(GaussianMixture::new(&(0..side).flat_map(row).collect::<Vec<_>>())?))
    },
};
