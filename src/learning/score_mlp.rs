//! The network of the 2-D toys: a multilayer perceptron that answers for every noise level at once.

use candle_core::{D, Device, Result, Tensor};
use candle_nn::{
    Linear, Module,
    ops::{sigmoid, silu},
};
use serde::{Deserialize, Serialize};

use crate::noise::{Noise, Purpose};
use crate::score::Score;

/// Numbers that the network sees per point: two coordinates and the embedded σ.
const INPUTS: usize = 3;
const OUTPUTS: usize = 2;

/// The shape of a [`ScoreMlp`] and the scale of the data it is made for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlpConfig {
    /// Neurons per hidden layer.
    pub width: usize,
    /// Hidden layers.
    pub hidden: usize,
    /// E x of the data.
    pub centre: [f32; 2],
    /// Standard deviation of the data per coordinate.
    pub scale: f32,
}

impl MlpConfig {
    /// (inputs, outputs) of every layer, in order.
    pub(super) fn layers(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Self { width, hidden, .. } = *self;
        (0..=hidden).map(move |i| (if i == 0 { INPUTS } else { width }, if i == hidden { OUTPUTS } else { width }))
    }
}

/// s(x, σ) = net((x − m) / √(d² + σ²), ¼ ln σ) / σ,   m and d: mean and standard deviation of the data
///
/// The division by σ is NCSNv2's technique 3 (Song & Ermon 2020); scaling of the inputs as in EDM (Karras et al. 2022, Table 1).
#[derive(Clone, Debug)]
pub struct ScoreMlp {
    pub(super) config: MlpConfig,
    pub(super) layers: Vec<Linear>,
}

impl ScoreMlp {
    /// A fresh network: weights and biases uniform in ±1/√inputs (PyTorch's default), by the seed.
    #[expect(clippy::cast_precision_loss, reason = "layer widths are small")]
    pub(super) fn fresh(config: MlpConfig, noise: &Noise, tensor: impl Fn(Tensor) -> Result<Tensor>) -> Result<Self> {
        let layer = |(index, (inputs, outputs)): (u32, (usize, usize))| {
            let bound = 1.0 / (inputs as f32).sqrt();
            let mut values = vec![0.0; outputs * inputs + outputs];
            noise.uniform(Purpose::Weights, index, 0, &mut values);
            values.iter_mut().for_each(|u| *u = bound * (2.0 * *u - 1.0));
            let bias = values.split_off(outputs * inputs);
            let weight = tensor(Tensor::from_vec(values, (outputs, inputs), &Device::Cpu)?)?;
            Ok(Linear::new(weight, Some(tensor(Tensor::from_vec(bias, outputs, &Device::Cpu)?)?)))
        };
        let layers = (0..).zip(config.layers()).map(layer).collect::<Result<_>>()?;
        Ok(Self { config, layers })
    }

    /// The shape it has.
    #[must_use]
    pub const fn config(&self) -> &MlpConfig {
        &self.config
    }

    /// σ s(x, σ): shape (n, 2) for `x` of shape (n, 2) and `sigma` of shape (n, 1).
    pub(super) fn sigma_times_score(&self, x: &Tensor, sigma: &Tensor) -> Result<Tensor> {
        let centre = Tensor::new(&self.config.centre, x.device())?;
        let scaled = x.broadcast_sub(&centre)?.broadcast_div(&self.scale(sigma)?)?;
        let mut h = Tensor::cat(&[scaled, (sigma.log()? * 0.25)?], D::Minus1)?;
        for (i, layer) in self.layers.iter().enumerate() {
            h = layer.forward(&h)?;
            if i + 1 < self.layers.len() {
                h = silu(&h)?;
            }
        }
        Ok(h)
    }

    /// σ ∇s(x, σ) v: the same layers, carrying a tangent forward beside the values.
    fn sigma_times_tangent(&self, x: &Tensor, v: &Tensor, sigma: &Tensor) -> Result<Tensor> {
        let (centre, scale) = (Tensor::new(&self.config.centre, x.device())?, self.scale(sigma)?);
        let scaled = x.broadcast_sub(&centre)?.broadcast_div(&scale)?;
        let mut h = Tensor::cat(&[scaled, (sigma.log()? * 0.25)?], D::Minus1)?;
        let mut tangent = Tensor::cat(&[v.broadcast_div(&scale)?, sigma.zeros_like()?], D::Minus1)?;
        for (i, layer) in self.layers.iter().enumerate() {
            h = layer.forward(&h)?;
            tangent = tangent.matmul(&layer.weight().t()?)?;
            if i + 1 < self.layers.len() {
                // silu'(h) = g (1 + h (1 − g)),   g = 1 / (1 + e^−h)
                let gate = sigmoid(&h)?;
                let slope = (&gate * ((&h * gate.affine(-1.0, 1.0)?)? + 1.0)?)?;
                tangent = (tangent * slope)?;
                h = (h * gate)?;
            }
        }
        Ok(tangent)
    }

    /// √(d² + σ²)
    fn scale(&self, sigma: &Tensor) -> Result<Tensor> {
        (sigma.sqr()? + f64::from(self.config.scale * self.config.scale))?.sqrt()
    }

    /// Writes what `network` makes of points `x` at one σ, divided by σ.
    fn evaluate(
        x: &[f32],
        sigma: f32,
        out: &mut [f32],
        network: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<()> {
        let points = x.len() / 2;
        let sigmas = Tensor::full(sigma, (points, 1), &Device::Cpu)?;
        let net = network(&Tensor::from_slice(x, (points, 2), &Device::Cpu)?, &sigmas)?;
        let values = net.flatten_all()?.to_vec1::<f32>()?;
        out.iter_mut().zip(values).for_each(|(out, net)| *out = net / sigma);
        Ok(())
    }
}

impl Score for ScoreMlp {
    /// # Panics
    /// Never for the shapes that the trait asks for: the layers fit each other by construction.
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        if !x.is_empty() {
            // The layers were made, or checked when read, to follow one another; sizes of `x` come from the trait.
            let done = Self::evaluate(x, sigma, out, |x, sigma| self.sigma_times_score(x, sigma));
            done.expect("a network whose layers fit answers any batch of points");
        }
    }

    /// # Panics
    /// As [`Self::score`].
    fn jacobian_vector(&self, x: &[f32], v: &[f32], sigma: f32, out: &mut [f32]) {
        if !x.is_empty() {
            let done = Self::evaluate(x, sigma, out, |x, sigma| {
                self.sigma_times_tangent(x, &Tensor::from_slice(v, x.shape(), &Device::Cpu)?, sigma)
            });
            // As above.
            done.expect("a network whose layers fit answers any batch of points");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::fixture;

    /// PyTorch 2.15, float64, on the network and batch of `fixture.rs`:
    /// ```python
    /// print((net(x, sigma) / sigma).tolist())
    /// ```
    /// Tolerance 1e-5 of each score: f32 has 6e-8, three layers add up to about 1e-6.
    #[test]
    fn scores_are_those_of_the_same_network_in_pytorch() {
        let expected = [
            [-5.125_057_240_010_753_5, -0.795_969_886_325_876_8],
            [-0.514_543_941_307_648_5, -0.094_095_410_823_025_92],
            [-0.069_848_030_212_992, -0.009_381_989_473_036_374],
        ];
        let (network, _) = fixture::network();
        let points = [([0.5, -1.0], 0.1), ([3.0, 2.0], 1.0), ([-4.0, 0.25], 7.5)];
        for ((x, sigma), expected) in points.into_iter().zip(expected) {
            let mut s = [0.0f32; 2];
            network.score(&x, sigma, &mut s);
            for (s, expected) in s.into_iter().zip(expected) {
                assert!(
                    (f64::from(s) - expected).abs() < 1e-5 * f64::hypot(expected, 0.1),
                    "{s} {expected} at σ = {sigma}"
                );
            }
        }
    }

    #[test]
    fn a_batch_gives_each_point_the_score_it_has_alone() {
        let (network, _) = fixture::network();
        let x: Vec<f32> = (0..40u8).map(|i| f32::from(i) * 0.37 - 7.0).collect();
        let mut together = vec![0.0; x.len()];
        network.score(&x, 0.7, &mut together);
        for (x, s) in x.chunks(2).zip(together.chunks(2)) {
            let mut alone = [0.0; 2];
            network.score(x, 0.7, &mut alone);
            assert!(alone.iter().zip(s).all(|(alone, s)| (alone - s).abs() < 1e-5), "{alone:?} {s:?}");
        }
        network.score(&[], 0.7, &mut []);
    }

    /// 10,000 weights uniform in ±1/√inputs; three sigma of their mean, width/√12n, and of their mean square.
    #[test]
    fn first_weights_are_uniform_by_the_number_of_inputs_and_belong_to_the_seed() {
        let config = MlpConfig { width: 100, hidden: 2, centre: [0.0; 2], scale: 1.0 };
        let weights = |seed| {
            let network = ScoreMlp::fresh(config.clone(), &Noise::new(seed), Ok).expect("a network");
            network.layers[1].weight().flatten_all().and_then(|w| w.to_vec1::<f32>()).expect("its weights")
        };
        let w = weights(1);
        assert!(w.iter().all(|w| w.abs() < 0.1));
        let n = 10_000.0f32;
        let (mean, square) = (w.iter().sum::<f32>() / n, w.iter().map(|w| w * w).sum::<f32>() / n);
        assert!(mean.abs() < 3.0 * 0.2 / (12.0 * n).sqrt(), "{mean}");
        // Of w uniform in ±b: E w² = b²/3, and w² has a standard deviation of b² √(4/45).
        assert!((square - 0.01 / 3.0).abs() < 3.0 * 0.01 * (4.0f32 / 45.0 / n).sqrt(), "{square}");
        assert!(w == weights(1) && w != weights(2));
    }

    /// The tangent against central differences of the score: h = 0.01 leaves h² times the third derivative, and rounding
    /// 1e-7/h; together below 1e-3 of a score of order 1.
    #[test]
    fn the_tangent_is_the_slope_of_the_score() {
        let (network, _) = fixture::network();
        for (x, v, sigma) in
            [([0.5, -1.0], [1.0, 0.0], 0.5), ([3.0, 2.0], [0.6, -0.8], 1.0), ([-4.0, 0.2], [0.0, 1.0], 7.5)]
        {
            let at = |h: f32| {
                let mut s = [0.0f32; 2];
                network.score(&[x[0] + h * v[0], x[1] + h * v[1]], sigma, &mut s);
                s
            };
            let (ahead, behind, mut found) = (at(0.01), at(-0.01), [0.0; 2]);
            network.jacobian_vector(&x, &v, sigma, &mut found);
            for axis in 0..2 {
                let expected = (ahead[axis] - behind[axis]) / 0.02;
                assert!((found[axis] - expected).abs() < 1e-3 * (1.0 + expected.abs()), "{found:?} {expected}");
            }
            assert!(found[0].abs() + found[1].abs() > 1e-4, "{found:?}");
        }
    }
}
