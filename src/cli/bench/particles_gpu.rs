//! Particle-updates a second on the graphics adapter: the work of `bench particles`, for three numbers of particles.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::particles::{REPEATS, UPDATES, Work, start};
use super::percentile;
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::distributions::Distribution;
use crate::gpu::{Context, GpuError, Particles};

const PARTICLES: [u32; 3] = [10_000, 100_000, 1_000_000];

/// Nothing is repeated once a number of particles has taken this long: software adapters are slow.
const ENOUGH: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Speed<'a> {
    bench: &'static str,
    device: &'static str,
    adapter: &'a str,
    software: bool,
    components: usize,
    particles: u32,
    repeats: usize,
    updates_per_s: f64,
    slowest: f64,
    fastest: f64,
}

pub fn run(json: bool) -> Result<(), Failure> {
    let failed = |error: GpuError| Failure::failed("The bench cannot run on a graphics adapter", error);
    let context = Context::new().map_err(failed)?;
    let work = Work::new()?;
    let components = work.data.components().len();
    if !json {
        say(format_args!("particles, {components} modes, on {context}"))?;
    }
    // The first run of a kernel makes the driver compile it.
    once(&context, &work, PARTICLES[0]).map_err(failed)?;
    for particles in PARTICLES {
        let mut speeds = Vec::new();
        let begun = Instant::now();
        while speeds.len() < REPEATS && (speeds.is_empty() || begun.elapsed() < ENOUGH) {
            interrupt::check("The bench")?;
            let seconds = once(&context, &work, particles).map_err(failed)?.as_secs_f64();
            speeds.push(f64::from(particles) * f64::from(UPDATES) / seconds);
        }
        speeds.sort_by(f64::total_cmp);
        let speed = Speed {
            bench: "particles",
            device: "gpu",
            adapter: context.name(),
            software: context.is_software(),
            components,
            particles,
            repeats: speeds.len(),
            updates_per_s: percentile(&speeds, 50),
            slowest: percentile(&speeds, 0),
            fastest: percentile(&speeds, 100),
        };
        report(&speed, json)?;
    }
    Ok(())
}

/// How long the plan takes once positions and program are on the device; nothing is read back.
fn once(context: &Context, Work { data, plan, noise }: &Work, particles: u32) -> Result<Duration, GpuError> {
    let mut run = Particles::new(context, data, plan, *noise, &start(*noise, particles))?;
    run.wait()?;
    let begun = Instant::now();
    run.advance(usize::MAX)?;
    run.wait()?;
    Ok(begun.elapsed())
}

fn report(speed: &Speed, json: bool) -> Result<(), Failure> {
    if json {
        return print_summary(speed);
    }
    let millions = |speed: f64| 1e-6 * speed;
    say(format_args!(
        "  {:>9} particles: median {:.1} million updates/s (from {:.1} to {:.1}, {} runs)",
        speed.particles,
        millions(speed.updates_per_s),
        millions(speed.slowest),
        millions(speed.fastest),
        speed.repeats
    ))
}
