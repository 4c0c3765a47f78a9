//! The sampling worker: the same start and the same noise in every pane, each under its own sampler.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::command::{PaneSetting, Place, SamplingCommand};
use super::pane::Pane;
use super::worker::{Trouble, Work};
use super::{Latest, PANES, Pool};
use crate::samplers::with_nfe;
use crate::scenario::Scenario;

/// Real time between two hand-outs: about a frame of the window.
const HAND_OUT: Duration = Duration::from_millis(16);

/// Updates between two looks at the clock.
const UPDATES_AT_ONCE: usize = 8;

/// Score evaluations of the dearest update.
const DEAREST: usize = 2;

/// Updates per second of virtual time where as many are asked for as there can be.
const VIRTUAL_SPEED: f32 = 20_000.0;

/// Seconds for which the end of a run is seen before it begins again.
const SEEN: f64 = 1.5;

/// Updates per second before anybody chooses.
pub const DEFAULT_SPEED: f32 = 100.0;

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Sampling {
    bench: Bench,
    /// What was asked for; with equal NFE, panes differ from it.
    wanted: Vec<PaneSetting>,
    panes: Vec<Pane>,
    playing: bool,
    looped: bool,
    equal_nfe: bool,
    by_evaluations: bool,
    /// Score evaluations that are paid for, where time is counted in them.
    paid: usize,
    /// Where every pane is going, in updates.
    target: Option<Vec<usize>>,
    speed: f32,
    due: f64,
    /// Seconds since every pane was done.
    rested: f64,
    last: Instant,
}

impl Sampling {
    pub fn new(scenario: &Scenario, seed: u64, latest: Arc<Latest>, pool: Arc<Pool>) -> Self {
        Self {
            bench: Bench::new(scenario, seed, latest, pool),
            wanted: Vec::new(),
            panes: Vec::new(),
            playing: false,
            looped: false,
            equal_nfe: false,
            by_evaluations: false,
            paid: 0,
            target: None,
            speed: DEFAULT_SPEED,
            due: 0.0,
            rested: 0.0,
            last: Instant::now(),
        }
    }

    /// Every pane anew, with other particles or elsewhere.
    fn set_up_again(&mut self) -> Result<(), Trouble> {
        (self.target, self.rested) = (None, 0.0);
        self.panes.clear();
        self.setup()
    }

    /// What ended runs on the graphics adapter: those panes stand at their starts, and everything stops.
    fn failures(&mut self) -> Result<(), Trouble> {
        let failed = |(index, pane): (usize, &mut Pane)| Some((index + 1, pane.failure()?));
        let failed: Vec<_> = self.panes.iter_mut().enumerate().filter_map(failed).collect();
        let Some((_, error)) = failed.first() else { return Ok(()) };
        let panes: Vec<String> = failed.iter().map(|(pane, _)| pane.to_string()).collect();
        let trouble = Trouble {
            what: format!("The graphics adapter moves no more particles of pane {}", panes.join(", ")),
            why: error.to_string(),
            remedy: "The CPU moves them from now on; press Play to begin again.".to_owned(),
        };
        (self.playing, self.target) = (false, None);
        self.hand_out(false);
        Err(trouble)
    }

    /// Panes whose setting is as before stay where they are; the others start. One that is refused leaves all as they are.
    fn setup(&mut self) -> Result<(), Trouble> {
        let settings = self.settings();
        let as_before = |index: usize, setting| self.panes.get(index).is_some_and(|pane| pane.setting() == setting);
        let fresh = settings.iter().enumerate().map(|(index, setting)| {
            (!as_before(index, setting)).then(|| Pane::new(setting.clone(), &self.bench)).transpose()
        });
        let fresh = fresh.collect::<Result<Vec<_>, _>>().map_err(|error| {
            let remedy = "Change the setting it names; until then the panes stay as they were.";
            Trouble::of("The sampler was not set up", &error.to_string(), remedy)
        })?;
        let mut old = std::mem::take(&mut self.panes).into_iter();
        self.panes = fresh
            .into_iter()
            .filter_map(|fresh| {
                let old = old.next();
                fresh.or(old)
            })
            .collect();
        Ok(())
    }

    /// What is wanted, with the lengths of the later panes matched to the first where that is asked for.
    fn settings(&self) -> Vec<PaneSetting> {
        let mut settings: Vec<_> = self.wanted.iter().take(PANES).cloned().collect();
        let Some((first, others)) = settings.split_first_mut().filter(|_| self.equal_nfe) else { return settings };
        let target = first.sampling.plan(&*self.bench.data).map_or(0, |plan| plan.nfe());
        if target > 0 {
            for PaneSetting { sampling, .. } in others {
                sampling.settings = with_nfe(sampling.entry, &sampling.settings, target);
            }
        }
        settings
    }

    /// So many updates more in every pane that has any left and whose score is there; or so many score evaluations, which
    /// keep panes together whose updates cost differently.
    fn advance_panes(&mut self, ticks: usize) {
        if !(self.by_evaluations || self.equal_nfe) {
            return self.panes.iter_mut().for_each(|pane| pane.advance(ticks, &self.bench));
        }
        let furthest = self.panes.iter().map(Pane::nfe).max().unwrap_or(0);
        // What nobody could spend, as where a network is not there yet, is not saved up.
        self.paid = self.paid.clamp(furthest, furthest + DEAREST) + ticks;
        self.panes.iter_mut().for_each(|pane| pane.spend(self.paid, &self.bench));
    }

    /// Updates between two looks at the clock.
    fn updates_at_once(&self) -> usize {
        self.panes.iter().map(|pane| pane.updates_at_once(UPDATES_AT_ONCE)).min().unwrap_or(UPDATES_AT_ONCE)
    }

    fn all_finished(&self) -> bool {
        self.panes.iter().all(Pane::is_finished)
    }

    fn restart(&mut self) {
        self.target = None;
        (self.rested, self.due, self.paid) = (0.0, 0.0, 0);
        self.panes.iter_mut().for_each(|pane| pane.restart(&self.bench));
    }

    fn seek(&mut self, place: Place) {
        (self.rested, self.paid) = (0.0, 0);
        self.target = Some(self.panes.iter().map(|pane| pane.updates_at(place)).collect());
    }

    /// On the way to where every pane is going; virtual time waits for the end of it.
    fn approach(&mut self, frame: Option<Duration>) {
        let begun = Instant::now();
        while let Some(target) = &self.target {
            let mut there = true;
            for (pane, to) in self.panes.iter_mut().zip(target) {
                there &= pane.approach(*to, pane.updates_at_once(UPDATES_AT_ONCE), &self.bench);
            }
            if there {
                self.target = None;
            }
            if frame.is_none() && begun.elapsed() > HAND_OUT {
                break;
            }
        }
    }

    /// In a `hurry`, as while playing in real time, what takes long to measure may be some frames old.
    fn hand_out(&mut self, hurry: bool) {
        for (index, slot) in self.bench.latest.panes.iter().enumerate() {
            match self.panes.get_mut(index) {
                Some(pane) => slot.put(pane.frame(self.playing, hurry, &self.bench)),
                None => slot.clear(),
            }
        }
    }

    /// Whole updates, or score evaluations, that `elapsed` makes due; the rest is kept for the next time.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number, rounded down"
    )]
    fn updates_due(&mut self, elapsed: Duration, frame: Option<Duration>) -> usize {
        let speed = match (self.speed.is_finite(), frame) {
            (true, _) => self.speed,
            (false, Some(_)) => VIRTUAL_SPEED,
            (false, None) => return usize::MAX,
        };
        self.due += f64::from(speed) * elapsed.as_secs_f64().min(0.1);
        // A hair more, so that three thirds make one.
        let whole = (self.due + 1e-6).floor();
        self.due -= whole;
        whole as usize
    }

    /// At the end of every run: begins again after a while, or stops.
    fn finish(&mut self, elapsed: Duration) {
        self.rested += elapsed.as_secs_f64();
        if !self.looped {
            self.playing = false;
        } else if self.rested >= SEEN {
            self.restart();
        }
    }

    fn play(&mut self, frame: Option<Duration>) {
        let begun = Instant::now();
        let elapsed = frame.unwrap_or_else(|| self.last.elapsed());
        self.last = begun;
        let mut due = self.updates_due(elapsed, frame);
        let any = due > 0;
        while due > 0 && !self.all_finished() {
            let updates = due.min(self.updates_at_once());
            self.advance_panes(updates);
            due -= updates;
            // Slower than asked for is better than deaf: what is not made by now is not made up for.
            if frame.is_none() && begun.elapsed() > HAND_OUT {
                break;
            }
        }
        let finished = self.all_finished();
        if finished {
            self.finish(elapsed);
        }
        if any || finished {
            self.hand_out(frame.is_none());
        }
    }

    /// Works a little, as [`Work::advance`] asks.
    fn work(&mut self, frame: Option<Duration>) -> Option<Duration> {
        if self.target.is_some() {
            self.approach(frame);
            self.last = Instant::now();
            if self.target.is_none() && self.all_finished() && !self.looped {
                self.playing = false;
            }
            self.hand_out(frame.is_none());
            return if self.target.is_some() || self.playing { Some(Duration::ZERO) } else { None };
        }
        if !self.playing {
            return None;
        }
        self.play(frame);
        self.playing.then(|| HAND_OUT.saturating_sub(self.last.elapsed()))
    }
}

impl Work for Sampling {
    type Command = SamplingCommand;

    fn obey(&mut self, command: SamplingCommand) -> Result<(), Trouble> {
        match command {
            SamplingCommand::Setup(settings) => {
                let before = std::mem::replace(&mut self.wanted, settings);
                (self.target, self.paid) = (None, 0);
                self.setup().inspect_err(|_| self.wanted = before)?;
            }
            SamplingCommand::EqualNfe(on) => {
                self.equal_nfe = on;
                (self.target, self.paid) = (None, 0);
                self.setup()?;
            }
            SamplingCommand::Cloud(cloud) if cloud == self.bench.cloud => return Ok(()),
            SamplingCommand::Cloud(cloud) => {
                self.bench.cloud = cloud;
                self.set_up_again()?;
            }
            SamplingCommand::Graphics(graphics) => {
                self.bench.graphics = Some(*graphics);
                self.set_up_again()?;
            }
            SamplingCommand::ByEvaluations(on) => self.by_evaluations = on,
            SamplingCommand::Play => {
                self.playing = self.looped && !self.panes.is_empty() || !self.all_finished();
                (self.last, self.due, self.rested) = (Instant::now(), 0.0, 0.0);
            }
            SamplingCommand::Pause => self.playing = false,
            SamplingCommand::Step => {
                self.target = None;
                self.advance_panes(1);
            }
            SamplingCommand::Reset => {
                self.playing = false;
                self.restart();
            }
            SamplingCommand::Speed(updates_per_second) => self.speed = updates_per_second,
            SamplingCommand::Loop(on) => self.looped = on,
            SamplingCommand::Seek(place) => {
                // The next work goes there; a slider that is dragged asks often, and only its last wish counts.
                self.seek(place);
                return Ok(());
            }
        }
        self.hand_out(false);
        self.failures()
    }

    fn advance(&mut self, frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        self.bench.hurry = frame.is_none();
        let idle = self.work(frame);
        self.failures()?;
        Ok(idle)
    }
}
