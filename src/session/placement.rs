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
    pub fn of(
        cloud: &Cloud,
        graphics: Option<&Graphics>,
        particles: u32,
        obstacle: impl FnOnce() -> Option<String>,
    ) -> Self {
        let chosen = match cloud.device {
            Device::Cpu => None,
            Device::Auto => graphics.filter(|graphics| !graphics.is_software() && particles >= WORTH_IT),
            Device::Gpu => graphics,
        };
        match (chosen, chosen.and_then(|_| obstacle())) {
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
        1 => "CPU (1 thread)".to_owned(),
        threads => format!("CPU ({threads} threads)"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::scenario::{DEFAULT, Scenario};
    use crate::session::{Pace, PaneSetting, SamplingCommand, SamplingFrame, Session, TrainingCommand};

    /// Without any adapter there is nothing to place particles on.
    fn graphics() -> Option<Graphics> {
        Graphics::new().inspect_err(|error| eprintln!("NOT TESTED: {error}")).ok()
    }

    #[test]
    fn the_cpu_takes_what_is_not_for_the_adapter_and_says_why() {
        let asked = Cloud { device: Device::Gpu, particles: None };
        let none = Placement::of(&asked, None, 100, || None);
        assert!(none.graphics.is_none() && none.particles == 100 && none.remark.is_some());
        let many = Placement::of(&Cloud::default(), None, 1_000_000, || None);
        assert_eq!((many.particles, many.remark.is_some()), (MOST_ON_CPU, true));
        let Some(graphics) = graphics() else { return };
        let place = |device, particles, obstacle: Option<&str>| {
            let cloud = Cloud { device, particles: None };
            Placement::of(&cloud, Some(&graphics), particles, || obstacle.map(str::to_owned))
        };
        let there = place(Device::Gpu, 1_000_000, None);
        assert!(there.graphics.is_some() && there.particles == 1_000_000 && there.remark.is_none());
        let refused = place(Device::Gpu, 60_000, Some("no"));
        assert!(refused.graphics.is_none() && refused.particles == MOST_ON_CPU);
        assert_eq!(
            refused.remark.as_deref(),
            Some("no. 50000 of 60000 particles: more are moved by a graphics adapter only")
        );
        assert!(
            place(Device::Cpu, 10, Some("no")).remark.is_none() && place(Device::Auto, 9_999, None).graphics.is_none()
        );
        // A program on the processor is no gain, and is not chosen by itself.
        assert_eq!(place(Device::Auto, WORTH_IT, None).graphics.is_none(), graphics.is_software());
    }

    /// A session of the default scenario in virtual time, with one pane.
    fn session(graphics: &Graphics, cloud: Cloud, source: Source) -> Session {
        let scenario = Scenario::load(DEFAULT).unwrap();
        let pace = Pace::Virtual { training_steps: 0, frame: Duration::from_millis(40) };
        let mut session = Session::start(&scenario, 1, &pace);
        let sampling = scenario.sampling("annealed", []).unwrap();
        session.sample(SamplingCommand::Graphics(Box::new(graphics.clone())));
        session.sample(SamplingCommand::Cloud(cloud));
        session.sample(SamplingCommand::Setup(vec![PaneSetting { sampling, source }]));
        session
    }

    fn frame(session: &Session) -> Arc<SamplingFrame> {
        session.latest().panes[0].get().unwrap()
    }

    /// Paths agree as those of the executors do: 1e-3, see tests/gpu.rs.
    #[test]
    fn a_network_is_followed_on_the_adapter_as_on_the_cpu() {
        let Some(graphics) = graphics() else { return };
        let run = |device| {
            let mut session = session(&graphics, Cloud { device, particles: Some(500) }, Source::Learned);
            session.train(TrainingCommand::Step);
            session.sample(SamplingCommand::Play);
            (0..3).for_each(|_| session.tick());
            assert_eq!(session.troubles().count(), 0);
            frame(&session)
        };
        let (on_gpu, on_cpu) = (run(Device::Gpu), run(Device::Cpu));
        assert!(on_gpu.carrier.on_adapter.is_some() && on_cpu.carrier.on_adapter.is_none());
        assert_eq!((on_gpu.done, on_gpu.network_steps), (on_cpu.done, on_cpu.network_steps));
        assert!(on_gpu.done > 8 && on_gpu.network_steps.is_some() && on_gpu.x.len() == 1000);
        let furthest = on_gpu.x.iter().zip(&on_cpu.x).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(furthest <= 1e-3, "{furthest}");
    }

    #[test]
    fn a_lost_adapter_is_a_message_and_the_cpu_goes_on() {
        let Some(graphics) = graphics() else { return };
        let cloud = Cloud { device: Device::Gpu, particles: Some(3_000) };
        let mut session = session(&graphics, cloud, Source::Exact);
        session.sample(SamplingCommand::Play);
        session.tick();
        assert!(frame(&session).carrier.name.starts_with("GPU: ") && frame(&session).done == 4);
        graphics.lose();
        session.tick();
        let troubles: Vec<_> = session.troubles().collect();
        assert_eq!(troubles.len(), 1, "{troubles:?}");
        assert!(troubles[0].why.contains("was lost") && troubles[0].what.ends_with("pane 1"), "{troubles:?}");
        let fallen = frame(&session);
        assert!(fallen.carrier.name.starts_with("CPU (") && fallen.carrier.on_adapter.is_none() && !fallen.playing);
        assert_eq!((fallen.done, fallen.x.len(), fallen.carrier.remark.is_some()), (0, 6_000, true));
        session.sample(SamplingCommand::Play);
        session.tick();
        assert_eq!((frame(&session).done, session.troubles().count()), (4, 0));
    }
}
