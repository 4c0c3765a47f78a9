//! A part of a training step: draws its share of the batch, and adds up loss and gradient. Parts are fixed by the batch, so
//! that no sum depends on how many threads work on them.

use std::ops::Range;

use super::batch::{Examples, Source};
use super::fused::{Room, Turned};
use super::mlp_config::MlpConfig;
use super::objectives::{Answer, Example, Objective};
use super::score_mlp::{BLOCK, ScoreMlp};
use crate::lanes::LANES;

/// One part's sums, and room for its work.
#[derive(Default)]
pub struct Shard {
    /// The gradient by every parameter.
    pub gradient: Vec<f32>,
    /// Sum of the weighted losses, where the work came to its end.
    pub loss: Option<f64>,
    examples: Examples,
    room: Room,
}

impl Shard {
    /// The examples of these numbers, each counting `share`: forward, loss, backward. It is given up between two
    /// blocks, where that is asked for.
    pub fn work(
        &mut self,
        (net, turned): (&ScoreMlp, &Turned),
        source: &Source<'_>,
        numbers: Range<usize>,
        share: f32,
        give_up: &(dyn Fn() -> bool + Sync),
    ) {
        self.gradient.clear();
        self.gradient.resize(net.parameters().len(), 0.0);
        self.loss = None;
        let mut sum = 0.0;
        // Blocks of one size: room for one is room for all.
        let block = numbers.len().div_ceil(numbers.len().div_ceil(BLOCK).max(1)).max(1);
        for begin in numbers.clone().step_by(block) {
            if give_up() {
                return;
            }
            self.examples.draw(source, begin..(begin + block).min(numbers.end));
            let Self { gradient, examples, room, .. } = self;
            sum += loss_and_gradient(net, turned, source.config.objective, &examples.all, room, gradient, |sigma| {
                share * source.config.lambda(sigma)
            });
        }
        self.loss = Some(sum);
    }
}

/// Σ λ ℓ of the examples; adds its gradient by every parameter to `gradient`.
pub fn loss_and_gradient(
    net: &ScoreMlp,
    turned: &Turned,
    objective: &Objective,
    examples: &[Example],
    room: &mut Room,
    gradient: &mut [f32],
    lambda: impl Fn(f32) -> f32,
) -> f64 {
    let config = net.config();
    see(net, objective, examples, room);
    net.fused().forward(net.parameters(), room, true);
    let mut sum = 0.0;
    for (i, example) in examples.iter().enumerate() {
        let answers = Answers { config, objective, example, n: examples.len(), i };
        let (loss, by_answer) = (objective.loss)(example, &answers.read(&room.answer));
        let lambda = lambda(example.sigma);
        sum += f64::from(lambda * loss);
        answers.write(&mut room.answer, &by_answer, lambda);
    }
    net.fused().backward(net.parameters(), turned, room, gradient);
    sum
}

/// Fills in what the first layer sees of the examples, and the tangents that the objective or an energy wants.
fn see(net: &ScoreMlp, objective: &Objective, examples: &[Example], room: &mut Room) {
    let (config, inputs, n) = (net.config(), net.config().inputs(), examples.len());
    let tangents = if config.energy { 2 } else { objective.directions.len() };
    net.fused().prepare(room, n, tangents);
    let (values, moved) = room.inputs().split_at_mut(n * inputs);
    moved.fill(0.0);
    for (i, (row, example)) in values.chunks_exact_mut(inputs).zip(examples).enumerate() {
        let scaling = config.scaling(example.sigma);
        let [x, y] = [0, 1].map(|axis| scaling.input * (example.x[axis] - scaling.centre[axis]));
        (row[0], row[1]) = (x, y);
        config.embedding.write(example.sigma, &mut row[2..]);
        let directions = objective.directions.of(example);
        for (moved, direction) in moved.chunks_exact_mut(n * inputs).zip(directions) {
            let scale = if config.energy { 1.0 } else { scaling.input };
            for axis in 0..2 {
                moved[i * inputs + axis] = scale * direction[axis];
            }
        }
    }
}

/// Where example `i` of `n` finds the layers' answers, and what they mean.
struct Answers<'a> {
    config: &'a MlpConfig,
    objective: &'a Objective,
    example: &'a Example,
    n: usize,
    i: usize,
}

impl Answers<'_> {
    /// The place of F's component `axis`: of an energy it is the tangent along that axis.
    const fn value(&self, axis: usize) -> usize {
        if self.config.energy { ((1 + axis) * self.n + self.i) * LANES } else { self.i * LANES + axis }
    }

    /// The place of how that component changes along a direction.
    const fn slope(&self, direction: usize, axis: usize) -> usize {
        ((1 + direction) * self.n + self.i) * LANES + axis
    }

    /// s and ∇s d from what the layers answer.
    fn read(&self, answer: &[f32]) -> Answer {
        let scaling = self.config.scaling(self.example.sigma);
        let from_centre = |axis: usize| self.example.x[axis] - scaling.centre[axis];
        let score = [0, 1].map(|axis| scaling.skip * from_centre(axis) + scaling.output * answer[self.value(axis)]);
        let mut read = Answer { score, ..Answer::default() };
        let directions = self.objective.directions.of(self.example);
        for t in 0..self.objective.directions.len() {
            read.slopes[t] =
                [0, 1].map(|axis| scaling.skip * directions[t][axis] + scaling.output * answer[self.slope(t, axis)]);
        }
        read
    }

    /// The loss's gradient by what the layers answer, in its place.
    fn write(&self, answer: &mut [f32], by_answer: &Answer, lambda: f32) {
        let factor = lambda * self.config.scaling(self.example.sigma).output;
        if self.config.energy {
            answer[self.i * LANES] = 0.0;
        }
        for axis in 0..2 {
            answer[self.value(axis)] = factor * by_answer.score[axis];
            for t in 0..self.objective.directions.len() {
                answer[self.slope(t, axis)] = factor * by_answer.slopes[t][axis];
            }
        }
    }
}
