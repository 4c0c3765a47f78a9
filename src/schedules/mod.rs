//! How noise is spaced between data and nothing but noise.

mod cosine;
mod karras;
mod ladder;
mod list;
pub mod ncsnv2;
mod sde;
mod sub_vp;
mod ve;
mod vp;

pub use cosine::Cosine;
pub use karras::Karras;
pub use ladder::{Ladder, LadderError};
pub use list::{SCHEDULES, Schedule};
pub use sde::{Sde, Transition};
pub use sub_vp::SubVariancePreserving;
pub use ve::VarianceExploding;
pub use vp::{LinearBeta, VariancePreserving};
