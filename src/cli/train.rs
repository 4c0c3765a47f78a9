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
use crate::learning::{Guarded, LearningError, Trainer};
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
    /// Changes to the scenario's [training]: objective, steps, batch, learning_rate, warm_up, schedule, weight_decay, clip,
    /// ema, sigmas, sigma, weighting
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
    let mut training = Guarded::new(trainer);
    let keep = may_keep(arguments);
    let out = &arguments.out;
    match train(&mut training, *training_steps, arguments)? {
        End::Done(loss) => {
            let (trainer, seconds) = (training.trainer(), begun.elapsed().as_secs_f64());
            save(trainer, out)?;
            output::print_summary(&Summary::of(&scenario, trainer, first, loss, seconds))
        }
        End::Interrupted => Err(stopped(&training, first, None, keep)),
        End::Diverged(error) => Err(stopped(&training, first, Some(&error), keep)),
    }
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

/// How a training ended.
enum End {
    /// After its last step; the mean loss of its last hundredth.
    Done(f64),
    /// By Ctrl-C.
    Interrupted,
    /// It went wrong, and is back where all was well.
    Diverged(LearningError),
}

/// Where a training that stops before its end is kept: nowhere, if an older file that is not its own would be lost.
fn may_keep(Arguments { out, resume, save_every, .. }: &Arguments) -> Option<&Path> {
    let own = save_every.is_some() || resume.as_ref() == Some(out);
    (own || !out.exists()).then_some(out)
}

/// A training that stopped before its end: keeps the steps that it made after the `first`, and says how to go on.
fn stopped(training: &Guarded, first: usize, error: Option<&LearningError>, keep: Option<&Path>) -> Failure {
    let (what, why, begin, go_on) = match error {
        Some(error) => ("Training failed", format!("{error}; "), "Lower learning_rate", " and a lower learning_rate"),
        None => ("Training was interrupted", String::new(), "Run the command again", ""),
    };
    let steps = training.trainer().steps();
    let Some(path) = keep.filter(|_| steps > first) else {
        return Failure::failed(what, format!("{why}nothing was written. {begin}"));
    };
    let path_shown = path.display();
    save(training.trainer(), path).err().unwrap_or_else(|| {
        let kept = format!("{path_shown} holds its first {steps} steps. Go on with --resume {path_shown}{go_on}");
        Failure::failed(what, format!("{why}{kept}"))
    })
}

/// Trains with a progress bar on stderr.
fn train(training: &mut Guarded, steps: usize, arguments: &Arguments) -> Result<End, Failure> {
    let pool = Pool::per_core();
    let interrupted = || interrupt::check("Training").is_err();
    let bar = ProgressBar::new(steps as u64).with_position(training.trainer().steps() as u64);
    // The template is fixed, and right.
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}  loss {msg}  {per_sec}  {eta} left")
        .expect("a right template");
    bar.set_style(style);
    bar.reset_eta();
    let last = (steps / 100).max(1);
    let (mut recent, mut total) = (VecDeque::with_capacity(last), 0.0);
    while training.trainer().steps() < steps {
        if interrupted() {
            // Whether the last step was good, only the loss after it says.
            return Ok(training.verify(&pool).map_or_else(End::Diverged, |()| End::Interrupted));
        }
        let loss = match training.step_unless(&pool, &interrupted) {
            Ok(Some(loss)) => f64::from(loss),
            Ok(None) => continue,
            Err(error) => return Ok(End::Diverged(error)),
        };
        total += loss;
        recent.push_back(loss);
        if recent.len() > last {
            total -= recent.pop_front().unwrap_or(0.0);
        }
        let made = training.trainer().steps();
        if made.is_multiple_of(50) {
            bar.set_message(format!("{:.4}", mean(total, recent.len())));
        }
        if arguments.save_every.is_some_and(|every| made.is_multiple_of(every as usize)) {
            save(training.trainer(), &arguments.out)?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(training.verify(&pool).map_or_else(End::Diverged, |()| End::Done(mean(total, recent.len()))))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn mean(total: f64, count: usize) -> f64 {
    total / count.max(1) as f64
}
