//! Particle-updates a second: annealed Langevin on the exact score of a 25-component Gaussian mixture.

use std::time::Instant;

use serde::Serialize;

use super::percentile;
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::distributions::{Component, Distribution, GaussianMixture};
use crate::noise::{Noise, Purpose};
use crate::samplers::{AnnealedLangevin, Plan, Run, Sampler};
use crate::schedules::Ladder;
use crate::session::Pool;

/// 20,000 particles.
const PARTICLES: u32 = 20_000;
pub const UPDATES: u32 = 50;
pub const REPEATS: usize = 15;

/// 25 modes; 10 levels from 10 to 0.1 with 5 updates each, α = 0.1 σ².
pub struct Work {
    pub data: GaussianMixture,
    pub plan: Plan,
    pub noise: Noise,
}

impl Work {
    pub fn new() -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::failed("The bench cannot run", error);
        let modes = (-2..=2).flat_map(|x| (-2..=2).map(move |y| [2.0 * f64::from(x), 2.0 * f64::from(y)]));
        let modes: Vec<Component> = modes.map(|mean| Component::round(0.04, mean, 0.1)).collect();
        let data = GaussianMixture::new(&modes).map_err(|error| failed(&error))?;
        let ladder = Ladder::geometric(10.0, 0.1, 10).map_err(|error| failed(&error))?;
        // α_i = α_0 (σ_i/σ_L)² with α_0 = 0.1 σ_L² is 0.1 σ_i².
        let plan = AnnealedLangevin { ladder, step: 0.1 * 0.01, steps_per_level: 5, denoise: false }.plan();
        Ok(Self { data, plan, noise: Noise::new(0) })
    }
}

/// Particles from N(0, 10²).
pub fn start(noise: Noise, particles: u32) -> Vec<f32> {
    let mut start = vec![0.0; 2 * particles as usize];
    noise.normals(Purpose::Start, 0, 0, 2, &mut start);
    start.iter_mut().for_each(|x| *x *= 10.0);
    start
}

#[derive(Serialize)]
struct Speed {
    bench: &'static str,
    components: usize,
    particles: u32,
    threads: usize,
    updates_per_s: f64,
    slowest: f64,
    fastest: f64,
}

pub fn run(json: bool, threads: usize) -> Result<(), Failure> {
    let pool = Pool::of(threads);
    let Work { data, plan, noise } = Work::new()?;
    let components = data.components().len();
    let start = start(noise, PARTICLES);
    let mut speeds = Vec::new();
    for repeat in 0..=REPEATS {
        interrupt::check("The bench")?;
        let mut run = Run::new(plan.clone(), noise, 2, start.clone());
        let begun = Instant::now();
        run.advance(&data, usize::MAX, &pool);
        let speed = f64::from(PARTICLES * UPDATES) / begun.elapsed().as_secs_f64();
        // The first run warms up.
        if repeat > 0 {
            speeds.push(speed);
        }
    }
    speeds.sort_by(f64::total_cmp);
    let speed = Speed {
        bench: "particles",
        components,
        particles: PARTICLES,
        threads,
        updates_per_s: percentile(&speeds, 50),
        slowest: percentile(&speeds, 0),
        fastest: percentile(&speeds, 100),
    };
    if json {
        return print_summary(&speed);
    }
    say(format_args!("particles, {components} modes, {PARTICLES} particles, {threads} threads"))?;
    let millions = |speed: f64| 1e-6 * speed;
    say(format_args!(
        "  annealed Langevin, exact score: median {:.1} million updates/s (from {:.1} to {:.1})",
        millions(speed.updates_per_s),
        millions(speed.slowest),
        millions(speed.fastest)
    ))?;
    Ok(())
}
