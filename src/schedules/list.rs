//! Every schedule, for lists and tooltips.

/// What the lists know of a schedule.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The name in scripts.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub description: &'static str,
    /// σ or a and b as functions of level or time.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// The settings that shape it.
    pub knobs: &'static [&'static str],
}

const SDES: &str = "Song et al. 2021, Score-Based Generative Modeling through Stochastic Differential Equations, §3.4";

/// Every schedule there is. A new one is one file and one entry here.
pub const SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "geometric",
        description: "A ladder of levels with one ratio between neighbours.",
        formula: "σ_i = σ_max (σ_min/σ_max)^((i−1)/(L−1))",
        source: "Song & Ermon 2019, Generative Modeling by Estimating Gradients of the Data Distribution, §4.1",
        knobs: &["sigma_max", "sigma_min", "levels"],
    },
    Schedule {
        name: "karras",
        description: "Levels that lie closer together the smaller the noise is.",
        formula: "σ_i = (σ_max^{1/ρ} + i/(N−1) (σ_min^{1/ρ} − σ_max^{1/ρ}))^ρ, then 0",
        source: "Karras et al. 2022, Elucidating the Design Space of Diffusion-Based Generative Models, Eq. 5",
        knobs: &["sigma_max", "sigma_min", "rho", "steps"],
    },
    Schedule {
        name: "ve",
        description: "Data stay where they are and noise grows geometrically: variance explodes.",
        formula: "σ(t) = σ_min (σ_max/σ_min)^t",
        source: SDES,
        knobs: &["sigma_max", "sigma_min"],
    },
    Schedule {
        name: "vp",
        description: "Data shrink as noise grows, so that data of variance 1 keep it: DDPM in continuous time.",
        formula: "a = e^{−½∫β}, b = √(1 − e^{−∫β}), β(t) = β_0 + t (β_1 − β_0)",
        source: SDES,
        knobs: &["beta_min", "beta_max"],
    },
    Schedule {
        name: "subvp",
        description: "Shrinks data as vp does with less noise on the way.",
        formula: "a = e^{−½∫β}, b = 1 − e^{−∫β}, β(t) = β_0 + t (β_1 − β_0)",
        source: SDES,
        knobs: &["beta_min", "beta_max"],
    },
    Schedule {
        name: "cosine",
        description: "Shrinks data slowly at both ends of time.",
        formula: "a² = cos²((t + s)/(1 + s) · π/2) / cos²(s/(1 + s) · π/2), b² = 1 − a², s = 0.008",
        source: "Nichol & Dhariwal 2021, Improved Denoising Diffusion Probabilistic Models, Eq. 17",
        knobs: &[],
    },
];
