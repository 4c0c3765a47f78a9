//! Upright bars of falling weight.

use std::sync::Arc;

use super::{Preset, count, ladder, real};
use crate::distributions::{Boxes, WeightedBox};

/// Bar k of n has weight ∝ n − k
pub(super) const PRESET: Preset = Preset {
    name: "bars",
    title: "Bars",
    description: "Upright bars, each lighter than the one before: do samplers keep the shares of neighbours?",
    parameters: &[
        count("count", "Number of bars", [1.0, 20.0], 5.0),
        real("size", "Side of the square they stand in, in units of x", [1.0, 20.0], 8.0),
        real("fill", "Width of a bar over the distance of neighbours", [0.05, 0.95], 0.4),
        real("softness", "Blur of the edges, in units of x", [0.0, 1.0], 0.05),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (n, size, fill) = (numbers.count("count"), numbers.number("size"), numbers.number("fill"));
        let apart = size / f64::from(n);
        let bar = |k: u32| {
            let middle = apart * (f64::from(k) + 0.5) - 0.5 * size;
            let half = 0.5 * fill * apart;
            WeightedBox {
                weight: f64::from(n - k),
                min: [middle - half, -0.5 * size],
                max: [middle + half, 0.5 * size],
            }
        };
        Ok(Arc::new(Boxes::new(&(0..n).map(bar).collect::<Vec<_>>(), numbers.number("softness"))?))
    },
};
