//! The kernels of an image network: what each is asked for, and how it is dispatched.
//!
//! Images are (n, c, h, w), row-major: pixels lie together, so that neighbouring invocations read neighbouring numbers, and
//! a group of channels is one run of memory. What depends on the timestep alone is a vector, always in single precision.

mod attention;
mod call;
mod conv2d;
mod group_norm;
mod linear;
mod pointwise;
mod resample;
mod time_embedding;

pub use attention::Attention;
pub use conv2d::{Conv2d, ConvWeights, Tiling};
pub use group_norm::GroupNorm;
pub use linear::Linear;
pub use pointwise::Pointwise;
pub use resample::Resample;
pub use time_embedding::TimeEmbedding;

#[cfg(test)]
pub(super) use call::FIELDS;

use super::{GpuError, Tensor};

/// The function between layers; the numbers are those of `unet_activation.wgsl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// x
    #[default]
    None = 0,
    /// x / (1 + e^−x)
    Silu = 1,
    /// x tanh(ln(1 + e^x))
    Mish = 2,
    /// x Φ(x)
    Gelu = 3,
    /// max(x, 0)
    Relu = 4,
}

/// What is made of the timestep t beforehand; a kernel multiplies by one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Factor {
    /// 1
    #[default]
    One = 0,
    /// ln t
    LogTimestep = 1,
    /// 1/t
    InverseTimestep = 2,
    /// t
    Timestep = 3,
}

impl Factor {
    /// All of them, in their order.
    #[must_use]
    pub fn all(timestep: f32) -> [f32; 4] {
        [1.0, timestep.ln(), timestep.recip(), timestep]
    }
}

/// Our own mistake, caught before the adapter would read beside a tensor.
fn must(holds: bool, kernel: &str, what: &str) -> Result<(), GpuError> {
    if holds { Ok(()) } else { Err(GpuError::Refused(format!("{kernel}: {what}"))) }
}

/// Whether two tensors have the same shape and precision.
fn alike(a: &Tensor, b: &Tensor) -> bool {
    a.shape == b.shape && a.precision == b.precision
}

/// Workgroups of `width` that cover `count`.
fn groups(count: u32, width: u32) -> u64 {
    u64::from(count.div_ceil(width))
}
