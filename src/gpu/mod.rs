//! Work for the graphics adapter: sampler plans, whose particles stay there from the first update to the last, and the
//! kernels of image networks.
//!
//! [`Context`] is the device, [`Particles`] the executor, [`KERNELS`] the list of programs in WGSL; each has a twin in
//! plain Rust under [`reference`](mod@reference), of the same name.

mod context;
mod error;
pub mod kernels;
mod mixture_levels;
mod mlp;
mod particles;
mod pipelines;
mod program;
mod recording;
pub mod reference;
mod shader;
mod tensor;
mod timing;

pub use context::Context;
pub use error::GpuError;
pub use mixture_levels::{MixtureLevels, NoisedMode};
pub use mlp::{Activation, Dense, LevelConstants, Mlp, MlpTables, SigmaSeen};
pub use particles::{Model, Moment, Particles};
pub use pipelines::Kernels;
pub use program::{AffineUpdate, Program};
pub use recording::{KernelShare, KernelTime, Recording};
pub use shader::{KERNELS, Kernel};
pub use tensor::{Precision, Tensor};
