//! The images worker: opens models, makes updates one by one, and looks at an image under noise between two of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::LatestImages;
use super::command::{ImageModelChoice, ImageSetting, ImagesCommand, Look};
use super::frames::{ImageFacts, ImagesFrame, KernelTimes, LookFrame};
use super::pictures::Pictures;
use super::watched::Watched;
use crate::gpu::KernelShare;
use crate::noise::{Noise, Purpose};
use crate::samplers::{Run, Serial, SettingError, Settings, Update};
use crate::score::Score;
use crate::session::worker::{self, Trouble, Waiting};
use crate::session::{Device, Graphics, ImageModel, Pool, Slot};
use crate::unet::ModelError;

/// σ s is shown from minus this to this: three standard deviations of the noise that it stands for.
const NOISE_SHOWN: f32 = 3.0;

/// What the worker has and has to do.
pub struct Work {
    latest: Arc<LatestImages>,
    waiting: Waiting,
    /// The adapter that draws the window: it outlives a worker that panicked.
    graphics: Arc<Slot<Graphics>>,
    pool: Option<Arc<Pool>>,
    open: Option<Open>,
    playing: bool,
    /// Single updates that are asked for.
    steps: usize,
    /// A number for every run.
    runs: usize,
    to_look: Option<Look>,
    /// Whether the last thing done was to look.
    looked: bool,
    to_time: bool,
}

/// A model and its samples.
struct Open {
    model: ImageModel,
    facts: Arc<ImageFacts>,
    samples: Samples,
}

/// A run on a model.
struct Samples {
    setting: ImageSetting,
    settings: Settings,
    run: Run,
    number: usize,
    /// D of the last answer, shape (n, d).
    denoised: Option<Vec<f32>>,
    seconds: Option<f64>,
}

impl Work {
    pub fn new(latest: Arc<LatestImages>, graphics: Arc<Slot<Graphics>>, waiting: Waiting) -> Self {
        latest.opening.clear();
        latest.samples.clear();
        latest.look.clear();
        latest.kernels.clear();
        Self {
            latest,
            waiting,
            graphics,
            pool: None,
            open: None,
            playing: false,
            steps: 0,
            runs: 0,
            to_look: None,
            looked: false,
            to_time: false,
        }
    }

    fn open(&mut self, choice: ImageModelChoice, setting: ImageSetting) -> Result<(), Trouble> {
        let pool = Arc::clone(self.pool.get_or_insert_with(|| Arc::new(Pool::per_core())));
        let size = choice.side.map(|side| [side; 2]);
        // A program on the processor draws the window too, and its frames would wait behind every call.
        let graphics = self.graphics.get();
        let graphics = graphics.filter(|graphics| choice.device == Device::Gpu || !graphics.is_software());
        let opened = ImageModel::open(&choice.folder, size, choice.device, graphics.as_deref(), &pool);
        let model = opened.and_then(|model| match model.score.shape()[0] {
            1 | 3 => Ok(model),
            c => Err(ModelError::Input(format!("its images have {c} channels, and a picture has 1 or 3"))),
        });
        let model = model.map_err(|error| {
            let what = format!("The model {} is not opened", choice.folder.display());
            Trouble::of(what, &error.to_string(), "Choose another folder, size or device.")
        })?;
        let facts = Arc::new(ImageFacts {
            choice,
            device: model.device.clone(),
            bytes: model.bytes,
            parameters: model.parameters,
            shape: model.score.shape(),
            scale: model.scale(),
            clock: model.clock,
        });
        let samples = self.samples(&model, setting)?;
        self.latest.look.clear();
        self.latest.kernels.clear();
        (self.playing, self.steps, self.to_look) = (false, 0, None);
        self.open = Some(Open { model, facts, samples });
        Ok(())
    }

    fn samples(&mut self, model: &ImageModel, setting: ImageSetting) -> Result<Samples, Trouble> {
        let refused = |error: SettingError| Trouble {
            what: "The sampler was not set up".to_owned(),
            why: error.to_string(),
            remedy: "Change the setting it names; until then everything stays as it was.".to_owned(),
        };
        model.check_room(setting.count).map_err(|error| {
            let remedy = "Until then everything stays as it was.";
            Trouble::of(format!("{} images have no room", setting.count), &error.to_string(), remedy)
        })?;
        let sampling = setting.sampling(&model.scale()).map_err(refused)?;
        let run = model.run(&sampling, setting.seed, setting.count).map_err(refused)?;
        self.runs += 1;
        let settings = sampling.settings;
        Ok(Samples { setting, settings, run, number: self.runs, denoised: None, seconds: None })
    }

    /// Other samples of the model that is open; without one, there is nothing to set up.
    fn set_up(&mut self, setting: ImageSetting) -> Result<(), Trouble> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        let samples = self.samples(&open.model, setting);
        let refused = samples.map(|samples| open.samples = samples);
        self.open = Some(open);
        self.steps = 0;
        refused
    }

    /// The next update, unless a command waits between two calls of the network: then it is made again later.
    fn update(&mut self, stopwatch: bool) -> Result<(), Trouble> {
        let Some(Open { model, samples, .. }) = &mut self.open else { return Ok(()) };
        let before = samples.run.clone();
        let watched = Watched::new(&model.score, &self.waiting);
        let begun = Instant::now();
        samples.run.advance(&watched, 1, &Serial);
        let (seen, seconds) = (watched.into_seen(), begun.elapsed().as_secs_f64());
        if let Some(error) = model.score.trouble() {
            samples.run = before;
            return Err(stopped(&error));
        }
        if seen.gave_up {
            samples.run = before;
            return Ok(());
        }
        self.steps = self.steps.saturating_sub(1);
        samples.denoised = seen.denoised.or(samples.denoised.take());
        samples.seconds = stopwatch.then_some(seconds);
        if samples.run.is_finished() {
            (self.playing, self.steps) = (false, 0);
        }
        if samples.run.positions().iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        Err(Trouble {
            what: "The sampler diverged".to_owned(),
            why: "an image is no longer finite: the steps are too large".to_owned(),
            remedy: "Lower step, or take more steps, and begin again with Restart.".to_owned(),
        })
    }

    fn look(&self, look: Look) -> Result<(), Trouble> {
        let Some(Open { model, samples, .. }) = &self.open else { return Ok(()) };
        let (score, sigma) = (&model.score, look.sigma);
        let mut x = vec![0.0; score.dim()];
        let index = look.image.unwrap_or(0);
        let noise = Noise::new(samples.setting.seed);
        noise.normals(Purpose::Start, u32::try_from(index).unwrap_or(0), 0, score.dim(), &mut x);
        x.iter_mut().for_each(|z| *z *= sigma);
        let clean = look.image.and_then(|index| samples.clean()?.chunks_exact(score.dim()).nth(index));
        x.iter_mut().zip(clean.into_iter().flatten()).for_each(|(x, clean)| *x += clean);
        let mut s = vec![0.0; x.len()];
        score.score(&x, sigma, &mut s);
        if let Some(error) = score.trouble() {
            return Err(stopped(&error));
        }
        let (shape, range) = (score.shape(), score.noising().range());
        let denoised: Vec<f32> = x.iter().zip(&s).map(|(x, s)| x + sigma * sigma * s).collect();
        self.latest.look.put(LookFrame {
            look,
            noisy: Arc::new(Pictures::noisy(&x, shape, range, sigma)),
            score: Arc::new(Pictures::new(&s, shape, |s| 0.5 + 0.5 * sigma * s / NOISE_SHOWN)),
            denoised: Arc::new(Pictures::plain(&denoised, shape, range)),
        });
        Ok(())
    }

    fn time(&self) -> Result<(), Trouble> {
        let Some(Open { model, samples, .. }) = &self.open else { return Ok(()) };
        let images = samples.setting.count.min(model.score.at_once());
        let mut shares = KernelShare::of(&model.score.time(images).map_err(|error| stopped(&error))?);
        shares.sort_by(|a, b| b.total.seconds.total_cmp(&a.total.seconds));
        self.latest.kernels.put(KernelTimes { images, shares });
        Ok(())
    }

    fn hand_out(&self) {
        if let Some(open) = &self.open {
            self.latest.samples.put(open.frame(self.playing));
        }
    }

    fn is_finished(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.samples.run.is_finished())
    }

    fn works(&self) -> bool {
        self.playing || self.steps > 0
    }

    /// The one thing that comes first; `frame` as for [`worker::Work::advance`].
    fn work(&mut self, frame: Option<Duration>) -> Result<(), Trouble> {
        let time_passes = frame != Some(Duration::ZERO);
        // Whoever drags σ asks all the time: between two looks the samples have their turn.
        let turn = self.works() && time_passes && std::mem::take(&mut self.looked);
        if let Some(look) = self.to_look.take_if(|_| !turn) {
            self.looked = true;
            return self.look(look);
        }
        if std::mem::take(&mut self.to_time) {
            return self.time();
        }
        if self.works() && time_passes {
            // In virtual time a stopwatch would show what no two runs have in common.
            self.update(frame.is_none())?;
            self.hand_out();
        }
        Ok(())
    }
}

fn stopped(error: &ModelError) -> Trouble {
    Trouble {
        what: "The network stopped".to_owned(),
        why: error.to_string(),
        remedy: "Open the model again, perhaps on the CPU.".to_owned(),
    }
}

impl Samples {
    /// The best that is known of the images without noise, shape (n, d).
    fn clean(&self) -> Option<&[f32]> {
        if self.run.is_finished() { Some(self.run.positions()) } else { self.denoised.as_deref() }
    }

    /// Factor of x in units of the images, and the noise level there: those of the next update.
    #[expect(clippy::cast_possible_truncation, reason = "σ is shown in f32")]
    fn level(&self) -> (f32, f32) {
        let plan = self.run.plan();
        let next = plan.updates().get(self.run.done());
        next.map_or((1.0, plan.final_sigma() as f32), |next| (next.scale(), next.sigma()))
    }
}

impl Open {
    fn frame(&self, playing: bool) -> ImagesFrame {
        let Self { model, facts, samples } = self;
        let (run, (scale, sigma)) = (&samples.run, samples.level());
        let (shape, range) = (facts.shape, model.score.noising().range());
        let x: Vec<f32> = run.positions().iter().map(|x| scale * x).collect();
        let denoised = samples.denoised.as_ref().map(|denoised| Arc::new(Pictures::plain(denoised, shape, range)));
        ImagesFrame {
            model: Arc::clone(facts),
            setting: samples.setting.clone(),
            settings: samples.settings.clone(),
            run: samples.number,
            x: run.positions().to_vec(),
            noisy: Arc::new(Pictures::noisy(&x, shape, range, sigma)),
            denoised,
            done: run.done(),
            updates: run.plan().updates().len(),
            nfe: run.nfe(),
            nfe_of_plan: run.plan().updates().iter().map(Update::nfe).sum(),
            sigma,
            seconds: samples.seconds,
            playing,
        }
    }
}

impl worker::Work for Work {
    type Command = ImagesCommand;

    fn obey(&mut self, command: ImagesCommand) -> Result<(), Trouble> {
        match command {
            ImagesCommand::Open(choice, setting) => {
                let opened = self.open(choice, setting);
                self.latest.opening.clear();
                opened?;
            }
            ImagesCommand::Look(look) => self.to_look = Some(look),
            ImagesCommand::Time => self.to_time = true,
            ImagesCommand::Graphics(graphics) => self.graphics.put(*graphics),
            ImagesCommand::Setup(setting) => {
                if self.open.as_ref().is_some_and(|open| open.samples.setting != setting) {
                    self.set_up(setting)?;
                }
            }
            ImagesCommand::Play => self.playing = !self.is_finished(),
            ImagesCommand::Pause => (self.playing, self.steps) = (false, 0),
            ImagesCommand::Step => self.steps += usize::from(!self.is_finished()),
            ImagesCommand::Reset => {
                self.playing = false;
                if let Some(setting) = self.open.as_ref().map(|open| open.samples.setting.clone()) {
                    self.set_up(setting)?;
                }
            }
        }
        self.hand_out();
        Ok(())
    }

    fn advance(&mut self, frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        if let Err(trouble) = self.work(frame) {
            (self.playing, self.steps) = (false, 0);
            self.hand_out();
            return Err(trouble);
        }
        let more = self.works() || self.to_look.is_some() || self.to_time;
        Ok(more.then_some(Duration::ZERO))
    }
}
