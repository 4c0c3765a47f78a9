//! Images to learn from: the bundled cats, whose distribution is known, and whatever lies in files.

mod artwork;
mod cats;
mod combination;
mod coverage;
mod decoder;
mod error;
mod folder;
mod idx;
mod kept;
mod looks;
mod reading;
mod split;

use std::path::Path;
use std::sync::Arc;

pub use artwork::{Artwork, Part};
pub use cats::Cats;
pub use combination::{ALL_CATS, Combination, LAYERS, PARTS};
pub use coverage::{Coverage, LayerCoverage, Memorised, PartCoverage};
pub use decoder::Decoder;
pub use error::GalleryError;
pub use looks::{LEFTOVER, Looks};
pub use reading::Reading;
pub use split::Split;

pub use crate::images::Gallery;

/// The smallest side at which every two parts that are seen can be told apart under the noise that samplers leave.
pub const SMALLEST_JUDGED: usize = 32;

/// The seed that says which cats are trained on, wherever nobody names another.
pub const SPLIT: u64 = 0;

/// Cats that are trained on where `--data` names some; `None` of everything else.
#[must_use]
pub fn cats_of(data: &str) -> Option<usize> {
    if data == "cats" { Some(ALL_CATS) } else { data.strip_prefix("cats:")?.parse().ok() }
}

/// Opens what `--data` names: `cats`, `cats:N` (N of them to train on, chosen by the seed), a folder of PNG and JPEG files, or
/// an IDX file such as Fashion-MNIST's. Images are `size` × `size` pixels.
///
/// # Errors
/// What cannot be read or is not there, and a size or a number that there is not.
pub fn open(data: &str, size: usize, seed: u64) -> Result<Arc<dyn Gallery>, GalleryError> {
    if let Some(training) = cats_of(data) {
        return Ok(Arc::new(Cats::new(size, seed, training)?));
    }
    if let Some(number) = data.strip_prefix("cats:") {
        return Err(GalleryError::NoNumber(number.to_owned()));
    }
    let path = Path::new(data);
    let there = std::fs::metadata(path).map_err(|error| GalleryError::unreadable(path, error))?;
    let images = if there.is_dir() { folder::read(path, size)? } else { idx::read(path, size)? };
    Ok(Arc::new(images))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(data: &str, size: usize) -> String {
        open(data, size, 1).map(|_| ()).expect_err(data).to_string()
    }

    #[test]
    fn data_are_named_on_the_command_line() {
        for (data, name, length) in [("cats", "cats:360000", 360_000), ("cats:100", "cats:100", 100)] {
            let cats = open(data, 32, 1).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((cats.name().as_str(), cats.len(), cats.shape()), (name, length, [3, 32, 32]));
            let (mut x, mut again) = (vec![f32::NAN; 3072], vec![f32::NAN; 3072]);
            cats.image(length - 1, &mut x);
            Cats::new(32, 1, ALL_CATS).expect("cats").image(length - 1, &mut again);
            assert!(x == again && x.iter().all(|x| x.abs() <= 1.0));
        }
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_there_is() {
        assert!(refused("cats", 48).contains("Take one of [8, 16, 32, 64, 128]"));
        assert!(refused("cats:0", 32).contains("Take 1 to 360000"));
        assert!(refused("cats:360001", 32).contains("Take 1 to 360000"));
        assert!(refused("cats:many", 32).contains("such as cats:10000"));
        let missing = refused("no/such/file", 32);
        assert!(missing.starts_with("no/such/file cannot be read") && missing.contains("Take cats"), "{missing}");
    }
}
