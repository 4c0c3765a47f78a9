//! A pool of a stated number of threads, lent to the executor.

use rayon::prelude::*;

use crate::samplers::{Serial, Spread};

/// Threads for pieces of particles; what they compute does not depend on how many they are.
pub struct Pool(Option<rayon::ThreadPool>);

/// How many threads the machine runs at once.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Pool {
    /// As many threads as the machine has cores.
    #[must_use]
    pub fn per_core() -> Self {
        Self::of(cores())
    }

    /// `threads` threads. Where the system refuses them, the caller's own thread does the work.
    #[must_use]
    pub fn of(threads: usize) -> Self {
        Self(
            rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("particles {i}")).build().ok(),
        )
    }

    /// How many threads it has.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.0.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }
}

/// Lets this thread sleep.
pub fn rest(duration: std::time::Duration) {
    std::thread::sleep(duration);
}

impl Spread for Pool {
    fn each_chunk(&self, x: &mut [f32], len: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync)) {
        match &self.0 {
            // To wake a thread for a single piece takes longer than many a piece.
            Some(pool) if x.len() > len => {
                pool.install(|| x.par_chunks_mut(len).enumerate().for_each(|(i, chunk)| work(i, chunk)));
            }
            _ => Serial.each_chunk(x, len, work),
        }
    }

    /// On one of the pool's own threads: from there, the others are told without waking anybody.
    fn together(&self, work: &mut (dyn FnMut() + Send)) {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    fn threads(&self) -> usize {
        self.0.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }
}
