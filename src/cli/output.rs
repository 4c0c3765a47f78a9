//! Outputs: written to a temporary file beside their place and renamed, so that no half file is ever seen.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use super::failure::Failure;

const REMEDY: &str = "Give --out a path in a folder that exists and that you may write to.";

/// Finds out before the work, not after it, whether `path` can be written.
pub fn check(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(cannot_write(path, "it is a folder"));
    }
    temporary(path).map(drop)
}

/// Writes `bytes` to `path`, all or nothing.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = temporary(path)?;
    // Into the file itself: the wrapper's errors carry the temporary name.
    let written = file.as_file_mut().write_all(bytes).and_then(|()| file.as_file().sync_all());
    written.map_err(|error| cannot_write(path, cause(&error)))?;
    file.persist(path).map_err(|error| cannot_write(path, cause(&error.error)))?;
    Ok(())
}

/// Writes a table of numbers as CSV; an absent value is an empty cell, a value that is not finite is refused.
pub fn write_csv(path: &Path, header: &[&str], rows: impl Iterator<Item = Vec<Option<f64>>>) -> Result<(), Failure> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| cannot_write(path, error);
    csv.write_record(header).map_err(failed)?;
    for (row, values) in (1..).zip(rows) {
        if let Some((column, value)) = header.iter().zip(&values).find(|(_, v)| v.is_some_and(|v| !v.is_finite())) {
            let why = format!(
                "row {row} has {column} = {}; nothing was written. A smaller step size or a larger sigma keeps values finite",
                value.unwrap_or(f64::NAN)
            );
            return Err(Failure::failed(format!("{} is not written", path.display()), why));
        }
        let cells = values.iter().map(|value| value.map_or_else(String::new, |value| value.to_string()));
        csv.write_record(cells).map_err(failed)?;
    }
    let bytes = csv.into_inner().map_err(|error| cannot_write(path, error))?;
    write(path, &bytes)
}

/// Prints the one JSON object that ends stdout.
pub fn print_summary(summary: &impl serde::Serialize) -> Result<(), Failure> {
    let failed = |why: String| Failure::failed("The summary is not printed", why);
    let line = serde_json::to_string(summary).map_err(|error| failed(error.to_string()))?;
    let remedy = "Files named by --out are written. Check where stdout goes";
    writeln!(std::io::stdout(), "{line}").map_err(|error| failed(format!("{error}. {remedy}")))
}

fn temporary(path: &Path) -> Result<NamedTempFile, Failure> {
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
