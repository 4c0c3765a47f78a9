//! Why there are no images: each a sentence with what, where and what to do.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Data that are not used.
#[derive(Debug, Error)]
pub enum GalleryError {
    /// Neither a known name nor a file that can be read.
    #[error(
        "{} cannot be read ({reason}). Take cats, cats:N, a folder of PNG and JPEG files, or an IDX file such as \
         train-images-idx3-ubyte.gz",
        path.display()
    )]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system or the decoder says.
        reason: String,
    },
    /// `cats:` and no whole number.
    #[error("'{0}' is no number of cats. Take a whole number, such as cats:10000")]
    NoNumber(String),
    /// None, or more images than there are.
    #[error("there are {most} images, and {number} cannot be trained on. Take 1 to {most}")]
    Number {
        /// What was asked for.
        number: usize,
        /// How many there are.
        most: usize,
    },
    /// A size that the images do not come in.
    #[error("there are no images of {size} × {size} pixels. Take one of {sizes:?}")]
    Size {
        /// What was asked for.
        size: usize,
        /// What there is.
        sizes: &'static [usize],
    },
    /// A file that is read and is not what it should be.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
}

impl GalleryError {
    pub(super) fn unreadable(path: &Path, reason: impl Display) -> Self {
        Self::Unreadable { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(super) fn file(path: &Path, reason: impl Display) -> Self {
        Self::File { path: path.to_owned(), reason: reason.to_string() }
    }
}
