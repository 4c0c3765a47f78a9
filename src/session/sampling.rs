//! The sampling worker: the same start and the same noise in every pane, each under its own sampler.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::command::{PaneSetting, SamplingCommand, Source};
use super::frames::SamplingFrame;
use super::worker::{Trouble, Work};
use super::{Latest, PANES, Pool};
use crate::distributions::Distribution;
use crate::metrics::{ModeShares, mode_shares};
use crate::noise::Noise;
use crate::samplers::{Plan, Run, SettingError, Start};
use crate::scenario::Scenario;

/// Real time between two hand-outs: about a frame of the window.
const HAND_OUT: Duration = Duration::from_millis(16);

/// Updates between two looks at the clock.
const UPDATES_AT_ONCE: usize = 4;

/// Counting the particles of each mode asks all of the data for all particles. While panes play in real time it gets at most
/// one part in so many of it; the shares that are shown are then older than the particles.
const COUNTING_PART: u32 = 10;

/// Updates per second before anybody chooses.
pub const DEFAULT_SPEED: f32 = 100.0;

pub struct Sampling {
    data: Arc<dyn Distribution>,
    noise: Noise,
    particles: u32,
    latest: Arc<Latest>,
    pool: Arc<Pool>,
    panes: Vec<Pane>,
    playing: bool,
    speed: f32,
    due: f64,
    last: Instant,
    /// When the shares of the modes were last counted, and how long it took.
    counted: (Instant, Duration),
}

struct Pane {
    setting: PaneSetting,
    run: Run,
    shares: ModeShares,
}

impl Sampling {
    pub fn new(scenario: &Scenario, seed: u64, latest: Arc<Latest>, pool: Arc<Pool>) -> Self {
        Self {
            data: Arc::clone(&scenario.data),
            noise: Noise::new(seed),
            particles: scenario.view.particles,
            latest,
            pool,
            panes: Vec::new(),
            playing: false,
            speed: DEFAULT_SPEED,
            due: 0.0,
            last: Instant::now(),
            counted: (Instant::now(), Duration::ZERO),
        }
    }

    fn pane(&self, setting: PaneSetting) -> Result<Pane, SettingError> {
        let plan = setting.sampling.plan(&*self.data)?;
        if plan.wants_density() && setting.source != Source::Exact {
            let (sampler, reason) = (setting.sampling.entry.name, Plan::NO_DENSITY.to_owned());
            return Err(SettingError::Together { sampler, reason });
        }
        let start = Start::of(&setting.sampling.settings, &plan);
        let x = start.draw(&*self.data, &self.noise, self.particles);
        let shares = ModeShares { weights: Vec::new(), off_mode: 0.0 };
        Ok(Pane { setting, run: Run::new(plan, self.noise, 2, x), shares })
    }

    fn setup(&mut self, settings: Vec<PaneSetting>) -> Result<(), Trouble> {
        let panes = settings.into_iter().take(PANES).map(|setting| self.pane(setting)).collect::<Result<_, _>>();
        self.panes = panes.map_err(|error| Trouble {
            what: "The sampler was not set up".to_owned(),
            why: error.to_string(),
            remedy: "Change the setting it names; until then the panes stay as they were.".to_owned(),
        })?;
        Ok(())
    }

    /// The next `updates` updates in every pane that has any left and whose score is there.
    fn advance_panes(&mut self, updates: usize) {
        let network = self.latest.network.get();
        for pane in &mut self.panes {
            match (pane.setting.source, &network) {
                (Source::Learned | Source::Difference, Some(network)) => {
                    pane.run.advance(&*network.score, updates, &*self.pool);
                }
                (Source::Learned | Source::Difference, None) => {}
                (Source::Exact, _) => pane.run.advance(&*self.data, updates, &*self.pool),
            }
        }
        if self.panes.iter().all(|pane| pane.run.is_finished()) {
            self.playing = false;
        }
    }

    /// Counts the shares of the modes, in every pane.
    fn count(&mut self) {
        let begun = Instant::now();
        for pane in &mut self.panes {
            pane.shares = mode_shares(&*self.data, pane.run.plan().final_sigma(), pane.run.positions());
        }
        self.counted = (Instant::now(), begun.elapsed());
    }

    fn hand_out(&self) {
        for (pane, slot) in self.panes.iter().zip(&self.latest.panes) {
            let (run, plan) = (&pane.run, pane.run.plan());
            let updates = plan.updates().len();
            slot.put(SamplingFrame {
                playing: self.playing,
                x: run.positions().to_vec(),
                done: run.done(),
                updates,
                nfe: run.nfe(),
                update: plan.updates().get(run.done().min(updates.saturating_sub(1))).copied(),
                shares: pane.shares.clone(),
            });
        }
    }

    /// Whole updates that `elapsed` seconds make due; the rest is kept for the next time.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number, rounded down"
    )]
    fn updates_due(&mut self, elapsed: Duration) -> usize {
        self.due += f64::from(self.speed) * elapsed.as_secs_f64().min(0.1);
        // A hair more, so that three thirds make one.
        let whole = (self.due + 1e-6).floor();
        self.due -= whole;
        whole as usize
    }
}

impl Work for Sampling {
    type Command = SamplingCommand;

    fn obey(&mut self, command: SamplingCommand) -> Result<(), Trouble> {
        match command {
            SamplingCommand::Setup(settings) => self.setup(settings)?,
            SamplingCommand::Play => {
                self.playing = self.panes.iter().any(|pane| !pane.run.is_finished());
                (self.last, self.due) = (Instant::now(), 0.0);
            }
            SamplingCommand::Pause => self.playing = false,
            SamplingCommand::Step => self.advance_panes(1),
            SamplingCommand::Reset => {
                self.playing = false;
                self.setup(self.panes.iter().map(|pane| pane.setting.clone()).collect())?;
            }
            SamplingCommand::Speed(updates_per_second) => self.speed = updates_per_second,
        }
        self.count();
        self.hand_out();
        Ok(())
    }

    fn advance(&mut self, frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        if !self.playing {
            return Ok(None);
        }
        let elapsed = frame.unwrap_or_else(|| self.last.elapsed());
        self.last = Instant::now();
        let mut due = self.updates_due(elapsed);
        let begun = Instant::now();
        let any = due > 0;
        while due > 0 {
            let updates = due.min(UPDATES_AT_ONCE);
            self.advance_panes(updates);
            due -= updates;
            // Slower than asked for is better than deaf: what is not made by now is not made up for.
            if frame.is_none() && begun.elapsed() > HAND_OUT {
                break;
            }
        }
        if any {
            let (when, took) = self.counted;
            // Pictures in virtual time, and those that stay, show the shares of their own particles.
            if frame.is_some() || !self.playing || when.elapsed() >= COUNTING_PART * took {
                self.count();
            }
            self.hand_out();
        }
        Ok(self.playing.then(|| HAND_OUT.saturating_sub(self.last.elapsed())))
    }
}
