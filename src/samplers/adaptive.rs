//! The probability-flow ODE with steps that choose their own length.
//! Dormand & Prince 1980, "A family of embedded Runge-Kutta formulae", RK5(4)7M; step control as in Hairer, Nørsett &
//! Wanner, "Solving Ordinary Differential Equations I", §II.4.

use crate::score::Score;

/// Nodes and weights of the seven stages.
const C: [f64; 7] = [0.0, 1.0 / 5.0, 3.0 / 10.0, 4.0 / 5.0, 8.0 / 9.0, 1.0, 1.0];
const A: [&[f64]; 7] = [
    &[],
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
    &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
    &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// Fifth order minus fourth order.
const E: [f64; 7] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -1.0 / 40.0];

/// The longest first step in ln σ; a shorter one is found where it is needed.
const FIRST_STEP: f64 = 1.0;

/// Steps after which a run that does not get on is given up.
const MOST_STEPS: usize = 10_000;

/// dx/dτ = −σ² s(x, σ), σ = e^τ: integrates `x` from σ to σ' in place; returns the score evaluations it took.
///
/// The error of a step is the root mean square over all of `x`, in units of tolerance·(1 + |x|). Where no step is short
/// enough, `x` becomes NaN: half a way is no result.
pub fn integrate(score: &dyn Score, x: &mut [f32], [from, to]: [f32; 2], tolerance: f32) -> usize {
    let (mut tau, end) = (f64::from(from).ln(), f64::from(to).ln());
    let (way, mut h) = (end - tau, (end - tau).clamp(-FIRST_STEP, FIRST_STEP));
    let mut stages: Vec<Vec<f32>> = vec![vec![0.0; x.len()]; 7];
    let (mut moved, mut evaluations) = (vec![0.0; x.len()], 0);
    slope(score, x, tau, &mut stages[0], &mut evaluations);
    for _ in 0..MOST_STEPS {
        if (end - tau).abs() <= 1e-9 * way.abs() {
            return evaluations;
        }
        if (h / way) > (end - tau) / way {
            h = end - tau;
        }
        for stage in 1..7 {
            combine(x, &stages, A[stage], h, &mut moved);
            let (_, later) = stages.split_at_mut(stage);
            slope(score, &moved, tau + C[stage] * h, &mut later[0], &mut evaluations);
        }
        let error = error_norm(x, &moved, &stages, h, tolerance);
        if !error.is_finite() {
            break;
        }
        if error <= 1.0 {
            tau += h;
            x.copy_from_slice(&moved);
            // First same as last: the slope at the end of this step is the slope at the begin of the next.
            stages.swap(0, 6);
        }
        h *= (0.9 * error.max(1e-10).powf(-0.2)).clamp(0.2, 5.0);
    }
    x.fill(f32::NAN);
    evaluations
}

#[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32")]
fn slope(score: &dyn Score, x: &[f32], tau: f64, out: &mut [f32], evaluations: &mut usize) {
    let sigma = tau.exp() as f32;
    score.score(x, sigma, out);
    out.iter_mut().for_each(|s| *s *= -sigma * sigma);
    *evaluations += 1;
}

/// x + h Σ_j a_j k_j
#[expect(clippy::cast_possible_truncation, reason = "particles move in f32")]
fn combine(x: &[f32], stages: &[Vec<f32>], weights: &[f64], h: f64, out: &mut [f32]) {
    for (i, (out, x)) in out.iter_mut().zip(x).enumerate() {
        let sum: f64 = weights.iter().zip(stages).map(|(a, k)| a * f64::from(k[i])).sum();
        *out = (f64::from(*x) + h * sum) as f32;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn error_norm(x: &[f32], moved: &[f32], stages: &[Vec<f32>], h: f64, tolerance: f32) -> f64 {
    let squared = |i: usize| {
        let error: f64 = E.iter().zip(stages).map(|(e, k)| e * f64::from(k[i])).sum();
        let size = f64::from(x[i].abs().max(moved[i].abs()));
        (h * error / (f64::from(tolerance) * (1.0 + size))).powi(2)
    };
    ((0..x.len()).map(squared).sum::<f64>() / x.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Conditions of quadrature: stages stand at their nodes, Σ b_i c_i^k = 1/(k+1) up to order 5, and the two formulae
    /// differ in order 5 only.
    #[test]
    fn the_tableau_has_the_orders_it_claims() {
        let sum = |weights: &[f64], k: i32| weights.iter().zip(C).map(|(w, c)| w * c.powi(k)).sum::<f64>();
        for (row, c) in A.iter().zip(C) {
            assert!((sum(row, 0) - c).abs() < 1e-14);
        }
        for k in 0..5 {
            assert!((sum(A[6], k) - 1.0 / f64::from(k + 1)).abs() < 1e-14, "{k}");
            assert!((sum(&E, k).abs() < 1e-14) == (k < 4), "{k}: {}", sum(&E, k));
        }
    }
}
