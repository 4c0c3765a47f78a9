//! The probability-flow ODE by a method of second order: two looks at the score in each step.
//! Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", Algorithm 1.

use super::{Entry, Plan, Sampler, SettingError, Update, common};
use crate::schedules::Karras;

/// d = −σ s(x, σ),   x' = x + (σ' − σ) d,   x ← x + ½ (σ' − σ)(d + d'),   d' = −σ' s(x', σ')
pub struct Heun {
    /// σ_0 > … > σ_{N−1}
    pub levels: Karras,
    /// Whether a last step leads to σ_N = 0; it is Euler's.
    pub denoise: bool,
}

impl Sampler for Heun {
    fn plan(&self) -> Plan {
        let levels = if self.denoise { self.levels.levels_to_zero() } else { self.levels.levels() };
        let mut plan = Plan::towards(levels[levels.len() - 1]);
        for pair in levels.windows(2) {
            plan.push(Update::heun(pair[0], pair[1]));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "heun",
    title: "Heun",
    description: "Follows the flow from noise to data with a corrected slope: few steps are enough.",
    paper: "Karras et al. 2022, Elucidating the Design Space of Diffusion-Based Generative Models, Algorithm 1",
    code: include_str!("heun.rs"),
    knobs: &[common::steps(18.0), common::SIGMA_MAX, common::SIGMA_MIN, common::RHO, common::denoise(true)],
    build: |settings| {
        let (max, min) = (settings.number("sigma_max"), settings.number("sigma_min"));
        let levels = Karras::new(max, min, settings.number("rho"), settings.count("steps"))
            .map_err(|error| SettingError::Together { sampler: ENTRY.name, reason: error.to_string() })?;
        Ok(Box::new(Heun { levels, denoise: settings.switch("denoise") }))
    },
};
