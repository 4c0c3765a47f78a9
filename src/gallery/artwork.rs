//! The parts that cats are made of, at the size asked for, and how they are laid over one another.
//! Artwork: David Revoy, CC BY 4.0; see `assets/cats/ATTRIBUTION.md`.

use std::io::Cursor;
use std::sync::LazyLock;

use super::combination::{Combination, LAYERS};

/// Width and height of a part in its file, in pixels.
const DRAWN: usize = 128;

/// A layer's parts stand below one another in its file.
const SHEETS: [&[u8]; LAYERS.len()] = [
    include_bytes!("../../assets/cats/body.png"),
    include_bytes!("../../assets/cats/fur.png"),
    include_bytes!("../../assets/cats/eyes.png"),
    include_bytes!("../../assets/cats/mouth.png"),
    include_bytes!("../../assets/cats/accessory.png"),
];

/// The sheets as RGBA, decoded when the first cat is asked for.
static DECODED: LazyLock<[Vec<u8>; LAYERS.len()]> =
    // The files are part of the program, and every test of a cat decodes them.
    LazyLock::new(|| SHEETS.map(|sheet| decode(sheet).expect("a sheet of the program is a PNG")));

fn decode(sheet: &[u8]) -> Result<Vec<u8>, png::DecodingError> {
    let mut reader = png::Decoder::new(Cursor::new(sheet)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().unwrap_or(0)];
    reader.next_frame(&mut pixels)?;
    Ok(pixels)
}

/// One part of one layer, number by number of an image of shape (3, h, w). Over x in [−1, 1] it leaves x·(1 − α) + 2p − α,
/// with p its colour times α in [0, 1].
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// 1 − α
    pub clear: Vec<f32>,
    /// 2p − α
    pub paint: Vec<f32>,
}

impl Part {
    /// RGBA pixels of a part, averaged over squares with their colours weighted by α; sRGB values count as they are.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "sums are rounded once, to f32")]
    fn scaled(rgba: &[u8], side: usize) -> Self {
        let square = DRAWN / side;
        let mut sums = vec![[0u32; 4]; side * side];
        for (i, pixel) in rgba.chunks_exact(4).enumerate() {
            let sum = &mut sums[i / DRAWN / square * side + i % DRAWN / square];
            let alpha = u32::from(pixel[3]);
            (0..3).for_each(|c| sum[c] += u32::from(pixel[c]) * alpha);
            sum[3] += 255 * alpha;
        }
        let whole = (255 * 255 * square * square) as f64;
        let numbers = |number: fn([f64; 2]) -> f64| {
            let of = move |c: usize, sum: &[u32; 4]| number([sum[c], sum[3]].map(|sum| f64::from(sum) / whole)) as f32;
            (0..3).flat_map(|c| sums.iter().map(move |sum| of(c, sum))).collect()
        };
        Self { clear: numbers(|[_, alpha]| 1.0 - alpha), paint: numbers(|[p, alpha]| 2.0 * p - alpha) }
    }

    /// Lays it over an image.
    pub fn lay_over(&self, image: &mut [f32]) {
        for ((x, clear), paint) in image.iter_mut().zip(&self.clear).zip(&self.paint) {
            *x = *x * clear + paint;
        }
    }

    /// The same with its numbers in another order.
    #[must_use]
    pub fn reordered(&self, order: &[usize]) -> Self {
        let [clear, paint] = [&self.clear, &self.paint].map(|from| order.iter().map(|i| from[*i]).collect());
        Self { clear, paint }
    }
}

/// Every part of every layer at one size.
#[derive(Clone, Debug)]
pub struct Artwork {
    side: usize,
    layers: [Vec<Part>; LAYERS.len()],
}

impl Artwork {
    /// The sizes there are: what the drawings can be cut into squares for.
    pub const SIDES: [usize; 5] = [8, 16, 32, 64, 128];

    /// Parts of `side` × `side` pixels; `None` unless it is one of [`Self::SIDES`].
    #[must_use]
    pub fn new(side: usize) -> Option<Self> {
        let layer =
            |sheet: &Vec<u8>| sheet.chunks_exact(4 * DRAWN * DRAWN).map(|rgba| Part::scaled(rgba, side)).collect();
        Self::SIDES.contains(&side).then(|| Self { side, layers: DECODED.each_ref().map(layer) })
    }

    /// Width and height of a cat, in pixels.
    #[must_use]
    pub const fn side(&self) -> usize {
        self.side
    }

    /// The parts of a layer.
    #[must_use]
    pub fn layer(&self, layer: usize) -> &[Part] {
        &self.layers[layer]
    }

    /// The part that a cat has of a layer.
    #[must_use]
    pub fn part(&self, cat: Combination, layer: usize) -> &Part {
        &self.layers[layer][usize::from(cat.0[layer])]
    }

    /// Writes a cat on white, shape (3, side, side), within [−1, 1].
    pub fn compose(&self, cat: Combination, out: &mut [f32]) {
        out.fill(1.0);
        (0..LAYERS.len()).for_each(|layer| self.part(cat, layer).lay_over(out));
        // Rounding may step over the edge by its last digit.
        out.iter_mut().for_each(|x| *x = x.clamp(-1.0, 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of NumPy 2 and Pillow 12, from the parts as single files:
    /// ```python
    /// x = np.ones((side, side, 3))
    /// for layer, part in zip(["body", "fur", "eyes", "mouth", "accessory"], parts):
    ///     rgba = np.asarray(Image.open(f"{layer}_{part:02}.png")) / 255.0
    ///     p = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)
    ///     p = p.reshape(side, 128 // side, side, 128 // side, 4).mean((1, 3))
    ///     x = p[..., :3] + x * (1 - p[..., 3:])
    /// x = (2 * x - 1).transpose(2, 0, 1).ravel()
    /// at = np.arange(x.size) * 37 % 101
    /// print(x.mean(), (x * x).mean(), (x * at).mean(), x[x.size // 7])
    /// ```
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "sizes are small")]
    fn cats_are_composed_as_numpy_composes_them() {
        let cases = [
            ([0, 0, 0, 0, 0], 32, [0.155_540_507, 0.406_309_783, 7.833_745_909, 0.651_864_667]),
            ([3, 7, 11, 4, 9], 32, [0.510_532_434, 0.413_108_170, 25.647_865_011, 0.514_379_085]),
            ([14, 9, 14, 9, 15], 64, [0.594_075_813, 0.643_296_100, 29.724_442_217, 1.0]),
            ([8, 2, 5, 6, 12], 128, [0.624_177_502, 0.589_148_434, 31.229_169_478, -0.670_588_235]),
        ];
        for (parts, side, expected) in cases {
            let n = 3 * side * side;
            let mut x = vec![f32::NAN; n];
            Artwork::new(side).expect("a size there is").compose(Combination(parts), &mut x);
            let mean = |weight: &dyn Fn(usize, f64) -> f64| {
                x.iter().enumerate().map(|(i, x)| weight(i, f64::from(*x))).sum::<f64>() / f64::from(n as u32)
            };
            let at = |i: usize| f64::from((i * 37 % 101) as u32);
            let found = [mean(&|_, x| x), mean(&|_, x| x * x), mean(&|i, x| x * at(i)), f64::from(x[n / 7])];
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{parts:?}: {found} {expected}");
            }
        }
        assert!(Artwork::new(48).is_none());
    }
}
