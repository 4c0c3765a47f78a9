//! A model of the hub that is fetched behind the window: with progress, until it is there, refused or given up.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::hub::model_folder;
use super::worker::{Trouble, Waiting, Work, Worker};
use super::{Pace, Slot};

/// How much of a file is there.
pub struct Arrived {
    /// Its name.
    pub file: String,
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all.
    pub of: u64,
}

/// Fetches one model at a time, each on a thread of its own: one that is given up may hear of it late, where its hub is
/// silent, and nobody waits for it.
#[derive(Default)]
pub struct Fetcher(Option<Fetching>);

/// Dropping it gives the model up.
struct Fetching {
    model: PathBuf,
    worker: Worker<Fetch>,
    arrived: Arc<Slot<Arrived>>,
    done: Receiver<()>,
    failures: Receiver<Trouble>,
}

impl Fetcher {
    /// Fetches a model by its name; one that is on its way is given up.
    pub fn open(&mut self, model: PathBuf, pace: &Pace) {
        let (arrived, (sender, done), (report, failures)) = (Arc::new(Slot::default()), channel(), channel());
        let make = {
            let arrived = Arc::clone(&arrived);
            move |waiting: &Waiting| Fetch {
                arrived: Arc::clone(&arrived),
                done: sender.clone(),
                waiting: waiting.clone(),
            }
        };
        let mut worker = Worker::start("fetch", make, pace, &report);
        worker.send(model.clone());
        self.0 = Some(Fetching { model, worker, arrived, done, failures });
    }

    /// Gives up; what came is kept.
    pub fn cancel(&mut self) {
        self.0 = None;
    }

    /// The model that is fetched, and how much there is of the file in hand.
    #[must_use]
    pub fn progress(&self) -> Option<(&Path, Option<Arc<Arrived>>)> {
        self.0.as_ref().map(|fetching| (&*fetching.model, fetching.arrived.get()))
    }

    /// Whether the model is there by now, once.
    pub fn result(&mut self) -> Option<Result<(), Trouble>> {
        let fetching = self.0.as_ref()?;
        let done = fetching.done.try_recv().ok().map(Ok);
        let result = done.or_else(|| fetching.failures.try_recv().ok().map(Err))?;
        self.cancel();
        Some(result)
    }

    /// Virtual time: fetches on the caller's thread. Nothing where threads work.
    pub fn tick(&mut self) {
        if let Some(fetching) = &mut self.0 {
            fetching.worker.tick(Duration::ZERO);
        }
    }
}

struct Fetch {
    arrived: Arc<Slot<Arrived>>,
    done: Sender<()>,
    waiting: Waiting,
}

impl Work for Fetch {
    type Command = PathBuf;

    fn obey(&mut self, model: PathBuf) -> Result<(), Trouble> {
        let fetched = model_folder(&model, &mut |file, done, of| {
            self.arrived.put(Arrived { file: file.to_owned(), done, of });
            // Nothing is ever asked but to end.
            !self.waiting.any()
        });
        let why = match fetched {
            Ok(_) => {
                // Nobody waits any more only when it was given up.
                let _ = self.done.send(());
                return Ok(());
            }
            Err(error) => error.to_string(),
        };
        // The reason begins with the model's name.
        Err(Trouble::of("The model is not fetched", &why, "Give the folder of a model."))
    }

    fn advance(&mut self, _frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        Ok(None)
    }
}
