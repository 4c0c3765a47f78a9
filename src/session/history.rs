//! What is kept of a run on its way: positions to go back to, paths of some particles, and measures along the way.

use std::collections::BTreeMap;

use super::frames::TracePoint;
use super::mover::{Kept, Mover};
use crate::gpu::GpuError;

/// Most places of a run at which the paths of some particles are kept.
const PATH_POINTS: usize = 300;
/// Every so many of them the run is measured.
const MARK: usize = 4;
/// Particles with a path: the first ones.
const FOLLOWED: usize = 120;
/// Places of a path that are shown as its trail.
const TRAIL: usize = 24;
/// Memory for positions to go back to, in bytes.
const MEMORY: usize = 64 << 20;

/// Thinned by a fixed rule, so that it is a function of the run alone.
pub struct History {
    /// Updates between two places of a path.
    unit: usize,
    /// Updates of the whole plan.
    end: usize,
    /// Updates between two snapshots: a multiple of those between two measures.
    stride: usize,
    snapshots: BTreeMap<usize, Kept>,
    /// Shape (places, followed, 2).
    paths: Vec<f32>,
    followed: usize,
    trace: Vec<TracePoint>,
}

impl History {
    /// Of a run that has not begun.
    pub fn new(run: &Mover) -> Self {
        let end = run.plan().updates().len();
        let unit = end.div_ceil(PATH_POINTS).max(1);
        let most = (MEMORY / (8 * run.count()).max(1)).clamp(2, PATH_POINTS / MARK);
        let stride = unit * MARK * (end / (unit * MARK)).div_ceil(most).max(1);
        let followed = FOLLOWED.min(run.positions().len() / 2);
        let paths = run.positions()[..2 * followed].to_vec();
        Self { unit, end, stride, snapshots: BTreeMap::new(), paths, followed, trace: Vec::new() }
    }

    /// The next place at which the run is looked at.
    pub const fn next_stop(&self, done: usize) -> usize {
        let next = (done / self.unit + 1) * self.unit;
        if next < self.end { next } else { self.end }
    }

    /// Looks at a run that stands where it is to be looked at; `measure` is called where a measure is due.
    pub fn look(&mut self, run: &Mover, measure: impl FnOnce() -> TracePoint) -> Result<(), GpuError> {
        let done = run.done();
        if !done.is_multiple_of(self.unit) && done != self.end {
            return Ok(());
        }
        if done.is_multiple_of(self.unit) && done / self.unit == self.places() {
            self.paths.extend_from_slice(&run.positions()[..2 * self.followed]);
        }
        let due = done.is_multiple_of(self.unit * MARK) || done == self.end;
        if due && self.trace.last().is_none_or(|last| last.done < done) {
            self.trace.push(measure());
        }
        if done.is_multiple_of(self.stride) && !self.snapshots.contains_key(&done) {
            self.snapshots.insert(done, run.keep()?);
        }
        Ok(())
    }

    /// The latest snapshot from which update number `to` is still to come, and how many updates lie before it.
    pub fn before(&self, to: usize) -> Option<(usize, &Kept)> {
        self.snapshots.range(..to.max(1)).next_back().map(|(done, kept)| (*done, kept))
    }

    /// Measures so far, also those beyond where the run stands now.
    pub fn trace(&self) -> &[TracePoint] {
        &self.trace
    }

    /// The last places of the paths of a run, shape (places, particles, 2), and how many particles those are.
    pub fn trails(&self, run: &Mover) -> (Vec<f32>, usize) {
        let (width, here) = (2 * self.followed, run.done() / self.unit);
        let last = (here + 1).min(self.places());
        let first = last.saturating_sub(TRAIL);
        let mut trails = self.paths[first * width..last * width].to_vec();
        if !run.done().is_multiple_of(self.unit) {
            trails.extend_from_slice(&run.positions()[..width]);
        }
        (trails, self.followed)
    }

    fn places(&self) -> usize {
        self.paths.len() / (2 * self.followed).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;
    use crate::samplers::{Plan, Run, Update};

    fn run(updates: usize, particles: usize) -> Mover {
        let mut plan = Plan::towards(1.0);
        (0..updates).for_each(|_| plan.push(Update::langevin(0.1, 1.0)));
        Mover::Cpu(Run::new(plan, Noise::new(1), 2, vec![0.0; 2 * particles]))
    }

    #[test]
    fn memory_stays_bounded_whatever_the_run() {
        for (updates, particles) in [(18, 100), (1000, 2000), (1_000_000, 10), (1000, 2_000_000)] {
            let history = History::new(&run(updates, particles));
            let snapshots = updates / history.stride + 1;
            assert!(snapshots <= 4 || 8 * particles * (snapshots - 1) <= 2 * MEMORY, "{updates} {particles}");
            assert!(updates / history.unit <= PATH_POINTS && snapshots <= PATH_POINTS / MARK + 1);
        }
    }

    #[test]
    fn stops_are_the_multiples_and_the_end() {
        let history = History::new(&run(1001, 1));
        assert_eq!(history.unit, 4);
        assert_eq!([0, 3, 4, 999, 1000].map(|done| history.next_stop(done)), [4, 4, 8, 1000, 1001]);
    }
}
