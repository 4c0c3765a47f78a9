//! A mixture by lot: another one for every seed.

use std::sync::Arc;

use rand::RngExt;

use super::{Preset, count, ladder, real};
use crate::distributions::{Component, GaussianMixture};
use crate::noise::{Noise, Purpose};

/// Shapes are drawn in a step of their own, so that they share no number with the points, which are drawn in step 0.
const SHAPES: u32 = 1;

/// Σ_k π_k N(μ_k, R diag(λ) Rᵀ): π uniform in [0.2, 1), μ in a square, √λ log-uniform in [0.2, 1), R any rotation
pub(super) const PRESET: Preset = Preset {
    name: "random-mixture",
    title: "Random mixture",
    description: "A mixture of slanted Gaussians by lot, for homework that nobody can copy: each seed gives another one.",
    parameters: &[
        count("count", "Number of modes", [1.0, 50.0], 6.0),
        count("seed", "Decides everything else", [0.0, 1e9], 1.0),
        real("spread", "Half-width of the square of the means, in units of x", [0.1, 20.0], 4.0),
    ],
    noise: ladder(10.0, 0.1, 10),
    build: |numbers| {
        let noise = Noise::new(numbers.count("seed").into());
        let spread = numbers.number("spread");
        let mode = |k: u32| {
            let mut generator = noise.generator(Purpose::Data, k, SHAPES);
            let mut between = |low: f64, high: f64| low + (high - low) * generator.random::<f64>();
            let (weight, mean) = (between(0.2, 1.0), [between(-spread, spread), between(-spread, spread)]);
            let mut variance = || (between(0.2f64.ln(), 0.0) * 2.0).exp();
            let (along, across) = (variance(), variance());
            let (sin, cos) = between(0.0, std::f64::consts::PI).sin_cos();
            let mixed = (along - across) * sin * cos;
            let diagonal = [along * cos * cos + across * sin * sin, along * sin * sin + across * cos * cos];
            Component { weight, mean, covariance: [[diagonal[0], mixed], [mixed, diagonal[1]]] }
        };
        Ok(Arc::new(GaussianMixture::new(&(0..numbers.count("count")).map(mode).collect::<Vec<_>>())?))
    },
};
