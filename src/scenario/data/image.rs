//! `kind = "image"`: a PNG as a density, dark pixels dense and white or transparent ones empty.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{Data, DataForm, Place, refusal};
use crate::distributions::{FARTHEST, MOST_PIXELS, Pixels};
use crate::scenario::knob::Refusal;
use crate::scenario::number::Width;

/// Most pixels on a side of the file, checked in its header before anything is decoded.
const MOST_IN_FILE: u32 = 4096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageForm {
    #[serde(rename = "kind")]
    _kind: String,
    /// A PNG file, named from the scenario's folder.
    file: Spanned<String>,
    /// Width of the image, in units of x.
    #[serde(default = "eight")]
    size: Spanned<Width>,
}

fn eight() -> Spanned<Width> {
    Spanned::new(0..0, Width(8.0))
}

impl DataForm for ImageForm {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn build(&self, place: &Place) -> Result<Data, Refusal> {
        let size = self.size.get_ref().0;
        if size <= 0.0 {
            let reason = format!("expected a size greater than 0 and at most {FARTHEST}, found {size}");
            return Err(Refusal::new(self.size.span(), reason));
        }
        let refused = |why: String| {
            Refusal::new(self.file.span(), format!("{} is not used as an image: {why}", self.file.get_ref()))
        };
        let image = read(&place.path(self.file.get_ref())).map_err(refused)?;
        let coarse = image.coarsened();
        if coarse.darkness.iter().all(|dark| *dark <= 0.0) {
            return Err(refused("it is white all over. Dark pixels are where the data are".to_owned()));
        }
        let side = size * coarse.factor as f64 / image.width as f64;
        let pixels = Pixels::new(&coarse.darkness, coarse.columns, side);
        Ok(Data::of(Arc::new(pixels.map_err(|error| refusal(&error, |_| None, self.file.span()))?)))
    }
}

/// Darkness in [0, 1], row by row from the top.
struct Image {
    width: usize,
    darkness: Vec<f64>,
}

/// Means over squares of `factor` × `factor` pixels, row by row from the bottom; beyond the edge there is white.
struct Coarse {
    factor: usize,
    columns: usize,
    darkness: Vec<f64>,
}

impl Image {
    fn coarsened(&self) -> Coarse {
        let height = self.darkness.len() / self.width;
        let factor = self.width.max(height).div_ceil(MOST_PIXELS);
        let (columns, rows) = (self.width.div_ceil(factor), height.div_ceil(factor));
        let mut darkness = vec![0.0; columns * rows];
        for (i, dark) in self.darkness.iter().enumerate() {
            let (column, row) = (i % self.width / factor, i / self.width / factor);
            darkness[(rows - 1 - row) * columns + column] += dark;
        }
        Coarse { factor, columns, darkness }
    }
}

/// Decodes a PNG of any depth and colour to darkness; `Err` says why not, and what to do.
fn read(path: &Path) -> Result<Image, String> {
    let unreadable = |error: png::DecodingError| format!("{error}. Give a PNG file");
    let file = File::open(path).map_err(|error| format!("{error}. Check the path"))?;
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(unreadable)?;
    let (width, height) = (header.width, header.height);
    if width.max(height) > MOST_IN_FILE {
        return Err(format!("it is {width} × {height} pixels; the most is {MOST_IN_FILE} on a side. Scale it down"));
    }
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let too_large = || "it does not fit into memory. Scale it down".to_owned();
    let mut bytes = vec![0; reader.output_buffer_size().ok_or_else(too_large)?];
    let frame = reader.next_frame(&mut bytes).map_err(unreadable)?;
    let darkness = bytes[..frame.buffer_size()].chunks_exact(frame.color_type.samples()).map(darkness).collect();
    Ok(Image { width: width as usize, darkness })
}

/// How dark a grey, grey and alpha, RGB or RGBA pixel is on white paper. Weights of the colours: Rec. ITU-R BT.601.
fn darkness(pixel: &[u8]) -> f64 {
    let [grey, alpha] = match *pixel {
        [grey] => [f64::from(grey), 255.0],
        [grey, alpha] => [f64::from(grey), f64::from(alpha)],
        [r, g, b] => [luma(r, g, b), 255.0],
        [r, g, b, alpha] => [luma(r, g, b), f64::from(alpha)],
        _ => [255.0, 0.0],
    };
    alpha / 255.0 * ((255.0 - grey) / 255.0).max(0.0)
}

fn luma(r: u8, g: u8, b: u8) -> f64 {
    if r == g && g == b {
        return f64::from(r);
    }
    0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)
}
