//! `scorescope train`: trains a score network and writes it as safetensors, with all that it takes to go on.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use super::training_summary::Summary;
use super::{ScenarioArgument, input, interrupt, output};
use crate::learning::Trainer;
use crate::scenario::Scenario;
use crate::session::Pool;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// Training steps in all; without it, the scenario's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    steps: Option<u32>,
    /// Decides first weights, batches and noise
    #[arg(long, value_name = "K", default_value_t = 0, conflicts_with = "resume")]
    seed: u64,
    /// Changes to the scenario's [model]: width, hidden, activation, embedding, parameterisation, energy
    #[arg(long, value_name = "key=value,…", default_value = "", hide_default_value = true)]
    model: String,
    /// Changes to the scenario's [training]: objective, batch, learning_rate, warm_up, schedule, weight_decay, clip, ema,
    /// sigmas, sigma, weighting
    #[arg(long, value_name = "key=value,…", default_value = "", hide_default_value = true)]
    training: String,
    /// Goes on with the training of this file, up to the steps in all; its seed holds
    #[arg(long, value_name = "M.safetensors")]
    resume: Option<PathBuf>,
    /// Writes the model after every K steps too, so that an interrupted training can go on
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    save_every: Option<u32>,
    /// Where the model goes
    #[arg(long, value_name = "M.safetensors")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let refused = |error| Failure::wrong_use("The training is refused", error);
    let mut scenario = arguments.scenario.load()?;
    scenario = scenario.with_learning(&arguments.model, &arguments.training).map_err(refused)?;
    if let Some(steps) = arguments.steps {
        scenario = scenario.with_learning("", &format!("steps={steps}")).map_err(refused)?;
    }
    output::check(&arguments.out, &[Some(arguments.scenario.path())])?;
    let Scenario { data, model, training, training_steps, .. } = &scenario;
    let failed = |error| Failure::failed("Training failed", error);
    let mut trainer =
        Trainer::new(Arc::clone(data), model.clone(), training.clone(), arguments.seed).map_err(failed)?;
    if let Some(path) = &arguments.resume {
        resume(&mut trainer, path, *training_steps)?;
    }
    let begun = Instant::now();
    let first = trainer.steps();
    let loss = train(&mut trainer, *training_steps, arguments)?;
    let seconds = begun.elapsed().as_secs_f64();
    save(&trainer, &arguments.out)?;
    output::print_summary(&Summary::of(&scenario, &trainer, first, loss, seconds))
}

fn resume(trainer: &mut Trainer, path: &Path, steps: usize) -> Result<(), Failure> {
    input::read_trained(path, |bytes| trainer.resume(bytes))?;
    if trainer.steps() >= steps {
        let reason =
            format!("it has made {} steps, and {steps} in all are asked for. Give more with --steps", trainer.steps());
        return Err(Failure::wrong_use(format!("{} is not gone on with", path.display()), reason));
    }
    Ok(())
}

fn save(trainer: &Trainer, path: &Path) -> Result<(), Failure> {
    let not_written =
        |error| Failure::failed("The model is not written", format!("{error}. Lower learning_rate in the scenario"));
    output::write(path, &trainer.to_bytes().map_err(not_written)?)
}

/// After Ctrl-C, where an older state of the training was saved.
fn interrupted(steps: usize, path: &Path) -> Failure {
    let why = format!("{path} holds its first {steps} steps; go on with --resume {path}", path = path.display());
    Failure::failed("Training was interrupted", why)
}

/// Trains with a progress bar on stderr; returns the mean loss of the last hundredth of the steps.
fn train(trainer: &mut Trainer, steps: usize, arguments: &Arguments) -> Result<f64, Failure> {
    let failed = |error| Failure::failed("Training failed", format!("{error}. Lower learning_rate"));
    let pool = Pool::per_core();
    let bar = ProgressBar::new(steps as u64).with_position(trainer.steps() as u64);
    // The template is fixed, and right.
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}  loss {msg}  {per_sec}  {eta} left")
        .expect("a right template");
    bar.set_style(style);
    bar.reset_eta();
    let last = (steps / 100).max(1);
    let (mut recent, mut total) = (VecDeque::with_capacity(last), 0.0);
    let mut saved = None;
    while trainer.steps() < steps {
        interrupt::check("Training")
            .map_err(|nothing| saved.map_or(nothing, |steps| interrupted(steps, &arguments.out)))?;
        let give_up = || interrupt::check("Training").is_err();
        let Some(loss) = trainer.step_unless(&pool, &give_up).map_err(failed)? else { continue };
        let loss = f64::from(loss);
        total += loss;
        recent.push_back(loss);
        if recent.len() > last {
            total -= recent.pop_front().unwrap_or(0.0);
        }
        if trainer.steps().is_multiple_of(50) {
            bar.set_message(format!("{:.4}", mean(total, recent.len())));
        }
        if arguments.save_every.is_some_and(|every| trainer.steps().is_multiple_of(every as usize)) {
            save(trainer, &arguments.out)?;
            saved = Some(trainer.steps());
        }
        bar.inc(1);
    }
    trainer.verify(&pool).map_err(failed)?;
    bar.finish_and_clear();
    Ok(mean(total, recent.len()))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn mean(total: f64, count: usize) -> f64 {
    total / count.max(1) as f64
}
