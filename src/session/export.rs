//! Pictures on their way to files: encoded and written behind the window.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::Pace;
use super::worker::{Trouble, Work, Worker};
use crate::output::{self, Picture};

/// A picture and where it goes.
pub struct Export {
    /// What is written.
    pub picture: Picture,
    /// The file: a PNG.
    pub path: PathBuf,
    /// Whether a file that is there already is replaced.
    pub replace: bool,
}

/// Writes pictures on a thread of its own.
pub struct Exporter {
    worker: Worker<Writer>,
    results: Receiver<PathBuf>,
    failures: Receiver<Trouble>,
}

impl Exporter {
    /// Waits for a picture.
    #[must_use]
    pub fn start(pace: &Pace) -> Self {
        let ((sender, results), (report, failures)) = (channel(), channel());
        let make = move |_: &super::worker::Waiting| Writer { results: sender.clone() };
        Self { worker: Worker::start("export", make, pace, &report), results, failures }
    }

    /// Writes a picture, whole or not at all.
    pub fn write(&mut self, export: Export) {
        self.worker.send(export);
    }

    /// The file that was written, or why it was not; once.
    pub fn result(&mut self) -> Option<Result<PathBuf, Trouble>> {
        let written = self.results.try_iter().next().map(Ok);
        written.or_else(|| self.failures.try_iter().next().map(Err))
    }

    /// Virtual time: writes on the caller's thread. Nothing where threads work.
    pub fn tick(&mut self) {
        self.worker.tick(Duration::ZERO);
    }
}

struct Writer {
    results: Sender<PathBuf>,
}

impl Work for Writer {
    type Command = Export;
    const GIVES_WAY: bool = true;

    fn obey(&mut self, export: Export) -> Result<(), Trouble> {
        let (what, path) = (format!("The picture {} is not written", export.path.display()), named(&export.path));
        let trouble = |why: String, remedy: &str| Trouble { what: what.clone(), why, remedy: remedy.to_owned() };
        let path = path.map_err(|why| trouble(why, "Give it a name that ends in .png."))?;
        if !export.replace && path.exists() {
            let remedy = "Choose another name, or tick Replace.";
            return Err(trouble("a file of this name is there already".to_owned(), remedy));
        }
        let remedy = "Give a path in a folder that exists and that you may write to.";
        output::check(&path).map_err(|error| trouble(error.why, remedy))?;
        let bytes = export.picture.png().map_err(|why| trouble(why, "Make the window larger."))?;
        output::write(&path, &bytes).map_err(|error| trouble(error.why, remedy))?;
        // Nobody waits any more only when the window is being closed.
        let _ = self.results.send(path);
        Ok(())
    }

    fn advance(&mut self, _frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        Ok(None)
    }
}

/// The path with the ending of a PNG, where it has none.
fn named(path: &Path) -> Result<PathBuf, String> {
    match path.extension() {
        None if path.file_name().is_none() => Err("that is no name of a file".to_owned()),
        None => Ok(path.with_extension("png")),
        Some(ending) if ending.eq_ignore_ascii_case("png") => Ok(path.to_owned()),
        Some(ending) => Err(format!("pictures are PNG, and the name ends in .{}", ending.to_string_lossy())),
    }
}
