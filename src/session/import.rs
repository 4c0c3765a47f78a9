//! Files that somebody drops on the window: read behind it, with progress, until they are data or refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::Pace;
use super::worker::{Trouble, Work, Worker};
use crate::distributions::{Point, PointCloud};
use crate::scenario::{Scenario, TableError, read_points_watched};

/// Most rows of a file of points.
const MOST_ROWS: usize = 1_000_000;
/// Most of them that become data: each score is a sum over all, hundreds of thousands of times a second.
const MOST_POINTS: usize = 2000;

/// A file that became data.
pub struct Imported {
    /// What it became.
    pub scenario: Scenario,
    /// What a person should know about it.
    pub note: Option<String>,
}

/// What both ends know of the file that is read.
#[derive(Default)]
struct Shared {
    /// The number of the file that is wanted; 0 for none.
    wanted: AtomicU64,
    /// Thousandths that are done.
    done: AtomicU32,
}

/// Reads one file at a time on a thread of its own.
pub struct Importer {
    worker: Worker<Import>,
    shared: Arc<Shared>,
    results: Receiver<(u64, Result<Imported, Trouble>)>,
    failures: Receiver<Trouble>,
    asked: u64,
    reading: Option<String>,
}

impl Importer {
    /// Waits for a file.
    #[must_use]
    pub fn start(pace: &Pace) -> Self {
        let (shared, (sender, results), (report, failures)) = (Arc::new(Shared::default()), channel(), channel());
        let make = {
            let shared = Arc::clone(&shared);
            move |_: &super::worker::Waiting| Import {
                shared: Arc::clone(&shared),
                results: sender.clone(),
                pending: None,
            }
        };
        let worker = Worker::start("import", make, pace, &report);
        Self { worker, shared, results, failures, asked: 0, reading: None }
    }

    /// Reads a file; one that is being read is given up.
    pub fn open(&mut self, path: PathBuf) {
        self.asked += 1;
        self.shared.done.store(0, Ordering::Relaxed);
        self.shared.wanted.store(self.asked, Ordering::Relaxed);
        self.reading = Some(path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned());
        self.worker.send((self.asked, path));
    }

    /// Gives up.
    pub fn cancel(&mut self) {
        self.shared.wanted.store(0, Ordering::Relaxed);
        self.reading = None;
    }

    /// The name of the file that is being read, and the share that is done.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "thousandths")]
    pub fn progress(&self) -> Option<(&str, f32)> {
        let done = self.shared.done.load(Ordering::Relaxed) as f32 / 1000.0;
        self.reading.as_deref().map(|name| (name, done))
    }

    /// What came of the file, once.
    pub fn result(&mut self) -> Option<Result<Imported, Trouble>> {
        let failed = self.failures.try_iter().next().map(Err);
        let result = self.results.try_iter().find(|(number, _)| *number == self.asked).map(|(_, result)| result);
        let result = result.or(failed).filter(|_| self.reading.is_some())?;
        self.cancel();
        Some(result)
    }

    /// Virtual time: reads on the caller's thread. Nothing where threads work.
    pub fn tick(&mut self) {
        self.worker.tick(Duration::ZERO);
    }
}

struct Import {
    shared: Arc<Shared>,
    results: Sender<(u64, Result<Imported, Trouble>)>,
    pending: Option<(u64, PathBuf)>,
}

impl Work for Import {
    type Command = (u64, PathBuf);
    const GIVES_WAY: bool = true;

    fn obey(&mut self, command: (u64, PathBuf)) -> Result<(), Trouble> {
        self.pending = Some(command);
        Ok(())
    }

    fn advance(&mut self, _frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        if let Some((number, path)) = self.pending.take() {
            let shared = Arc::clone(&self.shared);
            let mut watch = |share: f32| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "thousandths")]
                shared.done.store((1000.0 * share) as u32, Ordering::Relaxed);
                shared.wanted.load(Ordering::Relaxed) == number
            };
            if let Some(result) = read(&path, &mut watch).transpose() {
                let refused = |why: String| {
                    let remedy = "Give a CSV file of points x,y, a PNG picture, or a scenario in TOML.";
                    Trouble::of(format!("{} is not used as data", path.display()), &why, remedy)
                };
                // Nobody waits any more only when the window is being closed.
                let _ = self.results.send((number, result.map_err(refused)));
            }
        }
        Ok(None)
    }
}

/// What a file becomes, by the end of its name; `None` where it was given up.
fn read(path: &Path, watch: &mut dyn FnMut(f32) -> bool) -> Result<Option<Imported>, String> {
    if path.is_dir() {
        return Err("it is a folder".to_owned());
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_lowercase();
    match ending.as_str() {
        "csv" | "txt" => points(path, watch),
        "png" => image(path).map(Some),
        "toml" => {
            let text = path.to_str().ok_or("its path is no text in UTF-8")?;
            let scenario = Scenario::load(text).map_err(|error| error.to_string())?;
            Ok(Some(Imported { scenario, note: None }))
        }
        "" => Err("its name has no ending".to_owned()),
        other => Err(format!("files that end in .{other} are not known here")),
    }
}

fn points(path: &Path, watch: &mut dyn FnMut(f32) -> bool) -> Result<Option<Imported>, String> {
    let rows = match read_points_watched(path, MOST_ROWS, watch) {
        Ok(rows) => rows,
        Err(TableError::Cancelled) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let count = rows.len();
    let kept: Vec<Point> =
        if count > MOST_POINTS { (0..MOST_POINTS).map(|i| rows[i * count / MOST_POINTS]).collect() } else { rows };
    PointCloud::new(&kept, None, 0.0).map_err(|error| error.to_string())?;
    let list: Vec<String> = kept.iter().map(|[x, y]| format!("[{x:?}, {y:?}]")).collect();
    let text = format!("version = 1\n{}\n[data]\nkind = \"points\"\npoints = [{}]\n", noise(&kept), list.join(", "));
    let scenario = scenario(&text, path)?;
    let note =
        (count > kept.len()).then(|| format!("It has {count} rows; {} of them, evenly chosen, are used", kept.len()));
    Ok(Some(Imported { scenario, note }))
}

/// Noise from the extent of the points to a two-hundredth of it, within what scenarios allow.
fn noise(points: &[Point]) -> String {
    let extent = |axis: usize| {
        let values = || points.iter().map(|point| point[axis]);
        values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
    };
    let extent = extent(0).hypot(extent(1));
    let most = if extent > 0.0 { extent.clamp(1e-2, 1e4) } else { 1.0 };
    format!("noise = {{ kind = \"geometric\", sigma_max = {most:.3e}, sigma_min = {:.3e}, levels = 10 }}", most / 100.0)
}

fn image(path: &Path) -> Result<Imported, String> {
    let file = path.to_str().ok_or("its path is no text in UTF-8")?;
    let file = toml::Value::String(file.to_owned());
    let noise = "noise = { kind = \"geometric\", sigma_max = 10.0, sigma_min = 0.1, levels = 10 }";
    let text = format!("version = 1\n{noise}\n[data]\nkind = \"image\"\nfile = {file}\n");
    Ok(Imported { scenario: scenario(&text, path)?, note: None })
}

/// A scenario of generated text: a fault has no line that anybody wrote.
fn scenario(text: &str, path: &Path) -> Result<Scenario, String> {
    let mut scenario = Scenario::parse(text, "").map_err(|error| error.reason)?;
    scenario.name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(scenario)
}
