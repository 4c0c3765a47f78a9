//! One update of one chunk of particles.

use super::{Update, adaptive};
use crate::noise::{Noise, Purpose};
use crate::score::Score;

/// Some of the particles of a run, and room to work.
pub struct Chunk<'a> {
    x: &'a mut [f32],
    dim: usize,
    noise: Noise,
    /// Number of its first particle.
    first: usize,
    s: Vec<f32>,
    z: Vec<f32>,
    /// Other places at which the score is asked; empty until one is.
    y: Vec<f32>,
}

impl<'a> Chunk<'a> {
    /// Particles `x`, shape (n, `dim`), numbered from `first`.
    pub fn new(x: &'a mut [f32], dim: usize, noise: Noise, first: usize) -> Self {
        let (s, z) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        Self { x, dim, noise, first, s, z, y: Vec::new() }
    }

    /// Makes one update; `step` is its number in the plan. Returns the score evaluations it took.
    pub fn apply(&mut self, update: &Update, score: &dyn Score, step: usize) -> usize {
        match *update {
            Update::Affine { a, b, c, sigma, scale } => {
                if b != 0.0 {
                    self.score_at(score, sigma, scale);
                }
                if c != 0.0 {
                    self.draw(step);
                }
                self.affine(a, b, c);
                usize::from(b != 0.0)
            }
            Update::Heun { from, to } => self.heun(score, from, to),
            Update::Adaptive { from, to, tolerance } => adaptive::integrate(score, self.x, [from, to], tolerance),
            Update::Metropolis { step: alpha, sigma } => self.metropolis(score, alpha, sigma, step),
            // The executor makes these for all chunks together.
            Update::Corrector { .. } => 0,
        }
    }

    /// x ← a x + b s + c z. What has no part in the sum is not read: an old score may be infinite, and 0 · ∞ is no number.
    fn affine(&mut self, a: f32, b: f32, c: f32) {
        let places = self.x.iter_mut().zip(&self.s).zip(&self.z);
        match (b != 0.0, c != 0.0) {
            (true, true) => places.for_each(|((x, s), z)| *x = a * *x + b * s + c * z),
            (true, false) => places.for_each(|((x, s), _)| *x = a * *x + b * s),
            (false, true) => places.for_each(|((x, _), z)| *x = a * *x + c * z),
            (false, false) => places.for_each(|((x, _), _)| *x *= a),
        }
    }

    /// x ← x + ε s + √(2ε) z; the score stands in the records, `dim` + 2 numbers a particle.
    pub fn correct(&mut self, records: &[f32], epsilon: f32, step: usize) {
        self.draw(step);
        let diffusion = (2.0 * epsilon).sqrt();
        let particles = self.x.chunks_exact_mut(self.dim).zip(self.z.chunks_exact(self.dim));
        for ((x, z), s) in particles.zip(records.chunks_exact(self.dim + 2)) {
            for ((x, z), s) in x.iter_mut().zip(z).zip(s) {
                *x += epsilon * s + diffusion * z;
            }
        }
    }

    /// s ← s(k·x, σ)
    fn score_at(&mut self, score: &dyn Score, sigma: f32, scale: f32) {
        if (scale - 1.0).abs() < f32::EPSILON {
            score.score(self.x, sigma, &mut self.s);
        } else {
            self.y.clear();
            self.y.extend(self.x.iter().map(|x| scale * x));
            score.score(&self.y, sigma, &mut self.s);
        }
    }

    /// z ← the noise of this step
    fn draw(&mut self, step: usize) {
        self.noise.normals(Purpose::Sampler, number(self.first), number(step), self.dim, &mut self.z);
    }

    /// d = −σ s(x, σ),  x' = x + (σ' − σ) d,  x ← x + ½ (σ' − σ) (d + d'),  d' = −σ' s(x', σ')
    fn heun(&mut self, score: &dyn Score, from: f32, to: f32) -> usize {
        score.score(self.x, from, &mut self.s);
        let h = to - from;
        self.y.clear();
        self.y.extend(self.x.iter().zip(&self.s).map(|(x, s)| x - h * from * s));
        if to <= 0.0 {
            self.x.copy_from_slice(&self.y);
            return 1;
        }
        score.score(&self.y, to, &mut self.z);
        for ((x, s), s_next) in self.x.iter_mut().zip(&self.s).zip(&self.z) {
            *x -= 0.5 * h * (from * s + to * s_next);
        }
        2
    }

    /// y = x + ½ α s(x) + √α z, accepted with probability min(1, p(y) q(x|y) / p(x) q(y|x)).
    fn metropolis(&mut self, score: &dyn Score, alpha: f32, sigma: f32, step: usize) -> usize {
        let n = self.x.len() / self.dim;
        let (mut log_p_x, mut log_p_y, mut s_y) = (vec![0.0; n], vec![0.0; n], vec![0.0; self.x.len()]);
        score.score(self.x, sigma, &mut self.s);
        self.draw(step);
        let moved = self.x.iter().zip(&self.s).zip(&self.z).map(|((x, s), z)| x + 0.5 * alpha * s + alpha.sqrt() * z);
        let y: Vec<f32> = moved.collect();
        score.score(&y, sigma, &mut s_y);
        let known = score.log_density(self.x, sigma, &mut log_p_x) && score.log_density(&y, sigma, &mut log_p_y);
        assert!(known, "this sampler accepts and rejects by the density, which this score does not know");
        let dim = self.dim;
        for i in 0..n {
            let range = i * dim..(i + 1) * dim;
            let (x, y, z) = (&self.x[range.clone()], &y[range.clone()], &self.z[range.clone()]);
            // −log q(x|y) = ‖x − y − ½ α s(y)‖² / 2α,   −log q(y|x) = ½ ‖z‖²
            let back = x.iter().zip(y).zip(&s_y[range.clone()]).map(|((x, y), s)| (x - y - 0.5 * alpha * s).powi(2));
            let forth: f32 = z.iter().map(|z| z * z).sum();
            let log_ratio = log_p_y[i] - log_p_x[i] + 0.5 * forth - back.sum::<f32>() / (2.0 * alpha);
            let mut uniform = [0.0];
            self.noise.uniform(Purpose::Acceptance, number(self.first + i), number(step), &mut uniform);
            if uniform[0].ln() < log_ratio {
                self.x[range.clone()].copy_from_slice(y);
            }
        }
        2
    }
}

/// Writes, for each particle of `x`, ∇ log p in `dim` numbers, then its norm and that of the noise of this step.
#[expect(clippy::too_many_arguments, reason = "a chunk's place in the run, taken apart because x is only read")]
pub fn correction_norms(
    update: Update,
    score: &dyn Score,
    x: &[f32],
    records: &mut [f32],
    dim: usize,
    noise: Noise,
    first: usize,
    step: usize,
) {
    let Update::Corrector { sigma, scale, .. } = update else { return };
    let mut copy = x.to_vec();
    let mut chunk = Chunk::new(&mut copy, dim, noise, first);
    chunk.score_at(score, sigma, scale);
    chunk.draw(step);
    let norm = |v: &[f32]| v.iter().map(|v| v * v).sum::<f32>().sqrt();
    let particles = chunk.s.chunks_exact(dim).zip(chunk.z.chunks_exact(dim));
    for (record, (s, z)) in records.chunks_exact_mut(dim + 2).zip(particles) {
        record[..dim].iter_mut().zip(s).for_each(|(record, s)| *record = scale * s);
        record[dim] = norm(&record[..dim]);
        record[dim + 1] = norm(z);
    }
}

/// Particles and steps are numbered in 32 bits; both stay far below.
fn number(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}
