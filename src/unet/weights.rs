//! Weights from a safetensors file, by the names that diffusers gives them today or gave them once.

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};

use half::{bf16, f16};
use safetensors::tensor::{Dtype, Metadata, TensorInfo, TensorView};

use super::ModelError;
use super::plan::{Parameter, ParameterId};

/// Most bytes of a file that are not weights: real headers have some ten thousand.
pub const LONGEST_HEADER: u64 = 10_000_000;

/// From today's name of a layer to the one in files from before 2023.
const OLD_NAMES: [(&str, &str); 5] = [
    (".to_q.", ".query."),
    (".to_k.", ".key."),
    (".to_v.", ".value."),
    (".to_out.0.", ".proj_attn."),
    ("time_proj.weight", "time_proj.W"),
];

/// Each parameter's numbers in single precision, in the order of [`super::Plan::parameters`].
#[derive(Clone)]
pub struct Weights(Vec<Vec<f32>>);

impl Weights {
    /// Takes the numbers as they are.
    #[must_use]
    pub fn new(parameters: Vec<Vec<f32>>) -> Self {
        Self(parameters)
    }

    /// Reads exactly the `parameters` from a file of `length` bytes, tensor by tensor; single and half precision are taken.
    ///
    /// # Errors
    /// A file that is cut short or damaged, lacks a tensor, has one too many, one of another shape, or one that is not finite.
    pub fn from_safetensors(
        parameters: &[Parameter],
        mut file: impl Read + Seek,
        length: u64,
    ) -> Result<Self, ModelError> {
        let (start, tensors) = safetensors_header(&mut file, length)?;
        let mut unused: BTreeSet<String> = tensors.offset_keys().into_iter().collect();
        let mut found = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let old = old_name(&parameter.name);
            let names = [Some(&parameter.name), old.as_ref()].into_iter().flatten();
            let present: Vec<&String> = names.filter(|name| unused.remove(*name)).collect();
            let tensor = present.first().and_then(|name| tensors.info(name));
            let tensor = tensor.ok_or_else(|| ModelError::Missing(parameter.name.clone()))?;
            file.seek(SeekFrom::Start(start + tensor.data_offsets.0 as u64)).map_err(damaged)?;
            found.push(read(parameter, tensor, &mut file)?);
        }
        unused.pop_first().map_or(Ok(Self(found)), |name| Err(ModelError::Superfluous(name)))
    }

    /// The bytes of a file with them, by the names of `parameters`, in half precision where asked for.
    ///
    /// # Errors
    /// A number that is not finite, or has no half precision.
    pub fn to_safetensors(&self, parameters: &[Parameter], half: bool) -> Result<Vec<u8>, ModelError> {
        let mut tensors = Vec::with_capacity(parameters.len());
        for (parameter, numbers) in parameters.iter().zip(&self.0) {
            let halves = || numbers.iter().map(|x| f16::from_f32(*x));
            if !numbers.iter().all(|x| x.is_finite()) || half && !halves().all(f16::is_finite) {
                return Err(ModelError::NotFinite(parameter.name.clone()));
            }
            let bytes: Vec<u8> = if half {
                halves().flat_map(f16::to_le_bytes).collect()
            } else {
                numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
            };
            tensors.push((parameter, bytes));
        }
        let dtype = if half { Dtype::F16 } else { Dtype::F32 };
        let wrong = |error: safetensors::SafeTensorError| ModelError::Weights(error.to_string());
        let views = tensors
            .iter()
            .map(|(parameter, bytes)| Ok((&parameter.name, TensorView::new(dtype, parameter.shape.clone(), bytes)?)));
        let views = views.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        safetensors::serialize(views, None).map_err(wrong)
    }

    /// The numbers of a parameter, row-major.
    #[must_use]
    pub fn get(&self, parameter: ParameterId) -> &[f32] {
        &self.0[parameter.0]
    }

    /// The numbers of all parameters, in order.
    #[must_use]
    pub fn into_parameters(self) -> Vec<Vec<f32>> {
        self.0
    }
}

fn old_name(name: &str) -> Option<String> {
    let (today, then) = OLD_NAMES.iter().find(|(today, _)| name.contains(today))?;
    Some(name.replace(today, then))
}

/// Where the numbers of a safetensors file of `length` bytes begin, and what there is of them. The header's length stands before
/// it, in 8 bytes.
///
/// # Errors
/// A file that is cut short or damaged.
pub fn safetensors_header(file: &mut impl Read, length: u64) -> Result<(u64, Metadata), ModelError> {
    let mut eight = [0; 8];
    file.read_exact(&mut eight).map_err(|_| damaged(format!("it has {length} bytes")))?;
    let start = u64::from_le_bytes(eight).saturating_add(8);
    if start > length.min(LONGEST_HEADER) {
        return Err(damaged(format!("its header would end at byte {start} of {length}")));
    }
    let mut text = Vec::new();
    file.take(start - 8).read_to_end(&mut text).map_err(damaged)?;
    let tensors: Metadata = serde_json::from_slice(&text).map_err(damaged)?;
    let end = start.saturating_add(tensors.data_len() as u64);
    if end == length {
        return Ok((start, tensors));
    }
    Err(damaged(format!("it has {length} bytes, and its header tells of {end}")))
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn damaged(why: impl ToString) -> ModelError {
    ModelError::Weights(why.to_string())
}

fn read(parameter: &Parameter, tensor: &TensorInfo, file: &mut impl Read) -> Result<Vec<f32>, ModelError> {
    let name = || parameter.name.clone();
    let TensorInfo { dtype, shape, data_offsets: (from, to) } = tensor;
    if *shape != parameter.shape || ![Dtype::F32, Dtype::F16, Dtype::BF16].contains(dtype) {
        let found = format!("{dtype:?} of shape {shape:?}");
        let wanted = format!("F32, F16 or BF16 of shape {:?}", parameter.shape);
        return Err(ModelError::Shape { name: name(), found, wanted });
    }
    let mut bytes = vec![0; to - from];
    file.read_exact(&mut bytes).map_err(damaged)?;
    let numbers: Vec<f32> = match dtype {
        Dtype::F16 => each(&bytes, |two| f16::from_le_bytes(two).to_f32()),
        Dtype::BF16 => each(&bytes, |two| bf16::from_le_bytes(two).to_f32()),
        _ => each(&bytes, f32::from_le_bytes),
    };
    if numbers.iter().all(|x| x.is_finite()) { Ok(numbers) } else { Err(ModelError::NotFinite(name())) }
}

fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| number(*bytes)).collect()
}
