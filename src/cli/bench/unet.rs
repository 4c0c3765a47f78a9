//! Milliseconds of a U-Net on the processor: a forward, and where a training would take the batch a forward and backward.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::learning::{operations, peak, spread_of};
use super::unet_cases::{CASES, Case, TIMESTEP};
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::learning::UnetCpu;
use crate::session::Pool;
use crate::unet::ModelError;

/// Runs that are measured, and for how long they may be repeated.
const REPEATS: usize = 5;
const ENOUGH: Duration = Duration::from_secs(20);

/// The least batch that is measured backward too.
const TRAINED: usize = 16;

#[derive(Serialize)]
struct Speed {
    bench: &'static str,
    framework: &'static str,
    device: &'static str,
    model: &'static str,
    batch: usize,
    dtype: &'static str,
    threads: usize,
    ms: f64,
    fastest_ms: f64,
    slowest_ms: f64,
    gflop_per_s: f64,
    peak_gflop_per_s: f64,
    /// Forward and backward, by every weight.
    gradient_ms: Option<f64>,
}

pub fn run(json: bool, threads: usize) -> Result<(), Failure> {
    let pool = Arc::new(Pool::of(threads));
    let peak = peak(&pool, threads);
    for case in CASES {
        let network = UnetCpu::new(case.config()?, case.weights()?, pool.clone()).map_err(failed)?;
        for &batch in case.batches {
            let speed = measure(&case, batch, &network, threads, peak)?;
            if json { print_summary(&speed) } else { print(&speed) }?;
        }
    }
    Ok(())
}

fn failed(error: ModelError) -> Failure {
    Failure::failed("The bench cannot run", error)
}

fn measure(case: &Case, batch: usize, network: &UnetCpu, threads: usize, peak: f64) -> Result<Speed, Failure> {
    let (plan, size, images) = (case.plan(batch)?, [batch, case.side, case.side], case.images(batch)?);
    let mut answer = vec![0.0; plan.shape(plan.output).len()];
    let [fastest_ms, ms, slowest_ms] =
        milliseconds(|| network.forward(&images, size, TIMESTEP, &mut answer).map_err(failed))?;
    let backward = || network.gradient(&images, size, &[TIMESTEP], <[f32]>::to_vec).map(drop).map_err(failed);
    let gradient_ms = if batch >= TRAINED { Some(milliseconds(backward)?[1]) } else { None };
    let gflop = 1e-9 * operations(usize::try_from(plan.cost().operations).unwrap_or(usize::MAX));
    Ok(Speed {
        bench: "unet",
        framework: "scorescope",
        device: "cpu",
        model: case.name,
        batch,
        dtype: "f32",
        threads,
        ms,
        fastest_ms,
        slowest_ms,
        gflop_per_s: 1e3 * gflop / ms,
        peak_gflop_per_s: peak,
        gradient_ms,
    })
}

/// Fastest, median and slowest of some runs, after one that warms up.
fn milliseconds(mut work: impl FnMut() -> Result<(), Failure>) -> Result<[f64; 3], Failure> {
    work()?;
    let (mut times, begun) = (Vec::new(), Instant::now());
    while times.len() < REPEATS && (times.is_empty() || begun.elapsed() < ENOUGH) {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        work()?;
        times.push(1e3 * begun.elapsed().as_secs_f64());
    }
    Ok(spread_of(times))
}

fn print(speed: &Speed) -> Result<(), Failure> {
    let Speed { model, batch, threads, ms, fastest_ms, slowest_ms, gflop_per_s, peak_gflop_per_s: peak, .. } = speed;
    say(format_args!("unet {model}, batch {batch}, {threads} threads"))?;
    say(format_args!(
        "  forward: median {ms:.0} ms (from {fastest_ms:.0} to {slowest_ms:.0}): {gflop_per_s:.0} GFLOP/s, {:.0} % of this machine's {peak:.0}",
        100.0 * gflop_per_s / peak
    ))?;
    speed.gradient_ms.map_or(Ok(()), |ms| say(format_args!("  forward and backward: median {ms:.0} ms")))
}
