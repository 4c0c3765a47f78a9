//! The same network layer by layer in candle: what `fused` computes, to be read, and to be checked against.

use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::{Linear, Module, ops::sigmoid};

use super::activation::Activation;
use super::mlp_config::{Embedding, MlpConfig, Parameterisation};
use super::objectives::Example;

/// s(x, σ) = skip (x − m) + out F(c (x − m), σ);   F: linear layers with an activation between them.
///
/// Of an energy network the layers answer one number, and F is its gradient.
pub struct ReferenceMlp {
    config: MlpConfig,
    layers: Vec<Linear>,
    parameters: Vec<Var>,
}

/// A batch as tensors: σ of shape (n, 1), the others (n, 2).
pub struct Batch {
    pub x: Tensor,
    pub sigma: Tensor,
    pub z: Tensor,
    pub v: Tensor,
    pub exact: Tensor,
}

impl Batch {
    pub fn of(examples: &[Example]) -> Result<Self> {
        let pairs = |of: fn(&Example) -> [f32; 2]| {
            Tensor::from_iter(examples.iter().flat_map(of), &Device::Cpu)?.reshape((examples.len(), 2))
        };
        let sigma = Tensor::from_iter(examples.iter().map(|e| e.sigma), &Device::Cpu)?.reshape((examples.len(), 1))?;
        Ok(Self { x: pairs(|e| e.x)?, sigma, z: pairs(|e| e.z)?, v: pairs(|e| e.v)?, exact: pairs(|e| e.exact)? })
    }

    /// The unit vector of one axis for each example.
    pub fn axis(&self, axis: usize) -> Result<Tensor> {
        axis_like(&self.x, axis)
    }
}

impl ReferenceMlp {
    /// `weights`: of each layer the matrix, shape (outputs, inputs) row-major, and the biases.
    pub fn new(config: MlpConfig, weights: impl IntoIterator<Item = (Vec<f32>, Vec<f32>)>) -> Result<Self> {
        let mut parameters = Vec::new();
        let mut parameter = |values: Vec<f32>, shape: &[usize]| -> Result<Tensor> {
            let var = Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)?;
            let tensor = var.as_tensor().clone();
            parameters.push(var);
            Ok(tensor)
        };
        let mut layers = Vec::new();
        for ((inputs, outputs), (weight, bias)) in config.layers().zip(weights) {
            layers.push(Linear::new(parameter(weight, &[outputs, inputs])?, Some(parameter(bias, &[outputs])?)));
        }
        Ok(Self { config, layers, parameters })
    }

    /// Weight and bias of each layer in turn.
    pub fn parameters(&self) -> &[Var] {
        &self.parameters
    }

    /// s(x, σ), shape (n, 2).
    pub fn score(&self, x: &Tensor, sigma: &Tensor) -> Result<Tensor> {
        let centred = self.centred(x)?;
        let (skip, out) = (self.skip(sigma)?, self.out(sigma)?);
        let f = if self.config.energy {
            let along = |axis: usize| self.along(x, &axis_like(x, axis)?, sigma);
            Tensor::cat(&[along(0)?, along(1)?], 1)?
        } else {
            self.answer(&self.inputs(x, sigma)?)?
        };
        centred.broadcast_mul(&skip)? + f.broadcast_mul(&out)?
    }

    /// s(x, σ) and ∇s(x, σ) v; not of an energy.
    pub fn score_and_slope(&self, x: &Tensor, v: &Tensor, sigma: &Tensor) -> Result<(Tensor, Tensor)> {
        let (skip, out) = (self.skip(sigma)?, self.out(sigma)?);
        let along_v = self.along(x, &v.broadcast_mul(&self.scale(sigma)?)?, sigma)?;
        let slope = (v.broadcast_mul(&skip)? + along_v.broadcast_mul(&out)?)?;
        Ok((self.score(x, sigma)?, slope))
    }

    /// The layers.
    fn answer(&self, inputs: &Tensor) -> Result<Tensor> {
        let mut h = inputs.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            h = layer.forward(&h)?;
            if i + 1 < self.layers.len() {
                h = activate(self.config.activation, &h)?.0;
            }
        }
        Ok(h)
    }

    /// How the layers' answer changes as their inputs move along `direction`: a tangent carried beside the values.
    fn along(&self, x: &Tensor, direction: &Tensor, sigma: &Tensor) -> Result<Tensor> {
        let mut h = self.inputs(x, sigma)?;
        let rest = Tensor::zeros((x.dim(0)?, self.config.embedding.len()), x.dtype(), x.device())?;
        let mut tangent = Tensor::cat(&[direction, &rest], 1)?;
        for (i, layer) in self.layers.iter().enumerate() {
            h = layer.forward(&h)?;
            tangent = tangent.matmul(&layer.weight().t()?)?;
            if i + 1 < self.layers.len() {
                let (value, slope) = activate(self.config.activation, &h)?;
                (h, tangent) = (value, (tangent * slope)?);
            }
        }
        Ok(tangent)
    }

    /// c (x − m), then σ as the embedding shows it.
    fn inputs(&self, x: &Tensor, sigma: &Tensor) -> Result<Tensor> {
        let mut inputs = vec![self.centred(x)?.broadcast_mul(&self.scale(sigma)?)?];
        match self.config.embedding {
            Embedding::LnSigma => inputs.push((sigma.log()? * 0.25)?),
            Embedding::Fourier => {
                for omega in [0.25, 0.5, 1.0, 2.0, 4.0, 8.0] {
                    let angle = (sigma.log()? * omega)?;
                    inputs.extend([angle.sin()?, angle.cos()?]);
                }
            }
            Embedding::None => {}
        }
        Tensor::cat(&inputs, D::Minus1)
    }

    fn centred(&self, x: &Tensor) -> Result<Tensor> {
        match self.config.parameterisation {
            Parameterisation::Plain => Ok(x.clone()),
            _ => x.broadcast_sub(&Tensor::new(&self.config.centre, x.device())?),
        }
    }

    /// c = 1/√(σ² + d²)
    fn scale(&self, sigma: &Tensor) -> Result<Tensor> {
        match self.config.parameterisation {
            Parameterisation::Plain => sigma.ones_like(),
            _ => (sigma.sqr()? + f64::from(self.config.scale).powi(2))?.sqrt()?.recip(),
        }
    }

    /// (c_skip − 1)/σ² of Karras et al., which is −1/(σ² + d²); nothing otherwise.
    fn skip(&self, sigma: &Tensor) -> Result<Tensor> {
        match self.config.parameterisation {
            Parameterisation::Edm => self.scale(sigma)?.sqr()?.neg(),
            _ => sigma.zeros_like(),
        }
    }

    fn out(&self, sigma: &Tensor) -> Result<Tensor> {
        match self.config.parameterisation {
            Parameterisation::Ncsnv2 => sigma.recip(),
            Parameterisation::Epsilon => sigma.recip()?.neg(),
            // c_out/σ² = d / (σ √(σ² + d²))
            Parameterisation::Edm => (self.scale(sigma)? / sigma)? * f64::from(self.config.scale),
            Parameterisation::Plain => sigma.ones_like(),
        }
    }
}

/// The unit vector of one axis for each point of `x`.
fn axis_like(x: &Tensor, axis: usize) -> Result<Tensor> {
    let unit = [[1.0f32, 0.0], [0.0, 1.0]][axis];
    Tensor::new(&unit, x.device())?.broadcast_as(x.shape())
}

/// φ(x) and φ'(x), of operations that candle can differentiate once more.
fn activate(activation: Activation, x: &Tensor) -> Result<(Tensor, Tensor)> {
    match activation {
        Activation::Silu => {
            let g = sigmoid(x)?;
            let slope = (&g * ((x * g.affine(-1.0, 1.0)?)? + 1.0)?)?;
            Ok(((x * g)?, slope))
        }
        Activation::Softplus => {
            // ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)
            let value = (x.relu()? + ((x.abs()?.neg()?.exp()? + 1.0)?.log()?))?;
            Ok((value, sigmoid(x)?))
        }
        Activation::Tanh => {
            let t = x.tanh()?;
            let slope = t.sqr()?.affine(-1.0, 1.0)?;
            Ok((t, slope))
        }
        Activation::Gelu => {
            let c = (2.0 / std::f64::consts::PI).sqrt();
            let t = ((x + (x.powf(3.0)? * 0.044_715)?)? * c)?.tanh()?;
            let inner = (x.sqr()?.affine(3.0 * 0.044_715 * c, c)? * t.sqr()?.affine(-1.0, 1.0)?)?;
            let slope = (t.affine(0.5, 0.5)? + ((x * inner)? * 0.5)?)?;
            Ok(((x * t.affine(0.5, 0.5)?)?, slope))
        }
    }
}
