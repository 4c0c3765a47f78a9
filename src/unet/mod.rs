//! The image-scale U-Net, as diffusers' `UNet2DModel` writes it: configuration, weights, and the plan of its kernel calls.
//! Executors are elsewhere: `learning` runs a plan in candle's tensors.

mod bundled;
mod config;
mod error;
mod fields;
mod folder;
mod gpu;
mod noising;
pub mod plan;
mod score;
mod weights;

pub use bundled::{BUNDLED, Bundled};
pub use config::{Activation, Block, Family, TimeEmbedding, UnetConfig};
pub use error::ModelError;
pub use folder::Folder;
pub use gpu::{Needs, UnetGpu};
pub use noising::{Noising, Prediction};
pub use plan::Plan;
pub use score::{Network, UnetScore};
pub use weights::{Weights, safetensors_header};
