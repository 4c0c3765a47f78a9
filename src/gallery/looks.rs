//! What can be seen of a cat: two furs are no fur at all, and a scarf hides the mouth.

use super::artwork::{Artwork, Part};
use super::combination::{ACCESSORY, Combination, LAYERS, PARTS};

/// Noise that a sampler may leave in an image, a standard deviation in units of [−1, 1]: six grey steps of 256.
pub const LEFTOVER: f32 = 0.05;

/// Two parts are told apart where the images differ by six times [`LEFTOVER`], as the length of the difference: halfway
/// between them is then three standard deviations of what noise does along it.
pub(super) const TOLD_APART: f32 = 6.0 * LEFTOVER;

/// Which parts look alike, and which are hidden by which accessory: measured on the parts at their size.
#[derive(Clone, Debug)]
pub struct Looks {
    /// Of each part of each layer, the first that looks the same.
    first: [Vec<u8>; LAYERS.len()],
    /// Of each accessory, the layers that are seen around it.
    seen: Vec<[bool; LAYERS.len()]>,
}

impl Looks {
    /// Compares the parts.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "parts are few")]
    pub fn of(artwork: &Artwork) -> Self {
        let firsts = |layer: &[Part]| {
            let first = |part| layer.iter().position(|other| other == part).unwrap_or(0) as u8;
            layer.iter().map(first).collect()
        };
        let seen =
            |accessory| std::array::from_fn(|layer| layer == ACCESSORY || shows(artwork.layer(layer), accessory));
        Self {
            first: std::array::from_fn(|layer| firsts(artwork.layer(layer))),
            seen: artwork.layer(ACCESSORY).iter().map(seen).collect(),
        }
    }

    /// Which layers of a cat are seen.
    #[must_use]
    pub fn seen(&self, cat: Combination) -> [bool; LAYERS.len()] {
        self.seen[usize::from(cat.0[ACCESSORY])]
    }

    /// The first of all cats that look like this one.
    #[must_use]
    pub fn look(&self, cat: Combination) -> Combination {
        let seen = self.seen(cat);
        let first = |layer: usize| self.first[layer][usize::from(cat.0[layer])];
        Combination(std::array::from_fn(|layer| if seen[layer] { first(layer) } else { 0 }))
    }

    /// The parts of a layer that look different, each with all that look like it.
    #[must_use]
    pub fn distinct(&self, layer: usize) -> Vec<Vec<usize>> {
        let first = |part: usize| usize::from(self.first[layer][part]);
        let alike = |part: usize| (0..PARTS[layer]).filter(|other| first(*other) == part).collect();
        (0..PARTS[layer]).map(alike).filter(|alike: &Vec<usize>| !alike.is_empty()).collect()
    }
}

/// True where two parts of the layer are told apart under the accessory, at the most that any image below can let them differ.
fn shows(layer: &[Part], accessory: &Part) -> bool {
    let pairs = layer.iter().enumerate().flat_map(|(i, a)| layer[..i].iter().map(move |b| (a, b)));
    pairs.into_iter().any(|(a, b)| {
        let numbers = a.clear.iter().zip(&b.clear).zip(a.paint.iter().zip(&b.paint)).zip(&accessory.clear);
        let most = |((clear, paint), over): ((_, _), &f32)| over * (difference(clear) + difference(paint));
        numbers.map(|number| most(number).powi(2)).sum::<f32>() > TOLD_APART.powi(2)
    })
}

fn difference((a, b): (&f32, &f32)) -> f32 {
    (a - b).abs()
}
