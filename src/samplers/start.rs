//! Where the particles of a run stand before its first update.

use super::Plan;
use super::knobs::{Default, Kind, Knob, Settings};
use crate::distributions::Distribution;
use crate::noise::{Noise, Purpose};

/// The distribution of the first positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// Uniform in [−h, h]².
    Box {
        /// h, in units of x.
        half_width: f64,
    },
    /// N(0, σ_max² I), the usual prior of a noising process that ends at σ_max.
    Prior {
        /// σ_max, in units of x.
        sigma: f64,
    },
    /// N(a E x, σ_max² I): the prior moved to the mean of the data.
    Centred {
        /// σ_max, in units of x.
        sigma: f64,
        /// a, by which the data have shrunk there: 1 but where the noising process shrinks them.
        mean_factor: f64,
    },
    /// At points of the noised data, p_σ.
    Data {
        /// σ, in units of x.
        sigma: f64,
    },
}

/// The knobs that every sampler has.
pub(super) const KNOBS: &[Knob] = &[
    Knob {
        name: "start",
        title: "Start",
        meaning: "Where particles start: uniform in a box, N(0, σ_max²), N(data mean, σ_max²), or at the data",
        unit: "",
        kind: Kind::Choice(&["box", "prior", "centred", "data"]),
        default: Default::Word("prior"),
    },
    Knob {
        name: "box",
        title: "Half-width of the box",
        meaning: "Half-width of the box, where start = box",
        unit: "x",
        kind: Kind::Real { min: 1e-3, max: 1e4 },
        default: Default::Number(8.0),
    },
    Knob {
        name: "sigma_max",
        title: "Largest σ",
        meaning: "Standard deviation of the start, where start = prior or centred",
        unit: "x",
        kind: Kind::Real { min: 1e-4, max: 1e4 },
        default: Default::SigmaMax,
    },
];

impl Start {
    /// The start that the settings of any sampler name. Starts at the data are noised as the end of its plan is.
    #[must_use]
    pub fn of(settings: &Settings, plan: &Plan) -> Self {
        let [sigma, mean_factor] = plan.prior().unwrap_or_else(|| [settings.number("sigma_max"), 1.0]);
        match settings.word("start") {
            "box" => Self::Box { half_width: settings.number("box") },
            "centred" => Self::Centred { sigma, mean_factor },
            "data" => Self::Data { sigma: plan.final_sigma() },
            _ => Self::Prior { sigma },
        }
    }

    /// Draws `count` points of `dim` numbers from N(0, σ² I), shape (n, d): where images start.
    #[expect(clippy::cast_possible_truncation, reason = "particles are f32")]
    #[must_use]
    pub fn draw_prior(noise: &Noise, sigma: f64, count: usize, dim: usize) -> Vec<f32> {
        let mut x = vec![0.0; count * dim];
        noise.normals(Purpose::Start, 0, 0, dim, &mut x);
        x.iter_mut().for_each(|x| *x *= sigma as f32);
        x
    }

    /// Draws `particles` points, shape (n, 2). Particle i is a function of the seed and of i alone.
    #[expect(clippy::cast_possible_truncation, reason = "particles are f32")]
    #[must_use]
    pub fn draw(&self, data: &dyn Distribution, noise: &Noise, particles: u32) -> Vec<f32> {
        let mut x = vec![0.0; 2 * particles as usize];
        let ([mean_x, mean_y], scale) = match *self {
            Self::Box { half_width } => ([0.0; 2], half_width as f32),
            Self::Prior { sigma } => ([0.0; 2], sigma as f32),
            Self::Centred { sigma, mean_factor } => (data.mean().map(|m| (mean_factor * m) as f32), sigma as f32),
            Self::Data { sigma } => {
                data.sample(noise, sigma, 0, &mut x);
                return x;
            }
        };
        for (index, x) in (0..particles).zip(x.chunks_exact_mut(2)) {
            if let Self::Box { .. } = self {
                noise.uniform(Purpose::Start, index, 0, x);
                x.iter_mut().for_each(|u| *u = 2.0 * *u - 1.0);
            } else {
                noise.normal(Purpose::Start, index, 0, x);
            }
            x[0] = mean_x + scale * x[0];
            x[1] = mean_y + scale * x[1];
        }
        x
    }
}
