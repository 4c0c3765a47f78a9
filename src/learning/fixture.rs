//! Small networks whose weights are a formula, and a batch, so that the tests and PyTorch can both build them.

use std::convert::Infallible;
use std::sync::Arc;

use super::objectives::{Example, OBJECTIVES};
use super::reference::ReferenceMlp;
use super::{Activation, Embedding, MlpConfig, Parameterisation, Rate, ScoreMlp, SigmaLaw, Trainer, TrainingConfig};
use crate::distributions::{Component, GaussianMixture};
use crate::noise::{Noise, Purpose};
use crate::schedules::Ladder;

/// What the PyTorch lines below build, by default: inputs → 20 → 20 → 2, m = (1, −2), d = 1.5. (20 is no multiple of a vector.)
///
/// ```python
/// def fill(n, k):
///     return torch.tensor([0.3 * sin(0.7 * i + k) for i in range(n)], dtype=torch.float64)
/// m, d = torch.tensor([1.0, -2.0], dtype=torch.float64), 1.5
/// acts = dict(silu=F.silu, softplus=F.softplus, tanh=torch.tanh, gelu=lambda h: F.gelu(h, approximate="tanh"))
/// def make(act, emb, par, energy):
///     inputs = 2 + {"ln-sigma": 1, "fourier": 12, "none": 0}[emb]
///     layers = []
///     for k, (i, o) in enumerate([(inputs, 20), (20, 20), (20, 1 if energy else 2)]):
///         layers.append((fill(o * i, k).reshape(o, i).requires_grad_(), fill(o, k + 10.0).requires_grad_()))
///     def net(u, s):
///         e = {"ln-sigma": lambda: [torch.log(s) / 4], "none": lambda: [],
///              "fourier": lambda: [f(w * torch.log(s)) for w in (.25, .5, 1, 2, 4, 8) for f in (torch.sin, torch.cos)]}[emb]()
///         h = torch.cat([u] + e, 1)
///         for i, (w, b) in enumerate(layers):
///             h = F.linear(h, w, b)
///             if i < 2: h = acts[act](h)
///         return h
///     def score(x, s):
///         r = torch.sqrt(d * d + s**2)
///         u = x if par == "plain" else (x - m) / r
///         f = torch.autograd.grad(net(u, s).sum(), u, create_graph=True)[0] if energy else net(u, s)
///         if par == "ncsnv2": return f / s
///         if par == "epsilon": return -f / s
///         if par == "plain": return f
///         denoised = m + d * d / (s**2 + d * d) * (x - m) + s * d / r * f
///         return (denoised - x) / s**2
///     return layers, score
/// ```
pub fn config() -> MlpConfig {
    MlpConfig {
        width: 20,
        hidden: 2,
        activation: Activation::Silu,
        embedding: Embedding::LnSigma,
        parameterisation: Parameterisation::Ncsnv2,
        energy: false,
        centre: [1.0, -2.0],
        scale: 1.5,
    }
}

/// The network of a configuration.
pub fn network(config: MlpConfig) -> ScoreMlp {
    let mut weights = weights(&config).into_iter();
    let layer = |_, _: &_| Ok::<_, Infallible>(weights.next().expect("one for each layer"));
    ScoreMlp::with(config, layer).unwrap_or_else(|never| match never {})
}

/// The same in tensors.
pub fn reference(config: MlpConfig) -> ReferenceMlp {
    let weights = weights(&config);
    ReferenceMlp::new(config, weights).expect("a network")
}

fn weights(config: &MlpConfig) -> Vec<(Vec<f32>, Vec<f32>)> {
    let layer = |(k, (inputs, outputs)): (u8, (usize, usize))| {
        (fill(outputs * inputs, k.into()), fill(outputs, f64::from(k) + 10.0))
    };
    (0u8..).zip(config.layers()).map(layer).collect()
}

/// A batch of three:
/// ```python
/// x = torch.tensor([[0.5, -1.0], [3.0, 2.0], [-4.0, 0.25]], dtype=torch.float64)
/// sigma = torch.tensor([[0.1], [1.0], [7.5]], dtype=torch.float64)
/// z = torch.tensor([[0.2, -1.3], [0.9, 0.4], [-0.6, 1.1]], dtype=torch.float64)
/// v = torch.tensor([[1.2, 0.3], [-0.5, 0.8], [0.1, -1.7]], dtype=torch.float64)
/// exact = torch.tensor([[-0.4, 0.6], [0.2, -0.1], [0.05, 0.3]], dtype=torch.float64)
/// ```
pub const BATCH: [Example; 3] = [
    Example { x: [0.5, -1.0], sigma: 0.1, z: [0.2, -1.3], v: [1.2, 0.3], exact: [-0.4, 0.6] },
    Example { x: [3.0, 2.0], sigma: 1.0, z: [0.9, 0.4], v: [-0.5, 0.8], exact: [0.2, -0.1] },
    Example { x: [-4.0, 0.25], sigma: 7.5, z: [-0.6, 1.1], v: [0.1, -1.7], exact: [0.05, 0.3] },
];

#[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
fn fill(count: usize, k: f64) -> Vec<f32> {
    (0u32..).take(count).map(|i| (0.3 * (0.7 * f64::from(i) + k).sin()) as f32).collect()
}

/// A fresh training of a small network on two modes: dsm, batch 200, σ log-uniform from 0.5 to 5.
pub fn trainer() -> Trainer {
    let modes = [Component::round(0.8, [5.0, 5.0], 1.0), Component::round(0.2, [-5.0, -5.0], 1.0)];
    let data = GaussianMixture::new(&modes).expect("a legal mixture");
    let config = TrainingConfig {
        objective: OBJECTIVES[0],
        weighting: 2.0,
        batch: 200,
        learning_rate: 1e-3,
        rate: Rate::default(),
        weight_decay: 0.01,
        clip: None,
        ema: 0.99,
        ladder: Ladder::geometric(5.0, 0.5, 5).expect("a legal ladder"),
        sigmas: SigmaLaw::LogUniform,
    };
    let network = MlpConfig { centre: [3.0, 3.0], scale: 4.1, ..super::fixture::config() };
    Trainer::new(Arc::new(data), network, config, 1).expect("a trainer")
}

/// `length` normal numbers.
pub fn random(seed: u64, length: usize) -> Vec<f32> {
    let mut values = vec![0.0; length];
    Noise::new(seed).normals(Purpose::Data, 0, 0, 1, &mut values);
    values
}
