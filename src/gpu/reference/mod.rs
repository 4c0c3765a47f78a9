//! The kernels in plain Rust, one file each under the kernel's own name: to be read, and to be held against it.

pub mod mixture_update;
pub mod mlp_update;
pub mod update;
