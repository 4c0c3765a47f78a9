//! A plan as the graphics adapter takes it: a table of updates, all of one kind.

use std::collections::HashMap;

use super::GpuError;
use crate::samplers::{Plan, Update};

/// x ← a·x + b·s(k·x, σ) + c·z, with σ as a number in the list of noise levels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AffineUpdate {
    /// Factor of the position.
    pub a: f32,
    /// Factor of the score.
    pub b: f32,
    /// Factor of the noise.
    pub c: f32,
    /// k
    pub scale: f32,
    /// Which noise level.
    pub level: u32,
}

impl AffineUpdate {
    /// As `Update` in WGSL.
    pub(super) fn packed(&self) -> [u32; 5] {
        let Self { a, b, c, scale, level } = *self;
        [a.to_bits(), b.to_bits(), c.to_bits(), scale.to_bits(), level]
    }
}

/// Updates and the noise levels at which they ask for the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// In order.
    pub updates: Vec<AffineUpdate>,
    /// Every σ of an update that asks for the score, once.
    pub levels: Vec<f32>,
}

impl Program {
    /// The plan as a program.
    ///
    /// # Errors
    /// Where an update is of another kind; the error names it.
    pub fn new(plan: &Plan) -> Result<Self, GpuError> {
        let mut program = Self { updates: Vec::with_capacity(plan.updates().len()), levels: Vec::new() };
        let mut known = HashMap::new();
        for (number, update) in (1..).zip(plan.updates()) {
            let Update::Affine { a, b, c, sigma, scale } = *update else {
                return Err(GpuError::Update { number, name: name(update) });
            };
            // An update that asks for no score names a level that exists, and does not read it.
            let level = if b == 0.0 { 0 } else { program.level(sigma, &mut known) };
            program.updates.push(AffineUpdate { a, b, c, scale, level });
        }
        Ok(program)
    }

    /// The number of a noise level; `known` are those of σ by their bits.
    fn level(&mut self, sigma: f32, known: &mut HashMap<u32, u32>) -> u32 {
        *known.entry(sigma.to_bits()).or_insert_with(|| {
            self.levels.push(sigma);
            u32::try_from(self.levels.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// What an update is called.
const fn name(update: &Update) -> &'static str {
    match update {
        Update::Affine { .. } => "an affine step",
        Update::Heun { .. } => "Heun's step",
        Update::Adaptive { .. } => "Dormand and Prince's adaptive step",
        Update::Corrector { .. } => "the corrector",
        Update::Metropolis { .. } => "Metropolis's accept or reject",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_updates_are_refused_by_name() {
        let cases = [
            (Update::heun(2.0, 1.0), "Heun's step"),
            (Update::adaptive(2.0, 1.0, 1e-3), "Dormand and Prince's adaptive step"),
            (Update::corrector(0.16, 1.0, [1.0, 2.0]), "the corrector"),
            (Update::metropolis(0.1, 1.0), "Metropolis's accept or reject"),
        ];
        for (update, name) in cases {
            let mut plan = Plan::towards(1.0);
            plan.push(Update::langevin(0.1, 1.0));
            plan.push(update);
            let error = Program::new(&plan).expect_err(name);
            assert_eq!(error, GpuError::Update { number: 2, name });
            assert!(error.to_string().starts_with(&format!("update 2 is {name}, and the graphics adapter makes")));
        }
    }

    #[test]
    fn each_noise_level_is_kept_once() {
        let mut plan = Plan::towards(1.0);
        for sigma in [3.0, 3.0, 1.0, 3.0] {
            plan.push(Update::langevin(0.1, sigma));
        }
        plan.push(Update::affine(1.0, 0.0, 2.0, 7.0));
        let program = Program::new(&plan).unwrap();
        assert_eq!(program.levels, [3.0, 1.0]);
        let levels: Vec<u32> = program.updates.iter().map(|update| update.level).collect();
        assert_eq!(levels, [0, 0, 1, 0, 0]);
    }
}
