//! A cloud of points, as a small data set is: the score that only memorises.

use std::sync::Arc;

use rand::RngExt;
use rand_distr::StandardNormal;

use super::{Preset, count, ladder, real};
use crate::distributions::PointCloud;
use crate::noise::{Noise, Purpose};

/// Places are drawn in a step of their own, so that they share no number with the points, which are drawn in step 0.
const PLACES: u32 = 2;

/// 1/n Σ_k N(x_k, τ²I),   x_k around an S of radius 2 on a broad blur
pub(super) const PRESET: Preset = Preset {
    name: "cloud",
    title: "Point cloud",
    description: "A hundred data points and nothing between them: following their exact score only memorises.",
    parameters: &[
        count("count", "Number of points", [1.0, 20_000.0], 100.0),
        count("seed", "Decides where they are", [0.0, 1e9], 1.0),
        real("bandwidth", "Width of each point, in units of x", [0.0, 2.0], 0.0),
    ],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let noise = Noise::new(numbers.count("seed").into());
        let place = |k: u32| {
            let mut generator = noise.generator(Purpose::Data, k, PLACES);
            let t = 1.5 * std::f64::consts::PI * (2.0 * generator.random::<f64>() - 1.0);
            let on = [2.0 * t.sin(), 2.0 * t.signum() * (t.cos() - 1.0)];
            on.map(|x| x + 0.3 * generator.sample::<f64, _>(StandardNormal))
        };
        let points: Vec<_> = (0..numbers.count("count")).map(place).collect();
        Ok(Arc::new(PointCloud::new(&points, None, numbers.number("bandwidth"))?))
    },
};
