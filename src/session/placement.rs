//! Where the particles of a pane are moved: what was asked for, what there is, and what can be done there.

use super::command::{Cloud, Device, Source};
use super::{Graphics, Pool};
use crate::distributions::Distribution;
use crate::gpu::Program;
use crate::samplers::Plan;

/// Fewest particles for which a graphics card is chosen by itself: with fewer, handing out work takes longer than the work.
const WORTH_IT: u32 = 10_000;

/// Most particles that the CPU moves and the window's thread draws.
pub const MOST_ON_CPU: u32 = 50_000;

/// Where particles are moved, and how many.
pub struct Placement {
    /// The adapter; `None` for the CPU.
    pub graphics: Option<Graphics>,
    pub particles: u32,
    /// Why it is not as was asked for.
    pub remark: Option<String>,
}

impl Placement {
    /// Places `particles` particles; `obstacle` says why the graphics adapter cannot move them, if it cannot.
    pub fn of(cloud: &Cloud, graphics: Option<&Graphics>, particles: u32, obstacle: Option<String>) -> Self {
        let chosen = match cloud.device {
            Device::Cpu => None,
            Device::Auto => graphics.filter(|graphics| !graphics.is_software() && particles >= WORTH_IT),
            Device::Gpu => graphics,
        };
        match (chosen, obstacle) {
            (Some(graphics), None) => Self { graphics: Some(graphics.clone()), particles, remark: None },
            (Some(_), Some(obstacle)) if cloud.device == Device::Gpu => Self::on_cpu(particles, Some(obstacle)),
            (None, _) if cloud.device == Device::Gpu => Self::on_cpu(
                particles,
                Some("There is no graphics adapter that draws this window and computes".to_owned()),
            ),
            _ => Self::on_cpu(particles, None),
        }
    }

    /// On the CPU, as many as it takes.
    pub fn on_cpu(wanted: u32, remark: Option<String>) -> Self {
        let particles = wanted.min(MOST_ON_CPU);
        let fewer = (particles < wanted)
            .then(|| format!("{particles} of {wanted} particles: more are moved by a graphics adapter only"));
        let remarks: Vec<String> = remark.into_iter().chain(fewer).collect();
        Self { graphics: None, particles, remark: (!remarks.is_empty()).then(|| remarks.join(". ")) }
    }
}

/// Why no graphics adapter moves particles by this plan under this score, if none does.
pub fn obstacle(plan: &Plan, source: Source, data: &dyn Distribution, energy: bool) -> Option<String> {
    let of_score = match source {
        Source::Exact if data.components().is_empty() => {
            Some("The graphics adapter knows exact scores of Gaussian mixtures only".to_owned())
        }
        Source::Learned | Source::Difference if energy => {
            Some("The graphics adapter knows no slopes, and the network is an energy".to_owned())
        }
        _ => None,
    };
    of_score.or_else(|| Program::new(plan).err().map(|error| error.to_string()))
}

/// The processor as the window names it.
pub fn by_cpu(pool: &Pool) -> String {
    match pool.threads() {
        1 => "CPU, 1 thread".to_owned(),
        threads => format!("CPU, {threads} threads"),
    }
}
