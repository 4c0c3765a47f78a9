//! Adam with decoupled weight decay, and how its step size goes with time.
//! Kingma & Ba 2015, Algorithm 1; Loshchilov & Hutter 2019, Algorithm 2.

use pulp::Arch;
use serde::{Deserialize, Serialize};

use crate::samplers::{Spread, for_each};

/// Parameters of a piece of work on all of them, of which each is on its own: fewer are done sooner than handed out.
pub const PIECE: usize = 1 << 14;

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///
/// θ ← θ − α λ θ − α m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁^t),   v̂ = v / (1 − β₂^t)
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// m
    pub m: Vec<f32>,
    /// v
    pub v: Vec<f32>,
    /// Updates made, t.
    pub updates: u32,
}

impl Adam {
    pub fn new(parameters: usize) -> Self {
        Self { m: vec![0.0; parameters], v: vec![0.0; parameters], updates: 0 }
    }

    /// One update; `alpha` is α, `decay` λ, and g is `scale` times `gradient`.
    pub fn update(
        &mut self,
        parameters: &mut [f32],
        (gradient, scale): (&[f32], f32),
        alpha: f32,
        decay: f32,
        spread: &dyn Spread,
    ) {
        self.updates = self.updates.saturating_add(1);
        let t = f64::from(self.updates);
        #[expect(clippy::cast_possible_truncation, reason = "factors between 0 and 1")]
        let unbiased = |beta: f32| (1.0 / (1.0 - f64::from(beta).powf(t))) as f32;
        let (first, second) = (unbiased(BETA_1), unbiased(BETA_2));
        let pieces = parameters.chunks_mut(PIECE).zip(gradient.chunks(PIECE));
        let pieces = pieces.zip(self.m.chunks_mut(PIECE)).zip(self.v.chunks_mut(PIECE));
        for_each(spread, pieces, |(((parameters, gradient), m), v)| {
            Arch::new().dispatch(|| {
                for (((theta, g), m), v) in parameters.iter_mut().zip(gradient).zip(m.iter_mut()).zip(v.iter_mut()) {
                    let g = scale * g;
                    *m = BETA_1 * *m + (1.0 - BETA_1) * g;
                    *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
                    *theta -= alpha * (decay * *theta + first * *m / ((second * *v).sqrt() + EPSILON));
                }
            });
        });
    }
}

/// How the learning rate goes with the steps: up from nothing, then as it is or down along a cosine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Steps in which it rises to its value, in equal parts.
    pub warm_up: u32,
    /// Steps after which a cosine has brought it to 0 (Loshchilov & Hutter 2017); `None` for a constant rate.
    pub cosine: Option<u32>,
}

impl Rate {
    /// The part of the learning rate that holds in step `step`, counted from 0.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
    pub fn at(&self, step: usize) -> f64 {
        let step = step as f64;
        let rise = ((step + 1.0) / f64::from(self.warm_up.max(1))).min(1.0);
        let fall = self.cosine.map_or(1.0, |steps| {
            let part = (step / f64::from(steps.max(1))).min(1.0);
            0.5 * (1.0 + (std::f64::consts::PI * part).cos())
        });
        rise * fall
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samplers::Serial;

    /// PyTorch 2.15, float64:
    /// ```python
    /// p = torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)
    /// opt = torch.optim.AdamW([p], lr=0.01, weight_decay=0.1)
    /// for g in ([0.3, -2.0], [-0.1, 0.5], [0.0, 1e-4]):
    ///     p.grad = torch.tensor(g, dtype=torch.float64); opt.step(); print(p.tolist())
    /// ```
    /// Tolerance 1e-6: f32 of numbers of order one.
    #[test]
    fn updates_are_those_of_pytorch() {
        let expected = [
            [0.989_000_000_333_333, -0.489_500_000_05],
            [0.984_008_814_792_475, -0.484_315_818_370_083],
            [0.979_931_104_986_418, -0.480_202_810_187_564],
        ];
        let (mut adam, mut p) = (Adam::new(2), [1.0f32, -0.5]);
        for (g, expected) in [[0.6f32, -4.0], [-0.2, 1.0], [0.0, 2e-4]].into_iter().zip(expected) {
            adam.update(&mut p, (&g, 0.5), 0.01, 0.1, &Serial);
            for (p, expected) in p.into_iter().zip(expected) {
                assert!((f64::from(p) - expected).abs() < 1e-6, "{p}, not {expected}");
            }
        }
    }

    /// By hand.
    #[test]
    fn the_rate_rises_and_falls_by_its_formulas() {
        let rate = Rate { warm_up: 4, cosine: Some(100) };
        let close =
            |step, expected: f64| assert!((rate.at(step) - expected).abs() < 1e-12, "{step}: {}", rate.at(step));
        close(0, 0.25);
        close(3, 0.5 * (1.0 + (0.03 * std::f64::consts::PI).cos()));
        close(50, 0.5);
        close(100, 0.0);
        close(5000, 0.0);
        assert!([0, 7, 1_000_000].into_iter().all(|step| (Rate::default().at(step) - 1.0).abs() < 1e-12));
    }
}
