//! Annealing by temperature at one noise level: the contrast to annealing by noise.
//! Kirkpatrick, Gelatt & Vecchi 1983, "Optimization by Simulated Annealing", with Langevin steps on p^β.

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, SettingError, Update};
use crate::schedules::Ladder;

/// x ← x + ½ α_i β_i s(x, σ) + √α_i z,   α_i = α / β_i,   β_i from β_1 to 1 geometrically,   T times each
///
/// β s is the score of p^β. It lowers the walls between modes, and their weights with them: w^β.
pub struct Tempering {
    /// 1/β_1 > … > 1/β_L = 1, the temperatures.
    pub temperatures: Ladder,
    /// α, the step size at β = 1, in squared units of x.
    pub step: f64,
    /// T
    pub steps_per_level: usize,
    /// σ
    pub sigma: f64,
}

impl Sampler for Tempering {
    fn plan(&self) -> Plan {
        let mut plan = Plan::towards(self.sigma);
        for beta in self.temperatures.levels().map(f64::recip) {
            let alpha = self.step / beta;
            for _ in 0..self.steps_per_level {
                plan.push(Update::affine(1.0, 0.5 * alpha * beta, alpha.sqrt(), self.sigma));
            }
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "tempering",
    title: "Tempering",
    description: "Langevin from hot to cold at one noise level: heat joins the modes as noise does, but forgets their weights.",
    paper: "Kirkpatrick, Gelatt & Vecchi 1983, Optimization by Simulated Annealing",
    code: include_str!("tempering.rs"),
    knobs: &[
        Knob {
            name: "levels",
            title: "Levels",
            meaning: "Number of temperatures L",
            unit: "",
            kind: Kind::Count { min: 1, max: 1000 },
            default: Default::Levels,
        },
        Knob {
            name: "steps_per_level",
            title: "Steps per level",
            meaning: "Updates per temperature T",
            unit: "",
            kind: Kind::Count { min: 1, max: 2000 },
            default: Default::Number(100.0),
        },
        Knob {
            name: "step",
            title: "Step size α",
            meaning: "Step size α at β = 1, in x + ½αs + √αz. A source that writes x + αs + √(2α)z has half this α.",
            unit: "x²",
            kind: Kind::Real { min: 1e-8, max: 1e4 },
            default: Default::SigmaMinSquaredTimes(0.1),
        },
        Knob {
            name: "beta_min",
            title: "Least β",
            meaning: "β of the hottest level, as of p^β; the last has β = 1",
            unit: "",
            kind: Kind::Real { min: 1e-6, max: 1.0 },
            default: Default::Number(0.01),
        },
        Knob {
            name: "sigma",
            title: "Noise level σ",
            meaning: "Noise level σ at which the score is asked",
            unit: "x",
            kind: Kind::Real { min: 0.0, max: 1e4 },
            default: Default::SigmaMin,
        },
    ],
    build: |settings| {
        let temperatures = Ladder::geometric(1.0 / settings.number("beta_min"), 1.0, settings.count("levels"))
            .map_err(|error| SettingError::Together { sampler: ENTRY.name, reason: error.to_string() })?;
        Ok(Box::new(Tempering {
            temperatures,
            step: settings.number("step"),
            steps_per_level: settings.count("steps_per_level"),
            sigma: settings.number("sigma"),
        }))
    },
};
