//! A U-Net as a value: a list of kernel calls with their shapes, for one size of batch and image. It is printed, counted and
//! tested without being run, and run by any executor.

mod blocks;
mod build;
mod call;
mod cost;
mod memory;

use super::{ModelError, UnetConfig};

pub use call::{Attention, Call, Conv2d, GroupNorm, Layer, Linear, Operands, Resample, Resampling};
pub use cost::Cost;
pub use memory::{Buffer, Memory};

/// What a call reads or writes: its place in [`Plan::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub usize);

/// A tensor of weights: its place in [`Plan::parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParameterId(pub usize);

/// Shape (n, c, h, w) of a value, row-major. What depends on the timestep alone is (1, c, 1, 1): a call has one timestep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Images.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Shape {
    /// The vector of length `c` that belongs to the timestep.
    #[must_use]
    pub const fn vector(c: usize) -> Self {
        Self { n: 1, c, h: 1, w: 1 }
    }

    /// Numbers in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.n * self.c * self.h * self.w
    }

    /// Whether it holds no numbers.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pixels of a channel.
    #[must_use]
    pub const fn pixels(&self) -> usize {
        self.h * self.w
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}, {}, {}, {})", self.n, self.c, self.h, self.w)
    }
}

/// A tensor of weights, by diffusers' name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Such as `down_blocks.0.resnets.0.conv1.weight`.
    pub name: String,
    /// Convolutions (out, in, k, k), matrices (out, in), everything else (c).
    pub shape: Vec<usize>,
}

impl Parameter {
    /// Numbers in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds no numbers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Calls in order: each writes one value, which no other call writes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is done, in this order.
    pub layers: Vec<Layer>,
    /// The shape of each value.
    pub values: Vec<Shape>,
    /// The weights, in the order of their use.
    pub parameters: Vec<Parameter>,
    /// The batch of images: (n, `in_channels`, h, w).
    pub input: ValueId,
    /// The answer: (n, `out_channels`, h, w).
    pub output: ValueId,
}

impl Plan {
    /// The plan for `n` images of `height` × `width`.
    ///
    /// # Errors
    /// Sizes that the network cannot halve and double again; a configuration whose groups or heads do not fit its channels.
    pub fn new(config: &UnetConfig, n: usize, [height, width]: [usize; 2]) -> Result<Self, ModelError> {
        build::build(config, Shape { n, c: config.in_channels, h: height, w: width })
    }

    /// The shape of a value.
    #[must_use]
    pub fn shape(&self, value: ValueId) -> Shape {
        self.values[value.0]
    }

    /// Weights in all.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.parameters.iter().map(Parameter::len).sum()
    }
}
