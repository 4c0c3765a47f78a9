//! Steps a second of denoising score matching: fresh batch, forward, backward, Adam and the average of the weights.

use std::time::Instant;

use serde::Serialize;

use super::learning::{SHAPES, operations, peak, spread_of, trainer};
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::learning::{ReferenceTrainer, Trainer, speed};
use crate::session::Pool;

/// Blocks of steps that are measured, and operations of each, so that one takes about a tenth of a second.
const BLOCKS: usize = 11;
const BLOCK: f64 = 1e10;

#[derive(Serialize)]
struct Speed {
    bench: &'static str,
    width: usize,
    depth: usize,
    batch: u32,
    threads: usize,
    steps_per_s: f64,
    slowest: f64,
    fastest: f64,
    gflop_per_s: f64,
    peak_gflop_per_s: f64,
    /// The same steps layer by layer in candle, on as many threads as it takes.
    layer_by_layer_steps_per_s: f64,
}

pub fn run(json: bool, threads: usize) -> Result<(), Failure> {
    let pool = Pool::of(threads);
    for shape in SHAPES {
        let speed = measure(shape, threads, &pool)?;
        if json {
            print_summary(&speed)?;
            continue;
        }
        let Speed { width, depth, batch, steps_per_s, slowest, fastest, gflop_per_s, peak_gflop_per_s: peak, .. } =
            speed;
        say(format_args!("train, {depth} layers of {width}, batch {batch}, {threads} threads"))?;
        let layer_by_layer = speed.layer_by_layer_steps_per_s;
        say(format_args!(
            "  median {steps_per_s:.0} steps/s (from {slowest:.0} to {fastest:.0}): {gflop_per_s:.0} GFLOP/s, \
             {:.0} % of this machine's {peak:.0}",
            100.0 * gflop_per_s / peak
        ))?;
        say(format_args!(
            "  layer by layer in candle {layer_by_layer:.0} steps/s: {:.1} times as fast",
            steps_per_s / layer_by_layer
        ))?;
    }
    Ok(())
}

fn measure(shape: (usize, usize, u32), threads: usize, pool: &Pool) -> Result<Speed, Failure> {
    let failed = |error| Failure::failed("The bench cannot run", error);
    let (width, depth, batch) = shape;
    let mut trainer = trainer(shape)?;
    let per_step = operations(speed::operations(trainer.network().config(), true) * batch as usize);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few steps")]
    let steps = (BLOCK / per_step).max(2.0) as usize;
    let mut speeds = Vec::new();
    for block in 0..=BLOCKS {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        for _ in 0..steps {
            trainer.step(pool).map_err(failed)?;
        }
        // The first block warms up.
        if block > 0 {
            speeds.push(operations(steps) / begun.elapsed().as_secs_f64());
        }
    }
    let [slowest, steps_per_s, fastest] = spread_of(speeds);
    let (gflop_per_s, peak_gflop_per_s) = (1e-9 * steps_per_s * per_step, peak(pool, threads));
    Ok(Speed {
        bench: "train",
        width,
        depth,
        batch,
        threads,
        steps_per_s,
        slowest,
        fastest,
        gflop_per_s,
        peak_gflop_per_s,
        layer_by_layer_steps_per_s: layer_by_layer(&trainer)?,
    })
}

/// The best of a few steps.
fn layer_by_layer(trainer: &Trainer) -> Result<f64, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed("The bench cannot run", error);
    let mut reference = ReferenceTrainer::new(trainer).map_err(|error| failed(&error))?;
    let mut fastest = 0.0f64;
    for _ in 0..6 {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        reference.step(trainer).map_err(|error| failed(&error))?;
        fastest = fastest.max(1.0 / begun.elapsed().as_secs_f64());
    }
    Ok(fastest)
}
