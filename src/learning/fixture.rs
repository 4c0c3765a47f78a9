//! A small network whose weights are a formula, so that the tests and PyTorch can both build it.

use candle_core::{Device, Tensor, Var};
use candle_nn::Linear;

use super::{MlpConfig, ScoreMlp};

/// What the PyTorch lines below build: 3 → 16 → 16 → 2, m = (1, −2), d = 1.5; and its parameters, weight and bias in turn.
///
/// ```python
/// def fill(n, k):
///     return torch.tensor([0.3 * sin(0.7 * i + k) for i in range(n)], dtype=torch.float64)
/// layers = []
/// for k, (i, o) in enumerate([(3, 16), (16, 16), (16, 2)]):
///     layers.append((fill(o * i, k).reshape(o, i).requires_grad_(), fill(o, k + 10.0).requires_grad_()))
/// m, d = torch.tensor([1.0, -2.0], dtype=torch.float64), 1.5
/// def net(x, sigma):
///     h = torch.cat([(x - m) / torch.sqrt(d * d + sigma**2), torch.log(sigma) / 4], 1)
///     for i, (w, b) in enumerate(layers):
///         h = F.linear(h, w, b)
///         if i < 2: h = F.silu(h)
///     return h
/// x = torch.tensor([[0.5, -1.0], [3.0, 2.0], [-4.0, 0.25]], dtype=torch.float64)
/// sigma = torch.tensor([[0.1], [1.0], [7.5]], dtype=torch.float64)
/// z = torch.tensor([[0.2, -1.3], [0.9, 0.4], [-0.6, 1.1]], dtype=torch.float64)
/// ```
pub fn network() -> (ScoreMlp, Vec<Var>) {
    let config = MlpConfig { width: 16, hidden: 2, centre: [1.0, -2.0], scale: 1.5 };
    let mut parameters = Vec::new();
    let mut parameter = |values: Vec<f32>, shape: &[usize]| {
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("the shape holds the values");
        parameters.push(Var::from_tensor(&tensor).expect("a variable"));
        parameters[parameters.len() - 1].as_tensor().clone()
    };
    let mut layers = Vec::new();
    for (k, (inputs, outputs)) in (0u8..).zip(config.layers()) {
        let weight = parameter(fill(outputs * inputs, k.into()), &[outputs, inputs]);
        let bias = parameter(fill(outputs, f64::from(k) + 10.0), &[outputs]);
        layers.push(Linear::new(weight, Some(bias)));
    }
    (ScoreMlp { config, layers }, parameters)
}

/// x, σ and z of the PyTorch lines: shapes (3, 2), (3, 1), (3, 2).
pub fn batch() -> [Tensor; 3] {
    let x = [[0.5f32, -1.0], [3.0, 2.0], [-4.0, 0.25]];
    let z = [[0.2f32, -1.3], [0.9, 0.4], [-0.6, 1.1]];
    let tensor = |tensor: candle_core::Result<Tensor>| tensor.expect("a batch");
    let device = &Device::Cpu;
    [
        tensor(Tensor::new(&x, device)),
        tensor(Tensor::new(&[[0.1f32], [1.0], [7.5]], device)),
        tensor(Tensor::new(&z, device)),
    ]
}

#[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
fn fill(count: usize, k: f64) -> Vec<f32> {
    (0u16..).take(count).map(|i| (0.3 * (0.7 * f64::from(i) + k).sin()) as f32).collect()
}
