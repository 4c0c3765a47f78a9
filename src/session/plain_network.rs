//! A trained network in plain numbers, as the graphics adapter takes it: gpu knows nothing of learning.

use crate::gpu::{Activation, Mlp, SigmaSeen};
use crate::learning::{self, ScoreMlp};

/// The same network for the executor on the graphics adapter.
#[must_use]
pub fn plain_network(network: &ScoreMlp) -> Mlp<'_> {
    let config = network.config();
    let activation = match config.activation {
        learning::Activation::Silu => Activation::Silu,
        learning::Activation::Softplus => Activation::Softplus,
        learning::Activation::Tanh => Activation::Tanh,
        learning::Activation::Gelu => Activation::Gelu,
    };
    let sees = |sigma| {
        let learning::Scaling { centre, input, skip, output } = config.scaling(sigma);
        SigmaSeen { embedding: network.embedded(sigma), centre, input, skip, output }
    };
    Mlp { activation, layers: network.layers(), sees: Box::new(sees) }
}
