//! A folder of photographs and drawings: each scaled to cover a square, and cut to its middle.

use std::io;
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageReader, RgbaImage};

use super::GalleryError;
use super::kept::{Kept, MOST};

/// How the names of files that are read end.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// Reads every PNG and JPEG file of a folder, in the order of their names, as RGB; where they are transparent there is white.
pub fn read(folder: &Path, size: usize) -> Result<Kept, GalleryError> {
    let files = files(folder).map_err(|error| GalleryError::unreadable(folder, error))?;
    let length = 3 * size * size;
    if files.is_empty() || size == 0 {
        let reason = format!("it holds no {} file. Give a folder of images", ENDINGS.join(", "));
        return Err(GalleryError::file(folder, reason));
    }
    if files.len().saturating_mul(length) > MOST {
        let reason =
            format!("{} images of {size} × {size} pixels do not fit into memory. Take a smaller size", files.len());
        return Err(GalleryError::file(folder, reason));
    }
    let mut bytes = Vec::with_capacity(files.len() * length);
    for file in &files {
        let why = |error| format!("it is not used as an image ({error}). Mend it, or take it out of the folder");
        let pixels = square(file, size).map_err(|error| GalleryError::file(file, why(error)))?;
        (0..3).for_each(|c| bytes.extend(pixels.iter().map(|pixel| pixel[c])));
    }
    Ok(Kept { name: folder.display().to_string(), shape: [3, size, size], bytes })
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The middle of one image, the right way up: RGB pixels, row by row.
fn square(file: &Path, size: usize) -> image::ImageResult<Vec<[u8; 3]>> {
    let mut decoder = ImageReader::open(file)?.with_guessed_format()?.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    let opaque = DynamicImage::ImageRgba8(on_white(image.to_rgba8()));
    let side = u32::try_from(size).unwrap_or(u32::MAX);
    // A triangle as wide as a new pixel: no ringing at edges, no pixel left out.
    let square = opaque.resize_to_fill(side, side, FilterType::Triangle).to_rgb8();
    Ok(square.pixels().map(|pixel| pixel.0).collect())
}

/// Laid over white, opaque.
fn on_white(mut image: RgbaImage) -> RgbaImage {
    for pixel in image.pixels_mut() {
        let [r, g, b, alpha] = pixel.0;
        let over = |colour: u8| {
            let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX)
        };
        pixel.0 = [over(r), over(g), over(b), 255];
    }
    image
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, ImageFormat, Luma, Rgba};

    use super::*;
    use crate::images::Gallery;

    /// A wide drawing whose halves left and right are cut off, half as large: its middle is red, and below it nothing.
    /// And a grey one as JPEG, whose even grey survives the compression to a step.
    #[test]
    fn the_middle_of_each_image_is_scaled_onto_white() {
        let folder = tempfile::tempdir().expect("a folder");
        let wide = RgbaImage::from_fn(16, 8, |x, y| match (x, y) {
            (4..12, 0..4) => Rgba([255, 0, 0, 255]),
            (4..12, _) => Rgba([0, 0, 255, 0]),
            _ => Rgba([0, 255, 0, 255]),
        });
        wide.save(folder.path().join("a.PNG")).expect("it is written");
        let grey = GrayImage::from_pixel(9, 12, Luma([64]));
        grey.save_with_format(folder.path().join("b.jpeg"), ImageFormat::Jpeg).expect("it is written");
        std::fs::write(folder.path().join("notes.txt"), "no image").expect("it is written");
        let images = read(folder.path(), 4).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((images.shape(), images.len()), ([3, 4, 4], 2));
        let mut x = [f32::NAN; 48];
        images.image(0, &mut x);
        // Columns at the cut also see what is cut off.
        let row = |channel: usize, row: usize| &x[16 * channel + 4 * row..][1..3];
        assert_eq!([row(0, 0), row(1, 0), row(2, 0)], [[1.0; 2], [-1.0; 2], [-1.0; 2]]);
        assert_eq!([row(0, 3), row(1, 3), row(2, 3)], [[1.0; 2]; 3]);
        images.image(1, &mut x);
        assert!(x.iter().all(|x| (x - (64.0 / 127.5 - 1.0)).abs() < 1.01 / 127.5), "{x:?}");
    }

    #[test]
    fn a_file_that_is_no_image_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let empty = read(folder.path(), 4).map(|_| ()).expect_err("nothing in it").to_string();
        assert!(empty.contains("it holds no png, jpg, jpeg file"), "{empty}");
        std::fs::write(folder.path().join("broken.jpg"), "no image").expect("it is written");
        let error = read(folder.path(), 4).map(|_| ()).expect_err("no image").to_string();
        assert!(error.contains("broken.jpg: it is not used as an image"), "{error}");
    }
}
