//! Annealed Langevin dynamics: start where the noise fills the gaps between modes, then cool.
//! Song & Ermon 2019, Algorithm 1.

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, SettingError, Update};
use crate::schedules::Ladder;

/// α_i = α_0 (σ_i / σ_L)²;   x ← x + ½ α_i s(x, σ_i) + √α_i z,   T times per level
pub struct AnnealedLangevin {
    /// σ_1 > … > σ_L
    pub ladder: Ladder,
    /// α_0, the step size of the last level, in squared units of x.
    pub step: f64,
    /// T
    pub steps_per_level: usize,
    /// Whether x ← x + σ_L² s(x, σ_L) closes the run, as NCSNv2 does (Song & Ermon 2020; in its code,
    /// `anneal_Langevin_dynamics`).
    pub denoise: bool,
}

impl Sampler for AnnealedLangevin {
    fn plan(&self) -> Plan {
        let mut plan = Plan::towards(if self.denoise { 0.0 } else { self.ladder.min() });
        for sigma in self.ladder.levels() {
            let alpha = self.step * (sigma / self.ladder.min()).powi(2);
            for _ in 0..self.steps_per_level {
                plan.push(Update::langevin(alpha, sigma));
            }
        }
        if self.denoise {
            plan.push(Update::denoise(self.ladder.min()));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "annealed",
    title: "Annealed Langevin",
    description: "Langevin from the largest noise to the smallest: noise joins the modes first, so that each gets its share.",
    paper: "Song & Ermon 2019, Generative Modeling by Estimating Gradients of the Data Distribution, Algorithm 1",
    code: include_str!("annealed.rs"),
    knobs: &[
        Knob {
            name: "levels",
            title: "Levels",
            meaning: "Number of noise levels L",
            unit: "",
            kind: Kind::Count { min: 1, max: 1000 },
            default: Default::Levels,
        },
        Knob {
            name: "steps_per_level",
            title: "Steps per level",
            meaning: "Updates per noise level T",
            unit: "",
            kind: Kind::Count { min: 1, max: 2000 },
            default: Default::Number(100.0),
        },
        Knob {
            name: "step",
            title: "Step size α",
            meaning: "Step size α_0 of the last level, in x + ½αs + √αz. A source that writes x + αs + √(2α)z has half this α.",
            unit: "x²",
            kind: Kind::Real { min: 1e-8, max: 1e4 },
            default: Default::SigmaMinSquaredTimes(0.1),
        },
        Knob {
            name: "sigma_max",
            title: "Largest σ",
            meaning: "Largest noise level σ_1",
            unit: "x",
            kind: Kind::Real { min: 1e-4, max: 1e4 },
            default: Default::SigmaMax,
        },
        Knob {
            name: "sigma_min",
            title: "Smallest σ",
            meaning: "Smallest noise level σ_L",
            unit: "x",
            kind: Kind::Real { min: 1e-4, max: 1e4 },
            default: Default::SigmaMin,
        },
        Knob {
            name: "denoise",
            title: "Denoise at the end",
            meaning: "One last step x + σ_L² s without noise (NCSNv2)",
            unit: "",
            kind: Kind::Switch,
            default: Default::Switch(false),
        },
    ],
    build: |settings| {
        let (max, min) = (settings.number("sigma_max"), settings.number("sigma_min"));
        let ladder = Ladder::geometric(max, min, settings.count("levels"))
            .map_err(|error| SettingError::Together { sampler: ENTRY.name, reason: error.to_string() })?;
        Ok(Box::new(AnnealedLangevin {
            ladder,
            step: settings.number("step"),
            steps_per_level: settings.count("steps_per_level"),
            denoise: settings.switch("denoise"),
        }))
    },
};
