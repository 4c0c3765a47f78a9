//! Weights from a safetensors file, by the names that diffusers gives them today or gave them once.

use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::ModelError;
use super::plan::{Parameter, ParameterId};

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

    /// Reads exactly the `parameters` from a file's bytes; single and half precision are taken.
    ///
    /// # Errors
    /// A file that is cut short or damaged, lacks a tensor, has one too many, one of another shape, or one that is not finite.
    pub fn from_safetensors(parameters: &[Parameter], bytes: &[u8]) -> Result<Self, ModelError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| ModelError::Weights(error.to_string()))?;
        let mut unused: std::collections::BTreeSet<&str> = file.names().into_iter().collect();
        let mut found = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let old = old_name(&parameter.name);
            let names = [Some(&parameter.name), old.as_ref()].into_iter().flatten();
            let present: Vec<&String> = names.filter(|name| unused.remove(name.as_str())).collect();
            let name = present.first().ok_or_else(|| ModelError::Missing(parameter.name.clone()))?;
            let tensor = file.tensor(name).map_err(|error| ModelError::Weights(error.to_string()))?;
            found.push(read(parameter, &tensor)?);
        }
        match unused.first() {
            Some(name) => Err(ModelError::Superfluous((*name).to_owned())),
            None => Ok(Self(found)),
        }
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

fn read(parameter: &Parameter, tensor: &TensorView<'_>) -> Result<Vec<f32>, ModelError> {
    let bytes = tensor.data();
    let numbers: Option<Vec<f32>> = match tensor.dtype() {
        _ if tensor.shape() != parameter.shape => None,
        Dtype::F32 => Some(each(bytes, f32::from_le_bytes)),
        Dtype::F16 => Some(each(bytes, |two| f16::from_le_bytes(two).to_f32())),
        Dtype::BF16 => Some(each(bytes, |two| bf16::from_le_bytes(two).to_f32())),
        _ => None,
    };
    let name = || parameter.name.clone();
    let numbers = numbers.ok_or_else(|| ModelError::Shape {
        name: name(),
        found: format!("{:?} of shape {:?}", tensor.dtype(), tensor.shape()),
        wanted: format!("F32, F16 or BF16 of shape {:?}", parameter.shape),
    })?;
    if numbers.iter().all(|x| x.is_finite()) { Ok(numbers) } else { Err(ModelError::NotFinite(name())) }
}

fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| number(*bytes)).collect()
}
