//! Training of the network that draws the bundled cats: images a second, of whole steps.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::learning::{operations, peak, spread_of};
use crate::cli::failure::Failure;
use crate::cli::images::{NoiseForm, Shape};
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::gallery;
use crate::learning::{Rate, UnetState, UnetTrainer, UnetTraining};
use crate::session::Pool;
use crate::unet::{Noising, Plan, UnetConfig};

/// Side of the images, and images of a step.
const SIDE: usize = 32;
const BATCH: u32 = 16;
/// Steps that warm up, and steps that are measured.
const WARM_UP: usize = 3;
const REPEATS: usize = 15;
/// A forward, and a backward that takes twice as much: once for what goes on, once for the weights.
const PASSES: f64 = 3.0;

#[derive(Serialize)]
struct Speed {
    bench: &'static str,
    framework: &'static str,
    device: &'static str,
    model: &'static str,
    batch: u32,
    threads: usize,
    images_per_s: f64,
    fastest: f64,
    slowest: f64,
    gflop_per_s: f64,
    peak_gflop_per_s: f64,
    /// config.json of the network, for whoever measures the same work.
    config: serde_json::Value,
}

pub fn run(json: bool, threads: usize) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed("The bench cannot run", error);
    let pool = Arc::new(Pool::of(threads));
    let peak = peak(&pool, threads);
    let images = gallery::open("cats:1000", SIDE, 0).map_err(|error| failed(&error))?;
    let shape = Shape { images: images.shape(), channels: &[32, 64, 128], layers: 1, attention: &[8] };
    let text = shape.config();
    let config = UnetConfig::from_json(&text.to_string()).map_err(|error| failed(&error))?;
    let noising = Noising::read(Some(&NoiseForm::Edm.scheduler().to_string()), &config).map_err(|why| failed(&why))?;
    let plan = Plan::new(&config, 1, [SIDE; 2]).map_err(|error| failed(&error))?;
    let state = UnetState::fresh(&config, 0).map_err(|error| failed(&error))?;
    let training = UnetTraining {
        batch: BATCH,
        learning_rate: 1e-3,
        rate: Rate::default(),
        clip: 1.0,
        ema: 0.999,
        ln_sigma: [-1.2, 1.2],
    };
    let trainer = UnetTrainer::new(images, (config, noising), training, state, pool);
    let mut trainer = trainer.map_err(|error| failed(&error))?;
    let mut speeds = Vec::with_capacity(REPEATS);
    for step in 0..WARM_UP + REPEATS {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        trainer.step().map_err(|error| failed(&error))?;
        if step >= WARM_UP {
            speeds.push(f64::from(BATCH) / begun.elapsed().as_secs_f64());
        }
    }
    let [slowest, images_per_s, fastest] = spread_of(speeds);
    let gflop = 1e-9 * PASSES * operations(usize::try_from(plan.cost().operations).unwrap_or(usize::MAX));
    let speed = Speed {
        bench: "unet-train",
        framework: "scorescope",
        device: "cpu",
        model: "cats-32",
        batch: BATCH,
        threads,
        images_per_s,
        fastest,
        slowest,
        gflop_per_s: gflop * images_per_s,
        peak_gflop_per_s: peak,
        config: text,
    };
    if json { print_summary(&speed) } else { print(&speed) }
}

fn print(speed: &Speed) -> Result<(), Failure> {
    let Speed { model, batch, threads, images_per_s, fastest, slowest, gflop_per_s, peak_gflop_per_s: peak, .. } =
        speed;
    say(format_args!("training of {model}, batch {batch}, {threads} threads"))?;
    say(format_args!(
        "  median {images_per_s:.1} images/s (from {slowest:.1} to {fastest:.1}): {gflop_per_s:.0} GFLOP/s, {:.0} % of this machine's {peak:.0}",
        100.0 * gflop_per_s / peak
    ))
}
