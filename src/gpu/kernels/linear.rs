//! A matrix times a vector: `shaders/kernels/linear.wgsl`.

use super::call::LinearCall;
use super::must;
use crate::gpu::recording::{Recording, Wanted};
use crate::gpu::{GpuError, Precision, Tensor, shader};

/// y = W x + b
#[derive(Clone, Copy, Debug)]
pub struct Linear<'a> {
    /// x, a vector.
    pub input: &'a Tensor,
    /// W, shape (1, 1, out, in).
    pub weight: &'a Tensor,
    /// b, a vector.
    pub bias: &'a Tensor,
    /// y, a vector.
    pub output: &'a Tensor,
}

impl Linear<'_> {
    /// Appends the kernel.
    ///
    /// # Errors
    /// Where shapes do not belong together, or the adapter refuses.
    pub fn record(&self, recording: &mut Recording) -> Result<(), GpuError> {
        let Self { input, weight, bias, output } = *self;
        let [.., outputs, inputs] = weight.shape;
        let fits = input.len() == inputs as usize && [bias, output].iter().all(|of| of.len() == outputs as usize);
        must(fits, "linear", "shapes that do not belong together")?;
        let single = [input, weight, bias, output].iter().all(|of| of.precision == Precision::Single);
        must(single, "linear", "vectors are in single precision")?;
        recording.push(&Wanted {
            kernel: shader::LINEAR,
            precision: Precision::Single,
            constants: &[],
            buffers: &[input, weight, bias, output],
            call: &LinearCall { inputs }.packed(),
            workgroups: [u64::from(outputs), 1, 1],
            operations: 2 * weight.len() as u64,
        })
    }
}
