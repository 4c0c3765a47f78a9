//! The training worker: steps the trainer and hands out the network and the loss curve.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::command::TrainingCommand;
use super::frames::{Network, TrainingFrame};
use super::worker::{Trouble, Work};
use super::{Latest, Slot};
use crate::learning::{LearningError, Trainer};
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
    trainer: Option<Trainer>,
    running: bool,
    loss: Option<f32>,
    curve: Curve,
    speed: Speed,
}

impl Training {
    pub fn new(scenario: Scenario, seed: u64, steps_per_tick: Option<usize>, latest: Arc<Latest>) -> Self {
        let fresh = Self {
            scenario,
            seed,
            steps_per_tick,
            latest,
            trainer: None,
            running: false,
            loss: None,
            curve: Curve::default(),
            speed: Speed::default(),
        };
        fresh.hand_out();
        fresh
    }

    fn trainer(&mut self) -> Result<&mut Trainer, LearningError> {
        if self.trainer.is_none() {
            let Scenario { data, model, training, .. } = &self.scenario;
            let trainer = Trainer::new(Arc::clone(data), model.width, model.hidden, training.clone(), self.seed)?;
            self.trainer = Some(trainer);
        }
        // It was just put there.
        Ok(self.trainer.as_mut().expect("the trainer is there"))
    }

    fn step(&mut self) -> Result<(), Trouble> {
        let trainer = self.trainer().map_err(|error| trouble(&error))?;
        let loss = trainer.step();
        let steps = trainer.steps();
        match loss {
            Ok(loss) => {
                self.loss = Some(loss);
                self.curve.push(steps, loss);
                self.speed.count();
                Ok(())
            }
            Err(error) => {
                self.running = false;
                self.hand_out();
                Err(trouble(&error))
            }
        }
    }

    fn hand_out(&self) {
        let steps = self.trainer.as_ref().map_or(0, Trainer::steps);
        if let Some(trainer) = &self.trainer {
            self.latest.network.put(Network { score: Arc::new(trainer.network()), steps });
        }
        Slot::put(
            &self.latest.training,
            TrainingFrame {
                running: self.running,
                steps,
                loss: self.loss,
                history: Arc::new(self.curve.points.clone()),
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
            TrainingCommand::Step => self.step()?,
            TrainingCommand::Reset => {
                *self = Self::new(self.scenario.clone(), self.seed, self.steps_per_tick, Arc::clone(&self.latest));
                self.trainer().map_err(|error| trouble(&error))?;
            }
        }
        self.hand_out();
        Ok(())
    }

    fn advance(&mut self, frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        if self.trainer.is_none() {
            self.trainer().map_err(|error| trouble(&error))?;
            self.hand_out();
        }
        if !self.running {
            return Ok(None);
        }
        if let (Some(_), Some(steps)) = (frame, self.steps_per_tick) {
            (0..steps).try_for_each(|_| self.step())?;
        } else {
            let begun = Instant::now();
            while begun.elapsed() < HAND_OUT {
                self.step()?;
            }
        }
        self.hand_out();
        Ok(Some(Duration::ZERO))
    }
}

fn trouble(error: &LearningError) -> Trouble {
    let remedy = match error {
        LearningError::Diverged { .. } => "Reset the training; in the scenario, lower learning_rate.",
        LearningError::Tensor(_) => "Reset the training. If this happens again, please report it.",
    };
    Trouble { what: "Training stopped".to_owned(), why: error.to_string(), remedy: remedy.to_owned() }
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
