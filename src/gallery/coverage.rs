//! How images cover the cats: which parts they have, how many are cats at all, and how many of those were trained on.

use serde::Serialize;

use super::artwork::Artwork;
use super::combination::{ALL_CATS, Combination, LAYERS, PARTS};
use super::decoder::Decoder;
use super::looks::Looks;
use super::reading::Reading;
use super::split::Split;
use crate::metrics::{ChiSquare, Rate};
use crate::samplers::{Spread, for_each};

/// Images against the truth, in which every combination is as frequent as any other.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// How many are cats.
    pub valid: Option<Rate>,
    /// Mean distance from the nearest cat of those that are finite: root mean squares, in units of [−1, 1].
    pub distance: Option<f64>,
    /// Of those that are cats.
    pub layers: Vec<LayerCoverage>,
    /// Whether every part of every layer is there.
    pub every_part: bool,
    /// Where it is known what was trained on.
    pub memorised: Option<Memorised>,
}

/// The parts of one layer, where it is not hidden.
#[derive(Clone, Debug, Serialize)]
pub struct LayerCoverage {
    /// Its name.
    pub layer: &'static str,
    /// Those that look different.
    pub parts: Vec<PartCoverage>,
    /// Against the truth.
    pub chi_square: Option<ChiSquare>,
}

/// One part, or all that look like it.
#[derive(Clone, Debug, Serialize)]
pub struct PartCoverage {
    /// Their numbers.
    pub part: Vec<usize>,
    /// Cats that have it.
    pub count: usize,
    /// Their share.
    pub rate: Option<Rate>,
    /// Its share of all cats.
    pub expected: f64,
}

/// Cats that look like one that was trained on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Memorised {
    /// Their share of those that are cats.
    pub rate: Option<Rate>,
    /// The share that fresh cats have. With n drawn, a share of chance scatters about it by √(p(1 − p)/n).
    pub expected: f64,
    /// How many cats were trained on.
    pub trained_on: usize,
}

impl Coverage {
    /// Reads every image of `images`, shape (n, 3, side, side) with the artwork's side, within about [−1, 1].
    #[must_use]
    pub fn of(artwork: &Artwork, images: &[f32], trained: Option<&Split>, spread: &dyn Spread) -> Self {
        let (decoder, dim) = (Decoder::new(artwork), 3 * artwork.side().pow(2));
        let mut readings = vec![None; images.len() / dim];
        for_each(spread, readings.iter_mut().zip(images.chunks_exact(dim)), |(reading, image)| {
            *reading = Reading::of(artwork, &decoder, image);
        });
        Self::count(decoder.looks(), &readings, trained)
    }

    /// Counts what was read; `None` is an image that is not finite, and no cat.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn count(looks: &Looks, readings: &[Option<Reading>], trained: Option<&Split>) -> Self {
        let finite = || readings.iter().flatten();
        let cats: Vec<Combination> = finite().filter(|reading| reading.is_cat()).map(|reading| reading.cat).collect();
        let distance = finite().map(|reading| f64::from(reading.distance)).sum::<f64>() / finite().count() as f64;
        let layers: Vec<LayerCoverage> = (0..LAYERS.len()).map(|layer| of_layer(looks, layer, &cats)).collect();
        Self {
            valid: Rate::new(cats.len(), readings.len()),
            distance: distance.is_finite().then_some(distance),
            every_part: layers.iter().flat_map(|layer| &layer.parts).all(|part| part.count > 0),
            layers,
            memorised: trained.map(|split| memorised(looks, split, &cats)),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn of_layer(looks: &Looks, layer: usize, cats: &[Combination]) -> LayerCoverage {
    let seen: Vec<usize> =
        cats.iter().filter(|cat| looks.seen(**cat)[layer]).map(|cat| usize::from(cat.0[layer])).collect();
    let part = |part: Vec<usize>| {
        let count = seen.iter().filter(|seen| part.contains(seen)).count();
        let expected = part.len() as f64 / PARTS[layer] as f64;
        PartCoverage { part, count, rate: Rate::new(count, seen.len()), expected }
    };
    let parts: Vec<PartCoverage> = looks.distinct(layer).into_iter().map(part).collect();
    let (counts, expected): (Vec<_>, Vec<_>) = parts.iter().map(|part| (part.count, part.expected)).unzip();
    LayerCoverage { layer: LAYERS[layer], parts, chi_square: ChiSquare::new(&counts, &expected) }
}

/// A cat counts as trained on where one that looks the same was; so fresh ones have the share of all cats that do.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn memorised(looks: &Looks, split: &Split, cats: &[Combination]) -> Memorised {
    let mut known = vec![false; ALL_CATS];
    (0..split.training()).for_each(|place| known[looks.look(split.cat(place)).index()] = true);
    let knows = |cat: &Combination| known[looks.look(*cat).index()];
    let expected = (0..ALL_CATS).map(Combination::from_index).filter(knows).count() as f64 / ALL_CATS as f64;
    let count = cats.iter().filter(|cat| knows(cat)).count();
    Memorised { rate: Rate::new(count, cats.len()), expected, trained_on: split.training() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(cat: Combination) -> Option<Reading> {
        Some(Reading { cat, distance: 0.05, blended: [0.1; LAYERS.len()] })
    }

    /// 6,000 cats of the truth, seed 3, against 1,000 of the same that never have body 4 and a fifth of which were trained on.
    #[test]
    fn a_missing_part_and_a_memory_are_seen() {
        let looks = Looks::of(&Artwork::new(32).expect("a size there is"));
        let split = Split::new(3, 30_000);
        let fresh: Vec<_> = (50_000..56_000).map(|place| reading(looks.look(split.cat(place)))).collect();
        let truth = Coverage::count(&looks, &fresh, Some(&split));
        assert!(truth.every_part && truth.valid.is_some_and(|valid| valid.of == 6000 && valid.share > 0.999));
        for layer in &truth.layers {
            let chi_square = layer.chi_square.expect("many");
            assert!(chi_square.p_value.expect("enough") > 0.0027, "{}: {chi_square:?}", layer.layer);
        }
        assert_eq!(truth.layers[1].parts[2].part, [2, 6]);
        let mouths: usize = truth.layers[3].parts.iter().map(|part| part.count).sum();
        let expected = 6000.0 * 14.0 / 16.0;
        assert!((f64::from(u32::try_from(mouths).expect("few")) - expected).abs() < 3.0 * (expected / 8.0).sqrt());
        let memory = truth.memorised.expect("a split");
        let rate = memory.rate.expect("cats");
        assert!(rate.share < memory.expected, "places beyond those trained on look like them by chance only");

        let places = (0..2000).map(|i| if i % 5 == 0 { i } else { 100_000 + i });
        let cats = places.map(|place| split.cat(place)).filter(|cat| cat.0[0] != 4).take(1000);
        let poor: Vec<_> = cats.map(|cat| reading(looks.look(cat))).chain([None, None]).collect();
        let poor = Coverage::count(&looks, &poor, Some(&split));
        assert!(!poor.every_part && poor.layers[0].parts[4].count == 0);
        assert!(poor.layers[0].chi_square.and_then(|chi| chi.p_value).is_some_and(|p| p < 1e-6));
        assert_eq!(poor.valid.map(|valid| valid.of), Some(1002));
        let memory = poor.memorised.expect("a split");
        let rate = memory.rate.expect("cats");
        let expected = 0.2 + 0.8 * memory.expected;
        assert!((rate.share - expected).abs() < 3.0 * rate.standard_error, "{rate:?} {expected}");
    }
}
