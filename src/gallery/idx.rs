//! IDX files, the form in which MNIST and Fashion-MNIST come: grey images, compressed or not.
//! <http://yann.lecun.com/exdb/mnist/>: a magic number, the sizes as 32-bit numbers with the high byte first, bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::GalleryError;
use super::kept::{Kept, MOST};

/// Unsigned bytes in three dimensions.
const MAGIC: u32 = 0x0000_0803;
/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads a file, whole or not at all; smaller images get a black margin, as MNIST's own have one, and larger ones are refused.
pub fn read(path: &Path, size: usize) -> Result<Kept, GalleryError> {
    let unreadable = |error: io::Error| GalleryError::unreadable(path, error);
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let compressed = file.fill_buf().map_err(unreadable)?.starts_with(&GZIP);
    let found = if compressed { images(GzDecoder::new(file), size) } else { images(file, size) };
    let bytes = found.map_err(|reason| GalleryError::file(path, reason))?;
    Ok(Kept { name: path.display().to_string(), shape: [1, size, size], bytes })
}

/// The images, shape (n, 1, `size`, `size`); `Err` says why there are none, and what to do.
fn images(mut file: impl Read, size: usize) -> Result<Vec<u8>, String> {
    const WANTED: &str = "Give a file of images, such as train-images-idx3-ubyte.gz";
    let mut header = [0; 16];
    file.read_exact(&mut header).map_err(|error| format!("it has no header ({error}). {WANTED}"))?;
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let [n, h, w] = [number(4), number(8), number(12)].map(|size| size as usize);
    if number(0) != MAGIC {
        return Err(format!(
            "it begins with {:#010x}, and IDX files of images with {MAGIC:#010x}. {WANTED}",
            number(0)
        ));
    }
    if n == 0 || h == 0 || w == 0 {
        return Err(format!("it holds {n} images of {w} × {h} pixels. {WANTED}"));
    }
    if h > size || w > size {
        return Err(format!(
            "its images are {w} × {h} pixels, and {size} × {size} are wanted. Take {} or more",
            h.max(w)
        ));
    }
    let length = n.checked_mul(size * size).filter(|length| *length <= MOST);
    let length = length.ok_or_else(|| format!("{n} images of {size} × {size} pixels do not fit into memory"))?;
    let (mut bytes, mut line) = (vec![0; length], vec![0; w]);
    for (i, image) in bytes.chunks_exact_mut(size * size).enumerate() {
        for row in image.chunks_exact_mut(size).skip((size - h) / 2).take(h) {
            let cut = |error| format!("it breaks off in image {} of {n} ({error}). Give the whole file", i + 1);
            file.read_exact(&mut line).map_err(cut)?;
            row[(size - w) / 2..][..w].copy_from_slice(&line);
        }
    }
    // Behind the last image there is nothing but the checksum of a compressed file, which is compared here.
    match file.read(&mut [0]) {
        Ok(0) => Ok(bytes),
        Ok(_) => Err(format!("it goes on behind its {n} images. {WANTED}")),
        Err(error) => Err(format!("it is damaged ({error}). Give the whole file")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::images::Gallery;

    /// Two images of 3 × 2 pixels.
    fn file() -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend([0, 51, 102, 153, 204, 255, 255, 0, 255, 0, 255, 0]);
        bytes
    }

    fn opened(bytes: &[u8], size: usize) -> Result<Kept, GalleryError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("it is written");
        read(file.path(), size)
    }

    #[test]
    fn images_stand_in_the_middle_of_black_whether_compressed_or_not() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&file()).expect("it is packed");
        for bytes in [file(), packed.finish().expect("it is packed")] {
            let images = opened(&bytes, 4).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((images.shape(), images.len()), ([1, 4, 4], 2));
            let mut x = [f32::NAN; 16];
            images.image(0, &mut x);
            let expected = [[-1.0; 4], [-1.0, -0.6, -0.2, -1.0], [0.2, 0.6, 1.0, -1.0], [-1.0; 4]];
            x.iter().zip(expected.as_flattened()).for_each(|(x, y)| assert!((x - y).abs() < 1e-6, "{x} {y}"));
        }
    }

    #[test]
    fn what_is_no_file_of_images_is_refused_by_name() {
        let whole = file();
        let changed = |at: usize, byte| {
            let mut bytes = file();
            bytes[at] = byte;
            bytes
        };
        let cases = [
            (vec![], "it has no header"),
            (changed(3, 1), "it begins with 0x00000801"),
            (changed(7, 0), "it holds 0 images"),
            (changed(4, 255), "do not fit into memory"),
            (changed(11, 9), "its images are 3 × 9 pixels"),
            (whole[..20].to_vec(), "it breaks off in image 1 of 2"),
            ([&whole[..], &[0]].concat(), "it goes on behind its 2 images"),
        ];
        for (bytes, expected) in cases {
            let error = opened(&bytes, 8).map(|_| ()).expect_err(expected).to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
