//! Plain Langevin dynamics: one noise level, one step size, from start to end.
//! Unadjusted Langevin algorithm, as in Song & Ermon 2019, Eq. 4.

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, Update};

/// x ← x + ½ α s(x, σ) + √α z,   T times
pub struct Langevin {
    /// α, in squared units of x.
    pub step: f64,
    /// T
    pub steps: usize,
    /// σ
    pub sigma: f64,
}

impl Sampler for Langevin {
    fn plan(&self) -> Plan {
        let mut plan = Plan::towards(self.sigma);
        for _ in 0..self.steps {
            plan.push(Update::langevin(self.step, self.sigma));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "langevin",
    title: "Langevin",
    description: "Follows the score of one noise level, with noise; it cannot cross the empty space between modes.",
    paper: "Song & Ermon 2019, Generative Modeling by Estimating Gradients of the Data Distribution, Eq. 4",
    code: include_str!("langevin.rs"),
    knobs: &[
        Knob {
            name: "step",
            title: "Step size α",
            meaning: "Step size α of x + ½αs + √αz. A source that writes x + αs + √(2α)z has half this α.",
            unit: "x²",
            kind: Kind::Real { min: 1e-8, max: 1e4 },
            default: Default::SigmaMinSquaredTimes(0.1),
        },
        Knob {
            name: "steps",
            title: "Steps",
            meaning: "Number of updates T",
            unit: "",
            kind: Kind::Count { min: 1, max: 1_000_000 },
            default: Default::Number(1000.0),
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
        let (step, steps, sigma) = (settings.number("step"), settings.count("steps"), settings.number("sigma"));
        Ok(Box::new(Langevin { step, steps, sigma }))
    },
};
