//! Weights to and from safetensors. The file's header carries the configuration, so that a file is a model by itself; a file
//! of a training carries beside the model all that it takes to go on.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::adam::Adam;
use super::fused::Layer;
use super::trainer::FirstLosses;
use super::{MlpConfig, ScoreMlp, Snapshot, Trainer};

/// The one key of the header: more than one would be written in a random order.
const KEY: &str = "scorescope";
const FORMAT: u32 = 1;

/// Sizes beyond these are a damaged header, not a network of this program.
const LARGEST_WIDTH: usize = 4096;
const MOST_LAYERS: usize = 64;

/// What stands before the names of layers: nothing for the model, which is the average of the weights.
const MODEL: &str = "";
/// The weights themselves, and Adam's m and v.
const TRAINING: [&str; 3] = ["weights.", "adam.m.", "adam.v."];

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    network: MlpConfig,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training: Option<Progress>,
}

/// How far a training is.
#[derive(Serialize, Deserialize)]
struct Progress {
    steps: usize,
    updates: u32,
    first_losses: FirstLosses,
    seed: u64,
}

impl Progress {
    /// Whether a training can have come to this.
    fn is_possible(&self) -> bool {
        let FirstLosses { sum, .. } = self.first_losses;
        u32::try_from(self.steps).is_ok_and(|steps| self.updates <= steps) && sum.is_finite() && sum >= 0.0
    }
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
    /// A model without the training behind it.
    #[error("it is a model, but holds no training to go on with: it was saved without one")]
    NoTraining,
    /// A training of another network than the scenario asks for.
    #[error("its network is not the one asked for ({0})")]
    OtherNetwork(String),
}

impl ScoreMlp {
    /// The model as a safetensors file; the same weights give the same bytes.
    ///
    /// # Errors
    /// A weight that is not finite, so that no file carries one.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let header = Header { format: FORMAT, network: self.config().clone(), training: None };
        write(&header, self, &[(MODEL, self.parameters())])
    }

    /// Reads what [`Self::to_bytes`] or [`Trainer::to_bytes`] wrote.
    ///
    /// # Errors
    /// A file that is cut short, damaged, of another program, or whose tensors do not fit its own header.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (file, header) = open(bytes)?;
        read(&file, &header.network, MODEL)
    }
}

impl Trainer {
    /// The model and the whole training as a safetensors file.
    ///
    /// # Errors
    /// As [`ScoreMlp::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let (network, Snapshot { parameters, average, adam, steps, first, seed }) = (self.network(), self.snapshot());
        let training = Progress { steps, updates: adam.updates, first_losses: first, seed };
        let header = Header { format: FORMAT, network: network.config().clone(), training: Some(training) };
        let [weights, m, v] = TRAINING;
        write(&header, &network, &[(MODEL, &average), (weights, &parameters), (m, &adam.m), (v, &adam.v)])
    }

    /// Goes on where the file's training stopped: the steps that follow are those that would have followed there.
    ///
    /// # Errors
    /// As [`ScoreMlp::from_bytes`], a file without training, or of another network; then nothing changes.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        let (file, header) = open(bytes)?;
        let progress = header.training.ok_or(CheckpointError::NoTraining)?;
        if header.network != *self.network().config() {
            return Err(CheckpointError::OtherNetwork(differences(&header.network, self.network().config())));
        }
        if !progress.is_possible() {
            let reason = format!("no training comes to step {} in this way", progress.steps);
            return Err(CheckpointError::Header(reason));
        }
        let flat = |prefix| read(&file, &header.network, prefix).map(|network| network.parameters().to_vec());
        let [parameters, m, v] = TRAINING.map(flat);
        let adam = Adam { m: m?, v: v?, updates: progress.updates };
        if adam.v.iter().any(|v| *v < 0.0) {
            return Err(CheckpointError::Header("means of squares are below 0".to_owned()));
        }
        let Progress { steps, first_losses: first, seed, .. } = progress;
        let snapshot = Snapshot { parameters: parameters?, average: flat(MODEL)?, adam, steps, first, seed };
        self.restore(&snapshot).map_err(|error| CheckpointError::Header(error.to_string()))
    }
}

/// In what two networks differ, by the names of scenario files.
fn differences(found: &MlpConfig, wanted: &MlpConfig) -> String {
    let [found, wanted] = [found, wanted].map(|config| serde_json::to_value(config).unwrap_or_default());
    let entries = found.as_object().into_iter().flatten();
    let other = entries.filter(|(key, value)| wanted[key.as_str()] != **value);
    let told = other.map(|(key, value)| format!("{key} is {value}, not {}", wanted[key.as_str()]));
    told.collect::<Vec<_>>().join("; ")
}

/// The file of some flat vectors of one shape, each under its prefix.
fn write(header: &Header, shape: &ScoreMlp, vectors: &[(&str, &[f32])]) -> Result<Vec<u8>, CheckpointError> {
    let header = serde_json::to_string(header).map_err(|error| CheckpointError::Header(error.to_string()))?;
    let mut tensors = Vec::new();
    for (prefix, flat) in vectors {
        for (i, ((weights, biases), (inputs, outputs))) in
            shape.layers_of(flat).into_iter().zip(shape.config().layers()).enumerate()
        {
            tensors.push((format!("{prefix}layers.{i}.weight"), vec![outputs, inputs], weights));
            tensors.push((format!("{prefix}layers.{i}.bias"), vec![outputs], biases));
        }
    }
    let mut views = Vec::new();
    for (name, shape, values) in &tensors {
        refuse_not_finite(name, values)?;
        views.push((name, TensorView::new(Dtype::F32, shape.clone(), bytemuck::cast_slice(values))?));
    }
    Ok(safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), header)])))?)
}

/// The file's tensors, and its header where it can be used.
fn open(bytes: &[u8]) -> Result<(SafeTensors<'_>, Header), CheckpointError> {
    let file = SafeTensors::deserialize(bytes)?;
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let header = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY)).ok_or(CheckpointError::Foreign)?;
    let header: Header = serde_json::from_str(header).map_err(|error| CheckpointError::Header(error.to_string()))?;
    let MlpConfig { width, hidden, scale, centre, .. } = &header.network;
    if header.format != FORMAT {
        return Err(CheckpointError::Header(format!("format {} is not {FORMAT}, the one known", header.format)));
    }
    let sizes = (1..=LARGEST_WIDTH).contains(width) && (1..=MOST_LAYERS).contains(hidden);
    let scales = scale.is_finite() && *scale > 0.0 && centre.iter().all(|c| c.is_finite());
    if !(sizes && scales) {
        return Err(CheckpointError::Header(format!(
            "width {width}, {hidden} hidden layers, scale {scale} is no network of this program"
        )));
    }
    Ok((file, header))
}

/// The network under a prefix.
fn read(file: &SafeTensors<'_>, config: &MlpConfig, prefix: &str) -> Result<ScoreMlp, CheckpointError> {
    // Every tensor is looked at before any room is made for what the header claims.
    for (i, (inputs, outputs)) in config.layers().enumerate() {
        view(file, &format!("{prefix}layers.{i}.weight"), &[outputs, inputs])?;
    }
    ScoreMlp::with(config.clone(), |i, &Layer { inputs, outputs, .. }| {
        let weights = tensor(file, &format!("{prefix}layers.{i}.weight"), &[outputs, inputs])?;
        Ok((weights, tensor(file, &format!("{prefix}layers.{i}.bias"), &[outputs])?))
    })
}

/// A tensor of the file, of the shape that the header's network wants.
fn view<'a>(file: &SafeTensors<'a>, name: &str, shape: &[usize]) -> Result<TensorView<'a>, CheckpointError> {
    let Ok(view) = file.tensor(name) else { return Err(CheckpointError::Missing(name.to_owned())) };
    if view.shape() != shape || view.dtype() != Dtype::F32 {
        let found = format!("{:?} {:?}", view.shape(), view.dtype());
        return Err(CheckpointError::Shape { name: name.to_owned(), found, wanted: format!("{shape:?} F32") });
    }
    Ok(view)
}

fn tensor(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, CheckpointError> {
    let view = view(file, name, shape)?;
    let values: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    refuse_not_finite(name, &values)?;
    Ok(values)
}

fn refuse_not_finite(name: &str, values: &[f32]) -> Result<(), CheckpointError> {
    let finite = values.iter().all(|w| w.is_finite());
    if finite { Ok(()) } else { Err(CheckpointError::NotFinite(name.to_owned())) }
}
