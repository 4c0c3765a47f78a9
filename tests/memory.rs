//! Memory: trainings that are started and forgotten leave nothing behind. Alone in its file, as it measures the whole process.
#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use scorescope::scenario::{DEFAULT, Scenario};
use scorescope::session::{Pace, Session, TrainingCommand};

/// Resident memory of this process, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number of pages");
    4096 * pages
}

fn wait_until(mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not come");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A network of 50,000 weights is 0.2 MB, and a training holds some twenty vectors of that length: were one of them kept
/// each time, a hundred times would be 20 MB. Allowed are 8, for what an allocator keeps in hand; seen were 4 KiB.
#[test]
fn a_hundred_resets_leave_nothing_behind() {
    let scenario = Scenario::load(DEFAULT).expect("a bundled scenario");
    let scenario = scenario.with_learning("width=128,hidden=4", "batch=32").expect("they fit");
    let mut session = Session::start(&scenario, 1, &Pace::Threads { wake: Arc::new(|| {}) });
    let mut cycle = || {
        session.train(TrainingCommand::Start);
        wait_until(|| session.latest().training.get().is_some_and(|frame| frame.steps > 1));
        session.train(TrainingCommand::Reset);
        wait_until(|| session.latest().training.get().is_some_and(|frame| frame.steps == 0 && frame.config.is_some()));
    };
    (0..10).for_each(|_| cycle());
    let before = resident();
    (0..100).for_each(|_| cycle());
    let grown = resident().saturating_sub(before);
    println!("{} MiB before, {} KiB more after 100 resets", before >> 20, grown >> 10);
    assert!(grown < 8 << 20, "{grown} bytes more than the {before} before");
}
