//! The system's own dialog for files: asked for on the caller's thread, as some systems want, waited for behind it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::Pace;
use super::worker::{Trouble, Work, Worker};

/// Nobody closes a dialog as fast as this: there was none.
const TOO_FAST: Duration = Duration::from_millis(400);

/// What the file is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be read: data.
    Import,
    /// To be written: a picture.
    Export,
}

/// What came of a dialog.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// A file was chosen.
    Chosen(PathBuf),
    /// The dialog was closed.
    Cancelled,
    /// No dialog came up.
    Missing,
}

impl Answer {
    /// What to say where no dialog comes up.
    #[must_use]
    pub fn missing() -> Trouble {
        Trouble {
            what: "No file dialog came up".to_owned(),
            why: "this system has neither a desktop portal for files nor zenity that answers".to_owned(),
            remedy: "Type the path into the field. To have a dialog, install xdg-desktop-portal or zenity.".to_owned(),
        }
    }
}

type Choice = Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>>;

/// One dialog at a time.
pub struct FileDialog {
    worker: Worker<Wait>,
    sender: Sender<(Purpose, Answer)>,
    answers: Receiver<(Purpose, Answer)>,
    failures: Receiver<Trouble>,
    open: bool,
    /// In virtual time nobody is there to choose.
    attended: bool,
}

impl FileDialog {
    /// No dialog yet.
    #[must_use]
    pub fn start(pace: &Pace) -> Self {
        let ((sender, answers), (report, failures)) = (channel(), channel());
        let make = {
            let sender = sender.clone();
            move |_: &super::worker::Waiting| Wait { answers: sender.clone() }
        };
        let worker = Worker::start("dialog", make, pace, &report);
        Self { worker, sender, answers, failures, open: false, attended: matches!(pace, Pace::Threads { .. }) }
    }

    /// Opens a dialog that begins at `at`, unless one is open.
    pub fn ask(&mut self, purpose: Purpose, at: &Path) {
        if std::mem::replace(&mut self.open, true) {
            return;
        }
        if !self.attended {
            // Both ends are here.
            let _ = self.sender.send((purpose, Answer::Missing));
            return;
        }
        let mut dialog = rfd::AsyncFileDialog::new();
        if let Some(folder) = at.parent().filter(|folder| folder.is_absolute()) {
            dialog = dialog.set_directory(folder);
        }
        let choice: Choice = match purpose {
            Purpose::Import => {
                let data = dialog.set_title("Import data").add_filter("CSV, PNG, TOML", &["csv", "txt", "png", "toml"]);
                Box::pin(data.pick_file())
            }
            Purpose::Export => {
                let name = at.file_name().unwrap_or_default().to_string_lossy();
                let picture = dialog.set_title("Export picture").add_filter("PNG", &["png"]).set_file_name(name);
                Box::pin(picture.save_file())
            }
        };
        self.worker.send((purpose, choice));
    }

    /// Whether a dialog is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// What came of the dialog, once.
    pub fn answer(&mut self) -> Option<(Purpose, Result<Answer, Trouble>)> {
        let answer = self.answers.try_iter().next().map(|(purpose, answer)| (purpose, Ok(answer)));
        let failed = || self.failures.try_iter().next().map(|trouble| (Purpose::Import, Err(trouble)));
        let answer = answer.or_else(failed)?;
        self.open = false;
        Some(answer)
    }
}

/// Waits on a thread of its own.
struct Wait {
    answers: Sender<(Purpose, Answer)>,
}

impl Work for Wait {
    type Command = (Purpose, Choice);
    const GIVES_WAY: bool = true;

    fn obey(&mut self, (purpose, choice): (Purpose, Choice)) -> Result<(), Trouble> {
        let begun = Instant::now();
        let answer = match pollster::block_on(choice) {
            Some(file) => Answer::Chosen(file.path().to_owned()),
            None if begun.elapsed() < TOO_FAST => Answer::Missing,
            None => Answer::Cancelled,
        };
        // Nobody waits any more only when the window is being closed.
        let _ = self.answers.send((purpose, answer));
        Ok(())
    }

    fn advance(&mut self, _frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        Ok(None)
    }
}
