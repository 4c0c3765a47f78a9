//! `scorescope doctor`: what this machine offers, and whether every sampler reaches what it must.

use std::time::Instant;

use clap::Args;

use super::failure::Failure;
use super::interrupt;
use super::output::say;
use crate::distributions::{Component, Distribution, GaussianMixture};
use crate::metrics::{Prior, Trace, negative_log_likelihood, ode_log_likelihood};
use crate::noise::Noise;
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
    let (found, exact) = likelihoods()?;
    let passed = (found - exact).abs() <= NLL_TOLERANCE;
    let verdict = if passed { "ok" } else { "FAILED" };
    let settings = format!("NLL of {NLL_POINTS} points, sigma_max=80");
    say(format_args!("{:<20} {settings:<46} {found:>8.4} {exact:>8.4} {NLL_TOLERANCE:>6.3}  {verdict}", "likelihood"))?;
    if !passed {
        failed.push("likelihood");
    }
    say(format_args!("\n{} self-tests in {:.1} s", SELF_TESTS.len() + 1, begun.elapsed().as_secs_f64()))?;
    if failed.is_empty() {
        return Ok(());
    }
    let why = format!("{}. Please report this with the table above", failed.join(", "));
    Err(Failure::failed("Samplers miss what they must reach", why))
}

/// Points of the likelihood's self-test, and how far its mean may be from the exact one on the same points, in nats.
const NLL_POINTS: u16 = 1280;
const NLL_TOLERANCE: f64 = 0.02;

/// Mean negative log-likelihood of points of two far Gaussians: by the probability-flow ODE, and in closed form.
fn likelihoods() -> Result<(f64, f64), Failure> {
    let modes = [Component::round(0.8, [5.0, 5.0], 1.0), Component::round(0.2, [-5.0, -5.0], 1.0)];
    let data = GaussianMixture::new(&modes).map_err(|error| Failure::failed("A self-test cannot run", error))?;
    let (sigma_min, sigma_max) = (0.002, 80.0);
    let mut x = vec![0.0; 2 * usize::from(NLL_POINTS)];
    data.sample(&Noise::new(0), sigma_min, 0, &mut x);
    let prior = Prior { mean: &data.mean(), std: data.std().hypot(sigma_max) };
    let check = || interrupt::check("The doctor");
    let by_ode = ode_log_likelihood(&data, &prior, &x, [sigma_min, sigma_max], Trace::Exact, check)?;
    let mean = -by_ode.log_p.iter().sum::<f64>() / f64::from(NLL_POINTS);
    Ok((mean, negative_log_likelihood(&data, sigma_min, &x).unwrap_or(f64::NAN)))
}
