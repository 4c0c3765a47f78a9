//! The shape of a score network: layers, how σ is seen, and how the score is made of what the layers answer.

use serde::{Deserialize, Serialize};

use super::activation::Activation;
use crate::lanes::ln;

/// How the network is told σ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Embedding {
    /// ¼ ln σ   (c_noise of Karras et al. 2022, Table 1)
    #[default]
    LnSigma,
    /// sin and cos of ω ln σ, ω = ¼, ½, 1, 2, 4, 8: Fourier features (Tancik et al. 2020), here of fixed frequencies
    Fourier,
    /// Not at all: one field for every σ
    None,
}

/// Angular frequencies of the Fourier embedding, per nat of σ: the lowest never repeats between σ = 1e-5 and 1e5.
const FREQUENCIES: [f32; 6] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

impl Embedding {
    /// How many numbers the network sees of σ.
    pub(super) const fn len(self) -> usize {
        match self {
            Self::LnSigma => 1,
            Self::Fourier => 2 * FREQUENCIES.len(),
            Self::None => 0,
        }
    }

    /// Writes them.
    pub(super) fn write(self, sigma: f32, out: &mut [f32]) {
        match self {
            Self::LnSigma => out[0] = 0.25 * ln(sigma),
            Self::Fourier => {
                for (out, omega) in out.chunks_exact_mut(2).zip(FREQUENCIES) {
                    (out[0], out[1]) = (omega * ln(sigma)).sin_cos();
                }
            }
            Self::None => {}
        }
    }
}

/// How the score is made of the network's answer F(c (x − m), σ), m and d being mean and standard deviation of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parameterisation {
    /// s = F/σ: technique 3 of Song & Ermon 2020
    #[default]
    Ncsnv2,
    /// s = −F/σ, so that F predicts the noise: Ho, Jain & Abbeel 2020
    Epsilon,
    /// x + σ²s = m + c_skip (x − m) + c_out F: Karras et al. 2022, Table 1
    Edm,
    /// s = F, and the inputs as they are, c = 1, m = 0
    Plain,
}

/// s = skip (x − m) + out F(c (x − m), σ) at one σ
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// m
    pub centre: [f32; 2],
    /// c
    pub input: f32,
    /// The score's own part of x, in units 1/x².
    pub skip: f32,
    /// The part of F, in units 1/x.
    pub output: f32,
}

/// The shape of a score network and the scale of the data it is made for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlpConfig {
    /// Neurons per hidden layer.
    pub width: usize,
    /// Hidden layers.
    pub hidden: usize,
    /// Between the layers.
    #[serde(default)]
    pub activation: Activation,
    /// How σ is seen.
    #[serde(default)]
    pub embedding: Embedding,
    /// How the score is made of the answer.
    #[serde(default)]
    pub parameterisation: Parameterisation,
    /// Whether the layers answer one number whose gradient is F: such a field is conservative, s = −∇E.
    #[serde(default)]
    pub energy: bool,
    /// E x of the data.
    pub centre: [f32; 2],
    /// Standard deviation of the data per coordinate.
    pub scale: f32,
}

impl MlpConfig {
    /// (inputs, outputs) of every layer, in order.
    pub(super) fn layers(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Self { width, hidden, .. } = *self;
        let (inputs, outputs) = (self.inputs(), if self.energy { 1 } else { 2 });
        (0..=hidden).map(move |i| (if i == 0 { inputs } else { width }, if i == hidden { outputs } else { width }))
    }

    /// Numbers that the first layer sees of a point.
    pub(super) const fn inputs(&self) -> usize {
        2 + self.embedding.len()
    }

    /// How the score at `sigma` is made.
    #[must_use]
    pub fn scaling(&self, sigma: f32) -> Scaling {
        let (centre, input) = (self.centre, 1.0 / (self.scale * self.scale + sigma * sigma).sqrt());
        match self.parameterisation {
            Parameterisation::Ncsnv2 => Scaling { centre, input, skip: 0.0, output: 1.0 / sigma },
            Parameterisation::Epsilon => Scaling { centre, input, skip: 0.0, output: -1.0 / sigma },
            // (c_skip − 1)/σ² and c_out/σ²
            Parameterisation::Edm => {
                Scaling { centre, input, skip: -input * input, output: self.scale * input / sigma }
            }
            Parameterisation::Plain => Scaling { centre: [0.0; 2], input: 1.0, skip: 0.0, output: 1.0 },
        }
    }

    /// Whether there is a score at `sigma`: only a plain network without embedding has one at σ = 0.
    #[must_use]
    pub fn takes(&self, sigma: f32) -> bool {
        sigma > 0.0 || (self.parameterisation == Parameterisation::Plain && self.embedding == Embedding::None)
    }
}
