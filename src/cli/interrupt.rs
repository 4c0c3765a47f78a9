//! Ctrl-C: the work in hand ends in order, and nothing half-written stays behind.

use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C asks the running command to stop; a second one stops the program at once.
pub fn listen() {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!(%error, "Ctrl-C will stop the program at once");
    }
}

/// # Errors
/// After Ctrl-C: `what` was not finished.
pub fn check(what: &str) -> Result<(), Failure> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        return Err(Failure::failed(format!("{what} was interrupted"), "nothing was written; run the command again"));
    }
    Ok(())
}
