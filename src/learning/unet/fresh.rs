//! The first weights of a U-Net.

use crate::noise::{Noise, Purpose};
use crate::unet::plan::Parameter;

/// The last layer of every branch that is added to something, and of the whole: they begin at 0, so that a fresh network is the
/// sum of nothing (Ho, Jain & Abbeel 2020, whose code scales them by 1e-10).
const LAST: [&str; 3] = ["conv2.weight", "to_out.0.weight", "conv_out.weight"];

/// Normal weights of variance 1/inputs, so that the size of what goes through a layer stays; scales of 1; everything else 0.
/// One after the other, in the plan's order.
pub fn fresh(parameters: &[Parameter], noise: &Noise) -> Vec<f32> {
    let mut flat = Vec::with_capacity(parameters.iter().map(Parameter::len).sum());
    for (parameter, index) in parameters.iter().zip(0..) {
        let (name, from) = (&parameter.name, flat.len());
        let inputs: usize = parameter.shape[1..].iter().product();
        let scale = parameter.shape.len() == 1 && name.ends_with(".weight");
        flat.resize(from + parameter.len(), if scale { 1.0 } else { 0.0 });
        if parameter.shape.len() > 1 && !LAST.iter().any(|last| name.ends_with(last)) {
            let numbers = &mut flat[from..];
            noise.normal(Purpose::Weights, index, 0, numbers);
            #[expect(clippy::cast_precision_loss, reason = "a width, not a count")]
            let width = (inputs as f32).sqrt().recip();
            numbers.iter_mut().for_each(|x| *x *= width);
        }
    }
    flat
}
