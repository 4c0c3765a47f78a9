//! The images worker: opens models, makes updates one by one, and looks at an image under noise between two of them.

use std::sync::Arc;
use std::time::Duration;

use super::LatestImages;
use super::command::{ImageModelChoice, ImagePanes, ImagesCommand, Look};
use super::frames::{KernelTimes, LookFrame};
use super::open::Open;
use super::pictures::Pictures;
use super::samples::{Samples, stopped};
use crate::gpu::KernelShare;
use crate::noise::{Noise, Purpose};
use crate::session::worker::{self, Trouble, Waiting};
use crate::session::{Graphics, Pool, Slot};

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
    to_look: Option<Look>,
    /// Whether the last thing done was to look.
    looked: bool,
    to_time: bool,
}

impl Work {
    pub fn new(latest: Arc<LatestImages>, graphics: Arc<Slot<Graphics>>, waiting: Waiting) -> Self {
        latest.opening.clear();
        latest.samples.clear();
        latest.compared.clear();
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
            to_look: None,
            looked: false,
            to_time: false,
        }
    }

    fn open(&mut self, choice: ImageModelChoice, panes: ImagePanes) -> Result<(), Trouble> {
        let pool = Arc::clone(self.pool.get_or_insert_with(|| Arc::new(Pool::per_core())));
        let runs = self.open.as_ref().map_or(0, Open::runs);
        let mut open = Open::new(choice, self.graphics.get().as_deref(), &pool, runs)?;
        open.set_up(panes)?;
        self.latest.look.clear();
        self.latest.kernels.clear();
        (self.playing, self.steps, self.to_look) = (false, 0, None);
        self.open = Some(open);
        Ok(())
    }

    /// Other samples of the model that is open; without one, there is nothing to set up.
    fn set_up(&mut self, panes: ImagePanes) -> Result<(), Trouble> {
        self.steps = 0;
        self.open.as_mut().map_or(Ok(()), |open| open.set_up(panes))
    }

    /// What is sampled now.
    fn settings(&self) -> ImagePanes {
        self.open.iter().flat_map(|open| &open.panes).map(|pane| pane.setting.clone()).collect()
    }

    /// The next update, unless a command waits between two calls of the network: then it is made again later.
    fn update(&mut self, stopwatch: bool) -> Result<(), Trouble> {
        let Some(open) = &mut self.open else { return Ok(()) };
        self.steps = self.steps.saturating_sub(usize::from(open.update(&self.waiting, stopwatch)?));
        if open.is_finished() {
            (self.playing, self.steps) = (false, 0);
        }
        Ok(())
    }

    /// The model, and its first pane.
    fn first(&self) -> Option<(&Open, &Samples)> {
        let open = self.open.as_ref()?;
        Some((open, open.panes.first()?))
    }

    fn look(&self, look: Look) -> Result<(), Trouble> {
        let Some((Open { model, .. }, samples)) = self.first() else { return Ok(()) };
        let (dim, sigma) = (model.score.dim(), look.sigma);
        let mut x = vec![0.0; dim];
        let index = look.image.unwrap_or(0);
        let noise = Noise::new(samples.setting.seed);
        noise.normals(Purpose::Start, u32::try_from(index).unwrap_or(0), 0, dim, &mut x);
        x.iter_mut().for_each(|z| *z *= sigma);
        let clean = look.image.and_then(|index| samples.clean()?.chunks_exact(dim).nth(index));
        x.iter_mut().zip(clean.into_iter().flatten()).for_each(|(x, clean)| *x += clean);
        let mut s = vec![0.0; x.len()];
        samples.score(model).score(&x, sigma, &mut s);
        if let Some(error) = model.score.trouble() {
            return Err(stopped(&error));
        }
        let (shape, range) = (model.score.shape(), model.score.noising().range());
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
        let Some((Open { model, .. }, samples)) = self.first() else { return Ok(()) };
        let images = samples.setting.count.min(model.score.at_once());
        let mut shares = KernelShare::of(&model.score.time(images).map_err(|error| stopped(&error))?);
        shares.sort_by(|a, b| b.total.seconds.total_cmp(&a.total.seconds));
        self.latest.kernels.put(KernelTimes { images, shares });
        Ok(())
    }

    fn hand_out(&self) {
        if let Some(open) = &self.open {
            open.hand_out(&self.latest, self.playing);
        }
    }

    fn is_finished(&self) -> bool {
        self.open.as_ref().is_none_or(Open::is_finished)
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
        if let Some(open) = self.open.as_mut().filter(|open| open.wants_judge()) {
            open.judge();
            self.hand_out();
            return Ok(());
        }
        if self.works() && time_passes {
            // In virtual time a stopwatch would show what no two runs have in common.
            self.update(frame.is_none())?;
            self.hand_out();
        }
        Ok(())
    }
}

impl worker::Work for Work {
    type Command = ImagesCommand;

    fn obey(&mut self, command: ImagesCommand) -> Result<(), Trouble> {
        match command {
            ImagesCommand::Open(choice, panes) => {
                let opened = self.open(choice, panes);
                self.latest.opening.clear();
                opened?;
            }
            ImagesCommand::Look(look) => self.to_look = Some(look),
            ImagesCommand::Time => self.to_time = true,
            ImagesCommand::Graphics(graphics) => self.graphics.put(*graphics),
            ImagesCommand::Setup(panes) => {
                if self.settings() != panes {
                    self.set_up(panes)?;
                }
            }
            ImagesCommand::Forget => self.open.iter_mut().for_each(Open::forget),
            ImagesCommand::Play => self.playing = !self.is_finished(),
            ImagesCommand::Pause => (self.playing, self.steps) = (false, 0),
            ImagesCommand::Step => {
                let panes = self.open.iter().flat_map(|open| &open.panes);
                self.steps += panes.filter(|pane| !pane.is_finished()).count();
            }
            ImagesCommand::Reset => {
                self.playing = false;
                self.set_up(self.settings())?;
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
        let reads = self.open.as_ref().is_some_and(Open::wants_judge);
        let more = self.works() || self.to_look.is_some() || self.to_time || reads;
        Ok(more.then_some(Duration::ZERO))
    }
}
