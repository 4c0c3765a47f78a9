//! One number after the other: `shaders/kernels/pointwise.wgsl`.

use super::call::PointwiseCall;
use super::{Activation, Factor, groups, must};
use crate::gpu::recording::{Recording, Wanted};
use crate::gpu::{GpuError, Tensor, shader};

/// Most workgroups for one image: each of them goes on where there is more.
const MOST_GROUPS: u64 = 4096;

/// y = f(scale · factor · x + offset), written to the channels from `first_channel` on.
#[derive(Clone, Copy, Debug)]
pub struct Pointwise<'a> {
    /// x, shape (n, c, h, w).
    pub input: &'a Tensor,
    /// Of the timestep, as [`Factor::all`] lists them.
    pub factors: &'a Tensor,
    /// y, shape (n, c' ≥ c, h, w).
    pub output: &'a Tensor,
    /// Which channel of y is the first that is written.
    pub first_channel: u32,
    /// A constant factor.
    pub scale: f32,
    /// A factor of the timestep.
    pub factor: Factor,
    /// The summand.
    pub offset: f32,
    /// f
    pub activation: Activation,
}

impl<'a> Pointwise<'a> {
    /// y = x
    #[must_use]
    pub const fn copy(input: &'a Tensor, factors: &'a Tensor, output: &'a Tensor) -> Self {
        let (first_channel, factor, activation) = (0, Factor::One, Activation::None);
        Self { input, factors, output, first_channel, scale: 1.0, factor, offset: 0.0, activation }
    }

    /// Appends the kernel.
    ///
    /// # Errors
    /// Where shapes do not belong together, or the adapter refuses.
    pub fn record(&self, recording: &mut Recording) -> Result<(), GpuError> {
        let ([n, c, h, w], [m, wide, y, x]) = (self.input.shape, self.output.shape);
        let fits = [n, h, w] == [m, y, x] && self.first_channel + c <= wide;
        must(fits && self.input.precision == self.output.precision, "pointwise", "shapes that do not belong together")?;
        must(self.factors.len() == Factor::all(1.0).len(), "pointwise", "factors that are too few")?;
        let (length, area) = (c * h * w, h * w);
        let call = PointwiseCall {
            length,
            out_base: self.first_channel * area,
            out_stride: wide * area,
            activation: self.activation as u32,
            factor: self.factor as u32,
            scale: self.scale,
            offset: self.offset,
        };
        recording.push(&Wanted {
            kernel: shader::POINTWISE,
            precision: self.input.precision,
            constants: &[],
            buffers: &[self.input, self.factors, self.output],
            call: &call.packed(),
            workgroups: [groups(length, 256).min(MOST_GROUPS), u64::from(n), 1],
            operations: 0,
        })
    }
}
