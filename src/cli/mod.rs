//! The command line: one file per subcommand, the same engine as the window.

mod bench;
mod doctor;
mod failure;
mod field;
mod images;
mod input;
mod interrupt;
mod likelihood;
mod list;
mod output;
mod picture;
mod render;
mod sample;
mod train;
mod training_summary;
mod window;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use failure::Failure;

use crate::scenario::{self, Scenario};

/// A laboratory in which a class watches a score model learn and samplers succeed or fail.
///
/// Without a subcommand it opens the window.
#[derive(Parser)]
#[command(name = "scorescope", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[group(skip)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    window: window::Arguments,
}

#[derive(Subcommand)]
enum Command {
    /// Train a score network on a scenario and write it as safetensors
    Train(train::Arguments),
    /// Run a sampler and compare its particles with the truth
    Sample(sample::Arguments),
    /// Evaluate a score at points or on a grid
    Field(field::Arguments),
    /// Evaluate log p at points by the probability-flow ODE
    Likelihood(likelihood::Arguments),
    /// Draw the window's own picture without a window, as PNG or GIF
    Render(render::Arguments),
    /// Networks of images: look at one, or ask it
    Images(images::Arguments),
    /// Measure speed on this machine
    Bench(bench::Arguments),
    /// List distributions, schedules, samplers, objectives, metrics or scenarios
    List(list::Arguments),
    /// Look at this machine, and run every sampler's self-test
    Doctor(doctor::Arguments),
}

/// Which scenario; every subcommand takes it.
#[derive(Args)]
struct ScenarioArgument {
    /// A bundled scenario's name, or the path of a .toml file
    #[arg(long, value_name = "S", default_value = scenario::DEFAULT)]
    scenario: String,
}

impl ScenarioArgument {
    /// The name as a path: the file's, where it is one.
    fn path(&self) -> &std::path::Path {
        std::path::Path::new(&self.scenario)
    }

    fn load(&self) -> Result<Scenario, Failure> {
        Scenario::load(&self.scenario).map_err(|error| Failure::wrong_use("The scenario is refused", error))
    }
}

/// Runs the program. Exit codes: 0 done, 1 failed, 2 wrong use.
#[must_use]
pub fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SCORESCOPE_LOG").unwrap_or_else(|_| "off".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    window::prepare_drivers();
    // The window has its own way to close, and nothing half-written.
    if arguments.command.is_some() {
        interrupt::listen();
    }
    let done = match arguments.command {
        None => window::run(&arguments.window),
        Some(Command::Train(arguments)) => train::run(&arguments),
        Some(Command::Sample(arguments)) => sample::run(&arguments),
        Some(Command::Field(arguments)) => field::run(&arguments),
        Some(Command::Likelihood(arguments)) => likelihood::run(&arguments),
        Some(Command::List(arguments)) => list::run(&arguments),
        Some(Command::Doctor(arguments)) => doctor::run(&arguments),
        Some(Command::Render(arguments)) => render::run(&arguments),
        Some(Command::Images(arguments)) => images::run(&arguments),
        Some(Command::Bench(arguments)) => bench::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            failure.exit_code()
        }
    }
}
