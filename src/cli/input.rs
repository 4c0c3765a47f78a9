//! Files that commands read: points and models.

use std::path::Path;

use super::failure::Failure;
use crate::learning::ScoreMlp;
use crate::scenario::{self, TableError};

/// Most points that a command takes.
const MOST_POINTS: usize = 10_000_000;

/// Reads points from a CSV file: two columns x, y; a header line is allowed, and then the columns x and y count.
pub fn read_points(path: &Path) -> Result<Vec<[f64; 2]>, Failure> {
    let what = || format!("{} gives no points", path.display());
    scenario::read_points(path, MOST_POINTS).map_err(|error| match error {
        TableError::Unreadable(_) => Failure::failed(what(), error),
        TableError::Refused(_) => Failure::wrong_use(what(), error),
    })
}

/// Reads a model that `train` wrote.
pub fn read_model(path: &Path) -> Result<ScoreMlp, Failure> {
    let what = || format!("{} is not used as a model", path.display());
    let bytes = std::fs::read(path).map_err(|error| Failure::failed(what(), format!("{error}. Check the path")))?;
    ScoreMlp::from_bytes(&bytes)
        .map_err(|error| Failure::failed(what(), format!("{error}. Give a file that 'scorescope train' wrote")))
}
