//! A network's weights in the adapter's memory, as its kernels want them.

use std::collections::HashMap;

use crate::gpu::kernels::ConvWeights;
use crate::gpu::{Context, GpuError, Precision, Tensor};
use crate::unet::Weights;
use crate::unet::plan::{Call, Conv2d, ParameterId, Plan};

/// Numbers that are on their way at once: 64 MiB.
const UNDER_WAY: usize = 1 << 24;

/// By parameter. A convolution's bias is with its weights.
pub struct Uploaded {
    convolutions: HashMap<ParameterId, ConvWeights>,
    others: HashMap<ParameterId, Tensor>,
}

impl Uploaded {
    /// Sends every weight of the plan.
    pub fn new(plan: &Plan, weights: &Weights, context: &Context, precision: Precision) -> Result<Self, GpuError> {
        let mut uploaded = Self { convolutions: HashMap::new(), others: HashMap::new() };
        let mut under_way = 0;
        for layer in &plan.layers {
            let parameters = layer.call.operands().parameters;
            if let Call::Conv2d(Conv2d { input, weight, bias, kernel, .. }) = layer.call {
                let shape = [plan.shape(layer.output).c, plan.shape(input).c, kernel];
                let conv = ConvWeights::upload(context, precision, shape, weights.get(weight), weights.get(bias))?;
                uploaded.convolutions.insert(weight, conv);
            } else {
                for parameter in &parameters {
                    uploaded.others.insert(*parameter, upload(plan, weights, context, *parameter)?);
                }
            }
            under_way += parameters.iter().map(|parameter| plan.parameters[parameter.0].len()).sum::<usize>();
            if under_way > UNDER_WAY {
                context.finish()?;
                under_way = 0;
            }
        }
        context.finish()?;
        Ok(uploaded)
    }

    pub fn convolution(&self, weight: ParameterId) -> &ConvWeights {
        &self.convolutions[&weight]
    }

    pub fn other(&self, parameter: ParameterId) -> &Tensor {
        &self.others[&parameter]
    }
}

/// A vector, or the matrix of a `Linear`.
fn upload(plan: &Plan, weights: &Weights, context: &Context, parameter: ParameterId) -> Result<Tensor, GpuError> {
    let shape = match plan.parameters[parameter.0].shape[..] {
        [rows, columns] => [1, 1, rows, columns],
        _ => [1, plan.parameters[parameter.0].len(), 1, 1],
    };
    context.upload(shape, Precision::Single, weights.get(parameter))
}
