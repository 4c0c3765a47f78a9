//! The executor on the CPU: runs any plan on any score, to the same bits for any number of threads.

use std::sync::Arc;

use super::{Plan, Update};
use crate::noise::{Noise, Purpose};
use crate::score::Score;

/// Particles per piece of work. Fixed, so that no result depends on how the pieces are spread over threads.
const CHUNK: usize = 512;

/// How pieces of work are spread: theory knows no threads, so whoever has some lends them here.
pub trait Spread {
    /// Calls `work(i, piece i)` for every piece of `len` numbers of `x`, in any order, and returns when all are done.
    fn each_chunk(&self, x: &mut [f32], len: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync));
}

/// One piece after the other, on the caller's thread.
pub struct Serial;

impl Spread for Serial {
    fn each_chunk(&self, x: &mut [f32], len: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync)) {
        x.chunks_mut(len).enumerate().for_each(|(i, chunk)| work(i, chunk));
    }
}

/// A plan on its way: particles, and how many of its updates they have seen.
#[derive(Clone, Debug)]
pub struct Run {
    plan: Arc<Plan>,
    noise: Noise,
    dim: usize,
    x: Vec<f32>,
    done: usize,
}

impl Run {
    /// Particles `x`, shape (n, `dim`), before the first update of `plan`.
    #[must_use]
    pub fn new(plan: Plan, noise: Noise, dim: usize, x: Vec<f32>) -> Self {
        Self { plan: Arc::new(plan), noise, dim, x, done: 0 }
    }

    /// The positions, shape (n, d).
    #[must_use]
    pub fn positions(&self) -> &[f32] {
        &self.x
    }

    /// How many updates were made.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.done
    }

    /// The plan that is run.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// True after the last update.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.done == self.plan.updates().len()
    }

    /// Makes the next `updates` updates, or as many as are left.
    pub fn advance(&mut self, score: &dyn Score, updates: usize, spread: &dyn Spread) {
        let first = self.done;
        let last = first.saturating_add(updates).min(self.plan.updates().len());
        let (plan, noise, dim) = (&self.plan, self.noise, self.dim);
        spread.each_chunk(&mut self.x, CHUNK * dim, &|chunk, x| {
            let mut scratch = Scratch { s: vec![0.0; x.len()], z: vec![0.0; dim] };
            for (step, update) in (first..last).zip(&plan.updates()[first..last]) {
                apply(update, score, x, &mut scratch, |i, z| {
                    noise.normal(Purpose::Sampler, index(chunk * CHUNK + i), index(step), z);
                });
            }
        });
        self.done = last;
    }
}

struct Scratch {
    s: Vec<f32>,
    z: Vec<f32>,
}

/// One update of one chunk; `noise(i, z)` writes the noise of the chunk's particle i.
fn apply(update: &Update, score: &dyn Score, x: &mut [f32], scratch: &mut Scratch, noise: impl Fn(usize, &mut [f32])) {
    let Scratch { s, z } = scratch;
    let Update::Affine { a, b, c, sigma } = *update;
    if b != 0.0 {
        score.score(x, sigma, s);
    }
    let dim = z.len();
    for (i, (x, s)) in x.chunks_exact_mut(dim).zip(s.chunks_exact(dim)).enumerate() {
        if c != 0.0 {
            noise(i, z);
        }
        for ((x, s), z) in x.iter_mut().zip(s).zip(&*z) {
            *x = a * *x + b * s + c * z;
        }
    }
}

/// Particles and steps are numbered in 32 bits; both stay far below.
fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}
