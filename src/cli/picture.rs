//! Moving pictures as GIF files.

use super::failure::Failure;
use crate::output::Picture;

pub const NO_FILE: &str = "The picture cannot be encoded";

/// A moving picture in the making; it plays again and again.
pub struct Gif {
    hundredths: u16,
    last: Vec<u8>,
    encoder: Option<gif::Encoder<Vec<u8>>>,
}

impl Gif {
    /// Each picture stands for `hundredths` of a second.
    pub fn new(hundredths: u32) -> Self {
        Self { hundredths: hundredths.try_into().unwrap_or(u16::MAX), last: Vec::new(), encoder: None }
    }

    /// Adds a picture; all are of one size.
    pub fn push(&mut self, picture: &Picture) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::failed(NO_FILE, error);
        let side = |side: u32| u16::try_from(side).map_err(|error| failed(&error));
        let (width, height) = (side(picture.width)?, side(picture.height)?);
        if self.encoder.is_none() {
            let mut encoder = gif::Encoder::new(Vec::new(), width, height, &[]).map_err(|error| failed(&error))?;
            encoder.set_repeat(gif::Repeat::Infinite).map_err(|error| failed(&error))?;
            self.encoder = Some(encoder);
        }
        let mut frame = changed(picture, &self.last, width, height);
        self.last.clone_from(&picture.rgba);
        frame.delay = self.hundredths;
        match &mut self.encoder {
            Some(encoder) => encoder.write_frame(&frame).map_err(|error| failed(&error)),
            None => Ok(()),
        }
    }

    /// The file.
    pub fn finish(self) -> Result<Vec<u8>, Failure> {
        let encoder = self.encoder.ok_or_else(|| Failure::failed(NO_FILE, "it has no frames"))?;
        encoder.into_inner().map_err(|error| Failure::failed(NO_FILE, error))
    }
}

/// The number that stands for "as in the last picture"; colours have those below it.
const UNCHANGED: u8 = u8::MAX;

/// The picture as a frame in which only the pixels count that are not as in the last one: the rest compresses to almost
/// nothing. Colours are chosen for the whole picture, so that a patch of few new pixels has its own.
fn changed(picture: &Picture, last: &[u8], width: u16, height: u16) -> gif::Frame<'static> {
    let (mut palette, number) = colours(&picture.rgba);
    palette.resize(3 * (usize::from(UNCHANGED) + 1), 0);
    let is_new = |i: usize, pixel: &[u8]| last.get(4 * i..4 * i + 4) != Some(pixel);
    let of = |(i, pixel): (usize, &[u8])| if is_new(i, pixel) { number(pixel) } else { UNCHANGED };
    let indices: Vec<u8> = picture.rgba.chunks_exact(4).enumerate().map(of).collect();
    gif::Frame::from_palette_pixels(width, height, indices, palette, Some(UNCHANGED))
}

/// The number of an RGBA pixel's colour.
type Number = Box<dyn Fn(&[u8]) -> u8>;

/// Up to 255 colours for these RGBA pixels, three bytes each, and the number of the one nearest to a pixel.
fn colours(pixels: &[u8]) -> (Vec<u8>, Number) {
    let few: std::collections::BTreeSet<&[u8]> = pixels.chunks_exact(4).collect();
    if few.len() <= usize::from(UNCHANGED) {
        let palette = few.iter().flat_map(|pixel| &pixel[..3]).copied().collect();
        let numbers: std::collections::BTreeMap<Vec<u8>, u8> =
            few.iter().map(|pixel| pixel.to_vec()).zip(0..).collect();
        return (palette, Box::new(move |pixel| numbers.get(pixel).copied().unwrap_or(0)));
    }
    let chosen = color_quant::NeuQuant::new(10, usize::from(UNCHANGED), pixels);
    let palette = chosen.color_map_rgb();
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 256 colours")]
    let number = move |pixel: &[u8]| chosen.index_of(pixel) as u8;
    (palette, Box::new(number))
}
