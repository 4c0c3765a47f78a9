//! The kernels of an image network: what each is asked for, and how it is dispatched.
//!
//! Images are (n, c, h, w), row-major: pixels lie together, so that neighbouring invocations read neighbouring numbers, and
//! a group of channels is one run of memory. What depends on the timestep alone is a vector, always in single precision.
//!
//! # What limits each, by count
//! An H200 has 132 multiprocessors, each with 128 multiply-adds a clock, 65,536 registers and some 228 KiB of workgroup memory:
//! 67 TFLOP/s in single precision, 4.8 TB/s from memory, about 5.5 TB/s from its cache. For each kernel: operations for a byte
//! that workgroups read, single precision; registers of an invocation (sums, operands, what is on its way, places); bytes of
//! workgroup memory; and how many invocations a multiprocessor then holds at once.
//!
//! | kernel | FLOP/byte | registers | workgroup memory | invocations | limited by |
//! |---|---|---|---|---|---|
//! | `conv2d`, 128 × 128 tile | 32 from the cache | 64 + 16 + 8 + 20 | 16 KiB | 2 × 256 | multiply-adds: 64 for 4 reads of 16 bytes |
//! | `conv2d`, 64 × 64 tile | 16 from the cache | 64 + 16 + 16 + 20 | 8 KiB | 8 × 64 | multiply-adds; the cache from 88 TFLOP/s on |
//! | `conv2d_sum` | ¼ | 20 | 0 | 32 × 64 | memory, mostly cache |
//! | `group_moments` | ¾, read twice, the second time from the cache | 20 | 1 KiB | 8 × 256 | memory |
//! | `group_norm` | about 2 | 30 | 0 | 8 × 256 | memory |
//! | `attention` | 8 for scores, 16 for values | 48 + 16 + 30 | 13 KiB | 10 × 64 | multiply-adds; filling the card, where the batch is one |
//! | `linear` | ½ | 15 | 256 B | 32 × 64 | memory |
//! | `pointwise`, `resample`, `time_embedding` | ⅛ to 1 | 20 | 0 | 2048 | memory |
//!
//! What that predicts, with ¾ of the multiply-adds a large tile could make and ⅔ of a small one's (the rest are reads, indices
//! and loops), 70 % of the memory's speed, and 4 µs for each dispatch to begin and end; it is a count, not a measurement:
//!
//! | forward, single precision | GFLOP | dispatches | conv2d | with conv2d_sum | group norms | attention | rest | all |
//! |---|---|---|---|---|---|---|---|---|
//! | cifar10-32, batch 1 | 12.4 | 335 | 1.1 ms | 1.5 ms | .4 ms | .3 ms | .2 ms | 2.4 ms, 5 TFLOP/s |
//! | cifar10-32, batch 16 | 199 | 321 | 5.0 ms | 5.4 ms | .6 ms | .5 ms | .3 ms | 6.8 ms, 29 TFLOP/s |
//! | celebahq-256, batch 1 | 497 | 429 | 11.8 ms | 12.2 ms | 1.1 ms | .5 ms | .5 ms | 14.3 ms, 35 TFLOP/s |
//!
//! Half precision halves what is stored and read, not the multiply-adds, which stay in single precision. The units for small
//! matrices would multiply halves ten times as fast; wgpu offers them as an experiment behind `unsafe`, and they are not used.
//! `scorescope bench unet --device gpu` measures all of this, kernel by kernel.

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
