//! The examples of a training step: each is a function of the seed, the step and its number, whoever draws it.

use std::ops::Range;

use multiversion::multiversion;

use super::objectives::Example;
use super::training_config::{SigmaLaw, TrainingConfig};
use crate::distributions::Distribution;
use crate::lanes::{exp, ln};
use crate::noise::{Noise, Purpose};

/// What examples are drawn from.
pub struct Source<'a> {
    pub data: &'a dyn Distribution,
    pub config: &'a TrainingConfig,
    /// The ladder's levels.
    pub levels: &'a [f32],
    pub noise: Noise,
    pub step: u32,
}

/// Room for the examples of a block.
#[derive(Default)]
pub struct Examples {
    clean: Vec<f32>,
    z: Vec<f32>,
    v: Vec<f32>,
    sigma: Vec<f32>,
    /// The examples drawn last.
    pub all: Vec<Example>,
}

impl Examples {
    /// Draws the examples of these numbers.
    #[expect(clippy::cast_possible_truncation, reason = "a batch has at most 8192 examples, and scores are f32")]
    pub fn draw(&mut self, source: &Source<'_>, numbers: Range<usize>) {
        let Source { data, config, noise, step, .. } = *source;
        let (first, n) = (numbers.start as u32, numbers.len());
        for room in [&mut self.clean, &mut self.z, &mut self.v] {
            room.resize(2 * n, 0.0);
        }
        self.sigma.resize(n, 0.0);
        source.sigmas(first, &mut self.sigma);
        data.sample(&noise, 0.0, step.wrapping_mul(config.batch).wrapping_add(first), &mut self.clean);
        noise.normals(Purpose::Training, first, step, 2, &mut self.z);
        let projects = config.objective.directions == super::objectives::Directions::Projection;
        if projects {
            noise.normals(Purpose::Projection, first, step, 2, &mut self.v);
        }
        let pairs = self.clean.as_chunks::<2>().0.iter().zip(self.z.as_chunks::<2>().0).zip(self.v.as_chunks::<2>().0);
        self.all.clear();
        self.all.extend(pairs.zip(&self.sigma).map(|(((clean, z), v), &sigma)| {
            let x = [clean[0] + sigma * z[0], clean[1] + sigma * z[1]];
            let exact = if config.objective.wants_exact {
                data.log_density_and_score(x.map(f64::from), sigma.into()).1.map(|s| s as f32)
            } else {
                [0.0; 2]
            };
            Example { x, sigma, z: *z, v: *v, exact }
        }));
    }
}

impl Source<'_> {
    /// Writes the σ of the examples from `first` on.
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    fn sigmas(&self, first: u32, out: &mut [f32]) {
        let Self { config: TrainingConfig { sigmas, ladder, .. }, levels, noise, step, .. } = self;
        noise.uniforms(Purpose::Levels, first, *step, out);
        match *sigmas {
            SigmaLaw::Levels => out.iter_mut().for_each(|u| *u = chosen(levels, *u)),
            SigmaLaw::LogUniform => log_uniform(ladder.max() as f32, ladder.min() as f32, out),
            SigmaLaw::Single(sigma) => out.fill(sigma),
        }
    }
}

/// The level that a number uniform in (0, 1) chooses.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index below L"
)]
fn chosen(levels: &[f32], uniform: f32) -> f32 {
    levels[((uniform * levels.len() as f32) as usize).min(levels.len() - 1)]
}

/// u ← σ_min (σ_max/σ_min)^u
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn log_uniform(max: f32, min: f32, uniform: &mut [f32]) {
    let range = ln(max / min);
    for u in uniform {
        *u = min * exp(*u * range);
    }
}
