//! Langevin dynamics that may stay where it is, so that no step size bends its law.
//! Roberts & Tweedie 1996, "Exponential convergence of Langevin distributions and their discrete approximations".

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, Update, common};

/// y = x + ½ α s(x, σ) + √α z;   x ← y with probability min(1, p_σ(y) q(x|y) / p_σ(x) q(y|x)),   N times
pub struct Mala {
    /// α, in squared units of x.
    pub step: f64,
    /// N
    pub steps: usize,
    /// σ
    pub sigma: f64,
}

impl Sampler for Mala {
    fn plan(&self) -> Plan {
        let mut plan = Plan::towards(self.sigma);
        for _ in 0..self.steps {
            plan.push(Update::metropolis(self.step, self.sigma));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "mala",
    title: "MALA",
    description: "Langevin with accept or reject: exact at any step size, where the density is known, and still stuck in its mode.",
    paper: "Roberts & Tweedie 1996, Exponential convergence of Langevin distributions and their discrete approximations",
    code: include_str!("mala.rs"),
    knobs: &[
        Knob {
            name: "step",
            title: "Step size α",
            meaning: "Step size α of the proposal x + ½αs + √αz. A source that writes x + αs + √(2α)z has half this α.",
            unit: "x²",
            kind: Kind::Real { min: 1e-8, max: 1e4 },
            default: Default::SigmaMinSquaredTimes(0.1),
        },
        common::steps(1000.0),
        Knob {
            name: "sigma",
            title: "Noise level σ",
            meaning: "Noise level σ of the density and the score",
            unit: "x",
            kind: Kind::Real { min: 0.0, max: 1e4 },
            default: Default::SigmaMin,
        },
    ],
    build: |settings| {
        let (step, steps, sigma) = (settings.number("step"), settings.count("steps"), settings.number("sigma"));
        Ok(Box::new(Mala { step, steps, sigma }))
    },
};
