//! Painting of the plane: density, arrows, particles, axes; and the picture without a window.

pub mod canvas;
pub mod cloud;
pub mod heat_map;
mod ink;
pub mod offscreen;
mod particles;
mod quiver;
