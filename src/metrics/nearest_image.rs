//! The training image that is most like an image: what a network that memorises gives back.

use crate::images::{Gallery, products};
use crate::samplers::{Spread, for_each};

/// Images of the gallery that are looked at together.
const BLOCK: usize = 256;

/// An image of a gallery, and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// Its number.
    pub index: usize,
    /// √(‖x − x_i‖² / numbers), in units of [−1, 1].
    pub distance: f64,
}

/// The nearest image to train on of each image of `x`, shape (n, c, h, w) with the gallery's c, h and w; of equal ones, the first.
///
/// The nearest has the greatest x·x_i − ½‖x_i‖², in single precision: of two whose squared distances differ by less than 1e-3,
/// either may be taken. Its distance is computed from the difference, so that that of a copy is 0.
#[must_use]
pub fn nearest_images(gallery: &dyn Gallery, x: &[f32], spread: &dyn Spread) -> Vec<Nearest> {
    let dim: usize = gallery.shape().iter().product();
    let n = x.len() / dim;
    let mut blocks: Vec<_> =
        (0..gallery.len()).step_by(BLOCK).map(|first| (first, vec![(0, f32::NEG_INFINITY); n])).collect();
    for_each(spread, blocks.iter_mut(), |(first, best)| best_of_block(gallery, *first, x, best));
    let mut image = vec![0.0; dim];
    let nearest = |(i, x): (usize, &[f32])| {
        let each = blocks.iter().map(|(_, best)| best[i]);
        let (index, _) = each.reduce(|best, next| if next.1 > best.1 { next } else { best }).unwrap_or((0, 0.0));
        gallery.image(index, &mut image);
        let squares = x.iter().zip(&image).map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>();
        Nearest { index, distance: (squares / super::real(dim)).sqrt() }
    };
    x.chunks_exact(dim).enumerate().map(nearest).collect()
}

/// For each image of `x`, the number of the best of a block of the gallery and its x·x_i − ½‖x_i‖².
fn best_of_block(gallery: &dyn Gallery, first: usize, x: &[f32], best: &mut [(usize, f32)]) {
    let dim = x.len() / best.len().max(1);
    let count = BLOCK.min(gallery.len() - first);
    let mut images = vec![0.0; count * dim];
    images.chunks_exact_mut(dim).zip(first..).for_each(|(image, index)| gallery.image(index, image));
    let half_squares: Vec<f32> =
        images.chunks_exact(dim).map(|image| 0.5 * image.iter().map(|x| x * x).sum::<f32>()).collect();
    let mut rows = vec![0.0; count * best.len()];
    products(&images, x, dim, &mut rows);
    for (best, row) in best.iter_mut().zip(rows.chunks_exact(count)) {
        for (i, (product, half_square)) in row.iter().zip(&half_squares).enumerate() {
            if product - half_square > best.1 {
                *best = (first + i, product - half_square);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::Normals;
    use crate::noise::{Noise, Purpose};
    use crate::samplers::Serial;

    /// A copy of image 555, and others against all differences in double precision.
    #[test]
    fn the_nearest_is_the_one_with_the_least_difference() {
        let normals = Normals { shape: [2, 3, 3], count: 600, alike: 1 };
        let mut x = vec![0.0; 10 * 18];
        Noise::new(5).normals(Purpose::Data, 0, 1, 18, &mut x);
        normals.image(555, &mut x[..18]);
        let found = nearest_images(&normals, &x, &Serial);
        assert_eq!(found[0], Nearest { index: 555, distance: 0.0 });
        let mut y = vec![0.0; 18];
        for (x, found) in x.chunks_exact(18).zip(&found) {
            let far = |index| {
                normals.image(index, &mut y);
                (x.iter().zip(&y).map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>() / 18.0).sqrt()
            };
            let (index, least) = (0..600).map(far).enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).expect("many");
            assert!(found.index == index && (found.distance - least).abs() < 1e-12, "{found:?} {index} {least}");
        }
    }
}
