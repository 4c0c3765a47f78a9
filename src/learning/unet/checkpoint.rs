//! A training of a U-Net to and from safetensors: all that it takes to go on with it.

use std::collections::HashMap;
use std::io::Read;

use bytemuck::cast_slice;
use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::trainer::UnetState;
use crate::learning::adam::Adam;
use crate::unet::{ModelError, safetensors_header};

/// The one key of the header.
const KEY: &str = "scorescope";
/// θ, its average, Adam's m and v: each all numbers one after the other, in the plan's order.
const TENSORS: [&str; 4] = ["parameters", "average", "adam.m", "adam.v"];

#[derive(Serialize, Deserialize)]
struct Header<T> {
    seed: u64,
    steps: u32,
    updates: u32,
    /// What the training was asked for.
    asked: T,
}

impl UnetState {
    /// The bytes of a file with it and with what the training was asked for.
    ///
    /// # Errors
    /// What cannot be written as JSON or safetensors.
    pub fn to_bytes(&self, asked: &impl Serialize) -> Result<Vec<u8>, ModelError> {
        let Self { parameters, average, adam, seed, steps } = self;
        let header = Header { seed: *seed, steps: *steps, updates: adam.updates, asked };
        let header = serde_json::to_string(&header).map_err(wrong)?;
        let tensors = TENSORS.into_iter().zip([parameters, average, &adam.m, &adam.v]);
        let views = tensors
            .map(|(name, numbers)| Ok((name, TensorView::new(Dtype::F32, vec![numbers.len()], cast_slice(numbers))?)));
        let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>().map_err(wrong)?;
        safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), header)]))).map_err(wrong)
    }

    /// What the training of a file of `length` bytes was asked for, without its numbers.
    ///
    /// # Errors
    /// As for [`Self::from_bytes`].
    pub fn asked<T: DeserializeOwned>(mut file: impl Read, length: u64) -> Result<T, ModelError> {
        read_header(&safetensors_header(&mut file, length)?.1).map(|Header { asked, .. }| asked)
    }

    /// Reads such a file.
    ///
    /// # Errors
    /// Bytes that are not such a file, or were cut short.
    pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<(Self, T), ModelError> {
        let file = SafeTensors::deserialize(bytes).map_err(wrong)?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(wrong)?;
        let Header { seed, steps, updates, asked } = read_header(&metadata)?;
        let [parameters, average, m, v] = TENSORS.map(|name| vector(&file, name));
        let (parameters, average, adam) = (parameters?, average?, Adam { m: m?, v: v?, updates });
        if [average.len(), adam.m.len(), adam.v.len()] != [parameters.len(); 3] {
            return Err(wrong("its tensors have different lengths"));
        }
        Ok((Self { parameters, average, adam, seed, steps }, asked))
    }
}

fn read_header<T: DeserializeOwned>(metadata: &Metadata) -> Result<Header<T>, ModelError> {
    let header = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
    let header = header.ok_or_else(|| wrong("it is no training of this program"))?;
    serde_json::from_str(header).map_err(wrong)
}

/// The numbers of a tensor, all finite.
fn vector(file: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, ModelError> {
    let tensor = file.tensor(name).map_err(|_| ModelError::Missing(name.to_owned()))?;
    if tensor.dtype() != Dtype::F32 || tensor.shape().len() != 1 {
        let found = format!("{:?} of shape {:?}", tensor.dtype(), tensor.shape());
        return Err(ModelError::Shape { name: name.to_owned(), found, wanted: "a vector of F32".to_owned() });
    }
    let numbers: Vec<f32> = tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    if numbers.iter().all(|x| x.is_finite()) { Ok(numbers) } else { Err(ModelError::NotFinite(name.to_owned())) }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn wrong(error: impl ToString) -> ModelError {
    ModelError::Weights(error.to_string())
}
