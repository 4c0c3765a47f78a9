//! The network of the 2-D toys: a multilayer perceptron that answers for every noise level at once.

use super::MlpConfig;
use super::fused::{Fused, Layer, Room};
use super::mlp_config::Scaling;
use crate::lanes::LANES;
use crate::noise::{Noise, Purpose};
use crate::score::Score;

/// Examples that are worked on at a time, forward or forward and backward: enough that weights are worth loading (24 take 10 %
/// longer, at width 256 half as long again), and the examples of a part of a step at once, where it has as few as it may.
pub const BLOCK: usize = 128;

/// s(x, σ) = skip (x − m) + out F(c (x − m), σ):   see [`super::Parameterisation`].
#[derive(Clone, Debug)]
pub struct ScoreMlp {
    config: MlpConfig,
    fused: Fused,
    parameters: Vec<f32>,
}

impl ScoreMlp {
    /// A fresh network: weights and biases uniform in ±1/√inputs (PyTorch's default), by the seed.
    #[expect(clippy::cast_precision_loss, reason = "layer widths are small")]
    pub(super) fn fresh(config: MlpConfig, noise: &Noise) -> Self {
        Self::with(config, |index, layer| {
            let bound = 1.0 / (layer.inputs as f32).sqrt();
            let mut values = vec![0.0; (layer.inputs + 1) * layer.outputs];
            noise.uniform(Purpose::Weights, index, 0, &mut values);
            values.iter_mut().for_each(|u| *u = bound * (2.0 * *u - 1.0));
            let biases = values.split_off(layer.inputs * layer.outputs);
            Ok::<_, std::convert::Infallible>((values, biases))
        })
        .unwrap_or_else(|never| match never {})
    }

    /// A network whose layers are asked for one by one: matrix, shape (outputs, inputs) row-major, and biases.
    pub(super) fn with<E>(
        config: MlpConfig,
        mut of: impl FnMut(u32, &Layer) -> Result<(Vec<f32>, Vec<f32>), E>,
    ) -> Result<Self, E> {
        let fused = Fused::new(&config);
        let mut parameters = vec![0.0; fused.layout.len()];
        for (index, layer) in (0..).zip(&fused.layout.layers) {
            let (weights, biases) = of(index, layer)?;
            for (output, row) in weights.chunks_exact(layer.inputs).enumerate() {
                for (input, weight) in row.iter().enumerate() {
                    parameters[layer.weight(output, input)] = *weight;
                }
            }
            parameters[layer.biases()][..layer.outputs].copy_from_slice(&biases);
        }
        Ok(Self { config, fused, parameters })
    }

    /// Matrix, shape (outputs, inputs) row-major, and biases of each layer of any flat vector of this shape.
    pub(super) fn layers_of(&self, flat: &[f32]) -> Vec<(Vec<f32>, Vec<f32>)> {
        let weights = |layer: &Layer| {
            let places = (0..layer.outputs).flat_map(|output| (0..layer.inputs).map(move |input| (output, input)));
            places.map(|(output, input)| flat[layer.weight(output, input)]).collect()
        };
        let layers = self.fused.layout.layers.iter();
        layers.map(|layer| (weights(layer), flat[layer.biases()][..layer.outputs].to_vec())).collect()
    }

    /// Matrix, shape (outputs, inputs) row-major, and biases of each of its layers, first to last.
    #[must_use]
    pub fn layers(&self) -> Vec<(Vec<f32>, Vec<f32>)> {
        self.layers_of(&self.parameters)
    }

    /// What the first layer sees of σ, beyond the two numbers of the place.
    #[must_use]
    pub fn embedded(&self, sigma: f32) -> Vec<f32> {
        let mut embedded = vec![0.0; self.config.embedding.len()];
        self.config.embedding.write(sigma, &mut embedded);
        embedded
    }

    /// The same shape with other parameters.
    pub(super) fn with_parameters(&self, parameters: &[f32]) -> Self {
        Self { parameters: parameters.to_vec(), ..self.clone() }
    }

    /// The parameters as they stand in [`Fused::layout`].
    pub(super) fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    pub(super) fn parameters_mut(&mut self) -> &mut [f32] {
        &mut self.parameters
    }

    pub(super) const fn fused(&self) -> &Fused {
        &self.fused
    }

    /// The shape it has.
    #[must_use]
    pub const fn config(&self) -> &MlpConfig {
        &self.config
    }

    /// Weights and biases in all.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.fused.layout.count()
    }

    /// Fills in what the first layer sees of `x`, shape (n, 2), at one σ, and along which way each input moves: one tangent
    /// for each of `directions`, given in the units of x. An energy has one for each axis of its input.
    fn see(&self, room: &mut Room, x: &[f32], sigma: f32, direction: Option<&[f32]>) -> Scaling {
        let (scaling, inputs) = (self.config.scaling(sigma), self.config.inputs());
        let tangents = if self.config.energy { 2 } else { usize::from(direction.is_some()) };
        let n = x.len() / 2;
        self.fused.prepare(room, n, tangents);
        let mut embedded = [0.0; 16];
        self.config.embedding.write(sigma, &mut embedded[..inputs - 2]);
        let (values, moved) = room.inputs().split_at_mut(n * inputs);
        for (row, x) in values.chunks_exact_mut(inputs).zip(x.chunks_exact(2)) {
            (row[0], row[1]) = (scaling.input * (x[0] - scaling.centre[0]), scaling.input * (x[1] - scaling.centre[1]));
            row[2..].copy_from_slice(&embedded[..inputs - 2]);
        }
        moved.fill(0.0);
        for (at, row) in moved.chunks_exact_mut(inputs).enumerate() {
            match direction {
                Some(v) if !self.config.energy => {
                    (row[0], row[1]) = (scaling.input * v[2 * at], scaling.input * v[2 * at + 1]);
                }
                _ => row[at / n] = 1.0,
            }
        }
        scaling
    }
}

impl Score for ScoreMlp {
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        let mut room = Room::default();
        for (x, out) in x.chunks(2 * BLOCK).zip(out.chunks_mut(2 * BLOCK)) {
            let Scaling { centre, skip, output, .. } = self.see(&mut room, x, sigma, None);
            self.fused.forward(&self.parameters, &mut room, false);
            let n = x.len() / 2;
            for (i, (x, out)) in x.chunks_exact(2).zip(out.chunks_exact_mut(2)).enumerate() {
                for axis in 0..2 {
                    let at = if self.config.energy { ((1 + axis) * n + i) * LANES } else { i * LANES + axis };
                    out[axis] = skip * (x[axis] - centre[axis]) + output * room.answer[at];
                }
            }
        }
    }

    fn jacobian_vector(&self, x: &[f32], v: &[f32], sigma: f32, out: &mut [f32]) {
        if self.config.energy {
            // That would be a third derivative of the layers: the trait's own differences are near enough.
            return ScoreAlone(self).jacobian_vector(x, v, sigma, out);
        }
        let mut room = Room::default();
        for ((x, v), out) in x.chunks(2 * BLOCK).zip(v.chunks(2 * BLOCK)).zip(out.chunks_mut(2 * BLOCK)) {
            let Scaling { skip, output, .. } = self.see(&mut room, x, sigma, Some(v));
            self.fused.forward(&self.parameters, &mut room, true);
            let along = room.answer[x.len() / 2 * LANES..].chunks_exact(LANES);
            for ((v, out), along) in v.chunks_exact(2).zip(out.chunks_exact_mut(2)).zip(along) {
                (out[0], out[1]) = (skip * v[0] + output * along[0], skip * v[1] + output * along[1]);
            }
        }
    }
}

/// A network of which only the score is asked.
struct ScoreAlone<'a>(&'a ScoreMlp);

impl Score for ScoreAlone<'_> {
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        self.0.score(x, sigma, out);
    }
}
