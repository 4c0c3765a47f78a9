//! `shaders/kernels/conv2d.wgsl` in plain Rust: the sum as it stands in a textbook, without tiles.

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Conv2d {
    /// (n, c, h, w)
    pub input: [usize; 4],
    /// (o, y, x)
    pub output: [usize; 3],
    /// k: 1 or 3.
    pub kernel: usize,
    /// 1 or 2.
    pub stride: usize,
    /// Rows and columns of zeros before the first.
    pub padding: usize,
    /// Whether each pixel is taken twice along both axes first.
    pub upsample: bool,
}

/// `Σ w[o, c, i, j] in[n, c, stride y + i − padding, stride x + j − padding]`, shape (n, o, y, x); what lies outside is 0.
#[must_use]
pub fn sums(conv: &Conv2d, input: &[f32], weights: &[f32]) -> Vec<f32> {
    let Conv2d { input: [n, c, h, w], output: [o, y, x], kernel, .. } = *conv;
    let mut out = Vec::with_capacity(n * o * y * x);
    for (image, output) in pairs(n, o) {
        for (row, column) in pairs(y, x) {
            let mut sum = 0.0;
            for channel in 0..c {
                for (i, j) in pairs(kernel, kernel) {
                    let weight = weights[((output * c + channel) * kernel + i) * kernel + j];
                    let pixel = source(conv, row, i, h).zip(source(conv, column, j, w));
                    let value = pixel.map_or(0.0, |(y, x)| input[((image * c + channel) * h + y) * w + x]);
                    sum += weight * value;
                }
            }
            out.push(sum);
        }
    }
    out
}

/// Which row of the input a tap of an output's row falls on.
fn source(conv: &Conv2d, at: usize, tap: usize, rows: usize) -> Option<usize> {
    let enlarged = (conv.stride * at + tap).checked_sub(conv.padding)?;
    let row = if conv.upsample { enlarged / 2 } else { enlarged };
    (row < rows).then_some(row)
}

fn pairs(a: usize, b: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..a).flat_map(move |i| (0..b).map(move |j| (i, j)))
}
