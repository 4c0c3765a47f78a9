//! An exponential moving average of the weights: the network that is drawn and sampled from.
//! Song & Ermon 2020, technique 5.

use candle_core::{Result, Tensor};
use candle_nn::Linear;

/// θ' ← m θ' + (1 − m) θ,   m = min(decay, (1 + step) / (10 + step)), so that the first weights are soon forgotten
pub fn update(average: &mut [Linear], weights: &[Linear], decay: f64, step: usize) -> Result<()> {
    #[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
    let step = step as f64;
    let m = decay.min((1.0 + step) / (10.0 + step));
    for (average, now) in average.iter_mut().zip(weights) {
        let bias = match (average.bias(), now.bias()) {
            (Some(average), Some(now)) => Some(mixed(average, now, m)?),
            _ => None,
        };
        *average = Linear::new(mixed(average.weight(), now.weight(), m)?, bias);
    }
    Ok(())
}

fn mixed(average: &Tensor, now: &Tensor, m: f64) -> Result<Tensor> {
    average.affine(m, 0.0)? + now.detach().affine(1.0 - m, 0.0)?
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn layer(value: f32) -> Vec<Linear> {
        let tensor = |shape: &[usize]| Tensor::full(value, shape, &Device::Cpu).expect("a tensor");
        vec![Linear::new(tensor(&[2, 3]), Some(tensor(&[2])))]
    }

    fn values(layers: &[Linear]) -> Vec<f32> {
        let values = |t: &Tensor| t.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values");
        layers
            .iter()
            .flat_map(|layer| [values(layer.weight()), layer.bias().map(values).unwrap_or_default()].concat())
            .collect()
    }

    /// By hand: m = 2/11, 3/12, 4/13 while that is below the decay, .3 here from the third step on. 1e-6: f32.
    #[test]
    fn the_average_follows_its_formula() {
        let mut average = layer(1.0);
        let mut expected = 1.0;
        for (step, (now, m)) in (1..).zip([(5.0f32, 2.0 / 11.0), (-3.0, 3.0 / 12.0), (2.0, 0.3), (7.0, 0.3)]) {
            update(&mut average, &layer(now), 0.3, step).expect("an update");
            expected = m * expected + (1.0 - m) * now;
            assert!(
                values(&average).iter().all(|v| (v - expected).abs() < 1e-6),
                "step {step}: {:?}",
                values(&average)
            );
        }
        assert_eq!(values(&average).len(), 8, "weights and biases");
    }
}
