//! One run of images on the score of its source: it is set up, moved on, and handed out.

use std::sync::Arc;
use std::time::Instant;

use super::command::{ImageSetting, ImageSource};
use super::frames::{ImageFacts, ImagesFrame};
use super::judge::{Judge, Judged, Tally};
use super::pictures::Pictures;
use super::start::ImageStart;
use super::watched::Watched;
use crate::distributions::Memory;
use crate::noise::Noise;
use crate::samplers::{Run, Serial, SettingError, Settings, Update};
use crate::score::Score;
use crate::session::worker::{Trouble, Waiting};
use crate::session::{ImageModel, Pool};
use crate::unet::ModelError;

/// A run, and what is known of its images.
pub struct Samples {
    pub setting: ImageSetting,
    settings: Settings,
    /// The source, where it is not the network.
    memory: Option<Arc<Memory>>,
    run: Run,
    /// Another for every run.
    number: usize,
    /// D of the last answer, shape (n, d).
    denoised: Option<Vec<f32>>,
    /// How long the last update took.
    seconds: Option<f64>,
    /// How long all of them took.
    spent: f64,
    judged: Option<Arc<Judged>>,
}

impl Samples {
    /// Images at their start.
    pub fn new(
        model: &ImageModel,
        setting: ImageSetting,
        memory: Option<Arc<Memory>>,
        number: usize,
    ) -> Result<Self, Trouble> {
        let sampling = setting.sampling(&model.scale()).map_err(|error| refused(&error))?;
        let (plan, sigma) = model.plan(&sampling).map_err(|error| refused(&error))?;
        let along_flow = !plan.updates().iter().any(Update::draws_noise);
        if matches!(setting.start, ImageStart::Between { .. }) && !along_flow {
            return Err(Trouble {
                what: "There is no way between the two seeds".to_owned(),
                why: format!("{} adds noise, and images would differ by that too", setting.entry.title),
                remedy: "Take a sampler of the flow: Heun, or DDIM with η = 0.".to_owned(),
            });
        }
        let dim = model.score.dim();
        let x = setting.start.draw(setting.seed, &plan, sigma, [setting.count, dim]);
        let run = Run::new(plan, Noise::new(setting.seed), dim, x);
        let settings = sampling.settings;
        let mut samples =
            Self { setting, settings, memory, run, number, denoised: None, seconds: None, spent: 0.0, judged: None };
        samples.keep_known();
        Ok(samples)
    }

    /// The score of the source.
    pub fn score<'a>(&'a self, model: &'a ImageModel) -> &'a dyn Score {
        self.memory.as_deref().map_or(&model.score, |memory| memory as _)
    }

    /// The next update; false where a command waits between two calls of the network: then it is made again later.
    pub fn update(&mut self, model: &ImageModel, waiting: &Waiting, stopwatch: bool) -> Result<bool, Trouble> {
        let mut run = self.run.clone();
        let watched = Watched::new(self.score(model), model.score.at_once() * model.score.dim(), waiting);
        let begun = Instant::now();
        run.advance(&watched, 1, &Serial);
        let (seen, seconds) = (watched.into_seen(), begun.elapsed().as_secs_f64());
        if let Some(error) = model.score.trouble() {
            return Err(stopped(&error));
        }
        if seen.gave_up {
            return Ok(false);
        }
        self.run = run;
        self.keep_known();
        self.denoised = seen.denoised.or(self.denoised.take());
        if stopwatch {
            self.seconds = Some(seconds);
            self.spent += seconds;
        }
        if self.run.positions().iter().all(|x| x.is_finite()) {
            return Ok(true);
        }
        Err(Trouble {
            what: "The sampler diverged".to_owned(),
            why: "an image is no longer finite: the steps are too large".to_owned(),
            remedy: "Lower step, or take more steps, and begin again with Restart.".to_owned(),
        })
    }

    fn keep_known(&mut self) {
        let done = self.run.done();
        let next = self.run.plan().updates().get(done).copied();
        self.setting.start.keep_known(next.as_ref(), self.setting.seed, done, self.run.positions_mut());
    }

    /// Whether every update is made.
    pub fn is_finished(&self) -> bool {
        self.run.is_finished()
    }

    /// The part of its way that it has gone.
    #[expect(clippy::cast_precision_loss, reason = "thousands of updates")]
    pub fn share(&self) -> f64 {
        self.run.done() as f64 / self.run.plan().updates().len().max(1) as f64
    }

    /// Whether the images are there and nobody has read them.
    pub fn wants_judge(&self) -> bool {
        self.is_finished() && self.judged.is_none() && self.run.positions().iter().all(|x| x.is_finite())
    }

    /// Reads the images and counts them.
    pub fn read_by(&mut self, judge: &Judge, tally: &mut Tally, facts: &ImageFacts, pool: &Pool) {
        let trained = self.trained_on(facts);
        let judged = judge.read(self.run.positions(), trained, pool);
        judge.count(tally, &self.setting, &judged, trained);
        self.judged = Some(Arc::new(judged));
    }

    /// How many cats the score was made from, where that is known.
    fn trained_on(&self, facts: &ImageFacts) -> Option<usize> {
        match self.setting.source {
            ImageSource::Network => facts.cats.and_then(|cats| cats.trained_on),
            ImageSource::Memory(cats) => Some(cats),
        }
    }

    /// The best that is known of the images without noise, shape (n, d).
    pub fn clean(&self) -> Option<&[f32]> {
        if self.is_finished() { Some(self.run.positions()) } else { self.denoised.as_deref() }
    }

    /// Factor of x in units of the images, and the noise level there: those of the next update.
    #[expect(clippy::cast_possible_truncation, reason = "σ is shown in f32")]
    fn level(&self) -> (f32, f32) {
        let plan = self.run.plan();
        let next = plan.updates().get(self.run.done());
        next.map_or((1.0, plan.final_sigma() as f32), |next| (next.scale(), next.sigma()))
    }

    /// What is handed out.
    pub fn frame(&self, model: &ImageModel, facts: &Arc<ImageFacts>, tally: &Tally, playing: bool) -> ImagesFrame {
        let (run, (scale, sigma)) = (&self.run, self.level());
        let (shape, range) = (facts.shape, model.score.noising().range());
        let x: Vec<f32> = run.positions().iter().map(|x| scale * x).collect();
        let denoised = self.denoised.as_ref().map(|denoised| Arc::new(Pictures::plain(denoised, shape, range)));
        ImagesFrame {
            model: Arc::clone(facts),
            setting: self.setting.clone(),
            settings: self.settings.clone(),
            run: self.number,
            x: run.positions().to_vec(),
            noisy: Arc::new(Pictures::noisy(&x, shape, range, sigma)),
            denoised,
            done: run.done(),
            updates: run.plan().updates().len(),
            nfe: run.nfe(),
            nfe_of_plan: run.plan().updates().iter().map(Update::nfe).sum(),
            sigma,
            seconds: self.seconds,
            spent: self.seconds.map(|_| self.spent),
            playing,
            judged: self.judged.clone(),
            coverage: tally.coverage(),
        }
    }
}

fn refused(error: &SettingError) -> Trouble {
    Trouble {
        what: "The sampler was not set up".to_owned(),
        why: error.to_string(),
        remedy: "Change the setting it names; until then everything stays as it was.".to_owned(),
    }
}

/// A network that does not answer.
pub fn stopped(error: &ModelError) -> Trouble {
    Trouble {
        what: "The network stopped".to_owned(),
        why: error.to_string(),
        remedy: "Open the model again, perhaps on the CPU.".to_owned(),
    }
}
