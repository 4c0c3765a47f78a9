//! Why a folder is no U-Net that can be run: each a sentence with the name of what is wrong.

use thiserror::Error;

/// What is wrong with a model's folder, its configuration or its weights.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A file that cannot be read, or is none.
    #[error("{file}: {reason}")]
    File {
        /// Which file.
        file: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A configuration that is no JSON object.
    #[error("config.json is no JSON object: {0}")]
    Json(String),
    /// A key that this program does not know, and whose meaning would be lost.
    #[error("config.json: '{0}' is unknown here, so the network it asks for is too")]
    UnknownKey(String),
    /// A value that cannot be used.
    #[error("config.json: '{key}' is {found}; expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// What stands there, as JSON, shortened.
        found: String,
        /// What may stand there.
        expected: String,
    },
    /// Values that are possible alone and impossible together.
    #[error("config.json: {0}")]
    Conflict(String),
    /// A batch of images that the network cannot take.
    #[error("{0}")]
    Input(String),
    /// Not safetensors, or cut short.
    #[error("the weights are no complete safetensors file ({0})")]
    Weights(String),
    /// A tensor that the configuration asks for and the file lacks.
    #[error("tensor '{0}' is missing from the weights")]
    Missing(String),
    /// A tensor that the configuration does not ask for: it describes another network.
    #[error("tensor '{0}' stands in the weights, and config.json describes no layer that takes it")]
    Superfluous(String),
    /// A tensor of another shape or type.
    #[error("tensor '{name}' is {found} in the weights, and config.json wants {wanted}")]
    Shape {
        /// Which tensor.
        name: String,
        /// Type and shape in the file.
        found: String,
        /// Types and shape asked for.
        wanted: String,
    },
    /// More than the graphics adapter holds.
    #[error("{0}. Take fewer or smaller images, half precision, or the CPU")]
    NoRoom(String),
    /// More than this machine's memory holds.
    #[error(
        "{needs} MiB of memory are needed, and {free} MiB are free. Take fewer or smaller images, or end other programs"
    )]
    NoMemory {
        /// What is needed, in MiB.
        needs: u64,
        /// What there is, in MiB.
        free: u64,
    },
    /// The graphics adapter gave up.
    #[error(transparent)]
    Gpu(#[from] crate::gpu::GpuError),
    /// A weight that is not finite.
    #[error("tensor '{0}' holds values that are not finite")]
    NotFinite(String),
}

impl ModelError {
    /// A file, and why it is not used.
    pub fn file(file: &std::path::Path, reason: impl std::fmt::Display) -> Self {
        Self::File { file: file.display().to_string(), reason: reason.to_string() }
    }
}
