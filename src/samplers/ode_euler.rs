//! The probability-flow ODE in equal steps of time: the plainest way to follow it.
//! Song et al. 2021, Eq. 13, by Euler's method.

use super::{Entry, Plan, Sampler, Update, common};
use crate::schedules::Sde;

/// x ← x − [f x − ½ g² ∇log p_t(x)] h,   t from 1 to its end in N steps of h
pub struct OdeEuler {
    /// f and g
    pub sde: Box<dyn Sde>,
    /// N
    pub steps: usize,
    /// Whether the mean of the data, given x, closes the run.
    pub denoise: bool,
}

impl Sampler for OdeEuler {
    fn plan(&self) -> Plan {
        let sde = &*self.sde;
        let mut plan = common::reverse_plan(sde, self.denoise);
        for times in sde.times(self.steps).windows(2) {
            let (t, h) = (times[0], times[0] - times[1]);
            let (f, g2) = (sde.drift(t), sde.diffusion_squared(t));
            plan.push(Update::at_level(1.0 - f * h, 0.5 * g2 * h, 0.0, common::level(sde, t)));
        }
        if self.denoise {
            plan.push(common::denoise_from(common::level(sde, sde.end())));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "ode-euler",
    title: "ODE, Euler",
    description: "Follows the flow that carries noise to data without any randomness, in straight short steps.",
    paper: "Song et al. 2021, Score-Based Generative Modeling through Stochastic Differential Equations, Eq. 13",
    code: include_str!("ode_euler.rs"),
    knobs: &[
        common::steps(500.0),
        common::SDE,
        common::SIGMA_MAX,
        common::SIGMA_MIN,
        common::BETA_MIN,
        common::BETA_MAX,
        common::denoise(false),
    ],
    build: |settings| {
        Ok(Box::new(OdeEuler {
            sde: common::process(ENTRY.name, settings)?,
            steps: settings.count("steps"),
            denoise: settings.switch("denoise"),
        }))
    },
};
