//! `scorescope sample`: runs a sampler and compares its particles with the truth.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::{ScenarioArgument, input, interrupt, output};
use crate::distributions::Distribution;
use crate::metrics::{
    energy_distance, maximum_mean_discrepancy, mode_shares, negative_log_likelihood, sliced_wasserstein, truth_points,
};
use crate::noise::Noise;
use crate::samplers::{Plan, Run, SettingError, Start, Value};
use crate::scenario::{Sampling, Scenario};
use crate::score::Score;
use crate::session::Pool;

/// Updates between two looks at Ctrl-C.
const UPDATES_AT_ONCE: usize = 50;
/// Particle-updates between them, at the most: below a tenth of a second.
const MOVES_AT_ONCE: usize = 1_000_000;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// The sampler and its settings: NAME[,key=value…]; NAME alone takes the scenario's settings, or else the defaults
    #[arg(long, value_name = "NAME[,key=value…]")]
    sampler: String,
    /// A trained model; without it the exact score
    #[arg(long, value_name = "M.safetensors")]
    model: Option<PathBuf>,
    /// How many particles
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    particles: u32,
    /// Decides start and noise; the same seed gives the same particles on any number of threads
    #[arg(long, value_name = "K")]
    seed: u64,
    /// Threads; without it, one per core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Where the particles go: CSV with x,y
    #[arg(long, value_name = "F.csv")]
    out: Option<PathBuf>,
}

/// The last line of stdout.
#[derive(Serialize)]
struct Summary {
    sampler: &'static str,
    nfe: usize,
    seconds: f64,
    mode_weights: Vec<f64>,
    true_weights: Vec<f64>,
    mode_weight_errors: Vec<f64>,
    off_mode: f64,
    sliced_wasserstein: Option<f64>,
    energy_distance: Option<f64>,
    mmd: Option<f64>,
    nll: Option<f64>,
    particles: u32,
    seed: u64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let scenario = arguments.scenario.load()?;
    let sampling = read_sampler(&scenario, &arguments.sampler)?;
    let refused = |error| Failure::wrong_use("The sampler is refused", error);
    let plan = sampling.plan(&*scenario.data).map_err(refused)?;
    let model = input::read_model_of(arguments.model.as_deref(), &scenario)?;
    if let Some(out) = &arguments.out {
        output::check(out, &[arguments.model.as_deref(), Some(arguments.scenario.path())])?;
    }
    let score: &dyn Score = match &model {
        Some(model) => model,
        None => &*scenario.data,
    };
    let takes_clean = model.as_ref().is_none_or(|model| model.config().takes(0.0));
    if !takes_clean && plan.updates().iter().any(|update| update.sigma() <= 0.0) {
        return Err(refused(SettingError::Together {
            sampler: sampling.entry.name,
            reason: "this learned score is known at sigma > 0 only".to_owned(),
        }));
    }
    if let Some(why) = plan.refusal(score) {
        return Err(Failure::wrong_use(format!("--sampler {} is refused", arguments.sampler), why));
    }
    let begun = Instant::now();
    let run = sample(arguments, &sampling, plan, &*scenario.data, score)?;
    let seconds = begun.elapsed().as_secs_f64();
    let x = run.positions();
    if let Some(bad) = x.iter().position(|x| !x.is_finite()) {
        let why = format!(
            "particle {} is no longer finite: the steps are too large. Lower step, or take more steps",
            bad / 2
        );
        return Err(Failure::failed("The sampler diverged", why));
    }
    if let Some(out) = &arguments.out {
        let rows = x.chunks_exact(2).map(|x| vec![Some(f64::from(x[0])), Some(f64::from(x[1]))]);
        output::write_csv(out, &["x", "y"], rows)?;
    }
    output::print_summary(&summary(arguments, sampling.entry.name, &run, &*scenario.data, seconds))
}

fn sample(
    arguments: &Arguments,
    sampling: &Sampling,
    plan: Plan,
    data: &dyn Distribution,
    score: &dyn Score,
) -> Result<Run, Failure> {
    let noise = Noise::new(arguments.seed);
    let pool = arguments.threads.map_or_else(Pool::per_core, |threads| Pool::of(threads.into()));
    let start = Start::of(&sampling.settings, &plan);
    let mut run = Run::new(plan, noise, 2, start.draw(data, &noise, arguments.particles));
    let updates = (MOVES_AT_ONCE / arguments.particles as usize).clamp(1, UPDATES_AT_ONCE);
    while !run.is_finished() {
        interrupt::check("Sampling")?;
        run.advance(score, updates, &pool);
    }
    Ok(run)
}

/// Seed of the exact draws that particles are compared with: another stream than the particles' own.
const TRUTH_SEED_OFFSET: u64 = 1 << 63;

fn summary(arguments: &Arguments, sampler: &'static str, run: &Run, data: &dyn Distribution, seconds: f64) -> Summary {
    let (x, sigma) = (run.positions(), run.plan().final_sigma());
    let shares = mode_shares(data, sigma, x);
    let mut truth = vec![0.0; 2 * truth_points(x.len() / 2)];
    data.sample(&Noise::new(arguments.seed ^ TRUTH_SEED_OFFSET), sigma, 0, &mut truth);
    // These two ask for every pair of points.
    let as_many = &truth[..x.len()];
    Summary {
        sampler,
        nfe: run.nfe(),
        seconds,
        mode_weight_errors: shares.standard_errors(x.len() / 2),
        mode_weights: shares.weights,
        true_weights: data.mode_weights(),
        off_mode: shares.off_mode,
        sliced_wasserstein: sliced_wasserstein(x, &truth),
        energy_distance: energy_distance(x, as_many),
        mmd: maximum_mean_discrepancy(x, as_many, data.std().hypot(sigma)),
        nll: negative_log_likelihood(data, sigma, x),
        particles: arguments.particles,
        seed: arguments.seed,
    }
}

/// Reads NAME[,key=value…].
pub fn read_sampler(scenario: &Scenario, text: &str) -> Result<Sampling, Failure> {
    let (name, given) = name_and_knobs(text)?;
    scenario.sampling(name, given).map_err(|error| refused(text, &error))
}

/// A sampler's name, and the settings that are given.
type Named<'a> = (&'a str, Vec<(&'a str, Value)>);

/// The parts of NAME[,key=value…].
pub fn name_and_knobs(text: &str) -> Result<Named<'_>, Failure> {
    let mut parts = text.split(',');
    let name = parts.next().unwrap_or_default().trim();
    let mut given = Vec::new();
    for part in parts {
        let Some((key, value)) = part.split_once('=') else {
            return Err(refused(text, &format!("expected key=value after a comma, found '{part}'")));
        };
        if given.iter().any(|(known, _)| *known == key.trim()) {
            return Err(refused(text, &format!("'{}' is given twice", key.trim())));
        }
        given.push((key.trim(), Value::parse(value.trim())));
    }
    Ok((name, given))
}

fn refused(text: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::wrong_use(format!("--sampler {text} is refused"), error)
}
