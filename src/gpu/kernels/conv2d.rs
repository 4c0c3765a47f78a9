//! Convolution: `shaders/kernels/conv2d.wgsl`, and `conv2d_sum.wgsl` where it is summed in parts.

use super::call::{Conv2dCall, Conv2dSumCall};
use super::{alike, groups, must};
use crate::gpu::recording::{Recording, Wanted};
use crate::gpu::{Context, GpuError, Precision, Tensor, shader};

/// Channels that lie together in the kernel's order of weights.
const BLOCK: u32 = 8;

/// Large tiles that fill any adapter: two for each of 132 multiprocessors, nearly.
const MANY_LARGE: u64 = 256;

/// Small tiles, or parts of them, that fill any adapter: four for each of 132 multiprocessors, nearly.
const MANY_SMALL: u64 = 512;

/// Least depth of a part, in weights of one output: below it the sums cost more than they gain.
const LEAST_DEPTH: u64 = 128;

/// Most parts.
const MOST_PARTS: u64 = 16;

/// y = (K ∗ x + bias + shift + residual) · scale
#[derive(Clone, Copy, Debug)]
pub struct Conv2d<'a> {
    /// x, shape (n, c, h, w).
    pub input: &'a Tensor,
    /// K and bias.
    pub weights: &'a ConvWeights,
    /// A vector of o numbers.
    pub shift: Option<&'a Tensor>,
    /// Shape of y.
    pub residual: Option<&'a Tensor>,
    /// y, shape (n, o, y, x); what it needs of the image beyond the last row and column is 0.
    pub output: &'a Tensor,
    /// 1 or 2.
    pub stride: u32,
    /// Rows and columns of zeros before the first.
    pub padding: u32,
    /// Whether x is doubled first, each pixel to 2 × 2 of it.
    pub upsample: bool,
    /// The factor of the whole sum.
    pub scale: f32,
}

/// Weights in the kernel's order, and the bias.
#[derive(Clone, Debug)]
pub struct ConvWeights {
    weights: Tensor,
    bias: Tensor,
    channels: u32,
    kernel: u32,
}

impl ConvWeights {
    /// Uploads weights of shape (o, c, k, k) and a bias of shape (o).
    ///
    /// # Errors
    /// Where k is neither 1 nor 3, a length is another, or the adapter has no room.
    pub fn upload(
        context: &Context,
        precision: Precision,
        [o, c, k]: [usize; 3],
        weights: &[f32],
        bias: &[f32],
    ) -> Result<Self, GpuError> {
        must(
            (k == 1 || k == 3) && weights.len() == o * c * k * k && bias.len() == o,
            "conv2d",
            "weights of another shape",
        )?;
        let packed = in_kernel_order([o, c, k * k], weights);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Self {
            weights: context.upload([1, 1, 1, packed.len()], precision, &packed)?,
            bias: context.upload([1, 1, 1, o], Precision::Single, bias)?,
            channels: number(c),
            kernel: number(k),
        })
    }

    /// Numbers that weights of shape (o, c, k, k) take once they are in the kernel's order.
    #[must_use]
    pub const fn len_of([o, c, k]: [usize; 3]) -> usize {
        c.next_multiple_of(BLOCK as usize) * k * k * o.next_multiple_of(4)
    }
}

/// From (o, c, tap) to (⌈c / 8⌉, tap, 8, o), channels of both sides filled up with zeros.
fn in_kernel_order([o, c, taps]: [usize; 3], weights: &[f32]) -> Vec<f32> {
    let (row, block) = (o.next_multiple_of(4), BLOCK as usize);
    let mut packed = vec![0.0; c.next_multiple_of(block) * taps * row];
    for (of_output, to) in weights.chunks_exact(c * taps).zip(0..) {
        for (i, of_channel) in of_output.chunks_exact(taps).enumerate() {
            for (tap, weight) in of_channel.iter().enumerate() {
                packed[((i / block * taps + tap) * block + i % block) * row + to] = *weight;
            }
        }
    }
    packed
}

/// How a product is cut for the adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Invocations of a workgroup along each side: 8 or 16. It makes eight times as many channels and pixels.
    pub across: u32,
    /// Into how many parts the sum of each number is cut.
    pub parts: u32,
}

impl Tiling {
    /// Large tiles, which read least, where there are enough of them to fill an adapter; else small ones, and where these are
    /// too few as well, several workgroups for one tile. `depth` is the number of weights of one output. Where nothing has to be
    /// filled, small tiles it is.
    #[must_use]
    pub fn fitting(pixels: u32, channels: u32, depth: u32, fill: bool) -> Self {
        let tiles = |across: u32| groups(pixels, 8 * across) * groups(channels, 8 * across);
        if !fill {
            return Self { across: 8, parts: 1 };
        }
        if channels > 64 && tiles(16) >= MANY_LARGE {
            return Self { across: 16, parts: 1 };
        }
        let parts = (MANY_SMALL / tiles(8).max(1)).min(u64::from(depth) / LEAST_DEPTH).clamp(1, MOST_PARTS);
        Self { across: 8, parts: u32::try_from(parts).unwrap_or(1) }
    }
}

impl Conv2d<'_> {
    /// Appends the convolution, cut as fits the adapter.
    ///
    /// # Errors
    /// Where shapes do not belong together, the recording's scratch is too small, or the adapter refuses.
    pub fn record(&self, recording: &mut Recording) -> Result<(), GpuError> {
        self.record_as(recording, self.tiling(recording.kernels.fill()))
    }

    /// Numbers of scratch that a convolution with c channels and a kernel of k × k takes, for an output (n, o, y, x).
    #[must_use]
    pub fn scratch([n, o, y, x]: [usize; 4], [c, k]: [usize; 2], fill: bool) -> usize {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let depth = c.next_multiple_of(BLOCK as usize) * k * k;
        let tiling = Tiling::fitting(number(n * y * x), number(o), number(depth), fill);
        if tiling.parts > 1 { tiling.parts as usize * n * o * y * x } else { 0 }
    }

    /// Weights of one output.
    fn depth(&self) -> u32 {
        self.weights.channels.next_multiple_of(BLOCK) * self.weights.kernel.pow(2)
    }

    fn tiling(&self, fill: bool) -> Tiling {
        let [n, o, y, x] = self.output.shape;
        Tiling::fitting(n * y * x, o, self.depth(), fill)
    }

    /// Appends the convolution, cut in a certain way.
    ///
    /// # Errors
    /// As `record`.
    pub fn record_as(&self, recording: &mut Recording, tiling: Tiling) -> Result<(), GpuError> {
        self.check()?;
        let Self { input, weights, output, .. } = *self;
        let ([n, c, h, w], [_, o, y, x]) = (input.shape, output.shape);
        let slices = self.depth() / BLOCK;
        let slices_of_a_part = slices.div_ceil(tiling.parts);
        let parts = slices.div_ceil(slices_of_a_part);
        must(parts == 1 || output.len() * parts as usize <= recording.scratch.len(), "conv2d", "too little scratch")?;
        let call = Conv2dCall {
            images: n,
            channels: c,
            height: h,
            width: w,
            out_channels: o,
            out_height: y,
            out_width: x,
            has_residual: u32::from(self.residual.is_some()),
            has_shift: u32::from(self.shift.is_some()),
            stride: self.stride,
            doubled: u32::from(self.upsample),
            padding: self.padding,
            slices,
            slices_of_a_part,
            scale: self.scale,
        };
        let scratch = recording.scratch.clone();
        // Bindings that are not read, and tensors that are not written, still want a buffer.
        let (shift, residual) = (self.shift.unwrap_or(&weights.bias), self.residual.unwrap_or(input));
        let tile = 8 * tiling.across;
        let operations = 2 * output.len() as u64 * u64::from(c * weights.kernel.pow(2));
        recording.push(&Wanted {
            kernel: shader::CONV2D,
            precision: input.precision,
            constants: &[("ACROSS", tiling.across), ("KERNEL", weights.kernel)],
            buffers: &[input, &weights.weights, &weights.bias, shift, residual, output, &scratch],
            call: &call.packed(),
            workgroups: [groups(n * y * x, tile), groups(o, tile), u64::from(parts)],
            operations,
        })?;
        if parts > 1 { self.record_sum(recording, parts) } else { Ok(()) }
    }

    fn record_sum(&self, recording: &mut Recording, parts: u32) -> Result<(), GpuError> {
        let [n, o, y, x] = self.output.shape;
        let call = Conv2dSumCall {
            parts,
            images: n,
            channels: o,
            area: y * x,
            has_residual: u32::from(self.residual.is_some()),
            has_shift: u32::from(self.shift.is_some()),
            scale: self.scale,
        };
        let scratch = recording.scratch.clone();
        let (bias, precision) = (&self.weights.bias, self.output.precision);
        let (shift, residual) = (self.shift.unwrap_or(bias), self.residual.unwrap_or(self.input));
        recording.push(&Wanted {
            kernel: shader::CONV2D_SUM,
            precision,
            constants: &[],
            buffers: &[&scratch, bias, shift, residual, self.output],
            call: &call.packed(),
            workgroups: [groups(y * x, 64), u64::from(o), u64::from(n)],
            operations: 0,
        })
    }

    fn check(&self) -> Result<(), GpuError> {
        let Self { input, weights, output, shift, residual, .. } = *self;
        let [n, c, ..] = input.shape;
        let [m, o, ..] = output.shape;
        let outputs = weights.bias.len();
        must(n == m && c == weights.channels && o as usize == outputs, "conv2d", "channels do not belong together")?;
        let same = [Some(input.precision), residual.map(|tensor| tensor.precision), Some(weights.weights.precision)];
        must(same.iter().flatten().all(|precision| *precision == output.precision), "conv2d", "several precisions")?;
        must(shift.is_none_or(|shift| shift.len() == outputs), "conv2d", "a shift of another length")?;
        must(residual.is_none_or(|residual| alike(residual, output)), "conv2d", "a residual of another shape")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer of a large image fills any adapter with large tiles; a small one is cut, the deeper the more.
    #[test]
    fn tiles_are_large_where_there_are_many() {
        let tiling = |pixels, channels, depth| Tiling::fitting(pixels, channels, depth, true);
        assert_eq!(tiling(256 * 256, 128, 1152), Tiling { across: 16, parts: 1 });
        assert_eq!(tiling(256 * 256, 3, 1152), Tiling { across: 8, parts: 1 });
        assert_eq!(tiling(32 * 32, 128, 1152), Tiling { across: 8, parts: 9 });
        assert_eq!(tiling(4 * 4, 256, 4608), Tiling { across: 8, parts: 16 });
        assert_eq!(tiling(4 * 4, 256, 64), Tiling { across: 8, parts: 1 });
    }

    /// Every weight is somewhere, and its place is the one that the kernel's header names.
    #[test]
    fn weights_are_put_in_the_kernels_order() {
        let [o, c, taps] = [5, 11, 9];
        let weights: Vec<f32> = (1..=495u16).map(f32::from).collect();
        assert_eq!(weights.len(), o * c * taps);
        let packed = in_kernel_order([o, c, taps], &weights);
        assert_eq!(packed.len(), ConvWeights::len_of([o, c, 3]));
        assert_eq!(packed.iter().filter(|weight| **weight != 0.0).count(), weights.len());
        for (output, channel, tap) in [(0, 0, 0), (4, 10, 8), (2, 7, 3), (3, 8, 1)] {
            let row = (channel / 8 * taps + tap) * 8 + channel % 8;
            let [found, expected] = [packed[row * 8 + output], weights[(output * c + channel) * taps + tap]];
            assert_eq!(found.to_bits(), expected.to_bits());
        }
    }
}
