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

/// Most pixels of a file, checked in its header before anything is decoded: some seconds of reading.
const MOST_IN_FILE: u64 = 400_000_000;
/// Most of them on a side.
const LONGEST_SIDE: u32 = 65_536;
/// As [`MOST_IN_FILE`], of a file whose rows do not come one after another, and which is held in memory for that.
const MOST_INTERLACED: u64 = 64_000_000;

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
        let coarse = read(&place.path(self.file.get_ref())).map_err(refused)?;
        if coarse.darkness.iter().all(|dark| *dark <= 0.0) {
            return Err(refused("it is white all over. Dark pixels are where the data are".to_owned()));
        }
        let side = size * coarse.factor as f64 / coarse.width as f64;
        let pixels = Pixels::new(&coarse.darkness, coarse.columns, side);
        Ok(Data::of(Arc::new(pixels.map_err(|error| refusal(&error, |_| None, self.file.span()))?)))
    }
}

/// Sums over squares of `factor` × `factor` pixels, row by row from the bottom; beyond the edge there is white.
struct Coarse {
    factor: usize,
    columns: usize,
    /// Of the file, in pixels.
    width: usize,
    darkness: Vec<f64>,
}

impl Coarse {
    /// White, for a file of so many pixels.
    fn of(width: usize, height: usize) -> Self {
        let factor = width.max(height).div_ceil(MOST_PIXELS);
        let (columns, rows) = (width.div_ceil(factor), height.div_ceil(factor));
        Self { factor, columns, width, darkness: vec![0.0; columns * rows] }
    }

    /// Adds row `row` of the file, counted from the top: pixels of so many samples.
    fn add(&mut self, row: usize, pixels: &[u8], samples: usize) {
        let rows = self.darkness.len() / self.columns;
        let line = &mut self.darkness[(rows - 1 - row / self.factor) * self.columns..][..self.columns];
        for (sum, square) in line.iter_mut().zip(pixels.chunks(samples * self.factor)) {
            *sum += square.chunks_exact(samples).map(darkness).sum::<f64>();
        }
    }
}

/// Decodes a PNG of any depth and colour, and scales it down row by row while it is read; `Err` says why not, and what to do.
fn read(path: &Path) -> Result<Coarse, String> {
    let unreadable = |error: png::DecodingError| format!("{error}. Give a PNG file");
    let file = File::open(path).map_err(|error| format!("{error}. Check the path"))?;
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(unreadable)?;
    let (width, height, whole) = (header.width, header.height, header.interlaced);
    let pixels = u64::from(width) * u64::from(height);
    let most = if whole { MOST_INTERLACED } else { MOST_IN_FILE };
    if pixels > most || width.max(height) > LONGEST_SIDE {
        let (kind, millions) = (if whole { "interlaced, " } else { "" }, most / 1_000_000);
        return Err(format!(
            "it is {kind}{width} × {height} pixels; the most is {millions} million, {LONGEST_SIDE} on a side. Scale it down"
        ));
    }
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let samples = reader.output_color_type().0.samples();
    let mut coarse = Coarse::of(width as usize, height as usize);
    if whole {
        let too_large = || "it does not fit into memory. Scale it down".to_owned();
        let mut bytes = vec![0; reader.output_buffer_size().ok_or_else(too_large)?];
        reader.next_frame(&mut bytes).map_err(unreadable)?;
        let rows = bytes.chunks_exact(samples * width as usize).take(height as usize).enumerate();
        rows.for_each(|(row, pixels)| coarse.add(row, pixels, samples));
        return Ok(coarse);
    }
    for row in 0..height as usize {
        let line = reader.next_row().map_err(unreadable)?;
        let line = line.ok_or_else(|| format!("it ends after {row} of {height} rows. Give a whole PNG file"))?;
        coarse.add(row, line.data(), samples);
    }
    // A file that breaks off behind its last row is none to trust.
    reader.finish().map_err(unreadable)?;
    Ok(coarse)
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
