//! Outputs of commands: files that appear whole or not at all, and lines on stdout.

use std::io::Write;
use std::path::Path;

use super::failure::Failure;
use super::interrupt;
use crate::output::{self, NotWritten, Unfinished};

/// Rows between two looks at Ctrl-C.
const ROWS_AT_ONCE: usize = 4096;

const REMEDY: &str = "Give --out a path in a folder that exists and that you may write to.";

/// Finds out before the work, not after it, whether `path` can be written without harm: to a new file or over a regular
/// one, and to none of the `inputs`.
pub fn check(path: &Path, inputs: &[Option<&Path>]) -> Result<(), Failure> {
    let same = |input: &Path| std::fs::canonicalize(input).ok() == std::fs::canonicalize(path).ok();
    if path.is_file() && inputs.iter().flatten().any(|input| same(input)) {
        let why = "it is also an input, which would be lost. Give --out another name";
        return Err(Failure::wrong_use(format!("--out {} is refused", path.display()), why));
    }
    output::check(path).map_err(|error| refused(&error))
}

/// Writes `bytes` to `path`, all or nothing.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    output::write(path, bytes).map_err(|error| refused(&error))
}

/// Writes a table of numbers as CSV; an absent value is an empty cell, a value that is not finite is refused.
pub fn write_csv(path: &Path, header: &[&str], rows: impl Iterator<Item = Vec<Option<f64>>>) -> Result<(), Failure> {
    let file = Unfinished::beside(path).map_err(|error| refused(&error))?;
    let mut csv = csv::Writer::from_writer(file.file());
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => refused(&file.fault(&error)),
        kind => refused(&NotWritten { path: path.to_owned(), why: format!("{kind:?}") }),
    };
    csv.write_record(header).map_err(failed)?;
    for (row, values) in (1..).zip(rows) {
        if row % ROWS_AT_ONCE == 0 {
            interrupt::check("Writing")?;
        }
        if let Some((column, value)) = header.iter().zip(&values).find(|(_, v)| v.is_some_and(|v| !v.is_finite())) {
            let value = value.unwrap_or(f64::NAN);
            let why = format!(
                "{column} = {value} in row {row}, and only finite numbers are written. Give points and sigma of a moderate size"
            );
            return Err(Failure::failed(format!("{} is not written", path.display()), why));
        }
        let cells = values.iter().map(|value| value.map_or_else(String::new, |value| value.to_string()));
        csv.write_record(cells).map_err(failed)?;
    }
    csv.flush().map_err(|error| refused(&file.fault(&error)))?;
    drop(csv);
    file.publish().map_err(|error| refused(&error))
}

/// Prints the one JSON object that ends stdout.
pub fn print_summary(summary: &impl serde::Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(summary).map_err(|error| Failure::failed("There is no summary", error))?;
    say(format_args!("{line}"))
}

/// Prints a line on stdout, which may be closed or full.
pub fn say(line: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    let remedy = "Files named by --out are written. Check where stdout goes";
    let failed = |error| Failure::failed("The output is not printed", format!("{error}. {remedy}"));
    writeln!(std::io::stdout(), "{line}").map_err(failed)
}

fn refused(error: &NotWritten) -> Failure {
    Failure::failed(format!("{} cannot be written", error.path.display()), format!("{}. {REMEDY}", error.why))
}
