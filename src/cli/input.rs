//! Files that commands read: points and models.

use std::path::Path;

use super::failure::Failure;
use crate::learning::{CheckpointError, ScoreMlp};
use crate::scenario::{self, Scenario, TableError};

/// Most points that a command takes.
const MOST_POINTS: usize = 10_000_000;

/// Reads points from a CSV file: two columns x, y; a header line is allowed, and then the columns x and y count.
pub fn read_points(path: &Path) -> Result<Vec<[f64; 2]>, Failure> {
    let what = || format!("{} gives no points", path.display());
    scenario::read_points(path, MOST_POINTS).map_err(|error| match error {
        TableError::Unreadable(_) | TableError::Cancelled => Failure::failed(what(), error),
        TableError::Refused(_) => Failure::wrong_use(what(), error),
    })
}

/// Reads a file that `train` wrote as what `read` makes of it.
pub fn read_trained<T>(path: &Path, read: impl FnOnce(&[u8]) -> Result<T, CheckpointError>) -> Result<T, Failure> {
    let what = || format!("{} is not used as a model", path.display());
    let bytes = std::fs::read(path).map_err(|error| Failure::failed(what(), format!("{error}. Check the path")))?;
    read(&bytes).map_err(|error| match error {
        CheckpointError::OtherNetwork(_) => {
            Failure::wrong_use(what(), format!("{error}. Give the --model it was trained with"))
        }
        CheckpointError::NoTraining => Failure::wrong_use(what(), error),
        _ => Failure::failed(what(), format!("{error}. Give a file that 'scorescope train' wrote")),
    })
}

/// Reads a model and refuses one of other data: it would be asked where it knows nothing.
pub fn read_model_of(path: Option<&Path>, scenario: &Scenario) -> Result<Option<ScoreMlp>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let model = read_trained(path, ScoreMlp::from_bytes)?;
    let (config, mean, std) = (model.config(), scenario.data.mean(), scenario.data.std());
    let close = |found: f32, expected: f64| (f64::from(found) - expected).abs() <= 1e-3 * (1.0 + expected.abs());
    if !(close(config.scale, std) && close(config.centre[0], mean[0]) && close(config.centre[1], mean[1])) {
        let why = format!(
            "it was trained on data of mean [{}, {}] and standard deviation {}, and those of {} have [{:.4}, {:.4}] and {std:.4}. Give the scenario it was trained on",
            config.centre[0], config.centre[1], config.scale, scenario.name, mean[0], mean[1]
        );
        return Err(Failure::wrong_use(format!("{} is not used as a model", path.display()), why));
    }
    Ok(Some(model))
}
