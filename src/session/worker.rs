//! A worker: takes commands, works while it has work, and survives its own panics.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};

use super::Pace;

/// Something that went wrong behind the window, to be shown in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What failed.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub remedy: String,
}

impl Trouble {
    /// Of a reason that may end with its own remedy, as a sentence of its own; the given one is for reasons without.
    #[must_use]
    pub fn of(what: impl Into<String>, reason: &str, remedy: &str) -> Self {
        let (why, remedy) = reason.trim_end_matches('.').rsplit_once(". ").unwrap_or((reason, remedy));
        let end = if remedy.ends_with('.') { "" } else { "." };
        Self { what: what.into(), why: why.to_owned(), remedy: format!("{remedy}{end}") }
    }
}

/// What a worker does. It lives on one thread and is made there.
pub trait Work {
    /// What it is told.
    type Command: Send + 'static;

    /// Whether it gives way to everything else where cores are few.
    const GIVES_WAY: bool = false;

    /// Obeys one command.
    fn obey(&mut self, command: Self::Command) -> Result<(), Trouble>;

    /// Works a little, if there is work: `frame` is the virtual time to fill, or `None` for a few milliseconds of real
    /// time. Returns how long there is nothing to do: zero for more work at once, `None` until the next command.
    fn advance(&mut self, frame: Option<Duration>) -> Result<Option<Duration>, Trouble>;
}

/// How many commands nobody has looked at yet: a worker that is asked can leave what takes long.
#[derive(Clone, Default)]
pub struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// One command that nobody has looked at.
    #[cfg(test)]
    pub fn one() -> Self {
        Self(Arc::new(AtomicUsize::new(1)))
    }

    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// Where commands go in. Dropping it waits as a command does: the worker leaves what it does, and ends.
pub struct Inbox<Command> {
    sender: Sender<Command>,
    waiting: Waiting,
}

impl<Command> Inbox<Command> {
    fn put(&self, command: Command) {
        // Counted before it can be taken out.
        self.waiting.0.fetch_add(1, Ordering::Relaxed);
        // A worker that is gone has already reported why.
        drop(self.sender.send(command));
    }
}

impl<Command> Drop for Inbox<Command> {
    fn drop(&mut self) {
        self.waiting.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The caller's end.
pub enum Worker<W: Work> {
    /// It works on its own thread.
    Threaded(Inbox<W::Command>),
    /// It works when it is ticked.
    Inline(Box<Inline<W>>),
}

/// A worker on the caller's thread.
pub struct Inline<W: Work> {
    commands: Vec<W::Command>,
    bench: Bench<W>,
}

impl<W: Work> Worker<W> {
    /// Starts what `make` makes, which can see whether commands wait for it; a worker that panicked is made anew.
    pub fn start(
        name: &'static str,
        make: impl Fn(&Waiting) -> W + Send + 'static,
        pace: &Pace,
        report: &Sender<Trouble>,
    ) -> Self
    where
        W: 'static,
    {
        let report = report.clone();
        let waiting = Waiting::default();
        let make = {
            let waiting = waiting.clone();
            move || make(&waiting)
        };
        let Pace::Threads { wake } = pace else {
            let bench = Bench { name, work: make(), make: Box::new(make), report };
            return Self::Inline(Box::new(Inline { commands: Vec::new(), bench }));
        };
        let (sender, commands) = channel();
        let (wake, failed, inbox) = (Arc::clone(wake), report.clone(), Inbox { sender, waiting: waiting.clone() });
        let body = move || Bench { name, work: make(), make: Box::new(make), report }.run(&commands, &waiting, &*wake);
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(body) {
            let remedy = "Close other programs and start again.".to_owned();
            // The receiver lives as long as the session that is being built.
            let _ = failed.send(Trouble {
                what: format!("The {name} thread did not start"),
                why: error.to_string(),
                remedy,
            });
        }
        Self::Threaded(inbox)
    }

    /// Tells the worker something; never waits.
    pub fn send(&mut self, command: W::Command) {
        match self {
            Self::Threaded(inbox) => inbox.put(command),
            Self::Inline(inline) => inline.commands.push(command),
        }
    }

    /// Virtual time: obeys what was sent, then works for one frame.
    pub fn tick(&mut self, frame: Duration) {
        if let Self::Inline(inline) = self {
            for command in inline.commands.drain(..) {
                inline.bench.guarded(|work| work.obey(command).map(|()| None));
            }
            inline.bench.guarded(|work| work.advance(Some(frame)));
        }
    }
}

/// A third of the share of an ordinary thread, where cores are few: niceness 5 on Linux.
const BEHIND: u8 = 37;

/// A worker and what it takes to replace it.
struct Bench<W: Work> {
    name: &'static str,
    work: W,
    make: Box<dyn Fn() -> W + Send>,
    report: Sender<Trouble>,
}

impl<W: Work> Bench<W> {
    /// The life of a worker's thread: ends when the session drops its sender.
    fn run(mut self, commands: &Receiver<W::Command>, waiting: &Waiting, wake: &dyn Fn()) {
        if W::GIVES_WAY {
            let behind = ThreadPriorityValue::try_from(BEHIND).map(ThreadPriority::Crossplatform);
            if !behind.is_ok_and(|behind| set_current_thread_priority(behind).is_ok()) {
                tracing::warn!(worker = self.name, "keeps its priority");
            }
        }
        let mut idle = Some(Duration::ZERO);
        loop {
            let command = match idle {
                Some(Duration::ZERO) => commands.try_recv(),
                Some(pause) => commands.recv_timeout(pause).map_err(|error| match error {
                    std::sync::mpsc::RecvTimeoutError::Timeout => TryRecvError::Empty,
                    std::sync::mpsc::RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
                }),
                None => commands.recv().map_err(|_| TryRecvError::Disconnected),
            };
            match command {
                Ok(command) => {
                    waiting.0.fetch_sub(1, Ordering::Relaxed);
                    self.guarded(|work| work.obey(command).map(|()| None));
                    idle = Some(Duration::ZERO);
                }
                Err(TryRecvError::Empty) => {
                    idle = self.guarded(|work| work.advance(None));
                    wake();
                }
                Err(TryRecvError::Disconnected) => return,
            }
        }
    }

    /// Turns an error or a panic into a message, and replaces a worker that panicked.
    fn guarded(&mut self, action: impl FnOnce(&mut W) -> Result<Option<Duration>, Trouble>) -> Option<Duration> {
        match catch_unwind(AssertUnwindSafe(|| action(&mut self.work))) {
            Ok(Ok(idle)) => idle,
            Ok(Err(trouble)) => self.tell(trouble),
            Err(panic) => {
                self.work = (self.make)();
                self.tell(Trouble {
                    what: format!("The {} worker failed", self.name),
                    why: panic_message(&*panic),
                    remedy: "It was started again from the beginning. If this happens again, please report it."
                        .to_owned(),
                })
            }
        }
    }

    fn tell(&self, trouble: Trouble) -> Option<Duration> {
        tracing::error!(what = %trouble.what, why = %trouble.why, "trouble");
        // Nobody listens any more only when the session is being dropped.
        let _ = self.report.send(trouble);
        None
    }
}

/// What a panic said.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason was given".to_owned())
}
