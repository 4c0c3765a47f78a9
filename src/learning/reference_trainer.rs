//! The same training as a user of candle would write it, layer by layer: what the trainer is checked and measured against.

use candle_core::Result;
use candle_nn::{AdamW, Optimizer, ParamsAdamW};

use super::Trainer;
use super::batch::Examples;
use super::reference::{Batch, ReferenceMlp};

/// A training that makes the steps of a [`Trainer`], on the same batches.
pub struct ReferenceTrainer {
    network: ReferenceMlp,
    optimiser: AdamW,
    examples: Examples,
}

impl ReferenceTrainer {
    /// From the weights that `trainer` has now, with a fresh optimiser.
    ///
    /// # Errors
    /// Where the tensor library refuses an operation.
    pub fn new(trainer: &Trainer) -> Result<Self> {
        let (network, config) = (trainer.raw_network(), trainer.config());
        let layers = network.layers_of(network.parameters());
        let network = ReferenceMlp::new(network.config().clone(), layers)?;
        let adam =
            ParamsAdamW { lr: config.learning_rate, weight_decay: config.weight_decay, ..ParamsAdamW::default() };
        let optimiser = AdamW::new(network.parameters().to_vec(), adam)?;
        Ok(Self { network, optimiser, examples: Examples::default() })
    }

    /// The step that `trainer` would make next; returns its loss.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn step(&mut self, trainer: &Trainer) -> Result<f32> {
        let config = trainer.config();
        self.examples.draw(&trainer.source(), 0..config.batch as usize);
        let batch = Batch::of(&self.examples.all)?;
        let losses = (config.objective.reference)(&self.network, &batch)?;
        let lambda = batch.sigma.powf(config.weighting.into())?.squeeze(1)?;
        let loss = (losses * lambda)?.mean(0)?;
        self.optimiser.backward_step(&loss)?;
        loss.to_scalar()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::fixture;
    use crate::samplers::Serial;

    /// Twenty steps of both, weights and losses. Adam divides by √v: where a gradient is near 0 its rounding moves a weight
    /// by up to the learning rate, 1e-3, a step; such weights hardly matter, so the loss is compared: 1e-4 of it.
    #[test]
    fn a_training_by_hand_goes_the_same_way_as_candles() {
        let mut trainer = fixture::trainer();
        let mut reference = ReferenceTrainer::new(&trainer).expect("a training");
        for step in 0..20 {
            let expected = reference.step(&trainer).expect("a step");
            let found = trainer.step(&Serial).expect("a step");
            assert!((found - expected).abs() < 1e-4 * expected.abs(), "step {step}: {found}, not {expected}");
        }
        let network = trainer.raw_network();
        for (layer, (weights, _)) in network.layers_of(network.parameters()).into_iter().enumerate() {
            let other = reference.network.parameters()[2 * layer].flatten_all().and_then(|w| w.to_vec1::<f32>());
            let apart = weights.iter().zip(other.expect("its weights")).map(|(a, b)| (a - b).abs());
            assert!(apart.fold(0.0, f32::max) < 1e-3, "layer {layer}");
        }
    }
}
