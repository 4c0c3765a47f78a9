//! Files that commands read: points and models.

use std::path::Path;

use super::failure::Failure;
use crate::learning::ScoreMlp;
use crate::scenario::Scenario;

/// Reads points from a CSV file: two columns x, y; a header line is allowed, and then the columns x and y count.
pub fn read_points(path: &Path) -> Result<Vec<[f64; 2]>, Failure> {
    let what = || format!("{} gives no points", path.display());
    let bytes = std::fs::read(path).map_err(|error| Failure::failed(what(), format!("{error}. Check the path")))?;
    let unreadable = |error: csv::Error| match error.kind() {
        csv::ErrorKind::Utf8 { .. } => Failure::wrong_use(what(), "it is no text in UTF-8. Give one 'x,y' per line"),
        _ => Failure::wrong_use(what(), error),
    };
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).trim(csv::Trim::All);
    let mut columns = [0, 1];
    let (mut cells, mut points) = (None, Vec::new());
    for record in reader.from_reader(bytes.as_slice()).records() {
        let record = record.map_err(unreadable)?;
        let line = || line_of(&record, &bytes);
        let expected = *cells.get_or_insert(record.len());
        if record.len() != expected {
            let why =
                format!("line {}: expected {expected} cells, as in the first line, found {}", line(), record.len());
            return Err(Failure::wrong_use(what(), why));
        }
        if points.is_empty() && record.iter().all(|cell| cell.parse::<f64>().is_err()) {
            let column = |name| record.iter().position(|cell| cell.eq_ignore_ascii_case(name));
            if let (Some(x), Some(y)) = (column("x"), column("y")) {
                columns = [x, y];
                continue;
            }
        }
        let number = |column: usize| {
            let cell = record.get(column).unwrap_or("");
            cell.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| {
                let why = format!("line {}, column {}: expected a finite number, found '{cell}'", line(), column + 1);
                Failure::wrong_use(what(), why)
            })
        };
        points.push([number(columns[0])?, number(columns[1])?]);
    }
    if points.is_empty() {
        return Err(Failure::wrong_use(what(), "the file holds no points. Give one 'x,y' per line"));
    }
    Ok(points)
}

/// The line, from 1, on which a record begins: the reader's own position stands before the empty lines it passes over.
fn line_of(record: &csv::StringRecord, bytes: &[u8]) -> usize {
    let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
    let empty = bytes.iter().skip(start).take_while(|byte| b"\r\n".contains(byte)).count();
    1 + bytes.iter().take(start + empty).filter(|byte| **byte == b'\n').count()
}

/// Reads a model that `train` wrote.
fn read_model(path: &Path) -> Result<ScoreMlp, Failure> {
    let what = || format!("{} is not used as a model", path.display());
    let bytes = std::fs::read(path).map_err(|error| Failure::failed(what(), format!("{error}. Check the path")))?;
    ScoreMlp::from_bytes(&bytes)
        .map_err(|error| Failure::failed(what(), format!("{error}. Give a file that 'scorescope train' wrote")))
}

/// Reads a model and refuses one of other data: it would be asked where it knows nothing.
pub fn read_model_of(path: Option<&Path>, scenario: &Scenario) -> Result<Option<ScoreMlp>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let model = read_model(path)?;
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
