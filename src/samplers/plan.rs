//! A sampler's plan: a list of updates that can be printed, counted, stepped and run by any executor.

use std::fmt;

/// One update of every particle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Update {
    /// x ← a·x + b·s(x, σ) + c·z,   z ~ N(0, I)
    Affine {
        /// Factor of the position.
        a: f32,
        /// Factor of the score, in squared units of x.
        b: f32,
        /// Factor of the noise, in units of x.
        c: f32,
        /// The noise level at which the score is asked.
        sigma: f32,
    },
}

#[expect(clippy::cast_possible_truncation, reason = "particles move in f32")]
impl Update {
    /// x ← x + ½ α s(x, σ) + √α z
    #[must_use]
    pub fn langevin(alpha: f64, sigma: f64) -> Self {
        Self::Affine { a: 1.0, b: (0.5 * alpha) as f32, c: alpha.sqrt() as f32, sigma: sigma as f32 }
    }

    /// x ← x + σ² s(x, σ), the mean of what x was before the noise (Tweedie)
    #[must_use]
    pub fn denoise(sigma: f64) -> Self {
        Self::Affine { a: 1.0, b: (sigma * sigma) as f32, c: 0.0, sigma: sigma as f32 }
    }

    /// The noise level at which the score is asked.
    #[must_use]
    pub const fn sigma(&self) -> f32 {
        let Self::Affine { sigma, .. } = self;
        *sigma
    }

    /// Score evaluations per particle.
    #[must_use]
    pub fn nfe(&self) -> usize {
        let Self::Affine { b, .. } = self;
        usize::from(*b != 0.0)
    }
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Affine { a, b, c, sigma } = self;
        write!(f, "x ← {a:.4} x + {b:.4} s(x, {sigma:.4}) + {c:.4} z")
    }
}

/// The updates of a sampler, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    updates: Vec<Update>,
    final_sigma: f64,
}

impl Plan {
    /// An empty plan whose particles, at its end, are meant to follow p_σ at σ = `final_sigma`.
    #[must_use]
    pub const fn towards(final_sigma: f64) -> Self {
        Self { updates: Vec::new(), final_sigma }
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

    /// Score evaluations per particle of the first `updates` updates.
    #[must_use]
    pub fn nfe_of(&self, updates: usize) -> usize {
        self.updates.iter().take(updates).map(Update::nfe).sum()
    }

    /// Score evaluations per particle of the whole plan.
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
