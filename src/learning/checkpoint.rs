//! Weights to and from safetensors. The file's header carries the configuration, so that a file is a model by itself.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::Linear;
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{MlpConfig, ScoreMlp};

/// The one key of the header: more than one would be written in a random order.
const KEY: &str = "scorescope";
const FORMAT: u32 = 1;

/// Sizes beyond these are a damaged header, not a network of this program.
const LARGEST_WIDTH: usize = 4096;
const MOST_LAYERS: usize = 64;

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    network: MlpConfig,
}

/// Why bytes are no model.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// Not safetensors, or cut short.
    #[error("it is no complete safetensors file ({0})")]
    File(#[from] SafeTensorError),
    /// Somebody else's safetensors.
    #[error("it is a safetensors file, but no Scorescope model: its header has no entry '{KEY}'")]
    Foreign,
    /// A header that cannot be used.
    #[error("its header cannot be used: {0}")]
    Header(String),
    /// A tensor the configuration asks for and the file lacks.
    #[error("tensor '{0}' is missing")]
    Missing(String),
    /// A tensor of another shape or type than the configuration asks for.
    #[error("tensor '{name}' has shape {found}, and the header's network wants {wanted}")]
    Shape {
        /// Which tensor.
        name: String,
        /// Shape and type in the file.
        found: String,
        /// Shape and type asked for.
        wanted: String,
    },
    /// A weight that is not finite.
    #[error("tensor '{0}' holds values that are not finite")]
    NotFinite(String),
    /// The tensor library refused an operation.
    #[error("the tensor library failed: {0}")]
    Tensor(#[from] candle_core::Error),
}

impl ScoreMlp {
    /// The model as a safetensors file; the same weights give the same bytes.
    ///
    /// # Errors
    /// A weight that is not finite, so that no file carries one; or where the tensor library refuses an operation.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let header = Header { format: FORMAT, network: self.config.clone() };
        let header = serde_json::to_string(&header).map_err(|error| CheckpointError::Header(error.to_string()))?;
        let named = self.layers.iter().enumerate().flat_map(|(i, layer)| {
            let bias = layer.bias().map(|bias| (format!("layers.{i}.bias"), bias));
            std::iter::once((format!("layers.{i}.weight"), layer.weight())).chain(bias)
        });
        let named: Vec<_> = named.collect();
        for (name, tensor) in &named {
            refuse_not_finite(name, tensor)?;
        }
        Ok(safetensors::serialize(named, Some(HashMap::from([(KEY.to_owned(), header)])))?)
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// A file that is cut short, damaged, of another program, or whose tensors do not fit its own header.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let file = SafeTensors::deserialize(bytes)?;
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let header =
            metadata.metadata().as_ref().and_then(|entries| entries.get(KEY)).ok_or(CheckpointError::Foreign)?;
        let header: Header =
            serde_json::from_str(header).map_err(|error| CheckpointError::Header(error.to_string()))?;
        let config = header.network;
        if header.format != FORMAT {
            return Err(CheckpointError::Header(format!("format {} is not {FORMAT}, the one known", header.format)));
        }
        let sizes = (1..=LARGEST_WIDTH).contains(&config.width) && (1..=MOST_LAYERS).contains(&config.hidden);
        let scales = config.scale.is_finite() && config.scale > 0.0 && config.centre.iter().all(|c| c.is_finite());
        if !(sizes && scales) {
            return Err(CheckpointError::Header(format!(
                "width {}, {} hidden layers, scale {} is no network of this program",
                config.width, config.hidden, config.scale
            )));
        }
        let layer = |(i, (inputs, outputs)): (usize, (usize, usize))| {
            let weight = tensor(&file, format!("layers.{i}.weight"), &[outputs, inputs])?;
            Ok(Linear::new(weight, Some(tensor(&file, format!("layers.{i}.bias"), &[outputs])?)))
        };
        let layers = config.layers().enumerate().map(layer).collect::<Result<_, CheckpointError>>()?;
        Ok(Self { config, layers })
    }
}

fn tensor(file: &SafeTensors<'_>, name: String, shape: &[usize]) -> Result<Tensor, CheckpointError> {
    let Ok(view) = file.tensor(&name) else { return Err(CheckpointError::Missing(name)) };
    if view.shape() != shape || view.dtype() != Dtype::F32 {
        let found = format!("{:?} {:?}", view.shape(), view.dtype());
        return Err(CheckpointError::Shape { name, found, wanted: format!("{shape:?} F32") });
    }
    let tensor = Tensor::from_raw_buffer(view.data(), DType::F32, shape, &Device::Cpu)?;
    refuse_not_finite(&name, &tensor)?;
    Ok(tensor)
}

fn refuse_not_finite(name: &str, tensor: &Tensor) -> Result<(), CheckpointError> {
    let finite = tensor.flatten_all()?.to_vec1::<f32>()?.iter().all(|w| w.is_finite());
    if finite { Ok(()) } else { Err(CheckpointError::NotFinite(name.to_owned())) }
}
