//! Heun's method with churn: before each step some noise is added, which washes earlier errors out.
//! Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", Algorithm 2.

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, SettingError, Update, common};
use crate::schedules::Karras;

/// σ̂ = (1 + γ) σ,   x̂ = x + √(σ̂² − σ²) S_noise z,   then Heun's step from σ̂ to σ'
///
/// γ = min(S_churn/N, √2 − 1) while S_min ≤ σ ≤ S_max, else 0.
pub struct Edm {
    /// σ_0 > … > σ_{N−1}, then σ_N = 0
    pub levels: Karras,
    /// S_churn
    pub churn: f64,
    /// S_min and S_max, in units of x.
    pub between: [f64; 2],
    /// S_noise
    pub noise: f64,
}

impl Sampler for Edm {
    fn plan(&self) -> Plan {
        let levels = self.levels.levels_to_zero();
        let gamma = (self.churn / common::real(levels.len() - 1)).min(2f64.sqrt() - 1.0);
        let mut plan = Plan::towards(0.0);
        for pair in levels.windows(2) {
            let (sigma, next) = (pair[0], pair[1]);
            let churns = gamma > 0.0 && self.between[0] <= sigma && sigma <= self.between[1];
            let raised = if churns { (1.0 + gamma) * sigma } else { sigma };
            if churns {
                let added = (raised * raised - sigma * sigma).sqrt() * self.noise;
                plan.push(Update::affine(1.0, 0.0, added, sigma));
            }
            plan.push(Update::heun(raised, next));
        }
        plan
    }
}

/// A bound of the σ at which noise is added.
const fn bound([name, title]: [&'static str; 2], meaning: &'static str, default: f64) -> Knob {
    Knob { name, title, meaning, unit: "x", kind: Kind::Real { min: 0.0, max: 1e4 }, default: Default::Number(default) }
}

pub(super) const ENTRY: Entry = Entry {
    name: "edm",
    title: "EDM, with churn",
    description: "Heun's steps with noise added before each, so that errors are forgotten on the way.",
    paper: "Karras et al. 2022, Elucidating the Design Space of Diffusion-Based Generative Models, Algorithm 2",
    code: include_str!("edm.rs"),
    knobs: &[
        common::steps(40.0),
        common::SIGMA_MAX,
        common::SIGMA_MIN,
        common::RHO,
        Knob {
            name: "churn",
            title: "Churn",
            meaning: "S_churn, the noise added on the whole way: 0 is Heun's method, N (√2 − 1) the most",
            unit: "",
            kind: Kind::Real { min: 0.0, max: 1e4 },
            default: Default::Number(8.0),
        },
        bound(["s_min", "Churn above σ"], "S_min, the smallest σ at which noise is added", 0.0),
        bound(["s_max", "Churn below σ"], "S_max, the largest σ at which noise is added", 1e4),
        Knob {
            name: "s_noise",
            title: "Churn noise factor",
            meaning: "S_noise, the factor of the added noise; 1.003 is usual for images",
            unit: "",
            kind: Kind::Real { min: 0.9, max: 1.1 },
            default: Default::Number(1.0),
        },
    ],
    build: |settings| {
        let (max, min) = (settings.number("sigma_max"), settings.number("sigma_min"));
        let levels = Karras::new(max, min, settings.number("rho"), settings.count("steps"))
            .map_err(|error| SettingError::Together { sampler: ENTRY.name, reason: error.to_string() })?;
        let between = [settings.number("s_min"), settings.number("s_max")];
        if between[0] > between[1] {
            let reason = format!("s_min = {} is above s_max = {}: no noise would be added", between[0], between[1]);
            return Err(SettingError::Together { sampler: ENTRY.name, reason });
        }
        Ok(Box::new(Edm { levels, churn: settings.number("churn"), between, noise: settings.number("s_noise") }))
    },
};
