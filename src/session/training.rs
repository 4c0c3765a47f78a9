//! The training worker: steps the trainer and hands out the network and the loss curve.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::command::TrainingCommand;
use super::frames::{Network, TrainingFrame};
use super::worker::{Trouble, Waiting, Work};
use super::{Latest, Pool, Slot, cores};
use crate::learning::{Guarded, History, LearningError, Moment, ScoreMlp, Trainer, TrainingConfig};
use crate::samplers::{Serial, Spread};
use crate::scenario::Scenario;

/// Real time between two hand-outs: about a frame of the window.
const HAND_OUT: Duration = Duration::from_millis(30);

/// Entries of the loss history at which it is thinned to half.
const LONGEST_HISTORY: usize = 600;

pub struct Training {
    scenario: Scenario,
    seed: u64,
    steps_per_tick: Option<usize>,
    latest: Arc<Latest>,
    waiting: Waiting,
    guarded: Option<Guarded>,
    spread: Option<Box<dyn Spread>>,
    history: History,
    looking: Option<Moment>,
    running: bool,
    owed: usize,
    loss: Option<f32>,
    curve: Curve,
    speed: Speed,
}

impl Training {
    pub fn new(
        scenario: Scenario,
        seed: u64,
        steps_per_tick: Option<usize>,
        latest: Arc<Latest>,
        waiting: Waiting,
    ) -> Self {
        let fresh = Self {
            scenario,
            seed,
            steps_per_tick,
            latest,
            waiting,
            guarded: None,
            spread: None,
            history: History::default(),
            looking: None,
            running: false,
            owed: 0,
            loss: None,
            curve: Curve::default(),
            speed: Speed::default(),
        };
        fresh.hand_out();
        fresh
    }

    fn guarded(&mut self) -> Result<&mut Guarded, LearningError> {
        if self.guarded.is_none() {
            let Scenario { data, model, training, .. } = &self.scenario;
            let trainer = Trainer::new(Arc::clone(data), model.clone(), training.clone(), self.seed)?;
            self.history.offer(0, || trainer.network());
            self.guarded = Some(Guarded::new(trainer));
        }
        // It was just put there.
        Ok(self.guarded.as_mut().expect("it is there"))
    }

    fn trainer(&self) -> Option<&Trainer> {
        self.guarded.as_ref().map(Guarded::trainer)
    }

    /// One step. Whether it was made: it is given up, and made again later, where a command waits.
    fn step(&mut self) -> Result<bool, Trouble> {
        self.guarded().map_err(|error| trouble(&error))?;
        // Made here, on the thread that gives way, so that its helpers give way too; half of the cores stay with the window.
        let (steps_per_tick, threads) = (self.steps_per_tick, cores() / 2);
        let spread = self.spread.get_or_insert_with(|| match (steps_per_tick, threads) {
            (Some(_), _) | (None, 0 | 1) => Box::new(Serial),
            (None, threads) => Box::new(Pool::of(threads)),
        });
        let Some(guarded) = &mut self.guarded else { return Ok(false) };
        match guarded.step_unless(&**spread, &|| self.waiting.any()) {
            Ok(None) => Ok(false),
            Ok(Some(loss)) => {
                let trainer = guarded.trainer();
                let steps = trainer.steps();
                self.loss = Some(loss);
                self.curve.push(steps, loss);
                self.speed.count();
                self.history.offer(steps, || trainer.network());
                Ok(true)
            }
            Err(error) => {
                let steps = guarded.trainer().steps();
                Err(self.pause_at(steps, &error))
            }
        }
    }

    /// Pauses a training that went wrong, at the last good step, where it is again, and says so.
    fn pause_at(&mut self, steps: usize, error: &LearningError) -> Trouble {
        (self.running, self.owed) = (false, 0);
        self.history.forget_after(steps);
        self.curve.forget_after(steps);
        self.looking = self.looking.take().filter(|moment| moment.steps <= steps);
        let mut trouble = trouble(error);
        trouble.remedy = format!("It is paused at step {steps}, where all was well. {}", trouble.remedy);
        self.hand_out();
        trouble
    }

    /// Goes on with another configuration, from the weights there are.
    fn change(&mut self, config: TrainingConfig) -> Result<(), Trouble> {
        self.guarded().and_then(|guarded| guarded.change(config.clone())).map_err(|error| trouble(&error))?;
        self.scenario.training = config;
        Ok(())
    }

    /// Forgets what was learned, and keeps the threads.
    fn reset(&mut self) -> Result<(), LearningError> {
        let (spread, latest, waiting) = (self.spread.take(), Arc::clone(&self.latest), self.waiting.clone());
        *self = Self::new(self.scenario.clone(), self.seed, self.steps_per_tick, latest, waiting);
        self.spread = spread;
        self.guarded().map(drop)
    }

    /// Where the moment looked at stands among those kept: the last that is not later, if it was thinned out itself.
    fn place(&self, looking: &Moment) -> Option<usize> {
        self.history.moments().partition_point(|moment| moment.steps <= looking.steps).checked_sub(1)
    }

    /// The network that is shown: of the moment looked at, or as it is now.
    fn shown(&self) -> Option<(Arc<ScoreMlp>, usize)> {
        let past = self.looking.as_ref().map(|moment| (Arc::clone(&moment.network), moment.steps));
        past.or_else(|| self.trainer().map(|trainer| (Arc::new(trainer.network()), trainer.steps())))
    }

    fn hand_out(&self) {
        let steps = self.trainer().map_or(0, Trainer::steps);
        if let Some((score, steps)) = self.shown() {
            self.latest.network.put(Network { score, steps });
        }
        Slot::put(
            &self.latest.training,
            TrainingFrame {
                running: self.running,
                steps,
                loss: self.loss,
                history: Arc::new(self.curve.points.clone()),
                moments: self.history.moments().iter().map(|moment| moment.steps).collect(),
                looking: self.looking.as_ref().and_then(|moment| self.place(moment)),
                config: self.trainer().map(|trainer| trainer.config().clone()),
                steps_per_second: self.speed.per_second.filter(|_| self.running && self.steps_per_tick.is_none()),
            },
        );
    }
}

impl Work for Training {
    type Command = TrainingCommand;
    const GIVES_WAY: bool = true;

    fn obey(&mut self, command: TrainingCommand) -> Result<(), Trouble> {
        match command {
            TrainingCommand::Start => {
                self.running = true;
                self.speed = Speed::default();
            }
            TrainingCommand::Pause => self.running = false,
            TrainingCommand::Step => self.owed += usize::from(!self.step()?),
            TrainingCommand::Change(config) => self.change(*config)?,
            TrainingCommand::Look(moment) => {
                self.looking = moment.and_then(|index| self.history.moments().get(index).cloned());
            }
            TrainingCommand::Reset => self.reset().map_err(|error| trouble(&error))?,
        }
        self.hand_out();
        Ok(())
    }

    fn advance(&mut self, frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        if self.guarded.is_none() {
            self.guarded().map_err(|error| trouble(&error))?;
            self.hand_out();
        }
        let owes = self.owed > 0;
        while self.owed > 0 && self.step()? {
            self.owed -= 1;
        }
        if !self.running {
            if owes {
                self.hand_out();
            }
            // What is still owed, a command has put off.
            return Ok((self.owed > 0).then_some(Duration::ZERO));
        }
        if let (Some(_), Some(steps)) = (frame, self.steps_per_tick) {
            (0..steps).try_for_each(|_| self.step().map(drop))?;
        } else {
            let begun = Instant::now();
            while begun.elapsed() < HAND_OUT && self.step()? {}
        }
        self.hand_out();
        Ok(Some(Duration::ZERO))
    }
}

fn trouble(error: &LearningError) -> Trouble {
    let (what, remedy) = match error {
        LearningError::Diverged { .. } => ("Training stopped", "Lower the learning rate, then start it again."),
        LearningError::Conflict(_) => ("The training was not changed", "It goes on as before."),
    };
    Trouble { what: what.to_owned(), why: error.to_string(), remedy: remedy.to_owned() }
}

/// The loss curve: means over spans of steps; spans double when there are too many.
struct Curve {
    points: Vec<[f64; 2]>,
    span: usize,
    open: (usize, f64),
}

impl Default for Curve {
    fn default() -> Self {
        Self { points: Vec::new(), span: 1, open: (0, 0.0) }
    }
}

impl Curve {
    #[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
    fn forget_after(&mut self, steps: usize) {
        self.points.retain(|[step, _]| *step <= steps as f64);
        self.open = (0, 0.0);
    }

    #[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
    fn push(&mut self, step: usize, loss: f32) {
        self.open.0 += 1;
        self.open.1 += f64::from(loss);
        if self.open.0 < self.span {
            return;
        }
        self.points.push([step as f64, self.open.1 / self.open.0 as f64]);
        self.open = (0, 0.0);
        if self.points.len() >= LONGEST_HISTORY {
            self.points = self.points.chunks_exact(2).map(|two| [two[1][0], 0.5 * (two[0][1] + two[1][1])]).collect();
            self.span *= 2;
        }
    }
}

/// Steps per second, over about the last second of real time.
struct Speed {
    since: Instant,
    steps: u32,
    per_second: Option<f64>,
}

impl Default for Speed {
    fn default() -> Self {
        Self { since: Instant::now(), steps: 0, per_second: None }
    }
}

impl Speed {
    fn count(&mut self) {
        self.steps += 1;
        let seconds = self.since.elapsed().as_secs_f64();
        if seconds > 1.0 {
            *self = Self { per_second: Some(f64::from(self.steps) / seconds), ..Self::default() };
        }
    }
}
