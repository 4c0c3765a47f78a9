//! The timestep as a vector: `shaders/kernels/time_embedding.wgsl`.

use super::call::TimeEmbeddingCall;
use super::{Factor, groups, must};
use crate::gpu::recording::{Recording, Wanted};
use crate::gpu::{GpuError, Precision, Tensor, shader};

/// y = (sin 2π u, cos 2π u), u_i = turns_i · factor; cosines first, where asked for.
#[derive(Clone, Copy, Debug)]
pub struct TimeEmbedding<'a> {
    /// Half as many as y has, rounded down.
    pub turns: &'a Tensor,
    /// Of the timestep, as [`Factor::all`] lists them.
    pub factors: &'a Tensor,
    /// y, a vector.
    pub output: &'a Tensor,
    /// Cosines before sines.
    pub cosines_first: bool,
    /// A factor of the timestep.
    pub factor: Factor,
}

impl TimeEmbedding<'_> {
    /// Appends the kernel.
    ///
    /// # Errors
    /// Where lengths do not belong together, or the adapter refuses.
    pub fn record(&self, recording: &mut Recording) -> Result<(), GpuError> {
        let Self { turns, factors, output, cosines_first, factor } = *self;
        must(turns.len() == output.len() / 2, "time_embedding", "lengths that do not belong together")?;
        let single = [turns, factors, output].iter().all(|of| of.precision == Precision::Single);
        must(single && factors.len() == Factor::all(1.0).len(), "time_embedding", "factors that are too few")?;
        let length = u32::try_from(output.len()).unwrap_or(u32::MAX);
        let call = TimeEmbeddingCall { length, cosines_first: u32::from(cosines_first), factor: factor as u32 };
        recording.push(&Wanted {
            kernel: shader::TIME_EMBEDDING,
            precision: Precision::Single,
            constants: &[],
            buffers: &[turns, factors, output],
            call: &call.packed(),
            workgroups: [groups(length, 64), 1, 1],
            operations: 0,
        })
    }
}
