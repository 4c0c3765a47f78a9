//! An exponential moving average of the weights: the network that is drawn and sampled from.
//! Song & Ermon 2020, §3.4.

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
