//! Sampler plans on the graphics adapter: particles stay there from the first update to the last.
//!
//! [`Context`] is the device, [`Particles`] the executor, [`KERNELS`] the list of programs in WGSL; each has a twin in
//! plain Rust under [`reference`](mod@reference), of the same name.

mod context;
mod error;
mod mixture_levels;
mod mlp;
mod particles;
mod program;
pub mod reference;
mod shader;

pub use context::Context;
pub use error::GpuError;
pub use mixture_levels::{MixtureLevels, NoisedMode};
pub use mlp::{Activation, Dense, LevelConstants, Mlp, MlpTables, SigmaSeen};
pub use particles::{Model, Moment, Particles};
pub use program::{AffineUpdate, Program};
pub use shader::{KERNELS, Kernel};
