//! An exponential moving average of the weights: the network that is drawn and sampled from.
//! Song & Ermon 2020, technique 5.

use pulp::Arch;

use super::adam::PIECE;
use crate::samplers::Spread;

/// θ' ← m θ' + (1 − m) θ,   m = min(decay, (1 + step) / (10 + step)), so that the first weights are soon forgotten
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a factor between 0 and 1")]
pub fn update(average: &mut [f32], parameters: &[f32], decay: f64, step: usize, spread: &dyn Spread) {
    let step = step as f64;
    let m = decay.min((1.0 + step) / (10.0 + step));
    let (m, rest) = (m as f32, (1.0 - m) as f32);
    spread.each_chunk(average, PIECE, &|i, average| {
        let parameters = &parameters[i * PIECE..];
        Arch::new().dispatch(|| {
            average.iter_mut().zip(parameters).for_each(|(average, now)| *average = m * *average + rest * now);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samplers::Serial;

    /// By hand: m = 2/11, 3/12, 4/13 while that is below the decay, .3 here from the third step on. 1e-6: f32.
    #[test]
    fn the_average_follows_its_formula() {
        let mut average = [1.0; 3];
        let mut expected = 1.0;
        for (step, (now, m)) in (1..).zip([(5.0f32, 2.0 / 11.0), (-3.0, 3.0 / 12.0), (2.0, 0.3), (7.0, 0.3)]) {
            update(&mut average, &[now; 3], 0.3, step, &Serial);
            expected = m * expected + (1.0 - m) * now;
            assert!(average.iter().all(|v| (v - expected).abs() < 1e-6), "step {step}: {average:?}");
        }
    }
}
