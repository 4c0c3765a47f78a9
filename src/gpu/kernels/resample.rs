//! Half or twice the height and width: `shaders/kernels/resample.wgsl`.

use super::call::ResampleCall;
use super::{groups, must};
use crate::gpu::recording::{Recording, Wanted};
use crate::gpu::{GpuError, Tensor, shader};

/// How a channel is resampled; the numbers are the kernel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resample {
    /// yᵢ = ½ (x₂ᵢ + x₂ᵢ₊₁) along each axis
    Average = 0,
    /// y₂ᵢ = y₂ᵢ₊₁ = xᵢ along each axis
    Nearest = 1,
    /// yᵢ = (x₂ᵢ₋₁ + 3 x₂ᵢ + 3 x₂ᵢ₊₁ + x₂ᵢ₊₂) / 8 along each axis
    FirDown = 2,
    /// y₂ᵢ = (xᵢ₋₁ + 3 xᵢ) / 4, y₂ᵢ₊₁ = (3 xᵢ + xᵢ₊₁) / 4 along each axis
    FirUp = 3,
}

impl Resample {
    /// Appends the kernel: from `input`, shape (n, c, h, w), to `output` of half or twice h and w.
    ///
    /// # Errors
    /// Where shapes do not belong together, or the adapter refuses.
    pub fn record(self, recording: &mut Recording, input: &Tensor, output: &Tensor) -> Result<(), GpuError> {
        let ([n, c, height, width], [m, o, out_height, out_width]) = (input.shape, output.shape);
        let resampled = match self {
            Self::Average | Self::FirDown => [height / 2, width / 2],
            Self::Nearest | Self::FirUp => [2 * height, 2 * width],
        };
        let fits = [n, c] == [m, o] && resampled == [out_height, out_width] && input.precision == output.precision;
        must(fits, "resample", "shapes that do not belong together")?;
        let call = ResampleCall { height, width, out_height, out_width, how: self as u32 };
        recording.push(&Wanted {
            kernel: shader::RESAMPLE,
            precision: input.precision,
            constants: &[],
            buffers: &[input, output],
            call: &call.packed(),
            workgroups: [groups(out_height * out_width, 64), u64::from(c), u64::from(n)],
            operations: 0,
        })
    }
}
