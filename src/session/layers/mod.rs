//! What is made of an evaluated field before it is drawn: contours, streamlines, a line integral convolution.

mod contours;
mod lattice;
mod lic;
mod streamlines;

pub use contours::{Contour, Contours};
pub use lattice::Lattice;
pub use lic::Lic;
pub use streamlines::streamlines;
