//! The reverse of a noising process, in small steps of time.
//! Song et al. 2021, Eq. 6, discretised as by Euler and Maruyama.

use super::{Entry, Plan, Sampler, Update, common};
use crate::schedules::Sde;

/// x ← x − [f x − g² ∇log p_t(x)] h + g √h z,   t from 1 to its end in N steps of h
pub struct EulerMaruyama {
    /// f and g
    pub sde: Box<dyn Sde>,
    /// N
    pub steps: usize,
    /// Whether the mean of the data, given x, closes the run.
    pub denoise: bool,
}

impl Sampler for EulerMaruyama {
    fn plan(&self) -> Plan {
        let sde = &*self.sde;
        let mut plan = common::reverse_plan(sde, self.denoise);
        for times in sde.times(self.steps).windows(2) {
            let (t, h) = (times[0], times[0] - times[1]);
            let (f, g2) = (sde.drift(t), sde.diffusion_squared(t));
            plan.push(Update::at_level(1.0 - f * h, g2 * h, (g2 * h).sqrt(), common::level(sde, t)));
        }
        if self.denoise {
            plan.push(common::denoise_from(common::level(sde, sde.end())));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "euler-maruyama",
    title: "Euler–Maruyama",
    description: "Runs the noising process backwards in time, with fresh noise at each step.",
    paper: "Song et al. 2021, Score-Based Generative Modeling through Stochastic Differential Equations, Eq. 6",
    code: include_str!("euler_maruyama.rs"),
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
        Ok(Box::new(EulerMaruyama {
            sde: common::process(ENTRY.name, settings)?,
            steps: settings.count("steps"),
            denoise: settings.switch("denoise"),
        }))
    },
};
