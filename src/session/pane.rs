//! One sampler at work: it goes forward update by update, and anywhere else from the nearest place that is kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Graphics;
use super::bench::Bench;
use super::command::{PaneSetting, Place, Source};
use super::frames::{Carrier, Network, Picture, SamplingFrame, TracePoint, Trails};
use super::history::History;
use super::mover::{Follows, Mover};
use super::placement::{Placement, by_cpu};
use super::yardstick::{Measured, Yardstick};
use crate::gpu::GpuError;
use crate::samplers::{Plan, Run, SettingError, Start, Update};

/// Measuring asks all of the data for all particles, and a distance sorts them in many directions. In real time each gets at
/// most one part in so many of it; what is shown is then older than the particles, and traces have fewer distances.
const MEASURING_PART: u32 = 10;

/// Particle-updates between two looks at the clock: what takes long is cut into single updates.
const AT_ONCE: usize = 1 << 20;

/// A run and everything that is known of it.
pub struct Pane {
    setting: PaneSetting,
    run: Mover,
    /// Why it is not moved where that was asked for.
    remark: Option<String>,
    /// What ended its run on the graphics adapter, until somebody asks.
    failure: Option<GpuError>,
    /// The network that the whole run follows: the newest at its first update, so that the way back is the way there.
    network: Option<Arc<Network>>,
    start: Arc<Vec<f32>>,
    /// Positions one update ago.
    before: Vec<f32>,
    history: History,
    yardstick: Yardstick,
    /// The last measure, when it was taken and how long it took.
    measured: Option<(Measured, Instant, Duration)>,
    /// When the last distance of the trace was taken and how long it took.
    compared: Option<(Instant, Duration)>,
    /// The updates with which a new noise level begins.
    levels: Vec<usize>,
}

impl Pane {
    pub fn new(setting: PaneSetting, bench: &Bench) -> Result<Self, SettingError> {
        let plan = setting.sampling.plan(&*bench.data)?;
        if plan.wants_density() && setting.source != Source::Exact {
            let (sampler, reason) = (setting.sampling.entry.name, Plan::NO_DENSITY.to_owned());
            return Err(SettingError::Together { sampler, reason });
        }
        let clean = plan.updates().iter().any(|update| update.sigma() <= 0.0);
        if clean && setting.source != Source::Exact && !bench.learns_clean {
            let (sampler, reason) =
                (setting.sampling.entry.name, "a learned score is known at sigma > 0 only".to_owned());
            return Err(SettingError::Together { sampler, reason });
        }
        let placement = bench.placement(&plan, setting.source);
        let start = Start::of(&setting.sampling.settings, &plan);
        let start = Arc::new(start.draw(&*bench.data, &bench.noise, placement.particles));
        let (sigma, levels) = (plan.final_sigma(), levels(&plan));
        let yardstick = Yardstick::new(&bench.data, sigma, bench.truth(sigma, placement.particles), &bench.view);
        let (run, failure) = mover(placement.graphics, plan, &start, bench);
        let history = History::new(&run);
        let mut pane = Self {
            setting,
            run,
            remark: placement.remark,
            failure: None,
            network: None,
            start,
            before: Vec::new(),
            history,
            yardstick,
            measured: None,
            compared: None,
            levels,
        };
        if let Some(error) = failure.or_else(|| pane.look(bench).err()) {
            pane.fall_back(error, bench);
        }
        Ok(pane)
    }

    /// What ended its run on the graphics adapter since this was last asked; it stands at its start on the CPU then.
    pub fn failure(&mut self) -> Option<GpuError> {
        self.failure.take()
    }

    /// From the start again, on the CPU.
    fn fall_back(&mut self, error: GpuError, bench: &Bench) {
        let Placement { particles, remark, .. } =
            Placement::on_cpu(u32::try_from(self.run.count()).unwrap_or(u32::MAX), Some(error.to_string()));
        let mut start = self.start.to_vec();
        start.truncate(2 * particles as usize);
        (self.start, self.remark, self.failure) = (Arc::new(start), remark, Some(error));
        self.run = on_cpu(self.run.plan().clone(), &self.start, bench);
        self.begin_history(bench);
    }

    /// With no memory of the last run, and the newest network.
    fn begin_history(&mut self, bench: &Bench) {
        self.history = History::new(&self.run);
        self.before.clear();
        (self.network, self.measured, self.compared) = (None, None, None);
        // Only on the graphics adapter a look can fail, and its start is not kept there.
        let _ = self.look(bench);
    }

    pub const fn setting(&self) -> &PaneSetting {
        &self.setting
    }

    pub fn is_finished(&self) -> bool {
        self.run.is_finished()
    }

    /// Back to the start, with the newest network and no memory of the last run.
    pub fn restart(&mut self, bench: &Bench) {
        if self.setting.source != Source::Exact {
            self.run.forget();
        }
        match self.history.before(1).map_or(Ok(()), |(_, first)| self.run.go_to(first)) {
            Ok(()) => self.begin_history(bench),
            Err(error) => self.fall_back(error, bench),
        }
    }

    /// The next `updates` updates, where there are any left and the score is there.
    pub fn advance(&mut self, updates: usize, bench: &Bench) {
        self.try_advance(updates, bench).unwrap_or_else(|error| self.fall_back(error, bench));
    }

    fn try_advance(&mut self, updates: usize, bench: &Bench) -> Result<(), GpuError> {
        if self.setting.source != Source::Exact && self.network.is_none() {
            self.network = bench.latest.network.get();
        }
        let network = self.network.clone();
        let follows = match (self.setting.source, &network) {
            (Source::Exact, _) => Follows::Exact(&*bench.data),
            (_, Some(network)) => Follows::Network(&network.score),
            (_, None) => return Ok(()),
        };
        let to = self.run.done().saturating_add(updates).min(self.run.plan().updates().len());
        while self.run.done() < to {
            let stop = self.history.next_stop(self.run.done()).min(to);
            let many = stop - self.run.done();
            // The last update alone: what it moves is shown as speed.
            if stop == to {
                self.run.advance(follows, many - 1, &bench.pool)?;
                self.before.clear();
                self.before.extend_from_slice(self.run.positions());
                self.run.advance(follows, 1, &bench.pool)?;
            } else {
                self.run.advance(follows, many, &bench.pool)?;
            }
            self.look(bench)?;
        }
        Ok(())
    }

    /// Goes as far as so many score evaluations in all pay for; an update whose price nobody knows before is made while
    /// any are left.
    pub fn spend(&mut self, evaluations: usize, bench: &Bench) {
        let mut spent = self.run.nfe();
        let left = &self.run.plan().updates()[self.run.done()..];
        let payable = left.iter().map_while(Update::nfe).take_while(|price| {
            spent += price;
            spent <= evaluations
        });
        let payable = payable.count();
        let open = left.first().is_some_and(|next| next.nfe().is_none()) && self.run.nfe() < evaluations;
        self.advance(payable + usize::from(open), bench);
    }

    /// Score evaluations made, per particle.
    pub fn nfe(&self) -> usize {
        self.run.nfe()
    }

    /// Goes at most `updates` updates towards place `to`, by the shortest way; true where it stands there.
    pub fn approach(&mut self, to: usize, updates: usize, bench: &Bench) -> bool {
        let here = self.run.done();
        if here == to {
            return true;
        }
        let jump = self.history.before(to).filter(|(done, _)| here > to || *done > here);
        if let Some((_, kept)) = jump {
            self.before.clear();
            self.run.go_to(kept).unwrap_or_else(|error| self.fall_back(error, bench));
        }
        let left = to.saturating_sub(self.run.done());
        self.advance(left.min(updates), bench);
        // A pane whose network is not there yet gets nowhere, and is not waited for; nor is one whose adapter is gone.
        self.run.done() == to || self.run.done() == here || self.failure.is_some()
    }

    /// Updates that are to be made between two looks at the clock, of `most`.
    pub fn updates_at_once(&self, most: usize) -> usize {
        (AT_ONCE / self.run.count().max(1)).clamp(1, most)
    }

    /// How many updates lie before a place.
    pub fn updates_at(&self, place: Place) -> usize {
        let updates = self.run.plan().updates();
        match place {
            Place::Update(n) => n.min(updates.len()),
            Place::Evaluations(nfe) if self.is_adaptive() => {
                let trace = self.history.trace();
                let beyond = trace.last().is_none_or(|last| last.nfe < nfe);
                let reached = trace.iter().take_while(|point| point.nfe <= nfe).last().map_or(0, |point| point.done);
                if beyond { updates.len() } else { reached }
            }
            Place::Evaluations(nfe) => {
                let mut spent = 0;
                let affordable = |update: &&Update| {
                    spent += update.nfe().unwrap_or(0);
                    spent <= nfe
                };
                updates.iter().take_while(affordable).count()
            }
        }
    }

    fn is_adaptive(&self) -> bool {
        self.run.plan().updates().iter().any(|update| update.nfe().is_none())
    }

    fn look(&mut self, bench: &Bench) -> Result<(), GpuError> {
        let (run, yardstick) = (&self.run, &self.yardstick);
        let end = run.done() == 0 || run.is_finished();
        let rested = self.compared.is_none_or(|(when, took)| when.elapsed() >= MEASURING_PART * took);
        let (due, mut compared) = (end || rested || !bench.hurry, None);
        self.history.look(run, || {
            let measured = yardstick.measure(run.positions());
            let begun = Instant::now();
            let sliced_wasserstein = if due { yardstick.distance(run.positions()) } else { None };
            compared = due.then(|| (Instant::now(), begun.elapsed()));
            TracePoint {
                done: run.done(),
                nfe: run.nfe(),
                heaviest: yardstick.heaviest(&measured.shares),
                off_mode: measured.shares.off_mode,
                sliced_wasserstein,
            }
        })?;
        self.compared = compared.or(self.compared);
        Ok(())
    }

    /// The shares of the modes and all that goes with them: where there is no `hurry`, as of now.
    fn measure(&mut self, hurry: bool) -> Measured {
        if let (true, Some((measured, when, took))) = (hurry, &self.measured)
            && when.elapsed() < MEASURING_PART * *took
        {
            return measured.clone();
        }
        let begun = Instant::now();
        let measured = self.yardstick.measure(self.run.positions());
        self.measured = Some((measured.clone(), Instant::now(), begun.elapsed()));
        measured
    }

    /// What is shown of it; `playing` panes have their distance as of the last measure, resting ones as of now. In a `hurry`
    /// the shares of the modes may be some frames old.
    pub fn frame(&mut self, playing: bool, hurry: bool, bench: &Bench) -> SamplingFrame {
        let on_adapter = self.run.show().unwrap_or_else(|error| {
            self.fall_back(error, bench);
            None
        });
        let measured = self.measure(hurry && playing);
        let carrier = Carrier {
            name: self.run.adapter().map_or_else(|| by_cpu(&bench.pool), |name| format!("GPU: {name}")),
            particles: self.run.count(),
            remark: self.remark.clone(),
            on_adapter,
        };
        let (run, plan) = (&self.run, self.run.plan());
        let (x, updates) = (run.positions().to_vec(), plan.updates().len());
        let past = self.history.trace().iter().take_while(|point| point.done <= run.done());
        let known = past.filter_map(|point| Some((point.done, point.sliced_wasserstein?))).last();
        let sliced_wasserstein = match known {
            Some((done, distance)) if playing || done == run.done() => Some(distance),
            _ => self.yardstick.distance(&x),
        };
        let (trails, followed) = self.history.trails(run);
        let moved = x.chunks_exact(2).zip(self.before.chunks_exact(2));
        let next = run.done().min(updates.saturating_sub(1));
        SamplingFrame {
            playing,
            carrier,
            done: run.done(),
            updates,
            nfe: run.nfe(),
            update: plan.updates().get(next).copied(),
            shares: measured.shares,
            level: self.levels.partition_point(|first| *first <= next),
            levels: self.levels.iter().filter_map(|first| plan.updates().get(*first)).map(Update::sigma).collect(),
            nfe_of_plan: (!self.is_adaptive()).then(|| plan.nfe()),
            settings: self.setting.sampling.settings.clone(),
            network_steps: self.network.as_ref().map(|network| network.steps),
            lost: measured.lost,
            sliced_wasserstein,
            floor: self.yardstick.floor(),
            trace: self.history.trace().to_vec(),
            picture: Picture {
                members: measured.members,
                moved: moved.map(|(x, y)| (x[0] - y[0]).hypot(x[1] - y[1])).collect(),
                start: Arc::clone(&self.start),
                centres: Arc::clone(bench.centres()),
                trails: Trails { x: trails, particles: followed },
            },
            x,
        }
    }
}

/// Particles before the first update, where they were placed; on the CPU where the graphics adapter has no room.
fn mover(graphics: Option<Graphics>, plan: Plan, start: &Arc<Vec<f32>>, bench: &Bench) -> (Mover, Option<GpuError>) {
    match graphics.map(|graphics| Mover::on_adapter(graphics, plan.clone(), bench.noise, Arc::clone(start))) {
        None => (on_cpu(plan, start, bench), None),
        Some(Ok(run)) => (run, None),
        Some(Err(error)) => (on_cpu(plan, start, bench), Some(error)),
    }
}

fn on_cpu(plan: Plan, start: &[f32], bench: &Bench) -> Mover {
    Mover::Cpu(Run::new(plan, bench.noise, 2, start.to_vec()))
}

/// The updates whose noise level is not that of the one before.
#[expect(clippy::float_cmp, reason = "a level is the same number as long as it lasts")]
fn levels(plan: &Plan) -> Vec<usize> {
    let updates = plan.updates();
    (0..updates.len()).filter(|i| *i == 0 || updates[*i].sigma() != updates[i - 1].sigma()).collect()
}
