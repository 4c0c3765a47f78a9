//! Which cat: one part of each layer, and its number among all.

/// The layers, in the order in which they are laid over one another.
pub const LAYERS: [&str; 5] = ["body", "fur", "eyes", "mouth", "accessory"];
/// Where they stand in [`LAYERS`].
pub(super) const BODY: usize = 0;
pub(super) const FUR: usize = 1;
pub(super) const EYES: usize = 2;
pub(super) const MOUTH: usize = 3;
pub(super) const ACCESSORY: usize = 4;
/// Parts of each layer.
pub const PARTS: [usize; LAYERS.len()] = [15, 10, 15, 10, 16];
/// Cats there are: every part goes with every other.
pub const ALL_CATS: usize = 360_000;

/// The number of the part taken of each layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Combination(pub [u8; LAYERS.len()]);

impl Combination {
    /// Cat number `index`, counted with the last layer fastest; numbers from [`ALL_CATS`] on begin again.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a remainder by at most 16")]
    pub fn from_index(index: usize) -> Self {
        let (mut parts, mut rest) = ([0; LAYERS.len()], index);
        for (part, count) in parts.iter_mut().zip(PARTS).rev() {
            *part = (rest % count) as u8;
            rest /= count;
        }
        Self(parts)
    }

    /// Its number: what [`Self::from_index`] takes.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.iter().zip(PARTS).fold(0, |index, (part, count)| index * count + usize::from(*part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cat_has_one_number() {
        assert_eq!(PARTS.iter().product::<usize>(), ALL_CATS);
        assert!((0..ALL_CATS).all(|index| Combination::from_index(index).index() == index));
        assert_eq!(Combination::from_index(ALL_CATS - 1).0, [14, 9, 14, 9, 15]);
        assert_eq!(Combination([1, 2, 3, 4, 5]).index(), 24_000 + 2 * 2400 + 3 * 160 + 4 * 16 + 5);
    }
}
