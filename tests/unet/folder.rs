//! Models as files: the networks of models.json with weights in a closed form, which make_references.py computes alike.

use std::path::{Path, PathBuf};

use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use scorescope::unet::plan::Parameter;
use scorescope::unet::{Plan, UnetConfig};
use serde::Deserialize;
use serde_json::Value;

/// An entry of models.json.
#[derive(Deserialize)]
pub struct Model {
    pub name: String,
    /// n, h, w
    pub shape: [usize; 3],
    pub timestep: f32,
    #[serde(default)]
    pub half: bool,
    #[serde(default)]
    pub sampled: bool,
    pub config: Value,
}

pub fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/unet")
}

pub fn models() -> Vec<Model> {
    let text = std::fs::read_to_string(here().join("models.json")).expect("models.json is there");
    serde_json::from_str(&text).expect("models.json has this form")
}

pub fn model(name: &str) -> Model {
    models().into_iter().find(|model| model.name == name).expect("the model is listed")
}

impl Model {
    pub fn config(&self) -> UnetConfig {
        UnetConfig::from_json(&self.config.to_string()).expect("the configuration is one of diffusers'")
    }

    pub fn plan(&self) -> Plan {
        let [n, h, w] = self.shape;
        Plan::new(&self.config(), n, [h, w]).expect("the size is one the network takes")
    }

    /// Each parameter's numbers.
    pub fn weights(&self) -> Vec<Vec<f32>> {
        self.plan().parameters.iter().map(weight).collect()
    }

    pub fn image(&self) -> Vec<f32> {
        uniform("x", self.plan().shape(self.plan().input).len()).map(|x| x as f32).collect()
    }

    /// Writes config.json and the weights into `folder`, as single or half precision, by the names that `rename` gives.
    pub fn write(&self, folder: &Path, rename: impl Fn(&str) -> String) {
        std::fs::write(folder.join("config.json"), self.config.to_string()).expect("a temporary folder is written");
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = (self.plan().parameters.iter().zip(self.weights()))
            .map(|(parameter, numbers)| {
                let bytes = numbers.iter().flat_map(|x| {
                    if self.half { f16::from_f32(*x).to_le_bytes().to_vec() } else { x.to_le_bytes().to_vec() }
                });
                (rename(&parameter.name), parameter.shape.clone(), bytes.collect())
            })
            .collect();
        write_tensors(folder, if self.half { Dtype::F16 } else { Dtype::F32 }, &tensors);
    }
}

/// Writes tensors of one type as the weights of `folder`.
pub fn write_tensors(folder: &Path, dtype: Dtype, tensors: &[(String, Vec<usize>, Vec<u8>)]) {
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(dtype, shape.clone(), bytes).expect("the shape has as many numbers"))
    });
    let file = safetensors::serialize(views, None).expect("the tensors can be written");
    std::fs::write(folder.join("diffusion_pytorch_model.safetensors"), file).expect("a temporary folder is written");
}

/// Numbers in [-1, 1): splitmix64 of FNV-1a of the name, plus the index.
pub fn uniform(name: &str, count: usize) -> impl Iterator<Item = f64> + use<> {
    let fnv = |seed: u64, byte: &u8| (seed ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let seed = name.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    (1..=count as u64).map(move |i| {
        let z = seed.wrapping_add(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ (z >> 31);
        (z >> 40) as f64 / f64::from(1 << 23) - 1.0
    })
}

/// Matrices and kernels keep the size of what goes through them; the scales of normalisations are near 1.
fn weight(parameter: &Parameter) -> Vec<f32> {
    let Parameter { name, shape } = parameter;
    let of = |u: f64| {
        if name == "time_proj.weight" {
            16.0 * u
        } else if shape.len() > 1 {
            u * (3.0 / shape[1..].iter().product::<usize>() as f64).sqrt()
        } else if name.ends_with("weight") {
            1.0 + 0.3 * u
        } else {
            0.3 * u
        }
    };
    uniform(name, parameter.len()).map(|u| of(u) as f32).collect()
}
