//! What a convolution reads: each channel of an image with its border of zeros, and pieces of it as a matrix.

use crate::lanes::LANES;
use crate::samplers::Spread;

/// Columns of a matrix made of pixels: four of the widest vectors.
pub const TILE: usize = 64;

/// What a convolution is besides its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Side of the kernel.
    pub kernel: usize,
    /// Pixels from one position of the kernel to the next.
    pub stride: usize,
    /// Rows and columns of zeros before the first and after the last.
    pub padding: [usize; 2],
    /// How many times a pixel stands beside and below itself.
    pub repeat: usize,
    /// Pixels from one to the next with zeros between them.
    pub spacing: usize,
}

impl Geometry {
    /// Rows of the result of `side` rows; so too for columns.
    pub fn side(&self, side: usize) -> usize {
        (self.bordered(side) - self.kernel) / self.stride + 1
    }

    /// Rows with the border of zeros.
    pub fn bordered(&self, side: usize) -> usize {
        let inner = if self.spacing > 1 { (side - 1) * self.spacing + 1 } else { side * self.repeat };
        inner + self.padding[0] + self.padding[1]
    }

    /// Entries of a kernel for one channel.
    pub fn taps(&self) -> usize {
        self.kernel * self.kernel
    }
}

/// Channels with their borders: shape (n, c, `height`, `width`).
pub struct Planes {
    values: Vec<f32>,
    channels: usize,
    height: usize,
    width: usize,
    geometry: Geometry,
}

impl Planes {
    /// `x`: shape `[n, c, h, w]`.
    pub fn new(spread: &dyn Spread, x: &[f32], [n, channels, h, w]: [usize; 4], geometry: Geometry) -> Self {
        let [height, width] = [h, w].map(|side| geometry.bordered(side));
        let mut values = vec![0.0; n * channels * height * width];
        let Geometry { padding: [before, _], repeat, spacing, .. } = geometry;
        spread.each_chunk(&mut values, height * width, &|plane, out| {
            let from = x[plane * h * w..][..h * w].chunks_exact(w);
            for (row, from) in from.enumerate() {
                let (first, times) = if spacing > 1 { (row * spacing, 1) } else { (row * repeat, repeat) };
                for row in first..first + times {
                    border_row(&mut out[(row + before) * width + before..], from, spacing, repeat);
                }
            }
        });
        Self { values, channels, height, width, geometry }
    }

    /// Where the pixels from `first` on lie, of a result of `width` columns: as many as fill a tile, or are left of `pixels`.
    pub fn pieces(&self, first: usize, pixels: usize, columns: usize) -> Vec<Piece> {
        let (stride, end) = (self.geometry.stride, pixels.min(first + TILE));
        let (mut pieces, mut at) = (Vec::new(), first);
        while at < end {
            let (row, column) = (at / columns, at % columns);
            let length = (columns - column).min(end - at);
            pieces.push(Piece { at: at - first, from: row * stride * self.width + column * stride, length });
            at += length;
        }
        pieces
    }

    /// Writes the matrix whose rows are the taps of the `channels` of an image and whose columns the pixels of `pieces`:
    /// rows of [`TILE`] numbers. Columns that belong to no pixel stay as they are.
    pub fn matrix(&self, image: usize, channels: std::ops::Range<usize>, pieces: &[Piece], out: &mut [f32]) {
        let Geometry { kernel, stride, .. } = self.geometry;
        let size = self.height * self.width;
        let mut rows = out.chunks_exact_mut(TILE);
        for channel in channels {
            let plane = &self.values[(image * self.channels + channel) * size..][..size];
            for tap in 0..kernel * kernel {
                let from = &plane[tap / kernel * self.width + tap % kernel..];
                let Some(row) = rows.next() else { return };
                for piece in pieces {
                    piece.copy(from, stride, row);
                }
            }
        }
    }
}

fn border_row(out: &mut [f32], from: &[f32], spacing: usize, repeat: usize) {
    if spacing > 1 {
        from.iter().zip(out.iter_mut().step_by(spacing)).for_each(|(x, out)| *out = *x);
    } else if repeat > 1 {
        from.iter().zip(out.chunks_exact_mut(repeat)).for_each(|(x, out)| out.fill(*x));
    } else {
        out[..from.len()].copy_from_slice(from);
    }
}

/// Pixels of one row of the result.
pub struct Piece {
    /// The first column of the matrix.
    at: usize,
    /// Where its first tap lies in a plane.
    from: usize,
    /// How many.
    length: usize,
}

impl Piece {
    fn copy(&self, plane: &[f32], stride: usize, row: &mut [f32]) {
        let (from, to) = (&plane[self.from..], &mut row[self.at..][..self.length]);
        if stride == 1 {
            // Rows are short: vectors in place, not calls that copy.
            let ((to, to_rest), (from, from_rest)) = (to.as_chunks_mut(), from[..self.length].as_chunks::<LANES>());
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to = *from);
        } else {
            to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to = *from);
        }
    }
}
