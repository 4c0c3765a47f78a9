//! What becomes of images of cats: each is read and compared with those that were trained on, and parts are counted over seeds.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::command::ImageSetting;
use super::pictures::Pictures;
use super::start::ImageStart;
use crate::gallery::{Artwork, Cats, Combination, Coverage, Decoder, Reading, SMALLEST_JUDGED, SPLIT, Split};
use crate::images::Gallery;
use crate::metrics::{Nearest, nearest_images};
use crate::samplers::for_each;
use crate::session::Pool;

/// Reads cats of one size.
pub struct Judge {
    artwork: Artwork,
    decoder: Decoder,
}

/// Every image of a run.
pub struct Judged {
    /// What each is taken for; `None` where it is not finite.
    pub images: Vec<Option<JudgedImage>>,
    /// The nearest cat that was trained on, of each, and the same as pictures; `None` where nobody knows what was trained on.
    pub nearest: Option<(Vec<Nearest>, Arc<Pictures>)>,
}

/// One image.
#[derive(Clone, Copy, Debug)]
pub struct JudgedImage {
    /// The nearest cat there is.
    pub reading: Reading,
    /// Whether one that looks like it was trained on.
    pub trained_on: bool,
}

/// Cats of all seeds drawn so far.
#[derive(Default)]
pub struct Tally {
    readings: Vec<Option<Reading>>,
    seeds: BTreeSet<u64>,
    /// The distribution that they are drawn from.
    of: Option<ImageSetting>,
    coverage: Option<Arc<Coverage>>,
}

impl Judge {
    /// Of images of `shape` whose black and white are `range`; `None` where cats of that shape cannot be told apart.
    #[must_use]
    pub fn new([c, h, w]: [usize; 3], range: [f32; 2]) -> Option<Self> {
        let fits =
            c == 3 && h == w && h >= SMALLEST_JUDGED && range.map(f32::to_bits) == [-1.0f32, 1.0].map(f32::to_bits);
        let artwork = Artwork::new(h).filter(|_| fits)?;
        Some(Self { decoder: Decoder::new(&artwork), artwork })
    }

    /// Reads images, shape (n, 3, h, w), of a model that was trained on the first so many cats; a number that there is not
    /// is as good as none.
    pub fn read(&self, x: &[f32], trained: Option<usize>, pool: &Pool) -> Judged {
        let dim = 3 * self.artwork.side().pow(2);
        let cats = trained.and_then(|trained| Cats::new(self.artwork.side(), SPLIT, trained).ok());
        let looks = self.decoder.looks();
        let known: HashSet<Combination> =
            cats.iter().flat_map(|cats| (0..cats.len()).map(|i| looks.look(cats.combination(i)))).collect();
        let mut images = vec![None; x.len() / dim];
        for_each(pool, images.iter_mut().zip(x.chunks_exact(dim)), |(image, x)| {
            let judged = |reading: Reading| JudgedImage { reading, trained_on: known.contains(&reading.cat) };
            *image = Reading::of(&self.artwork, &self.decoder, x).map(judged);
        });
        let nearest = cats.map(|cats| {
            let nearest = nearest_images(&cats, x, pool);
            let mut copies = vec![0.0; x.len()];
            copies.chunks_exact_mut(dim).zip(&nearest).for_each(|(copy, nearest)| cats.image(nearest.index, copy));
            (nearest, Arc::new(Pictures::plain(&copies, cats.shape(), [-1.0, 1.0])))
        });
        Judged { images, nearest }
    }

    /// Counts images of a setting: with those of its other seeds where they are fresh draws, and each seed once.
    pub fn count(&self, tally: &mut Tally, setting: &ImageSetting, judged: &Judged, trained: Option<usize>) {
        if setting.start != ImageStart::Noise || !tally.seeds.insert(setting.seed) {
            return;
        }
        tally.readings.extend(judged.images.iter().map(|image| image.map(|image| image.reading)));
        let split = trained.map(|trained| Split::new(SPLIT, trained));
        tally.coverage = Some(Arc::new(Coverage::count(self.decoder.looks(), &tally.readings, split.as_ref())));
    }
}

impl Tally {
    /// Begins anew where the setting makes fresh draws from another distribution than what was counted so far.
    pub fn follow(&mut self, setting: &ImageSetting) {
        if setting.start == ImageStart::Noise && self.of.as_ref().is_none_or(|of| !of.is_alike(setting)) {
            *self = Self { of: Some(setting.clone()), ..Self::default() };
        }
    }

    /// What was counted so far.
    pub fn coverage(&self) -> Option<Arc<Coverage>> {
        self.coverage.clone()
    }
}
