//! Cats as a gallery: images whose distribution is known, uniform over 360,000 combinations of parts.

use super::GalleryError;
use super::artwork::Artwork;
use super::combination::{ALL_CATS, Combination};
use super::split::Split;
use crate::images::Gallery;

/// The cats of a split, composed when they are asked for.
#[derive(Clone, Debug)]
pub struct Cats {
    artwork: Artwork,
    split: Split,
}

impl Cats {
    /// Cats of `side` × `side` pixels, of which the first `training` in the seed's order are trained on.
    ///
    /// # Errors
    /// A size that there are no parts of, or a number to train on that is none or more than all.
    pub fn new(side: usize, seed: u64, training: usize) -> Result<Self, GalleryError> {
        if !(1..=ALL_CATS).contains(&training) {
            return Err(GalleryError::Number { number: training, most: ALL_CATS });
        }
        let artwork = Artwork::new(side).ok_or(GalleryError::Size { size: side, sizes: &Artwork::SIDES })?;
        Ok(Self { artwork, split: Split::new(seed, training) })
    }

    /// Which are trained on.
    #[must_use]
    pub const fn split(&self) -> &Split {
        &self.split
    }

    /// The parts at this size.
    #[must_use]
    pub const fn artwork(&self) -> &Artwork {
        &self.artwork
    }

    /// The combination of image `index`; those from [`Gallery::len`] on, up to all, are held out.
    #[must_use]
    pub fn combination(&self, index: usize) -> Combination {
        self.split.cat(index)
    }
}

impl Gallery for Cats {
    fn name(&self) -> String {
        format!("cats:{}", self.len())
    }

    fn shape(&self) -> [usize; 3] {
        [3, self.artwork.side(), self.artwork.side()]
    }

    fn len(&self) -> usize {
        self.split.training()
    }

    fn image(&self, index: usize, out: &mut [f32]) {
        self.artwork.compose(self.combination(index), out);
    }
}
