//! The kernels in plain Rust, one file each under the kernel's own name: to be read, and to be held against it.

pub mod attention;
pub mod conv2d;
pub mod conv2d_sum;
pub mod group_moments;
pub mod group_norm;
pub mod linear;
pub mod mixture_update;
pub mod pointwise;
pub mod resample;
pub mod time_embedding;
