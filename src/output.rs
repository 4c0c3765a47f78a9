//! Files that appear whole or not at all, and pictures as PNG: for the command line and for the window.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

/// Why a file was not written; what was there before is still there.
#[derive(Debug, Error)]
#[error("{} cannot be written: {why}", path.display())]
pub struct NotWritten {
    /// The file that was asked for.
    pub path: PathBuf,
    /// What keeps it from being written.
    pub why: String,
}

impl NotWritten {
    fn new(path: &Path, why: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), why: why.to_string() }
    }
}

/// Finds out before the work, not after it, whether `path` can be written without harm: to a new file or over a regular one.
///
/// # Errors
/// Where it cannot.
pub fn check(path: &Path) -> Result<(), NotWritten> {
    let refused = |why| Err(NotWritten::new(path, why));
    match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => refused("it is a folder"),
        Ok(there) if !there.is_file() => refused("it is a device, a pipe or a socket, not a file"),
        Ok(there) if there.permissions().readonly() => refused("it is a file that is write-protected"),
        _ => Unfinished::beside(path).map(drop),
    }
}

/// Writes `bytes` to `path`, all or nothing.
///
/// # Errors
/// Where the folder or the disk refuses it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), NotWritten> {
    let file = Unfinished::beside(path)?;
    file.file().write_all(bytes).map_err(|error| file.fault(&error))?;
    file.publish()
}

/// A file in the making, under a temporary name in the folder where it will be.
pub struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// Empty, beside `path`.
    ///
    /// # Errors
    /// Where nothing can be written there.
    pub fn beside(path: &Path) -> Result<Self, NotWritten> {
        let target = target(path);
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any new file gets; the process's umask still takes away from it.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.prefix(".scorescope-").tempfile_in(folder);
        let file = file.map_err(|error| NotWritten::new(path, cause(&error)))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Where its content goes: the file itself, because the wrapper's errors carry the temporary name.
    #[must_use]
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// An error of writing, with the name that was asked for.
    #[must_use]
    pub fn fault(&self, error: &io::Error) -> NotWritten {
        NotWritten::new(&self.path, cause(error))
    }

    /// Gives the finished file its name; what a link leads to is written, not the link.
    ///
    /// # Errors
    /// Where the disk is full or the name is refused; then there is no file.
    pub fn publish(self) -> Result<(), NotWritten> {
        self.file().sync_all().map_err(|error| self.fault(&error))?;
        let Self { file, path } = self;
        file.persist(target(&path)).map(drop).map_err(|error| NotWritten::new(&path, cause(&error.error)))
    }
}

/// What is written: where a link leads, even if nothing is there yet.
fn target(path: &Path) -> PathBuf {
    let beyond = || {
        let link = std::fs::read_link(path).ok()?;
        Some(path.parent().map_or_else(|| link.clone(), |folder| folder.join(&link)))
    };
    std::fs::canonicalize(path).ok().or_else(beyond).unwrap_or_else(|| path.to_owned())
}

/// What went wrong, without the name of the temporary file, which nobody asked for.
fn cause(error: &io::Error) -> String {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "its folder does not exist".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is a file, not a folder".to_owned(),
        ErrorKind::PermissionDenied => "you may not write to its folder".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "its folder is read-only".to_owned(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "its disk has no room left".to_owned(),
        _ => error.to_string(),
    }
}

/// A picture: RGBA, four bytes a pixel, row by row from the top, opaque.
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The pixels.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// The picture as PNG, without transparency.
    ///
    /// # Errors
    /// A picture without pixels, or of another size than it says.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let rgb: Vec<u8> = self.rgba.chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect();
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&rgb));
        written.map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}
