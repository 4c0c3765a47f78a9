//! Particle-updates a second on the graphics adapter: the work of `bench particles`, under the exact score and under a network's,
//! for three numbers of particles.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::learning::{SHAPES, trainer};
use super::particles::{REPEATS, UPDATES, Work, start};
use super::percentile;
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::distributions::Distribution;
use crate::gpu::{Context, GpuError, Model, Particles};
use crate::session::plain_network;

const PARTICLES: [u32; 3] = [10_000, 100_000, 1_000_000];

/// Nothing is repeated once a number of particles has taken this long, and plans that would take longer are cut short: software
/// adapters are slow.
const ENOUGH: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Speed<'a> {
    bench: &'static str,
    device: &'static str,
    adapter: &'a str,
    software: bool,
    /// Modes of the exact score, or hidden layers and width of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<[usize; 2]>,
    particles: u32,
    updates: u32,
    repeats: usize,
    updates_per_s: f64,
    slowest: f64,
    fastest: f64,
}

pub fn run(json: bool) -> Result<(), Failure> {
    let context = Context::new().map_err(failed)?;
    let work = Work::new()?;
    let (width, hidden, _) = SHAPES[0];
    // Speed does not depend on what was learned.
    let network = trainer(SHAPES[0])?.network();
    let network = plain_network(&network);
    let modes = work.data.components().len();
    let models = [
        (format!("exact score of {modes} modes"), Some(modes), None, Model::Mixture(&work.data)),
        (format!("network of {hidden} × {width}"), None, Some([hidden, width]), Model::Mlp(&network)),
    ];
    for (name, components, network, model) in models {
        if !json {
            say(format_args!("particles, {name}, on {context}"))?;
        }
        // The first run of a kernel makes the driver compile it.
        once(&context, &work, model, PARTICLES[0], 1).map_err(failed)?;
        let mut speed = f64::INFINITY;
        for particles in PARTICLES {
            let updates = affordable(speed, particles);
            let speeds = speeds(&context, &work, model, [particles, updates])?;
            speed = percentile(&speeds, 50);
            let figures = Speed {
                bench: "particles",
                device: "gpu",
                adapter: context.name(),
                software: context.is_software(),
                components,
                network,
                particles,
                updates,
                repeats: speeds.len(),
                updates_per_s: speed,
                slowest: percentile(&speeds, 0),
                fastest: percentile(&speeds, 100),
            };
            report(&figures, json)?;
        }
    }
    Ok(())
}

fn failed(error: GpuError) -> Failure {
    Failure::failed("The bench cannot run on a graphics adapter", error)
}

/// As many updates of the plan as take no longer than they should, at so many particle-updates a second.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
fn affordable(speed: f64, particles: u32) -> u32 {
    (speed * ENOUGH.as_secs_f64() / f64::from(particles)).clamp(1.0, UPDATES.into()) as u32
}

/// Particle-updates a second of each run, slowest first.
fn speeds(
    context: &Context,
    work: &Work,
    model: Model<'_>,
    [particles, updates]: [u32; 2],
) -> Result<Vec<f64>, Failure> {
    let mut speeds = Vec::new();
    let begun = Instant::now();
    while speeds.len() < REPEATS && (speeds.is_empty() || begun.elapsed() < ENOUGH) {
        interrupt::check("The bench")?;
        let seconds = once(context, work, model, particles, updates).map_err(failed)?.as_secs_f64();
        speeds.push(f64::from(particles) * f64::from(updates) / seconds);
    }
    speeds.sort_by(f64::total_cmp);
    Ok(speeds)
}

/// How long the plan's first updates take once positions and program are on the device; nothing is read back.
fn once(context: &Context, work: &Work, model: Model<'_>, particles: u32, updates: u32) -> Result<Duration, GpuError> {
    let start = start(work.noise, particles);
    let mut run = Particles::new(context, model, &work.plan, work.noise, &start)?;
    run.wait()?;
    let begun = Instant::now();
    run.advance(updates as usize)?;
    run.wait()?;
    Ok(begun.elapsed())
}

fn report(speed: &Speed, json: bool) -> Result<(), Failure> {
    if json {
        return print_summary(speed);
    }
    let millions = |speed: f64| 1e-6 * speed;
    say(format_args!(
        "  {:>9} particles: median {:.2} million updates/s (from {:.2} to {:.2}, {} runs)",
        speed.particles,
        millions(speed.updates_per_s),
        millions(speed.slowest),
        millions(speed.fastest),
        speed.repeats
    ))
}
