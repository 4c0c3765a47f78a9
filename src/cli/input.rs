//! Files that commands read: points and models.

use std::path::Path;

use super::failure::Failure;
use crate::learning::ScoreMlp;

/// Reads points from a CSV file: two columns x, y; a header line is allowed, and then the columns x and y count.
pub fn read_points(path: &Path) -> Result<Vec<[f64; 2]>, Failure> {
    let what = || format!("{} gives no points", path.display());
    let unreadable = |error: csv::Error| match error.kind() {
        csv::ErrorKind::Io(io) => Failure::failed(what(), format!("{io}. Check the path")),
        _ => Failure::wrong_use(what(), error),
    };
    let mut csv =
        csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_path(path).map_err(unreadable)?;
    let mut columns = [0, 1];
    let mut points = Vec::new();
    for (line, record) in (1..).zip(csv.records()) {
        let record = record.map_err(unreadable)?;
        if line == 1 && record.iter().all(|cell| cell.parse::<f64>().is_err()) {
            let column = |name| record.iter().position(|cell| cell.eq_ignore_ascii_case(name));
            if let (Some(x), Some(y)) = (column("x"), column("y")) {
                columns = [x, y];
                continue;
            }
        }
        let number = |column: usize| {
            let cell = record.get(column).unwrap_or("");
            cell.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| {
                let why = format!("line {line}, column {}: expected a finite number, found '{cell}'", column + 1);
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

/// Reads a model that `train` wrote.
pub fn read_model(path: &Path) -> Result<ScoreMlp, Failure> {
    let what = || format!("{} is not used as a model", path.display());
    let bytes = std::fs::read(path).map_err(|error| Failure::failed(what(), format!("{error}. Check the path")))?;
    ScoreMlp::from_bytes(&bytes)
        .map_err(|error| Failure::failed(what(), format!("{error}. Give a file that 'scorescope train' wrote")))
}
