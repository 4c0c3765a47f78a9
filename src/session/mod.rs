//! Work behind the window: the only module that starts threads. Commands go in; events and the latest frames come out.

mod audit;
mod bench;
mod command;
mod dialog;
mod export;
mod fetch;
mod field;
mod frames;
mod history;
mod hub;
mod image_model;
mod images;
mod import;
mod layers;
mod memory;
mod mover;
mod order;
mod pane;
mod parallel;
mod placement;
mod plain_network;
mod probe;
mod sampling;
mod scores;
mod slot;
mod training;
mod worker;
mod yardstick;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub use crate::gallery::{Coverage, LayerCoverage};
pub use crate::gpu::{Context as Graphics, Moment};
pub use audit::AuditFrame;
pub use command::{Cloud, Device, FieldRequest, Heat, PaneSetting, Place, SamplingCommand, Source, TrainingCommand};
pub use dialog::{Answer, FileDialog, Purpose};
pub use export::{Export, Exporter};
pub use fetch::{Arrived, Fetcher};
pub use frames::{
    Carrier, FieldFrame, Network, Picture, PointsFrame, SamplingFrame, TracePoint, Trails, TrainingFrame,
};
pub use hub::{model_folder, name_on_hub};
pub use image_model::{ImageModel, TRAINING, carried_models, trained_on};
pub use images::{
    CatFacts, IMAGE_PANES, ImageFacts, ImageModelChoice, ImagePanes, ImageSetting, ImageSource, ImageStart, Images,
    ImagesCommand, ImagesFrame, Judged, JudgedImage, KernelTimes, LatestImages, Look, LookFrame, MEMORIES, MOST_IMAGES,
    Painting, Pictures, image_knobs, image_samplers, rgb, slerp,
};
pub use import::{Imported, Importer};
pub use layers::{Contour, Contours, Lic};
pub use memory::{check_memory, needs};
pub use order::{Extras, MOST_DATA_POINTS, ProbeRequest, StripRequest, is_about_network};
pub use parallel::{Pool, cores, rest};
pub use plain_network::plain_network;
pub use probe::ProbeFrame;
pub use sampling::DEFAULT_SPEED;
pub use slot::Slot;
pub use worker::{Trouble, panic_message};

use crate::distributions::Distribution;
use crate::scenario::Scenario;
use order::Order;
use worker::{Waiting, Worker};

/// Most panes in which samplers run side by side.
pub const PANES: usize = 4;

/// Fields that are drawn at once: one of the Field tab, one behind each pane, and the one beside that of the Field tab.
pub const FIELDS: usize = 2 + PANES;

/// The slot of the field that is compared with that of the Field tab.
pub const COMPARED: usize = FIELDS - 1;

/// What drives the work.
pub enum Pace {
    /// Threads of its own, as fast as they can; `wake` is called when there is something new to draw.
    Threads {
        /// Asks the window for a new frame.
        wake: Arc<dyn Fn() + Send + Sync>,
    },
    /// The caller's thread, a fixed amount of work for each [`Session::tick`]: the same seed gives the same pictures.
    Virtual {
        /// Training steps per tick.
        training_steps: usize,
        /// Virtual time per tick, which decides how many updates the samplers make.
        frame: Duration,
    },
}

/// The latest of everything that the workers make.
#[derive(Default)]
pub struct Latest {
    /// The network in training.
    pub network: Slot<Network>,
    /// How training goes.
    pub training: Slot<TrainingFrame>,
    /// Particles of each pane.
    pub panes: [Slot<SamplingFrame>; PANES],
    /// Evaluated fields.
    pub fields: [Slot<FieldFrame>; FIELDS],
    /// Small fields across σ.
    pub strip: Slot<Vec<Arc<FieldFrame>>>,
    /// The place that is looked at.
    pub probe: Slot<ProbeFrame>,
    /// Data points.
    pub points: Slot<PointsFrame>,
    /// How wrong the network is.
    pub audit: Slot<AuditFrame>,
}

/// One scenario at work. Dropping it ends its threads; a training step on its way is given up.
pub struct Session {
    latest: Arc<Latest>,
    training: Worker<training::Training>,
    sampling: Worker<sampling::Sampling>,
    field: Worker<field::Field>,
    audit: Worker<audit::Audit>,
    troubles: Receiver<Trouble>,
    frame: Option<Duration>,
}

impl Session {
    /// Starts the workers of a scenario; the seed decides every number.
    #[must_use]
    pub fn start(scenario: &Scenario, seed: u64, pace: &Pace) -> Self {
        let latest = Arc::new(Latest::default());
        let (report, troubles) = channel();
        let pool = Arc::new(Pool::per_core());
        let training_steps = match pace {
            Pace::Threads { .. } => None,
            Pace::Virtual { training_steps, .. } => Some(*training_steps),
        };
        let training = {
            let (scenario, latest) = (scenario.clone(), Arc::clone(&latest));
            move |waiting: &Waiting| {
                training::Training::new(scenario.clone(), seed, training_steps, Arc::clone(&latest), waiting.clone())
            }
        };
        let sampling = {
            let (scenario, latest) = (scenario.clone(), Arc::clone(&latest));
            move |_: &Waiting| sampling::Sampling::new(&scenario, seed, Arc::clone(&latest), Arc::clone(&pool))
        };
        let field = {
            let (scenario, latest) = (scenario.clone(), Arc::clone(&latest));
            move |_: &Waiting| field::Field::new(&scenario, seed, Arc::clone(&latest))
        };
        let audit = {
            let (scenario, latest) = (scenario.clone(), Arc::clone(&latest));
            move |_: &Waiting| audit::Audit::new(&scenario, seed, Arc::clone(&latest))
        };
        Self {
            latest,
            training: Worker::start("training", training, pace, &report),
            sampling: Worker::start("sampling", sampling, pace, &report),
            field: Worker::start("field", field, pace, &report),
            audit: Worker::start("audit", audit, pace, &report),
            troubles,
            frame: match pace {
                Pace::Threads { .. } => None,
                Pace::Virtual { frame, .. } => Some(*frame),
            },
        }
    }

    /// The latest frames, for drawing.
    #[must_use]
    pub fn latest(&self) -> &Latest {
        &self.latest
    }

    /// Tells the training worker; never waits.
    pub fn train(&mut self, command: TrainingCommand) {
        self.training.send(command);
    }

    /// Tells the sampling worker; never waits.
    pub fn sample(&mut self, command: SamplingCommand) {
        self.sampling.send(command);
    }

    /// Asks for a field in slot `index` of [`Latest::fields`]; a newer request replaces an older one.
    pub fn show(&mut self, index: usize, request: FieldRequest) {
        self.show_with(index, request, Extras::default());
    }

    /// The same, with more in it than arrows and colours.
    pub fn show_with(&mut self, index: usize, request: FieldRequest, extras: Extras) {
        self.field.send(Order::Show(index, request, extras));
    }

    /// Lets the exact score of fields follow data that are being edited, under a number of its own; `None` ends that.
    pub fn draft(&mut self, draft: Option<(u64, Arc<dyn Distribution>)>) {
        self.field.send(Order::Draft(draft));
    }

    /// Looks at one place closely; the answer comes in [`Latest::probe`].
    pub fn probe(&mut self, request: ProbeRequest) {
        self.field.send(Order::Probe(request));
    }

    /// Asks for small pictures across σ, in [`Latest::strip`].
    pub fn strip(&mut self, request: StripRequest) {
        self.field.send(Order::Strip(request));
    }

    /// Asks how wrong the network is now; errors by density are those at `sigma`. The answer comes in [`Latest::audit`].
    pub fn audit(&mut self, sigma: f32) {
        self.audit.send(sigma);
    }

    /// What went wrong since the last call.
    pub fn troubles(&self) -> impl Iterator<Item = Trouble> + '_ {
        self.troubles.try_iter()
    }

    /// One frame of virtual time: training, then sampling, then fields. Does nothing where threads work.
    pub fn tick(&mut self) {
        if let Some(frame) = self.frame {
            self.training.tick(frame);
            self.sampling.tick(frame);
            self.field.tick(frame);
            self.audit.tick(frame);
        }
    }

    /// Virtual time: evaluates the fields asked for, without letting time pass. Nothing where threads work.
    pub fn refresh(&mut self) {
        self.field.tick(Duration::ZERO);
        self.audit.tick(Duration::ZERO);
    }
}
