//! A checkerboard: every other square, uniform inside.

use std::sync::Arc;

use super::{Preset, count, ladder, real};
use crate::distributions::{Boxes, WeightedBox};

/// Uniform on the squares (i, j) of an n × n board whose i + j is even
pub(super) const PRESET: Preset = Preset {
    name: "checkerboard",
    title: "Checkerboard",
    description: "Every other square of a board: flat inside, sharp at the edges, no score without noise.",
    parameters: &[
        count("squares", "Squares on a side", [2.0, 16.0], 4.0),
        real("size", "Side of the board, in units of x", [1.0, 20.0], 8.0),
        real("softness", "Blur of the edges, in units of x", [0.0, 1.0], 0.0),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let (n, size) = (numbers.count("squares"), numbers.number("size"));
        let at = |i: u32| size * (f64::from(i) / f64::from(n) - 0.5);
        let square = |i: u32, j: u32| WeightedBox { weight: 1.0, min: [at(i), at(j)], max: [at(i + 1), at(j + 1)] };
        let row = |j: u32| (0..n).filter(move |i| (i + j).is_multiple_of(2)).map(move |i| square(i, j));
        Ok(Arc::new(Boxes::new(&(0..n).flat_map(row).collect::<Vec<_>>(), numbers.number("softness"))?))
    },
};
