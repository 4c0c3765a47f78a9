//! What the benches of training and of fields share: the networks, the data, and what the machine can do at best.

use std::sync::Arc;
use std::time::Instant;

use super::percentile;
use crate::cli::failure::Failure;
use crate::distributions::{Component, GaussianMixture};
use crate::learning::{MlpConfig, Trainer, speed};
use crate::scenario::{DEFAULT, Scenario};
use crate::schedules::Ladder;
use crate::session::Pool;

/// Width, hidden layers, examples per step.
pub const SHAPES: [(usize, usize, u32); 3] = [(64, 3, 512), (128, 3, 1024), (256, 4, 4096)];

/// A trainer of one of the shapes on NCSN's two modes with std 1: σ log-uniform from 0.1 to 20, Adam at 1e-3.
pub fn trainer((width, hidden, batch): (usize, usize, u32)) -> Result<Trainer, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed("The bench cannot run", error);
    let modes = [Component::round(0.8, [5.0, 5.0], 1.0), Component::round(0.2, [-5.0, -5.0], 1.0)];
    let data = GaussianMixture::new(&modes).map_err(|error| failed(&error))?;
    let scenario = Scenario::load(DEFAULT).map_err(|error| failed(&error))?;
    let network = MlpConfig { width, hidden, ..scenario.model };
    let mut config = scenario.training;
    (config.batch, config.ladder) = (batch, Ladder::geometric(20.0, 0.1, 10).map_err(|error| failed(&error))?);
    Trainer::new(Arc::new(data), network, config, 0).map_err(|error| failed(&error))
}

/// Billions of operations a second of matrix products that stay in the nearest caches: the best of a few.
pub fn peak(pool: &Pool, threads: usize) -> f64 {
    let rate = |_| {
        let begun = Instant::now();
        1e-9 * operations(speed::multiply_in_cache(pool, threads)) / begun.elapsed().as_secs_f64()
    };
    (0..5).map(rate).fold(0.0, f64::max)
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub const fn operations(count: usize) -> f64 {
    count as f64
}

/// Lowest, middle and highest of some speeds.
pub fn spread_of(mut speeds: Vec<f64>) -> [f64; 3] {
    speeds.sort_by(f64::total_cmp);
    [0, 50, 100].map(|percent| percentile(&speeds, percent))
}
