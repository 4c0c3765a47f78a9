//! How long a dispatch may be: in particles and updates, of an amount of work that follows the clock where it is to be short.

use std::time::{Duration, Instant};

/// Most pulls (particles × updates × what an evaluation takes, in modes of a mixture) in one dispatch: some milliseconds on a
/// graphics card, some seconds on the processor. Drivers take a card that is silent for two seconds from the program.
const PULLS: u64 = 1 << 27;

/// Fewest pulls of a dispatch that is kept short.
const FEWEST: u64 = 1 << 16;

/// How much work a dispatch takes.
#[derive(Debug)]
pub struct Pace {
    most: u64,
    /// How long a dispatch may take, and when one was waited for last.
    short: Option<(Duration, Option<Instant>)>,
}

impl Pace {
    /// As much as no driver minds.
    pub const fn long() -> Self {
        Self { most: PULLS, short: None }
    }

    /// As much as takes about `time`: little first.
    pub const fn short(time: Duration) -> Self {
        Self { most: FEWEST, short: Some((time, None)) }
    }

    /// How many updates a dispatch may make of so many particles, each of so many pulls.
    pub fn updates(&self, particles: u32, pulls: u64) -> u32 {
        let pulls = u64::from(particles).saturating_mul(pulls).max(1);
        u32::try_from(self.most / pulls).unwrap_or(u32::MAX).max(1)
    }

    /// How many particles it may move at all, in whole workgroups of `tile`.
    pub fn particles(&self, pulls: u64, tile: u32) -> u32 {
        let groups = self.most / pulls.max(1) / u64::from(tile);
        u32::try_from(groups.clamp(1, 1 << 23)).unwrap_or(1) * tile
    }

    /// A dispatch was waited for: two are under way at most, so that it took as long as since the last one.
    pub fn waited(&mut self) {
        let now = Instant::now();
        if let Some((may, last)) = &mut self.short
            && let Some(last) = last.replace(now)
        {
            self.most = adapted(self.most, now - last, *may);
        }
    }

    /// What passed since the last dispatch was no work.
    pub const fn rested(&mut self) {
        if let Some((_, last)) = &mut self.short {
            *last = None;
        }
    }
}

/// Pulls of the next dispatches: more after one that took less than half of what it may, fewer after one that took longer.
fn adapted(most: u64, took: Duration, may: Duration) -> u64 {
    match took {
        _ if took > may => (most / 2).max(FEWEST),
        _ if took < may / 2 => (most * 2).min(PULLS),
        _ => most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_dispatch_is_long_and_none_is_empty() {
        let pace = Pace::long();
        assert_eq!(pace.updates(10_000, 25), 536);
        assert_eq!(pace.updates(u32::MAX, 1 << 20), 1);
        assert_eq!(pace.updates(0, 1), 1 << 27);
        assert_eq!([1, 25, 1 << 20, 1 << 40].map(|pulls| pace.particles(pulls, 64)), [1 << 27, 5_368_704, 128, 64]);
        assert_eq!(Pace::short(Duration::ZERO).particles(264, 204), 204);
    }

    #[test]
    fn dispatches_become_as_long_as_they_may_be() {
        let may = Duration::from_millis(8);
        assert_eq!(adapted(1 << 20, Duration::from_millis(3), may), 1 << 21);
        assert_eq!(adapted(1 << 20, Duration::from_millis(5), may), 1 << 20);
        assert_eq!(adapted(1 << 20, Duration::from_millis(9), may), 1 << 19);
        assert_eq!(adapted(PULLS, Duration::ZERO, may), PULLS);
        assert_eq!(adapted(FEWEST, may * 2, may), FEWEST);
    }
}
