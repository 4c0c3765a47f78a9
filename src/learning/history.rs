//! The networks that a training went through, kept in memory and thinned, so that training time can be gone back through.

use std::sync::Arc;

use super::score_mlp::ScoreMlp;

/// Room for all of them together, in bytes of weights.
const ROOM: usize = 64 << 20;
/// However large the network is, and however small.
const FEWEST: usize = 8;
const MOST: usize = 128;

/// A network at some step.
#[derive(Clone)]
pub struct Moment {
    /// Steps behind it.
    pub steps: usize,
    /// The average of its weights.
    pub network: Arc<ScoreMlp>,
}

/// Networks at even distances of steps, the distance doubling whenever there are too many; the first is always among them.
#[derive(Clone)]
pub struct History {
    moments: Vec<Moment>,
    apart: usize,
}

impl Default for History {
    fn default() -> Self {
        Self { moments: Vec::new(), apart: 1 }
    }
}

impl History {
    /// Keeps the network at `steps` where it is far enough from the last one kept; `network` is only made then.
    pub fn offer(&mut self, steps: usize, network: impl FnOnce() -> ScoreMlp) {
        if self.moments.last().is_some_and(|last| steps < last.steps + self.apart) {
            return;
        }
        let network = Arc::new(network());
        let most = (ROOM / (4 * network.parameter_count())).clamp(FEWEST, MOST);
        self.moments.push(Moment { steps, network });
        while self.moments.len() > most {
            let mut index = 0;
            self.moments.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.apart *= 2;
        }
    }

    /// Forgets everything after `steps`, when training goes back.
    pub fn forget_after(&mut self, steps: usize) {
        self.moments.retain(|moment| moment.steps <= steps);
    }

    /// Oldest first.
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }
}
