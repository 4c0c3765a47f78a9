//! `scorescope train`: trains a score network and writes it as safetensors.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::failure::Failure;
use super::{ScenarioArgument, interrupt, output};
use crate::learning::Trainer;
use crate::metrics::{ScoreError, score_error};
use crate::noise::Noise;
use crate::scenario::Scenario;
use crate::schedules::Ladder;
use crate::session::on_this_thread_alone;

/// Points per noise level on which the error is measured: σ²E‖s−s*‖² is then known to a few per cent.
const ERROR_POINTS: usize = 4096;
/// Noise levels, from the largest to the smallest, at which the error is measured.
const ERROR_LEVELS: usize = 10;
/// Seed of the points on which the error is measured: always the same, never those of the training.
const ERROR_SEED: u64 = 0x5c07_e5c0;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// Training steps; without it, the scenario's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    steps: Option<u32>,
    /// Decides first weights, batches and noise
    #[arg(long, value_name = "K", default_value_t = 0)]
    seed: u64,
    /// Where the model goes
    #[arg(long, value_name = "M.safetensors")]
    out: PathBuf,
}

/// The last line of stdout.
#[derive(Serialize)]
struct Summary {
    steps: usize,
    loss: f64,
    seconds: f64,
    steps_per_s: f64,
    score_error: Vec<ScoreError>,
    seed: u64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let scenario = arguments.scenario.load()?;
    output::check(&arguments.out, &[Some(arguments.scenario.path())])?;
    let steps = arguments.steps.map_or(scenario.training_steps, |steps| steps as usize);
    let begun = Instant::now();
    let _alone = on_this_thread_alone();
    let (trainer, loss) = train(&scenario, steps, arguments.seed)?;
    let seconds = begun.elapsed().as_secs_f64();
    let network = trainer.network();
    let not_written =
        |error| Failure::failed("The model is not written", format!("{error}. Lower learning_rate in the scenario"));
    let bytes = network.to_bytes().map_err(not_written)?;
    interrupt::check("Training")?;
    output::write(&arguments.out, &bytes)?;
    let sigmas = Ladder::geometric(scenario.ladder.max(), scenario.ladder.min(), ERROR_LEVELS)
        .map_err(|error| Failure::failed("No summary", error))?
        .levels();
    let score_error = score_error(&network, &*scenario.data, sigmas, ERROR_POINTS, &Noise::new(ERROR_SEED));
    #[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
    let steps_per_s = steps as f64 / seconds;
    let summary = Summary { steps, loss, seconds, steps_per_s, score_error, seed: arguments.seed };
    output::print_summary(&summary)
}

/// Trains with a progress bar on stderr; returns the trainer and the mean loss of the last hundredth of the steps.
fn train(scenario: &Scenario, steps: usize, seed: u64) -> Result<(Trainer, f64), Failure> {
    let failed = |error| Failure::failed("Training failed", error);
    let Scenario { data, model, training, .. } = scenario;
    let mut trainer =
        Trainer::new(Arc::clone(data), model.width, model.hidden, training.clone(), seed).map_err(failed)?;
    let bar = ProgressBar::new(steps as u64);
    // The template is fixed, and right.
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}  loss {msg}  {per_sec}  {eta} left")
        .expect("a right template");
    bar.set_style(style);
    let last = (steps / 100).max(1);
    let (mut recent, mut total) = (std::collections::VecDeque::with_capacity(last), 0.0);
    for _ in 0..steps {
        interrupt::check("Training")?;
        let loss = f64::from(trainer.step().map_err(failed)?);
        total += loss;
        recent.push_back(loss);
        if recent.len() > last {
            total -= recent.pop_front().unwrap_or(0.0);
        }
        if trainer.steps() % 50 == 0 {
            bar.set_message(format!("{:.4}", mean(total, recent.len())));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok((trainer, mean(total, recent.len())))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn mean(total: f64, count: usize) -> f64 {
    total / count as f64
}
