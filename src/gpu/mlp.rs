//! A score network as plain numbers, and its tables for the noise levels of a plan: what depends on σ alone is computed here.

use super::GpuError;

/// Neurons that the kernel answers at a time.
const BLOCK: usize = 4;

/// The widest hidden layers that the kernel takes: 4 particles of a workgroup in 16 KiB.
const WIDEST: usize = 1024;

/// What a neuron makes of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x / (1 + e^−x)
    Silu,
    /// ln(1 + e^x)
    Softplus,
    /// tanh x
    Tanh,
    /// ½ x (1 + tanh(√(2/π)(x + 0.044715 x³)))
    Gelu,
}

/// A layer x ↦ W x + b: W of shape (outputs, inputs), row by row, and b.
pub type Dense = (Vec<f32>, Vec<f32>);

/// How σ enters: s(y, σ) = skip (y − m) + output F(input (y − m), σ), and F sees σ as some more inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct SigmaSeen {
    /// Inputs of the first layer beyond the two of the place.
    pub embedding: Vec<f32>,
    /// m
    pub centre: [f32; 2],
    /// Factor of what the first layer sees of the place.
    pub input: f32,
    /// In units 1/x².
    pub skip: f32,
    /// In units 1/x.
    pub output: f32,
}

/// A multilayer perceptron: hidden layers of equal width, then two numbers.
pub struct Mlp<'a> {
    /// Between the layers.
    pub activation: Activation,
    /// First to last.
    pub layers: Vec<Dense>,
    /// What becomes of σ.
    pub sees: Box<dyn Fn(f32) -> SigmaSeen + 'a>,
}

/// As `Level` in WGSL.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LevelConstants {
    /// m
    pub centre: [f32; 2],
    /// The last layer's biases.
    pub bias: [f32; 2],
    /// As of [`SigmaSeen`].
    pub input: f32,
    /// As of [`SigmaSeen`].
    pub skip: f32,
    /// As of [`SigmaSeen`].
    pub output: f32,
}

impl LevelConstants {
    /// As `Level` in WGSL.
    pub(super) fn packed(&self) -> [f32; 8] {
        let Self { centre, bias, input, skip, output } = *self;
        [centre[0], centre[1], bias[0], bias[1], input, skip, output, 0.0]
    }
}

/// The network at every noise level of a plan, as the kernel reads it; widths are filled up with zeros to whole blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct MlpTables {
    /// Between the layers.
    pub activation: Activation,
    /// H
    pub hidden: usize,
    /// Width of a row.
    pub width: usize,
    /// Shape (4 + (H − 1) width + 2, width): a row of each hidden layer per input, of the last layer per output.
    pub weights: Vec<f32>,
    /// Shape (H − 1 + L, width): of the hidden layers after the first, then of the first at each level.
    pub biases: Vec<f32>,
    /// Shape (L)
    pub levels: Vec<LevelConstants>,
}

impl MlpTables {
    /// The network at these noise levels.
    ///
    /// # Errors
    /// Where its layers are not of the form that the kernel takes, or there is no score at one of the levels.
    pub fn new(mlp: &Mlp<'_>, sigmas: &[f32]) -> Result<Self, GpuError> {
        let shape = Shape::of(&mlp.layers)?;
        let (first, rest) = (&mlp.layers[0], &mlp.layers[1..]);
        let (inner, last) = rest.split_at(rest.len() - 1);
        let width = shape.width.next_multiple_of(BLOCK);
        let mut weights = turned(&first.0, shape.inputs, 2, width);
        weights.resize(BLOCK * width, 0.0);
        for layer in inner {
            weights.extend(turned(&layer.0, shape.width, shape.width, width));
            weights.resize(weights.len() + (width - shape.width) * width, 0.0);
        }
        weights.extend(last[0].0.chunks_exact(shape.width).flat_map(|row| padded(row, width)));
        let mut biases: Vec<f32> = inner.iter().flat_map(|layer| padded(&layer.1, width)).collect();
        let mut levels = Vec::with_capacity(sigmas.len());
        for sigma in sigmas {
            let seen = (mlp.sees)(*sigma);
            let SigmaSeen { centre, input, skip, output, .. } = seen;
            let first = shape.first_biases(first, &seen.embedding)?;
            if ![input, skip, output].iter().chain(&first).all(|number| number.is_finite()) {
                return Err(GpuError::NoScore(*sigma));
            }
            biases.extend(padded(&first, width));
            levels.push(LevelConstants { centre, bias: [last[0].1[0], last[0].1[1]], input, skip, output });
        }
        Ok(Self { activation: mlp.activation, hidden: inner.len() + 1, width, weights, biases, levels })
    }
}

/// What is common to the layers of a network.
struct Shape {
    inputs: usize,
    width: usize,
}

impl Shape {
    fn of(layers: &[Dense]) -> Result<Self, GpuError> {
        let refused = |why: &str| Err(GpuError::Network(why.to_owned()));
        let (Some((first, _)), Some(last)) = (layers.split_first(), layers.last()) else {
            return refused("it has no layers");
        };
        let (width, outputs) = (first.1.len(), last.1.len());
        if layers.len() < 2 || width == 0 || width > WIDEST {
            return refused(&format!("it has {} layers, the first of width {width}", layers.len()));
        }
        match outputs {
            1 => return refused("it answers one number, an energy, and the score is the slope of that"),
            2 => {}
            _ => return refused(&format!("its last layer answers {outputs} numbers")),
        }
        let inputs = first.0.len() / width;
        let fits = |(i, (weights, biases)): (usize, &Dense)| {
            let (seen, answers) =
                (if i == 0 { inputs } else { width }, if i + 1 == layers.len() { outputs } else { width });
            biases.len() == answers && weights.len() == seen * answers
        };
        if inputs < 2 || !layers.iter().enumerate().all(fits) {
            return refused("its layers do not fit together");
        }
        Ok(Self { inputs, width })
    }

    /// b + W e of the first layer, e being what it sees of σ.
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    fn first_biases(&self, layer: &Dense, embedding: &[f32]) -> Result<Vec<f32>, GpuError> {
        if embedding.len() + 2 != self.inputs {
            let why = format!("its first layer sees {} numbers, not 2 and {}", self.inputs, embedding.len());
            return Err(GpuError::Network(why));
        }
        let rows = layer.0.chunks_exact(self.inputs).zip(&layer.1);
        let answer = |(row, bias): (&[f32], &f32)| {
            let seen = row[2..].iter().zip(embedding).map(|(w, e)| f64::from(*w) * f64::from(*e));
            (f64::from(*bias) + seen.sum::<f64>()) as f32
        };
        Ok(rows.map(answer).collect())
    }
}

/// The first `count` columns of a matrix with `inputs` columns, each as a row of `width` numbers.
fn turned(weights: &[f32], inputs: usize, count: usize, width: usize) -> Vec<f32> {
    let mut rows = vec![0.0; count * width];
    for (output, row) in weights.chunks_exact(inputs).enumerate() {
        row[..count].iter().enumerate().for_each(|(input, weight)| rows[input * width + output] = *weight);
    }
    rows
}

/// The numbers, and zeros up to `width`.
fn padded(row: &[f32], width: usize) -> impl Iterator<Item = f32> + use<'_> {
    row.iter().copied().chain(std::iter::repeat_n(0.0, width - row.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(sigma: f32) -> SigmaSeen {
        SigmaSeen { embedding: vec![sigma], centre: [0.0; 2], input: 1.0, skip: 0.0, output: 1.0 / sigma }
    }

    fn mlp(layers: &[Dense]) -> Mlp<'_> {
        Mlp { activation: Activation::Tanh, layers: layers.to_vec(), sees: Box::new(plain) }
    }

    /// 3 → 2 → 2 → 2: rows are filled up to four, σ goes into the first layer's biases.
    #[test]
    fn tables_are_the_layers_turned_and_filled_up() {
        let layers = [
            (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![0.5, -0.5]),
            (vec![1.0, 2.0, 3.0, 4.0], vec![7.0, 8.0]),
            (vec![1.0, -1.0, 2.0, -2.0], vec![9.0, 10.0]),
        ];
        let tables = MlpTables::new(&mlp(&layers), &[1.0, 2.0]).unwrap();
        let (hidden, width) = (tables.hidden, tables.width);
        assert_eq!((hidden, width), (2, 4));
        let rows = [
            [1.0, 4.0, 0.0, 0.0],
            [2.0, 5.0, 0.0, 0.0],
            [0.0; 4],
            [0.0; 4],
            [1.0, 3.0, 0.0, 0.0],
            [2.0, 4.0, 0.0, 0.0],
            [0.0; 4],
            [0.0; 4],
            [1.0, -1.0, 0.0, 0.0],
            [2.0, -2.0, 0.0, 0.0],
        ];
        assert_eq!(tables.weights, rows.as_flattened());
        assert_eq!(tables.biases, [7.0, 8.0, 0.0, 0.0, 3.5, 5.5, 0.0, 0.0, 6.5, 11.5, 0.0, 0.0]);
        let level = LevelConstants { centre: [0.0; 2], bias: [9.0, 10.0], input: 1.0, skip: 0.0, output: 0.5 };
        assert_eq!(tables.levels[1], level);
    }

    #[test]
    fn other_networks_are_refused_with_the_reason() {
        let layer = |inputs: usize, outputs: usize| (vec![0.1; inputs * outputs], vec![0.0; outputs]);
        let cases: [(&[Dense], &str); 5] = [
            (&[], "it has no layers"),
            (&[layer(3, 2)], "it has 1 layers, the first of width 2"),
            (&[layer(3, 1028), layer(1028, 2)], "it has 2 layers, the first of width 1028"),
            (&[layer(3, 8), layer(8, 1)], "it answers one number, an energy, and the score is the slope of that"),
            (&[layer(3, 8), layer(4, 8), layer(8, 2)], "its layers do not fit together"),
        ];
        for (layers, why) in cases {
            assert_eq!(MlpTables::new(&mlp(layers), &[1.0]), Err(GpuError::Network(why.to_owned())));
        }
        let fine = [layer(3, 8), layer(8, 2)];
        assert_eq!(MlpTables::new(&mlp(&fine), &[1.0, 0.0]), Err(GpuError::NoScore(0.0)));
    }
}
