//! What all panes stand on: the data, the noise, the network's slot, and the processors that move particles.

use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use super::command::{Cloud, Source};
use super::placement::{Placement, obstacle};
use super::yardstick::{Truth, mode_centres};
use super::{Graphics, Latest, PANES, Pool};
use crate::distributions::Distribution;
use crate::noise::Noise;
use crate::samplers::Plan;
use crate::scenario::{Scenario, View};

/// The truth, and the σ and the number of particles that it is for.
type Known = (f64, u32, Arc<Truth>);

/// What every pane shares.
pub struct Bench {
    pub data: Arc<dyn Distribution>,
    pub noise: Noise,
    pub view: View,
    pub latest: Arc<Latest>,
    pub pool: Arc<Pool>,
    /// The adapter that draws the window, once there is one.
    pub graphics: Option<Graphics>,
    /// How many particles, and what is to move them.
    pub cloud: Cloud,
    /// Whether time is real, and measuring must not take most of it.
    pub hurry: bool,
    /// Whether the network's score is the slope of an energy.
    energy: bool,
    /// Whether the network has a score at σ = 0.
    pub learns_clean: bool,
    centres: OnceCell<Arc<Vec<[f64; 2]>>>,
    /// The truth for the σ and the particles of the last few plans: panes mostly have the same.
    truths: RefCell<VecDeque<Known>>,
}

impl Bench {
    pub fn new(scenario: &Scenario, seed: u64, latest: Arc<Latest>, pool: Arc<Pool>) -> Self {
        let (data, noise) = (Arc::clone(&scenario.data), Noise::new(seed));
        let (learns_clean, energy) = (scenario.model.takes(0.0), scenario.model.energy);
        Self {
            data,
            noise,
            view: scenario.view,
            latest,
            pool,
            graphics: None,
            cloud: Cloud::default(),
            hurry: false,
            energy,
            learns_clean,
            centres: OnceCell::new(),
            truths: RefCell::default(),
        }
    }

    /// Where the particles of a pane are moved.
    pub fn placement(&self, plan: &Plan, source: Source) -> Placement {
        let particles = self.cloud.particles.unwrap_or(self.view.particles);
        let obstacle = || obstacle(plan, source, &*self.data, self.energy);
        Placement::of(&self.cloud, self.graphics.as_ref(), particles, obstacle)
    }

    /// The truth at a σ for so many particles, drawn once.
    #[expect(clippy::float_cmp, reason = "the same σ is the same number")]
    pub fn truth(&self, sigma: f64, particles: u32) -> Arc<Truth> {
        let mut truths = self.truths.borrow_mut();
        if let Some((_, _, known)) = truths.iter().find(|(of, many, _)| *of == sigma && *many == particles) {
            return Arc::clone(known);
        }
        let drawn = Arc::new(Truth::new(&*self.data, sigma, particles, &self.noise));
        truths.push_back((sigma, particles, Arc::clone(&drawn)));
        if truths.len() > PANES {
            truths.pop_front();
        }
        drawn
    }

    /// Where each mode of the data is.
    pub fn centres(&self) -> &Arc<Vec<[f64; 2]>> {
        self.centres.get_or_init(|| Arc::new(mode_centres(&*self.data, &self.noise)))
    }
}
