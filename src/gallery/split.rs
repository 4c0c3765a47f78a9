//! Which cats are trained on and which are held out: the beginning and the rest of a shuffled order.
//! Shuffled without a list: Luby & Rackoff 1988, "How to construct pseudorandom permutations from pseudorandom functions",
//! walked until it lands among the cats (Black & Rogaway 2002, "Ciphers with arbitrary finite domains").

use rand::Rng;

use super::combination::{ALL_CATS, Combination};
use crate::noise::{Noise, Purpose};

/// Bits of half a number: 2²⁰ is the least even power of two that holds all cats.
const HALF_BITS: u32 = 10;
const HALF: u32 = (1 << HALF_BITS) - 1;
/// Rounds of the shuffling: four are indistinguishable from chance to whoever asks little, eight to whoever asks for all.
const ROUNDS: u32 = 8;

/// A seed's order of all cats, of which the first are trained on.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    noise: Noise,
    training: usize,
}

impl Split {
    /// The first `training` cats of the seed's order; at most all.
    #[must_use]
    pub fn new(seed: u64, training: usize) -> Self {
        Self { noise: Noise::new(seed), training: training.min(ALL_CATS) }
    }

    /// How many cats are trained on.
    #[must_use]
    pub const fn training(&self) -> usize {
        self.training
    }

    /// The cat at a place of the order, below [`ALL_CATS`]: those below [`Self::training`] are trained on.
    #[must_use]
    pub fn cat(&self, place: usize) -> Combination {
        Combination::from_index(walk(place, |number| self.shuffle(number)))
    }

    /// The place of a cat: the way back of [`Self::cat`].
    #[must_use]
    pub fn place(&self, cat: Combination) -> usize {
        walk(cat.index(), |number| self.restore(number))
    }

    /// True for a cat that is trained on.
    #[must_use]
    pub fn trains_on(&self, cat: Combination) -> bool {
        self.place(cat) < self.training
    }

    /// (l, r) → (r, l ⊕ f_i(r)), round by round.
    fn shuffle(&self, number: u32) -> u32 {
        let (l, r) = (0..ROUNDS).fold((number >> HALF_BITS, number & HALF), |(l, r), i| (r, l ^ self.round(i, r)));
        l << HALF_BITS | r
    }

    /// (l, r) → (r ⊕ f_i(l), l), from the last round to the first.
    fn restore(&self, number: u32) -> u32 {
        let halves = (number >> HALF_BITS, number & HALF);
        let (l, r) = (0..ROUNDS).rev().fold(halves, |(l, r), i| (r ^ self.round(i, l), l));
        l << HALF_BITS | r
    }

    /// f_i of half a number.
    fn round(&self, i: u32, half: u32) -> u32 {
        self.noise.generator(Purpose::Split, half, i).next_u32() & HALF
    }
}

/// Applies a bijection of the numbers of 2 [`HALF_BITS`] bits until it comes to a cat's: one of the cats' numbers, then.
#[expect(clippy::cast_possible_truncation, reason = "numbers of cats have 20 bits")]
fn walk(from: usize, step: impl Fn(u32) -> u32) -> usize {
    let mut number = step((from % ALL_CATS) as u32);
    while number as usize >= ALL_CATS {
        number = step(number);
    }
    number as usize
}

#[cfg(test)]
mod tests {
    use super::super::combination::PARTS;
    use super::*;

    #[test]
    fn the_order_holds_every_cat_once_and_can_be_read_backwards() {
        let (split, mut seen) = (Split::new(7, 1000), vec![false; ALL_CATS]);
        for place in 0..ALL_CATS {
            let cat = split.cat(place);
            assert!(!std::mem::replace(&mut seen[cat.index()], true), "{cat:?} twice");
            if place < 2000 || place % 17 == 0 {
                assert_eq!((split.place(cat), split.trains_on(cat)), (place, place < 1000));
            }
        }
    }

    /// 36,000 cats of each of three seeds: counts of parts, and of pairs of a body and an accessory, by chi-square; three sigma
    /// of a chi-square are 3√(2 ν). Without replacement the spread is (1 − 0.1) of that of chance.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn the_first_cats_are_a_fair_draw() {
        let chi_square = |counts: &[usize], n: f64| {
            let expected = n / counts.len() as f64;
            counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum::<f64>() / 0.9
        };
        for seed in 1..4 {
            let (split, n) = (Split::new(seed, ALL_CATS / 10), ALL_CATS / 10);
            let (mut single, mut pairs) = (PARTS.map(|count| vec![0; count]), vec![0; PARTS[0] * PARTS[4]]);
            let mut rises = 0u32;
            for place in 0..n {
                let cat = split.cat(place);
                cat.0.iter().zip(&mut single).for_each(|(part, counts)| counts[usize::from(*part)] += 1);
                pairs[usize::from(cat.0[0]) * PARTS[4] + usize::from(cat.0[4])] += 1;
                rises += u32::from(split.cat(place + 1).index() > cat.index());
            }
            for counts in single.iter().chain([&pairs]) {
                let freedom = counts.len() as f64 - 1.0;
                let found = chi_square(counts, n as f64);
                assert!((found - freedom).abs() < 3.0 * (2.0 * freedom).sqrt(), "seed {seed}: {found} of {freedom}");
            }
            // Neighbours rise as often as they fall: variance of the number of rises of a shuffled list, n/12.
            assert!((f64::from(rises) - n as f64 / 2.0).abs() < 3.0 * (n as f64 / 12.0).sqrt(), "seed {seed}: {rises}");
        }
    }

    /// A model trained on a split is judged by its seed later, elsewhere: these cats are for all time. Numbers of the same
    /// rounds written anew in Python.
    #[test]
    fn one_seed_is_one_order_for_ever() {
        let cat = |seed, place| Split::new(seed, 1).cat(place).index();
        assert_eq!([0, 1, 2].map(|place| cat(0, place)), [276_026, 255_053, 62875]);
        assert_eq!([0, ALL_CATS - 1].map(|place| cat((1 << 40) + 5, place)), [116_709, 264_876]);
    }
}
