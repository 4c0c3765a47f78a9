//! What several samplers share: knobs, the noising process that knobs describe, and its discrete levels.

use super::knobs::{Default, Kind, Knob, Settings};
use super::{Plan, SettingError, Update};
use crate::schedules::{LinearBeta, Sde, SubVariancePreserving, VarianceExploding, VariancePreserving};

const fn knob(
    [name, title]: [&'static str; 2],
    meaning: &'static str,
    unit: &'static str,
    kind: Kind,
    default: Default,
) -> Knob {
    Knob { name, title, meaning, unit, kind, default }
}

/// N, at least 2.
pub const fn steps(default: f64) -> Knob {
    knob(["steps", "Steps"], "Number of steps N", "", Kind::Count { min: 2, max: 100_000 }, Default::Number(default))
}

pub const fn denoise(default: bool) -> Knob {
    let meaning = "Whether the last step leaves no noise: x + σ² s without z";
    knob(["denoise", "Denoise at the end"], meaning, "", Kind::Switch, Default::Switch(default))
}

const SIGMA: Kind = Kind::Real { min: 1e-4, max: 1e4 };
pub const SIGMA_MAX: Knob = knob(["sigma_max", "Largest σ"], "Largest noise level", "x", SIGMA, Default::SigmaMax);
pub const SIGMA_MIN: Knob =
    knob(["sigma_min", "Smallest σ"], "Smallest noise level above 0", "x", SIGMA, Default::SigmaMin);

const BETA: Kind = Kind::Real { min: 1e-3, max: 100.0 };
pub const BETA_MIN: Knob =
    knob(["beta_min", "Least β"], "β at t = 0, where sde = vp or subvp", "", BETA, Default::Number(0.1));
pub const BETA_MAX: Knob =
    knob(["beta_max", "Greatest β"], "β at t = 1, where sde = vp or subvp", "", BETA, Default::Number(20.0));

pub const SDE: Knob = knob(
    ["sde", "Process"],
    "Noising process: ve keeps the data and lets noise grow, vp and subvp shrink the data",
    "",
    Kind::Choice(&["ve", "vp", "subvp"]),
    Default::Word("ve"),
);

pub const RHO: Knob = knob(
    ["rho", "Spacing ρ"],
    "ρ: the greater, the more of the noise levels are small",
    "",
    Kind::Real { min: 1.0, max: 100.0 },
    Default::Number(7.0),
);

/// The process that the knobs sde, sigma_max, sigma_min, beta_min and beta_max describe.
pub fn process(sampler: &'static str, settings: &Settings) -> Result<Box<dyn Sde>, SettingError> {
    let together = |reason| SettingError::Together { sampler, reason };
    if settings.word("sde") == "ve" {
        let process = VarianceExploding::new(settings.number("sigma_min"), settings.number("sigma_max"));
        return Ok(Box::new(process.map_err(|error| together(error.to_string()))?));
    }
    let beta = LinearBeta::new(settings.number("beta_min"), settings.number("beta_max"))
        .ok_or_else(|| together("beta_min and beta_max must be positive".to_owned()))?;
    Ok(if settings.word("sde") == "vp" {
        Box::new(VariancePreserving { beta })
    } else {
        Box::new(SubVariancePreserving { beta })
    })
}

/// a(t) and b(t)
pub fn level(sde: &dyn Sde, t: f64) -> [f64; 2] {
    [sde.mean_factor(t), sde.std(t)]
}

/// (a, b) at `n` times from 1 to the end, then of the data, (1, 0).
pub fn levels_to_data(sde: &dyn Sde, n: usize) -> Vec<[f64; 2]> {
    let mut levels: Vec<_> = sde.times(n.saturating_sub(1)).into_iter().map(|t| level(sde, t)).collect();
    levels.push([1.0, 0.0]);
    levels
}

/// An empty plan for the reverse of a process.
pub fn reverse_plan(sde: &dyn Sde, to_data: bool) -> Plan {
    let final_sigma = if to_data { 0.0 } else { sde.sigma(sde.end()) };
    Plan::towards(final_sigma).from_prior(sde.std(1.0), sde.mean_factor(1.0))
}

/// x ← (x + b² ∇log p_t(x)) / a: the mean of the data, given x at a level (a, b).
pub fn denoise_from([a, b]: [f64; 2]) -> Update {
    Update::at_level(1.0 / a, b * b / a, 0.0, [a, b])
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub const fn real(n: usize) -> f64 {
    n as f64
}
