//! Denoising score matching over many noise levels.
//! Vincent 2011, "A Connection Between Score Matching and Denoising Autoencoders"; weighted as in Song & Ermon 2019,
//! Eq. 6, with λ(σ) = σ² from §4.2.

use candle_core::{Result, Tensor};

use crate::learning::ScoreMlp;

/// E λ(σ) ½‖s(x + σz, σ) + z/σ‖²,   λ = σ²,   which is E ½‖σ s + z‖²
///
/// `x` and `z`: shape (n, 2); `sigma`: shape (n, 1). Returns a scalar, without unit.
pub fn dsm(net: &ScoreMlp, x: &Tensor, sigma: &Tensor, z: &Tensor) -> Result<Tensor> {
    let noisy = (x + z.broadcast_mul(sigma)?)?;
    let residual = (net.sigma_times_score(&noisy, sigma)? + z)?;
    residual.sqr()?.sum(1)?.mean(0)? * 0.5
}

#[cfg(test)]
mod tests {
    use candle_core::Var;

    use super::*;
    use crate::learning::fixture;

    fn loss(net: &ScoreMlp) -> Tensor {
        let [x, sigma, z] = fixture::batch();
        dsm(net, &x, &sigma, &z).expect("a loss")
    }

    fn value(net: &ScoreMlp) -> f64 {
        loss(net).to_scalar::<f32>().expect("a scalar").into()
    }

    /// The gradient by each parameter, flat, as f64.
    fn gradients(net: &ScoreMlp, parameters: &[Var]) -> Vec<Vec<f64>> {
        let gradients = loss(net).backward().expect("a gradient");
        let of = |parameter: &Var| {
            gradients.get(parameter).expect("it has one").flatten_all().expect("flat").to_vec1::<f32>()
        };
        parameters.iter().map(|p| of(p).expect("values").into_iter().map(f64::from).collect()).collect()
    }

    fn length(v: &[f64]) -> f64 {
        v.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    /// PyTorch 2.15, float64, on the network and batch of `fixture.rs`:
    /// ```python
    /// loss = 0.5 * ((net(x + sigma * z, sigma) + z) ** 2).sum(1).mean()
    /// loss.backward()
    /// print(loss.item())
    /// for w, b in layers:
    ///     print(w.grad.norm().item(), w.grad.flatten()[:2].tolist(), b.grad.norm().item(), b.grad[:2].tolist())
    /// ```
    /// Tolerance 1e-5 of the loss and of each gradient's length: f32 has 6e-8, and a few hundred terms are added.
    #[test]
    fn loss_and_gradient_are_those_of_pytorch() {
        let expected = [
            (0.162_182_098_850_564_4, [-0.019_158_546_102_133_772, -0.013_965_567_689_705_086]),
            (0.052_899_247_327_415_175, [0.004_802_694_600_304_272, 0.001_688_311_235_447_968_2]),
            (0.201_734_860_723_632_36, [0.003_031_536_111_053_972_5, 0.006_479_282_927_982_785]),
            (0.157_750_614_356_898_94, [-0.017_836_523_547_976_47, -0.015_689_356_744_327_906]),
            (0.260_269_351_129_041_76, [0.080_518_985_846_802_16, 0.066_902_573_446_399_4]),
            (0.350_912_216_716_659_3, [-0.350_556_288_895_860_05, -0.015_801_017_579_951_837]),
        ];
        let (net, parameters) = fixture::network();
        assert!((value(&net) - 0.765_364_245_856_328_5).abs() < 1e-5, "{}", value(&net));
        for (gradient, (norm, first)) in gradients(&net, &parameters).iter().zip(expected) {
            assert!((length(gradient) - norm).abs() < 1e-5 * norm, "{} {norm}", length(gradient));
            for (found, expected) in gradient.iter().zip(first) {
                assert!((found - expected).abs() < 1e-5 * norm, "{found} {expected}");
            }
        }
    }

    /// Along each parameter's own gradient the slope is its length. Step 0.01: the rounding of the loss leaves
    /// 6e-8 / 0.01, the curvature about 0.01²; together below 1e-4, and the shortest gradient is 0.05.
    #[test]
    fn the_gradient_passes_central_differences() {
        let (net, parameters) = fixture::network();
        for (parameter, gradient) in parameters.iter().zip(gradients(&net, &parameters)) {
            let start = parameter.as_tensor().copy().expect("a copy");
            let direction: Vec<f64> = gradient.iter().map(|g| g / length(&gradient)).collect();
            let direction = Tensor::from_vec(direction, start.shape(), start.device()).expect("the same shape");
            let direction = direction.to_dtype(start.dtype()).expect("the same type");
            let at = |h: f64| {
                parameter.set(&(&start + (&direction * h).expect("a step")).expect("a place")).expect("it can be set");
                value(&net)
            };
            let slope = (at(0.01) - at(-0.01)) / 0.02;
            at(0.0);
            assert!((slope - length(&gradient)).abs() < 1e-4, "{slope} {}", length(&gradient));
        }
    }

    /// The net that answers −z has no loss: here σ s = 0 and z = 0.
    #[test]
    fn a_perfect_answer_has_no_loss() {
        let (mut net, _) = fixture::network();
        let [x, sigma, z] = fixture::batch();
        let last = net.layers.len() - 1;
        let zero = |t: &Tensor| t.zeros_like().expect("zeros");
        let layer = &net.layers[last];
        net.layers[last] = candle_nn::Linear::new(zero(layer.weight()), layer.bias().map(zero));
        let loss = |z: &Tensor| dsm(&net, &x, &sigma, z).and_then(|loss| loss.to_scalar::<f32>()).expect("a loss");
        assert!(loss(&zero(&z)).to_bits() == 0);
        // ½ E‖z‖² of this batch, by hand: (1.73 + 0.97 + 1.57) / 6.
        assert!((loss(&z) - 4.27 / 6.0).abs() < 1e-6, "{}", loss(&z));
    }
}
