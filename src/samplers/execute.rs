//! The executor on the CPU: runs any plan on any score, to the same bits for any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::step::{Chunk, correction_norms};
use super::{Plan, Update};
use crate::noise::Noise;
use crate::score::Score;

/// Particles per piece of work. Fixed, so that no result depends on how the pieces are spread over threads.
pub(super) const CHUNK: usize = 512;

/// How pieces of work are spread: theory knows no threads, so whoever has some lends them here.
pub trait Spread: Sync {
    /// Calls `work(i, piece i)` for every piece of `len` numbers of `x`, in any order, and returns when all are done.
    fn each_chunk(&self, x: &mut [f32], len: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync));

    /// How many pieces are worked on at once: what work is cut by, never its result.
    fn threads(&self) -> usize {
        1
    }

    /// Calls `work`, which will spread pieces again and again, where that is done fastest.
    fn together(&self, work: &mut (dyn FnMut() + Send)) {
        work();
    }
}

/// Calls `work` with each item, in any order, and returns when all are done.
pub fn for_each<T: Send>(spread: &dyn Spread, items: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let items: Vec<_> = items.map(|item| Mutex::new(Some(item))).collect();
    spread.each_chunk(&mut vec![0.0; items.len()], 1, &|i, _| {
        let item = items[i].lock().unwrap_or_else(PoisonError::into_inner).take();
        item.into_iter().for_each(&work);
    });
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
    /// Score evaluations so far, by chunk.
    evaluations: Vec<usize>,
}

impl Run {
    /// Particles `x`, shape (n, `dim`), before the first update of `plan`.
    #[must_use]
    pub fn new(plan: Plan, noise: Noise, dim: usize, x: Vec<f32>) -> Self {
        let evaluations = vec![0; x.len().div_ceil(CHUNK * dim)];
        Self { plan: Arc::new(plan), noise, dim, x, done: 0, evaluations }
    }

    /// The positions, shape (n, d).
    #[must_use]
    pub fn positions(&self) -> &[f32] {
        &self.x
    }

    /// The same, to be changed between two updates.
    pub fn positions_mut(&mut self) -> &mut [f32] {
        &mut self.x
    }

    /// How many updates were made.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.done
    }

    /// Score evaluations so far, of the particle that took most.
    #[must_use]
    pub fn nfe(&self) -> usize {
        self.evaluations.iter().copied().max().unwrap_or(0)
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
    ///
    /// # Panics
    /// Where the plan wants a density that `score` does not know: see [`Plan::refusal`].
    pub fn advance(&mut self, score: &dyn Score, updates: usize, spread: &dyn Spread) {
        let last = self.done.saturating_add(updates).min(self.plan.updates().len());
        while self.done < last {
            let plan = Arc::clone(&self.plan);
            let rest = &plan.updates()[self.done..last];
            let alone = rest.iter().take_while(|update| !update.is_coupled()).count();
            if alone > 0 {
                self.advance_apart(&rest[..alone], score, spread);
            } else {
                self.advance_together(rest[0], score, spread);
            }
        }
    }

    /// Updates in which particles do not know of each other: each chunk makes all of them before the next chunk begins.
    fn advance_apart(&mut self, updates: &[Update], score: &dyn Score, spread: &dyn Spread) {
        let (first, noise, dim) = (self.done, self.noise, self.dim);
        let made: Vec<_> = self.evaluations.iter().map(|_| AtomicUsize::new(0)).collect();
        spread.each_chunk(&mut self.x, CHUNK * dim, &|i, x| {
            let mut chunk = Chunk::new(x, dim, noise, i * CHUNK);
            let nfe = (first..).zip(updates).map(|(step, update)| chunk.apply(update, score, step)).sum();
            made[i].store(nfe, Ordering::Relaxed);
        });
        self.done += updates.len();
        self.evaluations.iter_mut().zip(made).for_each(|(evaluations, made)| *evaluations += made.into_inner());
    }

    /// A corrector: first the norms of all particles, then the step that they decide.
    fn advance_together(&mut self, update: Update, score: &dyn Score, spread: &dyn Spread) {
        let Update::Corrector { snr, alpha, .. } = update else { return };
        let (step, noise, dim) = (self.done, self.noise, self.dim);
        // Per particle: the score in d numbers, then its norm and that of the noise.
        let width = dim + 2;
        let mut records = vec![0.0; self.x.len() / dim * width];
        let x = &self.x;
        spread.each_chunk(&mut records, CHUNK * width, &|i, records| {
            let first = i * CHUNK;
            let particles = records.len() / width;
            correction_norms(
                update,
                score,
                &x[first * dim..(first + particles) * dim],
                records,
                dim,
                noise,
                first,
                step,
            );
        });
        let total = |at: usize| records.chunks_exact(width).map(|record| f64::from(record[dim + at])).sum::<f64>();
        // Where the score is 0 for all particles the rule has no answer: then nothing moves.
        let length = total(0);
        let ratio = if length > 0.0 { f64::from(snr) * total(1) / length } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, reason = "particles move in f32")]
        let epsilon = (2.0 * f64::from(alpha) * ratio * ratio) as f32;
        spread.each_chunk(&mut self.x, CHUNK * dim, &|i, x| {
            let records = &records[i * CHUNK * width..];
            Chunk::new(x, dim, noise, i * CHUNK).correct(records, epsilon, step);
        });
        self.done += 1;
        self.evaluations.iter_mut().for_each(|evaluations| *evaluations += 1);
    }
}
