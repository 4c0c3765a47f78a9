//! `scorescope doctor`: what this machine offers, and whether every sampler reaches what it must.

use std::time::Instant;

use clap::Args;

use super::failure::Failure;
use super::interrupt;
use super::output::say;
use crate::samplers::SELF_TESTS;
use crate::session::{Pool, cores};
use crate::ui::Offscreen;

#[derive(Args)]
pub struct Arguments {}

pub fn run(_: &Arguments) -> Result<(), Failure> {
    say(format_args!(
        "scorescope {} on {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    ))?;
    say(format_args!("threads   {}", cores()))?;
    match Offscreen::new() {
        Ok(adapter) => say(format_args!("graphics  {}", adapter.describe()))?,
        Err(error) => say(format_args!("graphics  none: {error}"))?,
    }
    let (begun, pool) = (Instant::now(), Pool::per_core());
    say(format_args!("\n{:<20} {:<46} {:>8} {:>8} {:>6}  verdict", "sampler", "settings", "figure", "expected", "±"))?;
    let mut failed = Vec::new();
    for test in SELF_TESTS {
        interrupt::check("The doctor")?;
        let outcome = test.run(&pool).map_err(|error| Failure::failed("A self-test cannot run", error))?;
        let verdict = if outcome.passed { "ok" } else { "FAILED" };
        say(format_args!(
            "{:<20} {:<46} {:>8.4} {:>8.4} {:>6.3}  {verdict}",
            test.sampler, test.settings, outcome.figure, test.expected, test.tolerance
        ))?;
        if !outcome.passed {
            failed.push(test.sampler);
        }
    }
    say(format_args!("\n{} self-tests in {:.1} s", SELF_TESTS.len(), begun.elapsed().as_secs_f64()))?;
    if failed.is_empty() {
        return Ok(());
    }
    let why = format!("{}. Please report this with the table above", failed.join(", "));
    Err(Failure::failed("Samplers miss what they must reach", why))
}
