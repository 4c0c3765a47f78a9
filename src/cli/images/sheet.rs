//! Images side by side, as one picture.

use super::npy::Batch;
use crate::cli::failure::Failure;
use crate::output::Picture;
use crate::session::rgb;

/// Pixels between two images of a sheet.
const GAP: usize = 2;

/// Images side by side in a square, over white, row by row.
pub fn sheet(batch: &Batch, [dark, bright]: [f32; 2]) -> Result<Picture, Failure> {
    let [n, c, h, w] = batch.shape;
    if c != 1 && c != 3 {
        let why = format!("they have {c} channels; a picture has 1 or 3. Give --out a name that ends with .npy");
        return Err(Failure::wrong_use("The images are not drawn", why));
    }
    let columns = (1..=n).find(|side| side * side >= n).unwrap_or(1);
    let rows = n.div_ceil(columns);
    let (width, height) = (columns * (w + GAP) + GAP, rows * (h + GAP) + GAP);
    let mut rgba = vec![255; 4 * width * height];
    for (i, image) in batch.numbers.chunks_exact(c * h * w).enumerate() {
        let (left, top) = (GAP + i % columns * (w + GAP), GAP + i / columns * (h + GAP));
        let bytes: Vec<u8> = rgb(image, c, |value| (value - dark) / (bright - dark)).collect();
        for (at, pixel) in bytes.chunks_exact(3).enumerate() {
            rgba[4 * ((top + at / w) * width + left + at % w)..][..3].copy_from_slice(pixel);
        }
    }
    let too_large = |error| Failure::failed("The sheet is too large", error);
    let [width, height] = [width, height].map(u32::try_from);
    Ok(Picture { width: width.map_err(too_large)?, height: height.map_err(too_large)?, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five images of one pixel in three columns and two rows, with gaps of two; what is beyond the range is cut off.
    #[test]
    fn a_sheet_has_every_image_at_its_place() {
        let numbers = vec![-1.0, 1.0, 0.0, 9.0, -9.0];
        let picture = sheet(&Batch { shape: [5, 1, 1, 1], numbers }, [-1.0, 1.0]).expect("a picture");
        assert_eq!((picture.width, picture.height), (11, 8));
        let at = |x: usize, y: usize| picture.rgba[4 * (y * 11 + x)..][..4].to_vec();
        let grey = |of: u8| vec![of, of, of, 255];
        let found = [(2, 2), (5, 2), (8, 2), (2, 5), (5, 5), (8, 5), (0, 0)].map(|(x, y)| at(x, y));
        assert_eq!(found, [grey(0), grey(255), grey(128), grey(255), grey(0), grey(255), grey(255)]);
        // Channels one after the other in the batch, side by side in the picture.
        let colour =
            sheet(&Batch { shape: [1, 3, 1, 1], numbers: vec![0.0, 0.5, 1.0] }, [0.0, 1.0]).expect("a picture");
        assert_eq!(colour.rgba[4 * (2 * 5 + 2)..][..4], [0, 128, 255, 255]);
        assert!(sheet(&Batch { shape: [1, 2, 1, 1], numbers: vec![0.0; 2] }, [0.0, 1.0]).is_err());
    }
}
