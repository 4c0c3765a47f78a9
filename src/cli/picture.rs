//! Pictures as files: PNG and GIF.

use super::failure::Failure;
use crate::ui::Picture;

const NO_FILE: &str = "The picture cannot be encoded";

/// A picture as PNG, without transparency.
pub fn png(picture: &Picture) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect();
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&rgb));
    written.map_err(|error| Failure::failed(NO_FILE, error))?;
    Ok(bytes)
}

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
        let mut rgba = unchanged_left_out(&picture.rgba, &self.last);
        self.last.clone_from(&picture.rgba);
        let mut frame = gif::Frame::from_rgba_speed(width, height, &mut rgba, 10);
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

/// The picture with every pixel transparent that is as in the last one: those compress to almost nothing.
fn unchanged_left_out(rgba: &[u8], last: &[u8]) -> Vec<u8> {
    let mut left = rgba.to_vec();
    for (pixel, before) in left.chunks_exact_mut(4).zip(last.chunks_exact(4)) {
        if pixel == before {
            pixel.fill(0);
        }
    }
    left
}
