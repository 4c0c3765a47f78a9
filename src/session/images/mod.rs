//! A network of images at work, whatever the scenario: a model is opened, samples form update by update, and one image is
//! looked at under noise.

mod command;
mod frames;
mod judge;
mod open;
mod pictures;
mod samples;
mod start;
mod watched;
mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub use command::{
    IMAGE_PANES, ImageModelChoice, ImagePanes, ImageSetting, ImageSource, ImagesCommand, Look, MEMORIES, MOST_IMAGES,
    image_knobs, image_samplers,
};
pub use frames::{CatFacts, ImageFacts, ImagesFrame, KernelTimes, LookFrame};
pub use judge::{Judged, JudgedImage};
pub use pictures::{Pictures, rgb};
pub use start::{ImageStart, Painting, slerp};

use super::worker::{Waiting, Worker};
use super::{Pace, Slot, Trouble};
use work::Work;

/// The latest of everything that the worker makes.
#[derive(Default)]
pub struct LatestImages {
    /// The folder that is being opened.
    pub opening: Slot<PathBuf>,
    /// The model and its samples.
    pub samples: Slot<ImagesFrame>,
    /// The samples that are compared with them.
    pub compared: Slot<ImagesFrame>,
    /// The image that is looked at under noise.
    pub look: Slot<LookFrame>,
    /// Where the device's time goes.
    pub kernels: Slot<KernelTimes>,
}

/// The worker, and what it made last.
pub struct Images {
    worker: Worker<Work>,
    latest: Arc<LatestImages>,
    troubles: Receiver<Trouble>,
    frame: Option<Duration>,
}

impl Images {
    /// Waits for a model.
    #[must_use]
    pub fn start(pace: &Pace) -> Self {
        let latest = Arc::new(LatestImages::default());
        let (report, troubles) = channel();
        let make = {
            let (latest, graphics) = (Arc::clone(&latest), Arc::default());
            move |waiting: &Waiting| Work::new(Arc::clone(&latest), Arc::clone(&graphics), waiting.clone())
        };
        let frame = match pace {
            Pace::Threads { .. } => None,
            Pace::Virtual { frame, .. } => Some(*frame),
        };
        Self { worker: Worker::start("images", make, pace, &report), latest, troubles, frame }
    }

    /// Tells the worker; never waits.
    pub fn send(&mut self, command: ImagesCommand) {
        if let ImagesCommand::Open(choice, _) = &command {
            self.latest.opening.put(choice.folder.clone());
        }
        self.worker.send(command);
    }

    /// The latest frames, for drawing.
    #[must_use]
    pub fn latest(&self) -> &LatestImages {
        &self.latest
    }

    /// The folder that is being opened.
    #[must_use]
    pub fn opening(&self) -> Option<Arc<PathBuf>> {
        self.latest.opening.get()
    }

    /// What went wrong since the last call.
    pub fn troubles(&self) -> impl Iterator<Item = Trouble> + '_ {
        self.troubles.try_iter()
    }

    /// One frame of virtual time: at most one update. Does nothing where threads work.
    pub fn tick(&mut self) {
        if let Some(frame) = self.frame {
            self.worker.tick(frame);
        }
    }

    /// Virtual time: answers what was asked, without letting time pass. Nothing where threads work.
    pub fn refresh(&mut self) {
        self.worker.tick(Duration::ZERO);
    }
}
