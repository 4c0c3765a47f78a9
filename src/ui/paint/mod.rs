//! Painting of the plane: density, arrows, particles, axes; and the picture without a window.

pub mod adapter_cloud;
pub mod canvas;
pub mod cloud;
pub mod field_layers;
pub mod heat_map;
pub mod ink;
mod lic;
pub mod offscreen;
pub mod particles;
pub mod pictures;
pub mod quiver;
