//! The cat nearest to an image by least squares, found exactly: bounds from where there is little to choose, then the rest.

use std::ops::Range;

use multiversion::multiversion;

use super::artwork::{Artwork, Part};
use super::combination::{ACCESSORY, BODY, Combination, EYES, FUR, LAYERS, MOUTH};
use super::looks::Looks;
use crate::lanes::LANES;

/// The search for the nearest cat. Numbers of an image are put in an order in which those come first that no eyes, mouth or
/// accessory touches, then those that accessories touch and no face, then those of eyes alone, of both, of mouths alone.
///
/// The first range bounds the whole from below for each body and fur, and the second for each accessory on them. In the
/// three others, eyes and mouth add up, but for the few pixels of both.
#[derive(Clone, Debug)]
pub struct Decoder {
    looks: Looks,
    order: Vec<usize>,
    ranges: [Range<usize>; 5],
    /// Parts that look different, with their numbers in this order: none of bodies and furs, which are in `bases`.
    layers: [Vec<(u8, Part)>; LAYERS.len()],
    /// Each fur on each body, on white.
    bases: Vec<([u8; 2], Vec<f32>)>,
}

impl Decoder {
    /// For images of the artwork's size.
    #[must_use]
    pub fn new(artwork: &Artwork) -> Self {
        let looks = Looks::of(artwork);
        let (order, ranges) = ordered(artwork);
        #[expect(clippy::cast_possible_truncation, reason = "parts are few")]
        let layers = std::array::from_fn(|layer| {
            let part = |alike: &Vec<usize>| (alike[0] as u8, artwork.layer(layer)[alike[0]].reordered(&order));
            looks.distinct(layer).iter().map(part).collect()
        });
        let layered: &[Vec<(u8, Part)>; LAYERS.len()] = &layers;
        let base = |(body, under): &(u8, Part), (fur, over): &(u8, Part)| {
            let mut image = vec![1.0; order.len()];
            under.lay_over(&mut image);
            over.lay_over(&mut image);
            ([*body, *fur], image)
        };
        let bases = layered[BODY].iter().flat_map(|body| layered[FUR].iter().map(move |fur| base(body, fur))).collect();
        Self { looks, order, ranges, layers, bases }
    }

    /// What can be seen of cats at this size.
    #[must_use]
    pub const fn looks(&self) -> &Looks {
        &self.looks
    }

    /// The cat at the least distance from an image of shape (3, side, side); of equal ones, the first.
    #[must_use]
    pub fn nearest(&self, image: &[f32]) -> Combination {
        let x: Vec<f32> = self.order.iter().map(|i| image[*i]).collect();
        let [bare, around, ..] = self.ranges.clone();
        // Where no accessory touches anything, any of them leaves it as it is.
        let untouched = &self.layers[ACCESSORY][0].1;
        let bound = |base| distance(bare.clone(), &x, base, untouched);
        let mut bases: Vec<_> = self.bases.iter().map(|(parts, base)| (bound(base), parts, base)).collect();
        bases.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
        let mut best = (f32::INFINITY, Combination([0; LAYERS.len()]));
        for (bound, [body, fur], base) in bases {
            if bound >= best.0 {
                break;
            }
            for (i, accessory) in &self.layers[ACCESSORY] {
                let bound = bound + distance(around.clone(), &x, base, accessory);
                if bound >= best.0 {
                    continue;
                }
                let (face, [eyes, mouth]) = self.face(&x, base, accessory);
                if bound + face < best.0 {
                    best = (bound + face, Combination([*body, *fur, eyes, mouth, *i]));
                }
            }
        }
        best.1
    }

    /// The eyes and the mouth that fit best under the accessory, and ‖x − cat‖² where any eyes or mouth can be.
    fn face(&self, x: &[f32], base: &[f32], accessory: &Part) -> (f32, [u8; 2]) {
        let [_, _, alone, both, below] = self.ranges.clone();
        let (mut drawn, mut crossed) = (base.to_vec(), base.to_vec());
        let mut mouths = Vec::with_capacity(self.layers[MOUTH].len());
        for (i, mouth) in &self.layers[MOUTH] {
            lay(mouth, below.clone(), base, &mut drawn);
            mouths.push((*i, mouth, distance(below.clone(), x, &drawn, accessory)));
        }
        let mut best = (f32::INFINITY, [0; 2]);
        for (i, eyes) in &self.layers[EYES] {
            lay(eyes, alone.start..both.end, base, &mut drawn);
            let here = distance(alone.clone(), x, &drawn, accessory);
            for (j, mouth, there) in &mouths {
                lay(mouth, both.clone(), &drawn, &mut crossed);
                let whole = here + there + distance(both.clone(), x, &crossed, accessory);
                if whole < best.0 {
                    best = (whole, [*i, *j]);
                }
            }
        }
        best
    }
}

/// The numbers of an image in the order of the search, and where its five ranges stand in it.
fn ordered(artwork: &Artwork) -> (Vec<usize>, [Range<usize>; 5]) {
    let touched = |layer: usize, i: usize| artwork.layer(layer).iter().any(|part| part.clear[i] < 1.0);
    let group = |i: usize| match (touched(EYES, i), touched(MOUTH, i)) {
        (false, false) => usize::from(touched(ACCESSORY, i)),
        (true, false) => 2,
        (true, true) => 3,
        (false, true) => 4,
    };
    let groups: Vec<usize> = (0..3 * artwork.side().pow(2)).map(group).collect();
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|i| groups[*i]);
    let begin = |group: usize| order.partition_point(|i| groups[*i] < group);
    let ranges = [0, 1, 2, 3, 4].map(|group| begin(group)..begin(group + 1));
    (order, ranges)
}

/// Lays a part over a range of an image, into another.
fn lay(part: &Part, range: Range<usize>, under: &[f32], out: &mut [f32]) {
    let over = part.clear[range.clone()].iter().zip(&part.paint[range.clone()]);
    for ((out, x), (clear, paint)) in out[range.clone()].iter_mut().zip(&under[range]).zip(over) {
        *out = x * clear + paint;
    }
}

/// ‖x − y‖² over a range, with y an image under a part.
fn distance(range: Range<usize>, x: &[f32], under: &[f32], part: &Part) -> f32 {
    squares(&x[range.clone()], &under[range.clone()], &part.clear[range.clone()], &part.paint[range])
}

/// Σ (x − (y·clear + paint))², summed in lanes.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn squares(x: &[f32], y: &[f32], clear: &[f32], paint: &[f32]) -> f32 {
    let term = |x: f32, y: f32, clear: f32, paint: f32| {
        let difference = x - (y * clear + paint);
        difference * difference
    };
    let ((xs, x), (ys, y)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let ((clears, clear), (paints, paint)) = (clear.as_chunks::<LANES>(), paint.as_chunks::<LANES>());
    let mut sums = [0.0f32; LANES];
    for ((x, y), (clear, paint)) in xs.iter().zip(ys).zip(clears.iter().zip(paints)) {
        for lane in 0..LANES {
            sums[lane] += term(x[lane], y[lane], clear[lane], paint[lane]);
        }
    }
    let rest: f32 = (0..x.len()).map(|i| term(x[i], y[i], clear[i], paint[i])).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::super::combination::{ALL_CATS, PARTS};
    use super::*;
    use crate::noise::{Noise, Purpose};

    /// Every cat of 8 × 8 pixels, one after the other in double precision, from twelve images: cats under noise, what is between
    /// two cats under as much, and noise alone. The distance counts, because what is not there may have several nearest cats.
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "images are few")]
    fn the_search_finds_what_a_look_at_all_cats_finds() {
        let artwork = Artwork::new(8).expect("a size there is");
        let cat = |index| {
            let mut image = vec![0.0; 192];
            artwork.compose(Combination::from_index(index), &mut image);
            image
        };
        let image = |i: usize| {
            let (a, b) = (cat(7919 * i), cat(360_000 - 7907 * (i + 1)));
            let mut x = vec![0.0; 192];
            Noise::new(3).normal(Purpose::Data, i as u32, 0, &mut x);
            let [scale, of_a, of_b] = [[0.3, 1.0, 0.0], [0.3, 0.5, 0.5], [0.7, 0.0, 0.0]][i % 3];
            x.iter_mut().zip(a.iter().zip(&b)).for_each(|(x, (a, b))| *x = scale * *x + of_a * a + of_b * b);
            x
        };
        let images: Vec<_> = (0..12).map(image).collect();
        let far = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>();
        let (mut best, mut crossed) = ([f64::INFINITY; 12], vec![0.0; 192]);
        for below in (0..ALL_CATS).step_by(PARTS[ACCESSORY]) {
            let bare = cat(below + PARTS[ACCESSORY] - 1);
            for accessory in artwork.layer(ACCESSORY) {
                crossed.copy_from_slice(&bare);
                accessory.lay_over(&mut crossed);
                best.iter_mut().zip(&images).for_each(|(best, x)| *best = best.min(far(x, &crossed)));
            }
        }
        let decoder = Decoder::new(&artwork);
        for (image, best) in images.iter().zip(best) {
            let found = far(image, &cat(decoder.nearest(image).index()));
            assert!((found - best).abs() < 1e-5 * (1.0 + best), "{found} {best}");
        }
    }
}
