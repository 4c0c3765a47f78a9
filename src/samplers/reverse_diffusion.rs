//! The reverse process, discretised in the same way as the forward one.
//! Song et al. 2021, Appendix E; as in score_sde_pytorch, `ReverseDiffusionPredictor`.

use super::{Entry, Plan, Sampler, Update, common};
use crate::schedules::{Sde, Transition};

/// x_{i−1} = (2 − √α_i) x_i + β_i ∇log p_i(x_i) + √β_i z,   where forward x_i = √α_i x_{i−1} + √β_i z
///
/// Variance exploding: x + (σ_i² − σ_{i−1}²) s + √(σ_i² − σ_{i−1}²) z.
pub struct ReverseDiffusion {
    /// The forward process.
    pub sde: Box<dyn Sde>,
    /// N
    pub steps: usize,
    /// Whether the last step adds no noise.
    pub denoise: bool,
}

/// The step from level i to level i − 1, each an (a, b).
pub(super) fn predict(late: [f64; 2], early: [f64; 2], noisy: bool) -> Update {
    let Transition { alpha, beta } = Transition::between(early, late);
    Update::at_level(2.0 - alpha.sqrt(), beta, if noisy { beta.sqrt() } else { 0.0 }, late)
}

impl Sampler for ReverseDiffusion {
    fn plan(&self) -> Plan {
        let mut plan = common::reverse_plan(&*self.sde, self.denoise);
        for (i, pair) in (1..).zip(common::levels_to_data(&*self.sde, self.steps).windows(2)) {
            plan.push(predict(pair[0], pair[1], i < self.steps || !self.denoise));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "reverse-diffusion",
    title: "Reverse diffusion",
    description: "Takes each forward step of noise back, one by one.",
    paper: "Song et al. 2021, Score-Based Generative Modeling through Stochastic Differential Equations, Appendix E",
    code: include_str!("reverse_diffusion.rs"),
    knobs: &[
        common::steps(1000.0),
        common::SDE,
        common::SIGMA_MAX,
        common::SIGMA_MIN,
        common::BETA_MIN,
        common::BETA_MAX,
        common::denoise(false),
    ],
    build: |settings| {
        Ok(Box::new(ReverseDiffusion {
            sde: common::process(ENTRY.name, settings)?,
            steps: settings.count("steps"),
            denoise: settings.switch("denoise"),
        }))
    },
};
