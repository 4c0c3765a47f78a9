//! How noise is spaced between data and nothing but noise.

mod ladder;

pub use ladder::{Ladder, LadderError};
