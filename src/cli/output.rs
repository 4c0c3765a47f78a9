//! Outputs: written to a temporary file beside their place and renamed, so that no half file is ever seen.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::failure::Failure;
use super::interrupt;

/// Rows between two looks at Ctrl-C.
const ROWS_AT_ONCE: usize = 4096;

const REMEDY: &str = "Give --out a path in a folder that exists and that you may write to.";

/// Finds out before the work, not after it, whether `path` can be written without harm: to a new file or over a regular
/// one, and to none of the `inputs`.
pub fn check(path: &Path, inputs: &[Option<&Path>]) -> Result<(), Failure> {
    if let Ok(there) = std::fs::metadata(path) {
        if there.is_dir() {
            return Err(cannot_write(path, "it is a folder"));
        }
        if !there.is_file() {
            return Err(cannot_write(path, "it is a device, a pipe or a socket, not a file"));
        }
        if there.permissions().readonly() {
            return Err(cannot_write(path, "it is a file that is write-protected"));
        }
        let same = |input: &Path| std::fs::canonicalize(input).ok() == std::fs::canonicalize(path).ok();
        if inputs.iter().flatten().any(|input| same(input)) {
            let why = "it is also an input, which would be lost. Give --out another name";
            return Err(Failure::wrong_use(format!("--out {} is refused", path.display()), why));
        }
    }
    temporary(path).map(drop)
}

/// Writes `bytes` to `path`, all or nothing.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = temporary(path)?;
    // Into the file itself: the wrapper's errors carry the temporary name.
    file.as_file_mut().write_all(bytes).map_err(|error| cannot_write(path, cause(&error)))?;
    publish(file, path)
}

/// Writes a table of numbers as CSV; an absent value is an empty cell, a value that is not finite is refused.
pub fn write_csv(path: &Path, header: &[&str], rows: impl Iterator<Item = Vec<Option<f64>>>) -> Result<(), Failure> {
    let file = temporary(path)?;
    let mut csv = csv::Writer::from_writer(file.as_file());
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => cannot_write(path, cause(&error)),
        kind => cannot_write(path, format!("{kind:?}")),
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
    csv.flush().map_err(|error| cannot_write(path, cause(&error)))?;
    drop(csv);
    publish(file, path)
}

/// Gives a finished temporary file its name; what a link leads to is written, not the link.
fn publish(file: NamedTempFile, path: &Path) -> Result<(), Failure> {
    file.as_file().sync_all().map_err(|error| cannot_write(path, cause(&error)))?;
    file.persist(target(path)).map(drop).map_err(|error| cannot_write(path, cause(&error.error)))
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

/// What is written: where a link leads, even if nothing is there yet.
fn target(path: &Path) -> PathBuf {
    let beyond = || {
        let link = std::fs::read_link(path).ok()?;
        Some(path.parent().map_or_else(|| link.clone(), |folder| folder.join(&link)))
    };
    std::fs::canonicalize(path).ok().or_else(beyond).unwrap_or_else(|| path.to_owned())
}

fn temporary(path: &Path) -> Result<NamedTempFile, Failure> {
    let path = &target(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What any new file gets; the process's umask still takes away from it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".scorescope-").tempfile_in(folder).map_err(|error| cannot_write(path, cause(&error)))
}

/// What went wrong, without the name of the temporary file, which nobody asked for.
fn cause(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "its folder does not exist".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is a file, not a folder".to_owned(),
        ErrorKind::PermissionDenied => "you may not write to its folder".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "its folder is read-only".to_owned(),
        _ => error.to_string(),
    }
}

fn cannot_write(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("{} cannot be written", path.display()), format!("{error}. {REMEDY}"))
}
