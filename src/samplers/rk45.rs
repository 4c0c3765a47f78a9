//! The probability-flow ODE to a stated tolerance: steps choose their own length.
//! Song et al. 2021, §4.3, with Dormand & Prince 1980; here in ln σ, where the flow is even.

use super::knobs::{Default, Kind, Knob};
use super::{Entry, Plan, Sampler, SettingError, Update, common};
use crate::schedules::Ladder;

/// dx/dσ = −σ s(x, σ) from σ_max to σ_min, each step's error below rtol (1 + |x|)
pub struct Rk45 {
    /// Where the way is cut, so that it can be watched.
    pub stations: Ladder,
    /// rtol = atol
    pub tolerance: f64,
    /// Whether x ← x + σ² s closes the run.
    pub denoise: bool,
}

/// Pieces of the way.
const PIECES: usize = 10;

impl Sampler for Rk45 {
    fn plan(&self) -> Plan {
        let sigma_min = self.stations.min();
        let mut plan = Plan::towards(if self.denoise { 0.0 } else { sigma_min });
        let stations: Vec<_> = self.stations.levels().collect();
        for pair in stations.windows(2) {
            plan.push(Update::adaptive(pair[0], pair[1], self.tolerance));
        }
        if self.denoise {
            plan.push(Update::denoise(sigma_min));
        }
        plan
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "rk45",
    title: "Adaptive RK45",
    description: "Follows the flow from noise to data as exactly as asked, with as many looks at the score as that takes.",
    paper: "Song et al. 2021, Score-Based Generative Modeling through Stochastic Differential Equations, §4.3; Dormand & Prince 1980, A family of embedded Runge-Kutta formulae",
    code: include_str!("rk45.rs"),
    knobs: &[
        Knob {
            name: "rtol",
            title: "Tolerance",
            meaning: "Relative and absolute tolerance of a step",
            unit: "",
            kind: Kind::Real { min: 1e-6, max: 0.1 },
            default: Default::Number(1e-5),
        },
        common::SIGMA_MAX,
        common::SIGMA_MIN,
        common::denoise(false),
    ],
    build: |settings| {
        let (max, min) = (settings.number("sigma_max"), settings.number("sigma_min"));
        let stations = Ladder::geometric(max, min, PIECES + 1)
            .map_err(|error| SettingError::Together { sampler: ENTRY.name, reason: error.to_string() })?;
        Ok(Box::new(Rk45 { stations, tolerance: settings.number("rtol"), denoise: settings.switch("denoise") }))
    },
};
