//! How a command fails: what, why, what to do, and the exit code that says whose fault it is.

use std::fmt;
use std::process::ExitCode;

/// A command that did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    what: String,
    why: String,
    wrong_use: bool,
}

impl Failure {
    /// The request was right and could not be done: exit code 1. `why` ends with the remedy.
    pub fn failed(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self { what: what.into(), why: why.to_string(), wrong_use: false }
    }

    /// The request itself cannot be meant: exit code 2. `why` says what was expected.
    pub fn wrong_use(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self { wrong_use: true, ..Self::failed(what, why) }
    }

    /// 1 failed, 2 wrong use.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.wrong_use { 2 } else { 1 })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.why.ends_with('.') { "" } else { "." };
        write!(f, "{}: {}{end}", self.what, self.why)
    }
}
