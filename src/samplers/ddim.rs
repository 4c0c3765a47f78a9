//! DDIM: the way back with as much fresh noise as one likes, also with none.
//! Song, Meng & Ermon 2021, "Denoising Diffusion Implicit Models", Eq. 12 and 16.

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, Update, common};
use crate::schedules::{Sde, Transition};

/// x' = a' x̂_0 + √(b'² − (η σ̃)²) ε̂ + η σ̃ z,   ε̂ = −b ∇log p(x),   x̂_0 = (x − b ε̂)/a,   σ̃² = β b'²/b²
///
/// η = 0 is deterministic; η = 1 is ancestral sampling.
pub struct Ddim {
    /// The forward process.
    pub sde: Box<dyn Sde>,
    /// N
    pub steps: usize,
    /// η
    pub eta: f64,
}

impl Sampler for Ddim {
    fn plan(&self) -> Plan {
        let mut plan = common::reverse_plan(&*self.sde, true);
        for pair in common::levels_to_data(&*self.sde, self.steps).windows(2) {
            let ([a, b], [a_next, b_next]) = (pair[0], pair[1]);
            let beta = Transition::between([a_next, b_next], [a, b]).beta;
            let fresh = self.eta * beta.sqrt() * b_next / b;
            let kept = (b_next * b_next - fresh * fresh).max(0.0).sqrt();
            // Both x̂_0 and ε̂ are affine in the score: their terms are gathered.
            plan.push(Update::at_level(a_next / a, a_next / a * b * b - kept * b, fresh, [a, b]));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "ddim",
    title: "DDIM",
    description: "Splits x into data and noise, then mixes them anew with less noise; without fresh noise it takes few steps.",
    paper: "Song, Meng & Ermon 2021, Denoising Diffusion Implicit Models, Eq. 12 and 16",
    code: include_str!("ddim.rs"),
    knobs: &[
        common::steps(100.0),
        Knob {
            name: "eta",
            title: "Fresh noise η",
            meaning: "η, the share of fresh noise: 0 is deterministic, 1 is ancestral sampling",
            unit: "",
            kind: Kind::Real { min: 0.0, max: 1.0 },
            default: Default::Number(0.0),
        },
        common::SDE,
        common::SIGMA_MAX,
        common::SIGMA_MIN,
        common::BETA_MIN,
        common::BETA_MAX,
    ],
    build: |settings| {
        let sde = common::process(ENTRY.name, settings)?;
        Ok(Box::new(Ddim { sde, steps: settings.count("steps"), eta: settings.number("eta") }))
    },
};
