//! Points from a CSV file: for data and for commands alike.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use thiserror::Error;

use crate::distributions::Point;

/// Most bytes of a file of points.
const MOST_BYTES: u64 = 1 << 30;

/// Why a file gives no points.
#[derive(Debug, Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("{0}. Check the path")]
    Unreadable(#[from] std::io::Error),
    /// Its content is no list of points.
    #[error("{0}")]
    Refused(String),
    /// Whoever watched had enough.
    #[error("reading was cancelled")]
    Cancelled,
}

fn refused(why: impl Into<String>) -> TableError {
    TableError::Refused(why.into())
}

/// Reads at most `most` points: two columns x, y; a header line is allowed, and then the columns x and y count.
///
/// # Errors
/// A file that is unreadable or too long; text, infinities, ragged rows, more points than `most`: with line and column.
pub fn read_points(path: &Path, most: usize) -> Result<Vec<Point>, TableError> {
    read_points_watched(path, most, &mut |_| true)
}

/// The same, telling `watch` again and again what share is done; reading ends where it answers false.
///
/// # Errors
/// As [`read_points`], and [`TableError::Cancelled`].
pub fn read_points_watched(
    path: &Path,
    most: usize,
    watch: &mut dyn FnMut(f32) -> bool,
) -> Result<Vec<Point>, TableError> {
    let bytes = read_bytes(path, watch)?;
    points_of(&bytes, most, watch)
}

/// The share of the time that goes into reading bytes, before they are understood.
const READING: f32 = 0.2;
/// Bytes read, and records understood, between two looks of whoever watches.
const PIECE: u64 = 1 << 20;
const RECORDS: usize = 4096;

#[expect(clippy::cast_precision_loss, reason = "a share of a progress bar")]
fn read_bytes(path: &Path, watch: &mut dyn FnMut(f32) -> bool) -> Result<Vec<u8>, TableError> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len().clamp(1, MOST_BYTES);
    let mut bytes = Vec::new();
    while file.by_ref().take(PIECE).read_to_end(&mut bytes)? > 0 {
        if bytes.len() as u64 > MOST_BYTES {
            return Err(refused(format!("the file is longer than {} MiB. Give fewer points", MOST_BYTES >> 20)));
        }
        if !watch(READING * (bytes.len() as f32 / length as f32).min(1.0)) {
            return Err(TableError::Cancelled);
        }
    }
    Ok(bytes)
}

fn points_of(bytes: &[u8], most: usize, watch: &mut dyn FnMut(f32) -> bool) -> Result<Vec<Point>, TableError> {
    let unreadable = |error: csv::Error| match error.kind() {
        csv::ErrorKind::Utf8 { .. } => refused("it is no text in UTF-8. Give one 'x,y' per line"),
        _ => refused(error.to_string()),
    };
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).trim(csv::Trim::All);
    let mut columns = [0, 1];
    let (mut cells, mut points) = (None, Vec::new());
    for (index, record) in reader.from_reader(bytes).records().enumerate() {
        let record = record.map_err(unreadable)?;
        if index % RECORDS == 0 && !watch(share_of(&record, bytes)) {
            return Err(TableError::Cancelled);
        }
        let line = || line_of(&record, bytes);
        let expected = *cells.get_or_insert(record.len());
        if record.len() != expected {
            let found = record.len();
            return Err(refused(format!(
                "line {}: expected {expected} cells, as in the first line, found {found}",
                line()
            )));
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
            let number = cell.parse::<f64>().ok().filter(|x| x.is_finite());
            let why = || format!("line {}, column {}: expected a finite number, found '{cell}'", line(), column + 1);
            number.ok_or_else(|| refused(why()))
        };
        if points.len() == most {
            return Err(refused(format!("line {}: there are more than {most} points. Give fewer", line())));
        }
        points.push([number(columns[0])?, number(columns[1])?]);
    }
    if points.is_empty() {
        return Err(refused("the file holds no points. Give one 'x,y' per line"));
    }
    Ok(points)
}

/// How much is done once this record is understood.
#[expect(clippy::cast_precision_loss, reason = "a share of a progress bar")]
fn share_of(record: &csv::StringRecord, bytes: &[u8]) -> f32 {
    let byte = record.position().map_or(0, csv::Position::byte);
    READING + (1.0 - READING) * (byte as f32 / bytes.len().max(1) as f32)
}

/// The line, from 1, on which a record begins: the reader's own position stands before the empty lines it passes over.
fn line_of(record: &csv::StringRecord, bytes: &[u8]) -> usize {
    let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
    let empty = bytes.iter().skip(start).take_while(|byte| b"\r\n".contains(byte)).count();
    1 + bytes.iter().take(start + empty).filter(|byte| **byte == b'\n').count()
}
