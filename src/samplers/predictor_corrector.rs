//! A step back in time, and at each level a step of Langevin that mends what the last one spoilt.
//! Song et al. 2021, Algorithms 2 to 5; in score_sde_pytorch the corrector comes first.

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, Update, common, reverse_diffusion};
use crate::schedules::{Sde, Transition};

/// x ← x + ε ∇log p_i(x) + √(2ε) z,   ε = 2 α_i (r ‖z‖ / ‖∇log p_i‖)²;   then a step of reverse diffusion,   N times
pub struct PredictorCorrector {
    /// The forward process. α_i is that of its step to level i: 1 where it is variance exploding.
    pub sde: Box<dyn Sde>,
    /// N
    pub steps: usize,
    /// r, the signal-to-noise ratio of the corrector.
    pub snr: f64,
    /// Whether the last step adds no noise.
    pub denoise: bool,
}

impl Sampler for PredictorCorrector {
    fn plan(&self) -> Plan {
        let mut plan = common::reverse_plan(&*self.sde, self.denoise);
        for (i, pair) in (1..).zip(common::levels_to_data(&*self.sde, self.steps).windows(2)) {
            let alpha = Transition::between(pair[1], pair[0]).alpha;
            plan.push(Update::corrector(self.snr, alpha, pair[0]));
            plan.push(reverse_diffusion::predict(pair[0], pair[1], i < self.steps || !self.denoise));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "predictor-corrector",
    title: "Predictor–corrector",
    description: "Reverse diffusion with a Langevin step at each level, of a size that follows the score's own length.",
    paper: "Song et al. 2021, Score-Based Generative Modeling through Stochastic Differential Equations, Algorithms 2 to 5",
    code: include_str!("predictor_corrector.rs"),
    knobs: &[
        common::steps(1000.0),
        Knob {
            name: "snr",
            title: "Signal to noise",
            meaning: "Signal-to-noise ratio r of the corrector's step",
            unit: "",
            kind: Kind::Real { min: 1e-3, max: 1.0 },
            default: Default::Number(0.16),
        },
        common::SDE,
        common::SIGMA_MAX,
        common::SIGMA_MIN,
        common::BETA_MIN,
        common::BETA_MAX,
        common::denoise(false),
    ],
    build: |settings| {
        Ok(Box::new(PredictorCorrector {
            sde: common::process(ENTRY.name, settings)?,
            steps: settings.count("steps"),
            snr: settings.number("snr"),
            denoise: settings.switch("denoise"),
        }))
    },
};
