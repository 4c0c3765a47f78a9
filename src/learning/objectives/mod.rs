//! What a network is asked to minimise. Each objective is a pure function of what the network answers and of (x, σ, z):
//! once with its gradient, for training, and once in tensors, to be read and to be checked against.

mod dsm;
mod esm;
mod ism;
mod ssm;
mod ssm_vr;

use candle_core::{Result, Tensor};

use super::reference::{Batch, ReferenceMlp};

/// One example of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Example {
    /// A point of the data, noised: x + σz.
    pub x: [f32; 2],
    /// σ
    pub sigma: f32,
    /// The noise z of the point, standard normal.
    pub z: [f32; 2],
    /// The projection v of sliced objectives, standard normal.
    pub v: [f32; 2],
    /// s*(x, σ), where the objective wants it.
    pub exact: [f32; 2],
}

/// What the network answers for an example; or a loss's gradient by it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Answer {
    /// s(x, σ)
    pub score: [f32; 2],
    /// ∇s d for each direction d of the objective.
    pub slopes: [[f32; 2]; 2],
}

/// Along what an objective wants to know how the score changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directions {
    /// Nothing: the score alone.
    None,
    /// Both axes, for the trace.
    Axes,
    /// The example's projection v.
    Projection,
}

impl Directions {
    /// How many there are.
    pub(super) const fn len(self) -> usize {
        match self {
            Self::None => 0,
            Self::Projection => 1,
            Self::Axes => 2,
        }
    }

    /// Those of one example.
    pub(super) const fn of(self, example: &Example) -> [[f32; 2]; 2] {
        match self {
            Self::None | Self::Axes => [[1.0, 0.0], [0.0, 1.0]],
            Self::Projection => [example.v, [0.0; 2]],
        }
    }
}

/// An objective, and what lists know of it.
pub struct Objective {
    /// Its name in scenario files.
    pub name: &'static str,
    /// What it asks for, in one sentence.
    pub description: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// Along what the score's slope is wanted.
    pub(super) directions: Directions,
    /// Whether it wants the exact score.
    pub(super) wants_exact: bool,
    /// The loss of one example, unweighted, and its gradient by the answer.
    pub(super) loss: fn(&Example, &Answer) -> (f32, Answer),
    /// The same in tensors: losses of a batch, shape (n).
    pub(super) reference: fn(&ReferenceMlp, &Batch) -> Result<Tensor>,
}

impl std::fmt::Debug for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Objective {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Objective {
    /// The one of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        OBJECTIVES.iter().copied().find(|objective| objective.name == name)
    }

    /// Whether it can train an energy: the score of an energy is a slope already, and of slopes of slopes there are none.
    #[must_use]
    pub fn trains_energies(&self) -> bool {
        self.directions == Directions::None
    }
}

/// Every objective there is; the first is the default.
pub const OBJECTIVES: &[&Objective] = &[&dsm::DSM, &ism::ISM, &ssm::SSM, &ssm_vr::SSM_VR, &esm::ESM];

fn dot(a: [f32; 2], b: [f32; 2]) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::fixture;
    use crate::learning::fused::{Room, Turned};
    use crate::learning::shard::loss_and_gradient;
    use crate::learning::{Activation, Embedding, MlpConfig, Parameterisation, ScoreMlp};
    use crate::samplers::Serial;

    /// PyTorch 2.15, float64, on the networks and the batch of `fixture.rs`: loss, length of its gradient, and the gradient's
    /// projection on cos(i/10), i counting all parameters (weight, bias, weight, …).
    /// ```python
    /// def losses(objective, score):
    ///     xs = x.clone().requires_grad_()
    ///     s = score(xs, sigma)
    ///     row = lambda i: torch.autograd.grad(s[:, i].sum(), xs, create_graph=True)[0]
    ///     if objective == "dsm": return 0.5 * ((s + z / sigma) ** 2).sum(1)
    ///     if objective == "esm": return 0.5 * ((s - exact) ** 2).sum(1)
    ///     if objective == "ism": return row(0)[:, 0] + row(1)[:, 1] + 0.5 * (s**2).sum(1)
    ///     vjv = (v * torch.stack([(row(0) * v).sum(1), (row(1) * v).sum(1)], 1)).sum(1)
    ///     return vjv + 0.5 * ((v * s).sum(1) ** 2 if objective == "ssm" else (s**2).sum(1))
    /// loss = (sigma[:, 0] ** 2 * losses(objective, score)).mean()
    /// loss.backward()
    /// g = torch.cat([t.grad.flatten() for pair in layers for t in pair])
    /// print(loss.item(), g.norm().item(), sum(gi * cos(0.1 * i) for i, gi in enumerate(g.tolist())))
    /// ```
    type Case = (&'static str, Activation, Embedding, Parameterisation, bool, [f64; 3]);
    #[rustfmt::skip]
    const CASES: &[Case] = &[
    ("dsm", Activation::Silu, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.789_739_964_138, 0.641_923_265_903, -0.190_890_311_965]),
        ("ism", Activation::Silu, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.154_052_092_13, 0.787_080_690_668, 0.072_751_342_66]),
        ("ssm", Activation::Silu, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.107_318_253_177, 0.665_283_718_456, -0.046_292_805_213_2]),
        ("ssm-vr", Activation::Silu, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.156_448_418_451, 0.825_186_556_302, 0.171_198_649_752]),
        ("esm", Activation::Silu, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.989_237_775_914, 1.271_007_324_61, 0.979_813_605_429]),
        ("dsm", Activation::Softplus, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.702_570_423_727, 0.426_764_132_135, -0.657_820_571_125]),
        ("ism", Activation::Softplus, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.040_741_814_998_7, 1.044_544_755_35, -1.147_104_355_17]),
        ("dsm", Activation::Tanh, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [1.009_341_928_17, 2.279_271_838_77, 0.485_468_004_525]),
        ("ism", Activation::Tanh, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.455_751_108_534, 2.595_789_605_74, 0.618_624_770_84]),
        ("dsm", Activation::Gelu, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.774_581_105_283, 0.615_522_396_134, -0.488_159_636_016]),
        ("ism", Activation::Gelu, Embedding::LnSigma, Parameterisation::Ncsnv2, false, [0.129_253_673_034, 0.742_926_462_858, -0.079_216_954_246_5]),
        ("dsm", Activation::Silu, Embedding::Fourier, Parameterisation::Ncsnv2, false, [0.779_283_511_882, 0.777_589_924_994, 0.229_696_856_295]),
        ("ism", Activation::Silu, Embedding::Fourier, Parameterisation::Ncsnv2, false, [0.151_143_227_161, 0.837_333_935_576, -0.132_004_172_978]),
        ("dsm", Activation::Silu, Embedding::None, Parameterisation::Plain, false, [4.991_772_259_6, 20.324_857_749_9, -2.962_051_359_36]),
        ("ism", Activation::Silu, Embedding::None, Parameterisation::Plain, false, [3.158_708_644_13, 19.240_400_682_6, -6.842_517_877_5]),
        ("dsm", Activation::Silu, Embedding::LnSigma, Parameterisation::Epsilon, false, [0.942_917_401_699, 0.974_355_222_24, 0.413_782_946_627]),
        ("ism", Activation::Silu, Embedding::LnSigma, Parameterisation::Epsilon, false, [0.155_271_940_373, 0.773_854_728_062, 0.150_141_292_002]),
        ("dsm", Activation::Silu, Embedding::LnSigma, Parameterisation::Edm, false, [0.439_617_736_593, 0.773_387_739_054, 0.572_077_981_362]),
        ("ism", Activation::Silu, Embedding::LnSigma, Parameterisation::Edm, false, [-0.367_723_290_896, 0.710_360_484_366, 0.524_827_515_604]),
        ("dsm", Activation::Silu, Embedding::LnSigma, Parameterisation::Ncsnv2, true, [0.710_723_967_349, 0.067_364_926_536, -0.126_648_864_861]),
        ("dsm", Activation::Softplus, Embedding::Fourier, Parameterisation::Edm, true, [0.545_831_399_015, 0.125_427_152_924, -0.002_976_945_777_38]),
    ];

    fn config(&(_, activation, embedding, parameterisation, energy, _): &Case) -> MlpConfig {
        MlpConfig { activation, embedding, parameterisation, energy, ..fixture::config() }
    }

    fn objective(case: &Case) -> &'static Objective {
        Objective::find(case.0).expect("it is in the list")
    }

    /// The mean of σ² ℓ over the batch, and its gradient in PyTorch's order, by the fused layers.
    fn fused(objective: &Objective, network: &ScoreMlp) -> (f64, Vec<f64>) {
        let (mut room, mut turned) = (Room::default(), Turned::default());
        let mut gradient = vec![0.0; network.parameters().len()];
        network.fused().turn(network.parameters(), &mut turned, &Serial);
        let share = |sigma: f32| sigma * sigma / 3.0;
        let batch = &fixture::BATCH;
        let loss = loss_and_gradient(network, &turned, objective, batch, &mut room, &mut gradient, share);
        let layers = network.layers_of(&gradient);
        (loss, layers.into_iter().flat_map(|(weights, biases)| [weights, biases].concat()).map(f64::from).collect())
    }

    /// The same by tensors.
    fn by_tensors(objective: &Objective, network: &ReferenceMlp) -> Result<(f64, Vec<f64>)> {
        let batch = Batch::of(&fixture::BATCH)?;
        let losses = (objective.reference)(network, &batch)?;
        let loss = (losses * batch.sigma.sqr()?.squeeze(1)?)?.mean(0)?;
        let gradients = loss.backward()?;
        let mut flat = Vec::new();
        for parameter in network.parameters() {
            let gradient = gradients.get(parameter).map_or_else(|| parameter.zeros_like(), |g| Ok(g.clone()))?;
            flat.extend(gradient.flatten_all()?.to_vec1::<f32>()?.into_iter().map(f64::from));
        }
        Ok((loss.to_scalar::<f32>()?.into(), flat))
    }

    fn length(v: &[f64]) -> f64 {
        v.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    /// Tolerances: 1e-5 of a loss of order one and 2e-5 of the gradient's length; f32 has 6e-8, a few hundred terms are added,
    /// and at σ = 0.1 second derivatives weigh a hundred times.
    #[test]
    fn every_objective_has_the_loss_and_the_gradient_that_pytorch_has() {
        for case in CASES {
            let [loss, norm, projection] = case.5;
            let found = fused(objective(case), &fixture::network(config(case)));
            let tensors = by_tensors(objective(case), &fixture::reference(config(case))).expect("a gradient");
            for (name, (found, gradient)) in [("fused", &found), ("tensors", &tensors)] {
                assert!((found - loss).abs() < 1e-5 * (1.0 + loss.abs()), "{name}, {case:?}: loss {found}");
                let on_cosines = |(i, g): (u16, &f64)| g * (0.1 * f64::from(i)).cos();
                let projected: f64 = (0..).zip(gradient).map(on_cosines).sum();
                assert!((length(gradient) - norm).abs() < 2e-5 * norm, "{name}, {case:?}: length {}", length(gradient));
                assert!((projected - projection).abs() < 2e-4 * norm, "{name}, {case:?}: projection {projected}");
            }
            let apart = found.1.iter().zip(&tensors.1).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(found.1.len() == tensors.1.len() && apart < 1e-4 * norm, "{case:?}: {apart} apart");
        }
    }

    /// Widths whose rows are padded in other ways, and sums that are made in parts: against tensors, 1e-4 of the gradient.
    #[test]
    fn wide_networks_agree_with_tensors_too() {
        for width in [64, 128, 150, 256] {
            let config = MlpConfig { width, hidden: 3, ..fixture::config() };
            for objective in [&dsm::DSM, &ism::ISM] {
                let found = fused(objective, &fixture::network(config.clone()));
                let expected = by_tensors(objective, &fixture::reference(config.clone())).expect("a gradient");
                assert!(
                    (found.0 - expected.0).abs() < 1e-4 * (1.0 + expected.0.abs()),
                    "{width}: {} {}",
                    found.0,
                    expected.0
                );
                let apart: Vec<f64> = found.1.iter().zip(&expected.1).map(|(a, b)| a - b).collect();
                assert!(length(&apart) < 1e-4 * length(&expected.1), "{width} {objective:?}: {}", length(&apart));
            }
        }
    }

    /// Along its own gradient the slope of a loss is the gradient's length. Step 0.02 of a gradient of order 1: the loss's
    /// rounding leaves 1e-7 / 0.02, the curvature about 0.02²: 1e-3 together.
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    fn every_gradient_passes_central_differences() {
        for case in CASES.iter().filter(|case| case.3 != Parameterisation::Plain) {
            let network = fixture::network(config(case));
            let layers = |flat: &[f64]| {
                let mut rest = flat.iter().map(|v| *v as f32);
                let take = |_, layer: &crate::learning::fused::Layer| {
                    let weights = rest.by_ref().take(layer.inputs * layer.outputs).collect();
                    Ok::<_, std::convert::Infallible>((weights, rest.by_ref().take(layer.outputs).collect()))
                };
                ScoreMlp::with(config(case), take).unwrap_or_else(|never| match never {})
            };
            let (_, gradient) = fused(objective(case), &network);
            let start = network.layers_of(network.parameters()).into_iter();
            let start: Vec<f64> =
                start.flat_map(|(weights, biases)| [weights, biases].concat()).map(f64::from).collect();
            let norm = length(&gradient);
            let at = |h: f64| {
                let moved: Vec<f64> = start.iter().zip(&gradient).map(|(p, g)| p + h * g / norm).collect();
                fused(objective(case), &layers(&moved)).0
            };
            let slope = (at(0.02) - at(-0.02)) / 0.04;
            assert!((slope - norm).abs() < 1e-3 * (1.0 + norm), "{case:?}: {slope}, not {norm}");
        }
    }
}
