//! A plan on its way: on the CPU, or on the graphics adapter, from which the first positions are read back.

use std::sync::Arc;
use std::time::Duration;

use super::{Graphics, Pool, plain_network};
use crate::distributions::{Distribution, GaussianMixture};
use crate::gpu::{GpuError, Model, Moment, Particles};
use crate::learning::ScoreMlp;
use crate::noise::Noise;
use crate::samplers::{Plan, Run};
use crate::score::Score;

/// Particles on the graphics adapter whose positions are read back, to be measured: a share of them is known to ½ %.
const READ_BACK: usize = 10_000;

/// Longest piece of work for an adapter that also draws the window.
const PIECE: Duration = Duration::from_millis(6);

/// Whose score is followed.
#[derive(Clone, Copy)]
pub enum Follows<'a> {
    /// That of the data.
    Exact(&'a dyn Distribution),
    /// That of a network.
    Network(&'a ScoreMlp),
}

/// A plan on its way.
pub enum Mover {
    /// On the CPU.
    Cpu(Run),
    /// On the graphics adapter.
    Gpu(Box<OnAdapter>),
}

/// A moment of a run, to go back to.
#[derive(Clone)]
pub enum Kept {
    /// All of it.
    Cpu(Run),
    /// In the adapter's memory; `None` for the start.
    Gpu(Option<Moment>),
}

/// Particles in the adapter's memory.
pub struct OnAdapter {
    graphics: Graphics,
    plan: Plan,
    noise: Noise,
    start: Arc<Vec<f32>>,
    /// Once it is known what they follow.
    particles: Option<Particles>,
    /// Positions of the first of them.
    first: Vec<f32>,
    /// All positions as they were shown last.
    shown: Moment,
}

impl Mover {
    /// Particles `start`, shape (n, 2), before the first update, in the adapter's memory.
    pub fn on_adapter(graphics: Graphics, plan: Plan, noise: Noise, start: Arc<Vec<f32>>) -> Result<Self, GpuError> {
        let shown = Moment::of(&graphics, &start)?;
        let first = head(&start).to_vec();
        Ok(Self::Gpu(Box::new(OnAdapter { graphics, plan, noise, start, particles: None, first, shown })))
    }

    /// The positions, shape (n, 2): on the graphics adapter, those of the first particles.
    pub fn positions(&self) -> &[f32] {
        match self {
            Self::Cpu(run) => run.positions(),
            Self::Gpu(gpu) => &gpu.first,
        }
    }

    /// Particles in all.
    pub fn count(&self) -> usize {
        match self {
            Self::Cpu(run) => run.positions().len() / 2,
            Self::Gpu(gpu) => gpu.start.len() / 2,
        }
    }

    pub fn plan(&self) -> &Plan {
        match self {
            Self::Cpu(run) => run.plan(),
            Self::Gpu(gpu) => &gpu.plan,
        }
    }

    /// Updates made.
    pub fn done(&self) -> usize {
        match self {
            Self::Cpu(run) => run.done(),
            Self::Gpu(gpu) => gpu.particles.as_ref().map_or(0, Particles::done),
        }
    }

    /// Score evaluations so far, of the particle that took most.
    pub fn nfe(&self) -> usize {
        match self {
            Self::Cpu(run) => run.nfe(),
            Self::Gpu(gpu) => gpu.plan.nfe_of(self.done()),
        }
    }

    pub fn is_finished(&self) -> bool {
        self.done() == self.plan().updates().len()
    }

    /// Makes the next `updates` updates. On the graphics adapter, what is followed is settled by the first of them.
    pub fn advance(&mut self, follows: Follows<'_>, updates: usize, pool: &Pool) -> Result<(), GpuError> {
        match self {
            Self::Cpu(run) => run.advance(follows.score(), updates, pool),
            Self::Gpu(gpu) => gpu.advance(follows, updates)?,
        }
        Ok(())
    }

    pub fn keep(&self) -> Result<Kept, GpuError> {
        Ok(match self {
            Self::Cpu(run) => Kept::Cpu(run.clone()),
            Self::Gpu(gpu) => {
                Kept::Gpu(gpu.particles.as_ref().filter(|run| run.done() > 0).map(Particles::keep).transpose()?)
            }
        })
    }

    /// Goes to a moment of this run.
    pub fn go_to(&mut self, kept: &Kept) -> Result<(), GpuError> {
        match (self, kept) {
            (Self::Cpu(run), Kept::Cpu(kept)) => run.clone_from(kept),
            (Self::Gpu(gpu), Kept::Gpu(kept)) => gpu.go_to(kept.as_ref())?,
            // A run's moments are of its own kind.
            (Self::Cpu(_), Kept::Gpu(_)) | (Self::Gpu(_), Kept::Cpu(_)) => {}
        }
        Ok(())
    }

    /// Back to the start, where it may be settled anew what is followed.
    pub fn forget(&mut self) {
        if let Self::Gpu(gpu) = self {
            gpu.particles = None;
            gpu.first = head(&gpu.start).to_vec();
        }
    }

    /// All positions in the adapter's memory, where they are there: a copy that stays until the next call.
    pub fn show(&mut self) -> Result<Option<Moment>, GpuError> {
        let Self::Gpu(gpu) = self else { return Ok(None) };
        match &gpu.particles {
            Some(particles) => particles.keep_in(&mut gpu.shown)?,
            None => gpu.shown.write(&gpu.graphics, &gpu.start)?,
        }
        Ok(Some(gpu.shown.clone()))
    }

    /// The adapter's name, where it is one that moves the particles.
    pub fn adapter(&self) -> Option<&str> {
        match self {
            Self::Cpu(_) => None,
            Self::Gpu(gpu) => Some(gpu.graphics.name()),
        }
    }
}

impl<'a> Follows<'a> {
    fn score(self) -> &'a dyn Score {
        match self {
            Self::Exact(data) => data,
            Self::Network(network) => network,
        }
    }
}

impl OnAdapter {
    fn advance(&mut self, follows: Follows<'_>, updates: usize) -> Result<(), GpuError> {
        let mut particles = match self.particles.take() {
            Some(particles) => particles,
            None => self.begin(follows)?,
        };
        particles.advance(updates)?;
        self.first = particles.first_positions(READ_BACK)?;
        self.particles = Some(particles);
        Ok(())
    }

    fn begin(&self, follows: Follows<'_>) -> Result<Particles, GpuError> {
        let new = |model: Model<'_>| Particles::new(&self.graphics, model, &self.plan, self.noise, &self.start);
        let mut particles = match follows {
            Follows::Network(network) => new(Model::Mlp(&plain_network(network)))?,
            Follows::Exact(data) => {
                let mixture = GaussianMixture::new(&data.components());
                let mixture = mixture.map_err(|error| GpuError::Refused(error.to_string()))?;
                new(Model::Mixture(&mixture))?
            }
        };
        particles.keep_short(PIECE);
        Ok(particles)
    }

    fn go_to(&mut self, kept: Option<&Moment>) -> Result<(), GpuError> {
        let Some(particles) = &mut self.particles else { return Ok(()) };
        match kept {
            Some(moment) => particles.go_to(moment)?,
            None => particles.begin_again(&self.start)?,
        }
        self.first = particles.first_positions(READ_BACK)?;
        Ok(())
    }
}

/// The first particles.
fn head(x: &[f32]) -> &[f32] {
    &x[..x.len().min(2 * READ_BACK)]
}
