//! Ancestral sampling: each level from the one above it, by the Gaussian that joins them. On VP this is DDPM.
//! Ho et al. 2020, "Denoising Diffusion Probabilistic Models", Algorithm 2; Song et al. 2021, Appendix F, for VE.

use super::{Entry, Plan, Sampler, Update, common};
use crate::schedules::{Sde, Transition};

/// x_{i−1} = (x_i + β_i ∇log p_i(x_i)) / √α_i + √(β_i b_{i−1}² / b_i²) z,   where forward x_i = √α_i x_{i−1} + √β_i z
///
/// Variance exploding: x + (σ_i² − σ_{i−1}²) s + √(σ_{i−1}² (σ_i² − σ_{i−1}²) / σ_i²) z. Of the two variances that
/// Ho et al. name in §3.2 this is the smaller one, β̃; it is 0 in the last step, which ends at the data.
pub struct Ancestral {
    /// The forward process.
    pub sde: Box<dyn Sde>,
    /// N
    pub steps: usize,
}

impl Sampler for Ancestral {
    fn plan(&self) -> Plan {
        let mut plan = common::reverse_plan(&*self.sde, true);
        for pair in common::levels_to_data(&*self.sde, self.steps).windows(2) {
            let (late, early) = (pair[0], pair[1]);
            let Transition { alpha, beta } = Transition::between(early, late);
            let root = alpha.sqrt();
            plan.push(Update::at_level(1.0 / root, beta / root, beta.sqrt() * early[1] / late[1], late));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "ancestral",
    title: "Ancestral",
    description: "Draws each level given the one above it, down to the data: DDPM, where sde = vp.",
    paper: "Ho et al. 2020, Denoising Diffusion Probabilistic Models, Algorithm 2; Song et al. 2021, Appendix F",
    code: include_str!("ancestral.rs"),
    knobs: &[
        common::steps(1000.0),
        common::SDE,
        common::SIGMA_MAX,
        common::SIGMA_MIN,
        common::BETA_MIN,
        common::BETA_MAX,
    ],
    build: |settings| {
        let (sde, steps) = (common::process(ENTRY.name, settings)?, settings.count("steps"));
        Ok(Box::new(Ancestral { sde, steps }))
    },
};
