//! A sampler's plan: a list of updates that can be printed, counted, stepped and run by any executor.

use std::fmt;

use crate::score::Score;

/// One update of every particle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Update {
    /// x ← a·x + b·s(k·x, σ) + c·z,   z ~ N(0, I)
    Affine {
        /// Factor of the position.
        a: f32,
        /// Factor of the score, in squared units of x.
        b: f32,
        /// Factor of the noise, in units of x.
        c: f32,
        /// The noise level at which the score is asked.
        sigma: f32,
        /// k: where the score is asked, in units of x. 1 but for models whose data shrink with time.
        scale: f32,
    },
    /// Heun's step of dx/dσ = −σ s(x, σ) from σ to σ'; Euler's where σ' = 0 (Karras et al. 2022, Algorithm 1).
    Heun {
        /// σ
        from: f32,
        /// σ'
        to: f32,
    },
    /// dx/dσ = −σ s(x, σ) from σ to σ' by Dormand & Prince 1980, with steps of its own choice in ln σ.
    Adaptive {
        /// σ
        from: f32,
        /// σ'
        to: f32,
        /// Relative and absolute tolerance of a step.
        tolerance: f32,
    },
    /// x ← x + ε s(k·x, σ) k + √(2ε) z,   ε = 2 α (r ‖z‖ / ‖k s‖)², both norms averaged over all particles
    /// (Song et al. 2021, Algorithms 4 and 5).
    Corrector {
        /// r, the signal-to-noise ratio.
        snr: f32,
        /// α, 1 for variance-exploding models.
        alpha: f32,
        /// The noise level at which the score is asked.
        sigma: f32,
        /// k, as of [`Update::Affine`].
        scale: f32,
    },
    /// Langevin's step as a proposal, accepted with the probability that keeps p_σ (Roberts & Tweedie 1996).
    Metropolis {
        /// α
        step: f32,
        /// The noise level of the density and the score.
        sigma: f32,
    },
}

#[expect(clippy::cast_possible_truncation, reason = "particles move in f32")]
impl Update {
    /// x ← a·x + b·s(x, σ) + c·z
    #[must_use]
    pub fn affine(a: f64, b: f64, c: f64, sigma: f64) -> Self {
        Self::Affine { a: a as f32, b: b as f32, c: c as f32, sigma: sigma as f32, scale: 1.0 }
    }

    /// x ← x + ½ α s(x, σ) + √α z
    #[must_use]
    pub fn langevin(alpha: f64, sigma: f64) -> Self {
        Self::affine(1.0, 0.5 * alpha, alpha.sqrt(), sigma)
    }

    /// x ← x + σ² s(x, σ), the mean of what x was before the noise (Tweedie)
    #[must_use]
    pub fn denoise(sigma: f64) -> Self {
        Self::affine(1.0, sigma * sigma, 0.0, sigma)
    }

    /// x ← a·x + b·∇log p_t(x) + c·z at a `level` (m, v) of a process, where data have shrunk by m and noise has std v:
    /// ∇log p_t(x) = s(x/m, v/m) / m
    #[must_use]
    pub fn at_level(a: f64, b: f64, c: f64, level: [f64; 2]) -> Self {
        let [shrunk, std] = level;
        let (scale, sigma) = (1.0 / shrunk, std / shrunk);
        Self::Affine { a: a as f32, b: (b * scale) as f32, c: c as f32, sigma: sigma as f32, scale: scale as f32 }
    }

    /// x ← x + ε ∇log p_t(x) + √(2ε) z,   ε = 2 α (snr ‖z‖ / ‖∇log p_t‖)², at a `level` as of [`Self::at_level`]
    #[must_use]
    pub fn corrector(snr: f64, alpha: f64, level: [f64; 2]) -> Self {
        let [shrunk, std] = level;
        let (scale, sigma) = (1.0 / shrunk, std / shrunk);
        Self::Corrector { snr: snr as f32, alpha: alpha as f32, sigma: sigma as f32, scale: scale as f32 }
    }

    /// Langevin's step with accept or reject.
    #[must_use]
    pub const fn metropolis(alpha: f64, sigma: f64) -> Self {
        Self::Metropolis { step: alpha as f32, sigma: sigma as f32 }
    }

    /// Heun's step between two noise levels.
    #[must_use]
    pub const fn heun(from: f64, to: f64) -> Self {
        Self::Heun { from: from as f32, to: to as f32 }
    }

    /// Steps of their own length between two noise levels.
    #[must_use]
    pub const fn adaptive(from: f64, to: f64, tolerance: f64) -> Self {
        Self::Adaptive { from: from as f32, to: to as f32, tolerance: tolerance as f32 }
    }

    /// The noise level at which the score is asked first.
    #[must_use]
    pub const fn sigma(&self) -> f32 {
        match *self {
            Self::Affine { sigma, .. } | Self::Corrector { sigma, .. } | Self::Metropolis { sigma, .. } => sigma,
            Self::Heun { from, .. } | Self::Adaptive { from, .. } => from,
        }
    }

    /// The noise level that a step along the flow leads to, where the step itself says so.
    #[must_use]
    pub const fn leads_to(&self) -> Option<f32> {
        match *self {
            Self::Heun { to, .. } | Self::Adaptive { to, .. } => Some(to),
            Self::Affine { .. } | Self::Corrector { .. } | Self::Metropolis { .. } => None,
        }
    }

    /// k: the score is asked at k·x, which is where x stands in units of the data.
    #[must_use]
    pub const fn scale(&self) -> f32 {
        match *self {
            Self::Affine { scale, .. } | Self::Corrector { scale, .. } => scale,
            Self::Heun { .. } | Self::Adaptive { .. } | Self::Metropolis { .. } => 1.0,
        }
    }

    /// Score evaluations per particle; `None` where the executor finds out.
    #[must_use]
    pub fn nfe(&self) -> Option<usize> {
        match *self {
            Self::Affine { b, .. } => Some(usize::from(b != 0.0)),
            Self::Heun { to, .. } => Some(if to > 0.0 { 2 } else { 1 }),
            Self::Adaptive { .. } => None,
            Self::Corrector { .. } => Some(1),
            Self::Metropolis { .. } => Some(2),
        }
    }

    /// α of a Langevin step, x ← x + ½ α s + √α z, with or without accept and reject; no other update has one.
    #[must_use]
    pub fn step_size(&self) -> Option<f32> {
        match *self {
            Self::Affine { a, b, c, .. } => {
                let alpha = 2.0 * b;
                ((a - 1.0).abs() < f32::EPSILON && b > 0.0 && (c * c - alpha).abs() < 1e-4 * alpha).then_some(alpha)
            }
            Self::Metropolis { step, .. } => Some(step),
            Self::Heun { .. } | Self::Adaptive { .. } | Self::Corrector { .. } => None,
        }
    }

    /// Whether one particle's update depends on all of them.
    #[must_use]
    pub const fn is_coupled(&self) -> bool {
        matches!(self, Self::Corrector { .. })
    }

    /// Whether it draws noise, so that an image is not a function of its start alone.
    #[must_use]
    pub fn draws_noise(&self) -> bool {
        match *self {
            Self::Affine { c, .. } => c != 0.0,
            Self::Corrector { .. } | Self::Metropolis { .. } => true,
            Self::Heun { .. } | Self::Adaptive { .. } => false,
        }
    }

    /// Whether it asks for a density beside the score.
    #[must_use]
    pub const fn wants_density(&self) -> bool {
        matches!(self, Self::Metropolis { .. })
    }
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Affine { a, b, c, sigma, scale } if (scale - 1.0).abs() < f32::EPSILON => {
                write!(f, "x ← {a:.4} x + {b:.4} s(x, {sigma:.4}) + {c:.4} z")
            }
            Self::Affine { a, b, c, sigma, scale } => {
                write!(f, "x ← {a:.4} x + {b:.4} s({scale:.4} x, {sigma:.4}) + {c:.4} z")
            }
            Self::Heun { from, to } => write!(f, "Heun from σ = {from:.4} to {to:.4}"),
            Self::Adaptive { from, to, tolerance } => {
                write!(f, "Dormand–Prince from σ = {from:.4} to {to:.4}, tolerance {tolerance:e}")
            }
            Self::Corrector { snr, sigma, .. } => write!(f, "corrector at σ = {sigma:.4}, signal to noise {snr:.4}"),
            Self::Metropolis { step, sigma } => {
                write!(f, "x ← x + {:.4} s(x, {sigma:.4}) + {:.4} z, or stay", 0.5 * step, step.sqrt())
            }
        }
    }
}

/// The updates of a sampler, in order, and the two distributions between which they lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    updates: Vec<Update>,
    prior: Option<[f64; 2]>,
    final_sigma: f64,
}

impl Plan {
    /// Why a learned score cannot run a plan that [`Self::wants_density`].
    pub const NO_DENSITY: &str = "it accepts and rejects by the density, which is known for the exact score only";

    /// An empty plan whose particles, at its end, are meant to follow p_σ at σ = `final_sigma`.
    #[must_use]
    pub const fn towards(final_sigma: f64) -> Self {
        Self { updates: Vec::new(), prior: None, final_sigma }
    }

    /// The same from the sampler's own prior, N(0, `std`² I), in which data have shrunk by `mean_factor`.
    #[must_use]
    pub fn from_prior(self, std: f64, mean_factor: f64) -> Self {
        Self { prior: Some([std, mean_factor]), ..self }
    }

    /// Adds an update at the end.
    pub fn push(&mut self, update: Update) {
        self.updates.push(update);
    }

    /// Every update, in order.
    #[must_use]
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }

    /// Standard deviation of the sampler's own prior and the factor of the data in it; `None` where the prior is that of
    /// the largest noise level of its settings.
    #[must_use]
    pub const fn prior(&self) -> Option<[f64; 2]> {
        self.prior
    }

    /// The σ of the distribution p_σ that the particles are compared with.
    #[must_use]
    pub const fn final_sigma(&self) -> f64 {
        self.final_sigma
    }

    /// Compares with the distribution at the least σ of the updates instead: for data without density at the final one.
    pub fn compare_at_least_sigma(&mut self) {
        let least = self.updates.iter().map(Update::sigma).fold(f32::INFINITY, f32::min);
        self.final_sigma = least.into();
    }

    /// Score evaluations per particle of the first `updates` updates; those that the executor finds out are left out.
    #[must_use]
    pub fn nfe_of(&self, updates: usize) -> usize {
        self.updates.iter().take(updates).filter_map(Update::nfe).sum()
    }

    /// Whether it asks for a density beside the score.
    #[must_use]
    pub fn wants_density(&self) -> bool {
        self.updates.iter().any(Update::wants_density)
    }

    /// Why this score cannot run the plan, if it cannot.
    #[must_use]
    pub fn refusal(&self, score: &dyn Score) -> Option<&'static str> {
        let refused = self.wants_density() && !score.log_density(&[], 1.0, &mut []);
        refused.then_some(Self::NO_DENSITY)
    }

    /// Score evaluations per particle of the whole plan; those that the executor finds out are left out.
    #[must_use]
    pub fn nfe(&self) -> usize {
        self.nfe_of(self.updates.len())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, update) in (1..).zip(&self.updates) {
            writeln!(f, "{i:>6}  {update}")?;
        }
        Ok(())
    }
}
