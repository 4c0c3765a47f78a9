//! What an image is taken for: the nearest cat, how far from it, and whether it is that cat or something between two.

use super::artwork::Artwork;
use super::combination::{Combination, LAYERS};
use super::decoder::Decoder;
use super::looks::{LEFTOVER, TOLD_APART};

/// Farther than this from every cat, an image is none: twice the noise that a sampler may leave, as a root mean square.
const FARTHEST: f32 = 2.0 * LEFTOVER;
/// Where more of another part shows through, an image is a blend: every part is to be twice as near as any other.
const MOST_BLENDED: f32 = 1.0 / 3.0;

/// An image, read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The nearest cat; of those that look alike, the first.
    pub cat: Combination,
    /// √(‖x − cat‖² / numbers), in units of [−1, 1].
    pub distance: f32,
    /// Of each layer, the farthest that the image has gone towards another part: 0 is the cat's own and ½ is as much of
    /// either; 0 where the layer is hidden.
    pub blended: [f32; LAYERS.len()],
}

impl Reading {
    /// Reads an image of shape (3, side, side); `None` where a number is not finite.
    #[must_use]
    pub fn of(artwork: &Artwork, decoder: &Decoder, image: &[f32]) -> Option<Self> {
        if !image.iter().all(|x| x.is_finite()) {
            return None;
        }
        let cat = decoder.nearest(image);
        let mut own = vec![0.0; image.len()];
        artwork.compose(cat, &mut own);
        let rest: Vec<f32> = image.iter().zip(&own).map(|(x, own)| x - own).collect();
        #[expect(clippy::cast_precision_loss, reason = "an image has some thousand numbers")]
        let distance = (squares(&rest) / rest.len() as f32).sqrt();
        let blended = std::array::from_fn(|layer| blended(artwork, decoder, cat, layer, (&own, &rest)));
        Some(Self { cat: decoder.looks().look(cat), distance, blended })
    }

    /// True for a cat, noise that a sampler left on it allowed: near one, and no part of it on the way to another.
    ///
    /// The distance alone would not do. At 32 × 32 two mouths are .5 apart, less than a thousandth of what leftover noise adds
    /// up to over all numbers; but along the line from one to the other, noise hardly moves an image at all, and a blend of
    /// both stands in the middle.
    #[must_use]
    pub fn is_cat(&self) -> bool {
        self.distance <= FARTHEST && self.blended.iter().all(|blended| *blended <= MOST_BLENDED)
    }
}

/// max over other parts of ⟨rest, other − own⟩ / ‖other − own‖², where they can be told apart.
fn blended(artwork: &Artwork, decoder: &Decoder, cat: Combination, layer: usize, (own, rest): (&[f32], &[f32])) -> f32 {
    if !decoder.looks().seen(cat)[layer] {
        return 0.0;
    }
    let mut other = vec![0.0; own.len()];
    let towards = decoder.looks().distinct(layer).into_iter().map(|alike| {
        let mut changed = cat;
        #[expect(clippy::cast_possible_truncation, reason = "parts are few")]
        (changed.0[layer] = alike[0] as u8);
        artwork.compose(changed, &mut other);
        other.iter_mut().zip(own).for_each(|(other, own)| *other -= own);
        let along: f32 = other.iter().zip(rest).map(|(way, rest)| way * rest).sum();
        let length = squares(&other);
        if length < TOLD_APART.powi(2) { 0.0 } else { along / length }
    });
    towards.fold(0.0, f32::max)
}

fn squares(x: &[f32]) -> f32 {
    x.iter().map(|x| x * x).sum()
}

#[cfg(test)]
mod tests {
    use super::super::combination::{ACCESSORY, EYES, MOUTH};
    use super::super::looks::Looks;
    use super::super::split::Split;
    use super::*;
    use crate::noise::{Noise, Purpose};

    struct Reader(Artwork, Decoder);

    impl Reader {
        fn new() -> Self {
            let artwork = Artwork::new(32).expect("a size there is");
            let decoder = Decoder::new(&artwork);
            Self(artwork, decoder)
        }

        fn image(&self, cat: Combination) -> Vec<f32> {
            let mut image = vec![0.0; 3072];
            self.0.compose(cat, &mut image);
            image
        }

        /// A cat with noise of a standard deviation of [`LEFTOVER`].
        fn noisy(&self, cat: Combination, seed: u64) -> Vec<f32> {
            let (mut image, mut z) = (self.image(cat), vec![0.0; 3072]);
            Noise::new(seed).normal(Purpose::Data, 0, 0, &mut z);
            image.iter_mut().zip(z).for_each(|(x, z)| *x += LEFTOVER * z);
            image
        }

        fn reads(&self, image: &[f32]) -> Reading {
            Reading::of(&self.0, &self.1, image).expect("finite numbers")
        }

        fn is_blend(&self, a: Combination, b: Combination) -> bool {
            let middle: Vec<f32> = self.image(a).iter().zip(self.image(b)).map(|(a, b)| 0.5 * (a + b)).collect();
            !self.reads(&middle).is_cat()
        }
    }

    /// 660 cats of seed 11, none wrong: were one in a hundred wrong, that would happen once in 760 times, which is three sigma.
    #[test]
    fn noise_of_a_twentieth_hides_no_part() {
        let (reader, split) = (Reader::new(), Split::new(11, 1));
        for (seed, place) in (0..660).enumerate() {
            let cat = split.cat(place);
            let found = reader.1.nearest(&reader.noisy(cat, seed as u64));
            let looks = reader.1.looks();
            assert_eq!(looks.look(found), looks.look(cat), "{cat:?}");
        }
    }

    /// Seed 12, each by a hundredth of a cat: none of 60 noisy ones is refused, none of 60 blends of two cats, none of 60 of
    /// cats that differ in their eyes or in their accessory. Of mouths, two in a hundred blends are another mouth: at most 3 of 60.
    #[test]
    fn cats_under_noise_are_cats_and_blends_are_none() {
        let (reader, split) = (Reader::new(), Split::new(12, 1));
        let mut mouths = 0;
        for place in 0..60 {
            let [cat, other] = [place, place + 1000].map(|place| split.cat(place));
            let reading = reader.reads(&reader.noisy(cat, place as u64));
            assert!(reading.is_cat() && (reading.distance - LEFTOVER).abs() < 0.003, "{cat:?}: {reading:?}");
            assert!(reader.is_blend(cat, other), "{cat:?} {other:?}");
            for layer in [EYES, MOUTH, ACCESSORY] {
                let mut changed = cat;
                changed.0[layer] = other.0[layer];
                let differs = reader.1.looks().look(changed) != reader.1.looks().look(cat);
                if differs && !reader.is_blend(cat, changed) {
                    assert_eq!(layer, MOUTH, "{cat:?} {changed:?}");
                    mouths += 1;
                }
            }
        }
        assert!(mouths <= 3, "{mouths}");
        assert_eq!(Reading::of(&reader.0, &reader.1, &[f32::NAN; 3072]), None);
    }

    /// What was found by looking: furs 2 and 6 are none, and two scarves hide the mouth.
    #[test]
    fn only_two_furs_are_alike_and_only_mouths_are_hidden() {
        for side in [32, 64] {
            let looks = Looks::of(&Artwork::new(side).expect("a size there is"));
            assert_eq!([0, 1, 2, 3, 4].map(|layer| looks.distinct(layer).len()), [15, 9, 15, 10, 16]);
            assert!(looks.distinct(1).contains(&vec![2, 6]));
            for accessory in 0..16 {
                let covers = accessory == 0 || accessory == 7;
                assert_eq!(looks.seen(Combination([0, 0, 0, 0, accessory])), [true, true, true, !covers, true]);
            }
        }
    }
}
