//! What is wrong with a scenario: the file, the place, the reason, the remedy.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

use super::BUNDLED;

/// Why a scenario is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file, or the name that was asked for.
    pub origin: String,
    /// Line and column, from 1, where the fault has a place.
    pub place: Option<(usize, usize)>,
    /// What is wrong and what was expected.
    pub reason: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{}, line {line}, column {column}: {}", self.origin, self.reason),
            None => write!(f, "{}: {}", self.origin, self.reason),
        }
    }
}

impl ScenarioError {
    pub(super) fn at(origin: &str, text: &str, span: Option<Range<usize>>, reason: impl fmt::Display) -> Self {
        let place = span.map(|span| place(text, span.start));
        Self { origin: origin.to_owned(), place, reason: reason.to_string() }
    }

    pub(super) fn unknown(name: &str) -> Self {
        let known = BUNDLED.iter().map(|bundled| bundled.name).collect::<Vec<_>>().join(", ");
        let reason =
            format!("there is no bundled scenario of this name. Take one of {known}, or the path of a .toml file");
        Self { origin: name.to_owned(), place: None, reason }
    }

    pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Self {
        let cause = match error.kind() {
            std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            std::io::ErrorKind::InvalidData => "it is no text in UTF-8".to_owned(),
            _ => error.to_string(),
        };
        let reason = format!(
            "the scenario cannot be read: {cause}. Give the path of a .toml file, or the name of a bundled scenario"
        );
        Self { origin: path.to_owned(), place: None, reason }
    }
}

/// Line and column, from 1, of a byte.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
