//! The likelihood of points under a score, by the change of variables along the probability-flow ODE.
//! Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations", §4.3 and
//! Appendix D.2.

use std::f64::consts::TAU;

use crate::noise::{Noise, Purpose};
use crate::score::Score;

/// How the divergence of the score is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trace {
    /// Σ_i e_iᵀ ∇s e_i: one Jacobian–vector product per dimension.
    Exact,
    /// vᵀ ∇s v with v of random signs: one product, right in the mean (Hutchinson 1990).
    Hutchinson(Noise),
}

/// The Gaussian at the far end of the ODE: N(mean, std² I).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior<'a> {
    /// Its centre, d numbers.
    pub mean: &'a [f64],
    /// Its standard deviation per coordinate.
    pub std: f64,
}

/// Runge–Kutta steps, equal in ln σ: fine enough for the ridges between modes, where the score turns around.
const STEPS: usize = 400;

/// Log likelihoods, and what they took.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLikelihood {
    /// log p_σ(x) at the smaller σ, in nats, one for each point.
    pub log_p: Vec<f64>,
    /// Score evaluations per point, Jacobian–vector products among them.
    pub nfe: usize,
}

/// dx/dτ = −σ² s(x, σ),   d log p/dτ = σ² tr ∇s(x, σ),   τ = ln σ
///
/// Follows `x`, shape (n, d), from `sigma_min` to `sigma_max` by the classical Runge–Kutta method; there log p is that of
/// the prior. Then log p_{σ_min}(x) = log p_prior(x(σ_max)) − ∫ σ² tr ∇s dτ.
///
/// # Errors
/// What `check` refuses with: it is asked before each of the 1600 slopes whether to go on.
pub fn ode_log_likelihood<E>(
    score: &dyn Score,
    prior: &Prior<'_>,
    x: &[f32],
    [sigma_min, sigma_max]: [f64; 2],
    trace: Trace,
    check: impl Fn() -> Result<(), E>,
) -> Result<LogLikelihood, E> {
    let dim = prior.mean.len();
    let probes = probes(trace, x.len(), dim);
    let mut flow = Flow { score, probes: &probes, dim, nfe: 0 };
    let mut slope = |state: &State, tau: f64| check().map(|()| flow.slope(state, tau));
    let mut state = State { x: x.iter().map(|x| f64::from(*x)).collect(), log_p: vec![0.0; x.len() / dim] };
    #[expect(clippy::cast_precision_loss, reason = "hundreds of steps")]
    let (mut tau, h) = (sigma_min.ln(), (sigma_max / sigma_min).ln() / STEPS as f64);
    for _ in 0..STEPS {
        let k1 = slope(&state, tau)?;
        let k2 = slope(&state.plus(&k1, 0.5 * h), tau + 0.5 * h)?;
        let k3 = slope(&state.plus(&k2, 0.5 * h), tau + 0.5 * h)?;
        let k4 = slope(&state.plus(&k3, h), tau + h)?;
        for (k, weight) in [(k1, 1.0), (k2, 2.0), (k3, 2.0), (k4, 1.0)] {
            state = state.plus(&k, h * weight / 6.0);
        }
        tau += h;
    }
    let log_p = state.x.chunks_exact(dim).zip(&state.log_p).map(|(x, gained)| prior.log_density(x) - gained).collect();
    Ok(LogLikelihood { log_p, nfe: flow.nfe })
}

impl Prior<'_> {
    fn log_density(&self, x: &[f64]) -> f64 {
        let squared: f64 = x.iter().zip(self.mean).map(|(x, m)| (x - m).powi(2)).sum();
        let variance = self.std * self.std;
        let per_coordinate = (TAU * variance).ln() * 0.5;
        -0.5 * squared / variance - x.iter().map(|_| per_coordinate).sum::<f64>()
    }
}

/// The vectors v whose vᵀ∇s v sum to the trace: unit vectors, or one of random signs, for every point.
fn probes(trace: Trace, len: usize, dim: usize) -> Vec<Vec<f32>> {
    match trace {
        Trace::Exact => {
            (0..dim).map(|axis| (0..len).map(|i| if i % dim == axis { 1.0 } else { 0.0 }).collect()).collect()
        }
        Trace::Hutchinson(noise) => {
            let mut signs = vec![0.0; len];
            for (index, signs) in (0..).zip(signs.chunks_mut(dim)) {
                noise.uniform(Purpose::Probe, index, 0, signs);
                signs.iter_mut().for_each(|u| *u = if *u < 0.5 { -1.0 } else { 1.0 });
            }
            vec![signs]
        }
    }
}

/// Positions and gained log density of all points.
struct State {
    x: Vec<f64>,
    log_p: Vec<f64>,
}

impl State {
    fn plus(&self, slope: &Self, h: f64) -> Self {
        let moved = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + h * b).collect();
        Self { x: moved(&self.x, &slope.x), log_p: moved(&self.log_p, &slope.log_p) }
    }
}

struct Flow<'a> {
    score: &'a dyn Score,
    probes: &'a [Vec<f32>],
    dim: usize,
    nfe: usize,
}

impl Flow<'_> {
    #[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32")]
    fn slope(&mut self, state: &State, tau: f64) -> State {
        let variance = (2.0 * tau).exp();
        let sigma = tau.exp() as f32;
        let x: Vec<f32> = state.x.iter().map(|x| *x as f32).collect();
        let mut s = vec![0.0; x.len()];
        self.score.score(&x, sigma, &mut s);
        let mut divergence = vec![0.0; state.log_p.len()];
        let mut product = vec![0.0; x.len()];
        for v in self.probes {
            self.score.jacobian_vector(&x, v, sigma, &mut product);
            let dots = v.chunks_exact(self.dim).zip(product.chunks_exact(self.dim));
            for (sum, (v, jv)) in divergence.iter_mut().zip(dots) {
                *sum += v.iter().zip(jv).map(|(v, jv)| f64::from(v * jv)).sum::<f64>();
            }
        }
        self.nfe += 1 + self.probes.len();
        State {
            x: s.iter().map(|s| -variance * f64::from(*s)).collect(),
            log_p: divergence.into_iter().map(|divergence| variance * divergence).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::{Component, Distribution, GaussianMixture};

    fn mixture() -> GaussianMixture {
        let modes = [
            Component::round(0.6, [1.0, 0.5], 0.4),
            Component { weight: 0.4, mean: [-1.0, -0.5], covariance: [[0.3, 0.1], [0.1, 0.2]] },
        ];
        GaussianMixture::new(&modes).expect("a legal mixture")
    }

    fn by_ode(data: &GaussianMixture, x: &[f32], trace: Trace) -> Vec<f64> {
        let prior = Prior { mean: &data.mean(), std: (100.0f64.powi(2) + data.std().powi(2)).sqrt() };
        ode_log_likelihood(data, &prior, x, [0.1, 100.0], trace, || Ok::<_, ()>(())).expect("nobody refuses").log_p
    }

    #[test]
    fn it_stops_where_it_is_told_to() {
        let (data, asked) = (mixture(), std::cell::Cell::new(0));
        let prior = Prior { mean: &[0.0; 2], std: 1.0 };
        let check = || {
            asked.set(asked.get() + 1);
            if asked.get() < 10 { Ok(()) } else { Err("stop") }
        };
        let found = ode_log_likelihood(&data, &prior, &[0.0; 2], [0.1, 1.0], Trace::Exact, check);
        assert_eq!((found, asked.get()), (Err("stop"), 10));
    }

    /// On 200 points; what is left is the prior's own error, of order (d/σ_max)² = 1e-4, and rounding.
    #[test]
    fn the_exact_trace_gives_the_density_itself() {
        let data = mixture();
        let mut x = vec![0.0; 400];
        data.sample(&Noise::new(3), 0.1, 0, &mut x);
        for (x, log_p) in x.chunks(2).zip(by_ode(&data, &x, Trace::Exact)) {
            let expected = data.log_density_and_score([x[0].into(), x[1].into()], 0.1).0;
            assert!((log_p - expected).abs() < 2e-3, "{x:?}: {log_p} {expected}");
        }
    }

    /// 2,000 points: the mean error is within three of its own standard errors of 0.
    #[test]
    fn hutchinsons_trace_is_right_in_the_mean() {
        let data = mixture();
        let mut x = vec![0.0; 4000];
        data.sample(&Noise::new(4), 0.1, 0, &mut x);
        let estimates = by_ode(&data, &x, Trace::Hutchinson(Noise::new(5)));
        let errors: Vec<f64> = (x.chunks(2).zip(estimates))
            .map(|(x, log_p)| log_p - data.log_density_and_score([x[0].into(), x[1].into()], 0.1).0)
            .collect();
        let mean = errors.iter().sum::<f64>() / 2000.0;
        let spread = (errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / 2000.0).sqrt();
        assert!(spread > 1e-3, "random probes have a spread: {spread}");
        assert!(mean.abs() < 3.0 * spread / 2000.0f64.sqrt() + 2e-3, "{mean} {spread}");
    }
}
