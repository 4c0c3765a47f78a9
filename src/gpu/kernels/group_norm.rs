//! Normalisation of groups of channels: `shaders/kernels/group_moments.wgsl`, then `group_norm.wgsl`.

use super::call::{GroupMomentsCall, GroupNormCall};
use super::{Activation, alike, groups, must};
use crate::gpu::recording::{Recording, Wanted};
use crate::gpu::{GpuError, Tensor, shader};

/// Numbers of a piece of a group, at least: 32 for each invocation.
const PIECE: u32 = 8192;

/// Most pieces of a group: every invocation of the second kernel adds them up.
const MOST_PIECES: u32 = 16;

/// Pixels of one workgroup of the second kernel, as `PIECE` there.
const PIXELS: u32 = 4096;

/// y = f(((x − mean) / √(variance + ε) · weight + bias) (1 + scale) + shift)
#[derive(Clone, Copy, Debug)]
pub struct GroupNorm<'a> {
    /// x, shape (n, c, h, w).
    pub input: &'a Tensor,
    /// A vector of c numbers.
    pub weight: &'a Tensor,
    /// A vector of c numbers.
    pub bias: &'a Tensor,
    /// Scales, then shifts: a vector of 2c numbers.
    pub modulation: Option<&'a Tensor>,
    /// y, shape of x.
    pub output: &'a Tensor,
    /// Groups of neighbouring channels.
    pub groups: u32,
    /// ε
    pub epsilon: f32,
    /// f
    pub activation: Activation,
}

impl GroupNorm<'_> {
    /// Numbers of scratch that it takes.
    #[must_use]
    pub fn scratch([n, c, h, w]: [usize; 4], groups: usize) -> usize {
        let length = u32::try_from(c / groups.max(1) * h * w).unwrap_or(u32::MAX);
        2 * n * groups * cut(length)[0] as usize
    }

    /// Appends both kernels.
    ///
    /// # Errors
    /// Where shapes do not belong together, the recording's scratch is too small, or the adapter refuses.
    pub fn record(&self, recording: &mut Recording) -> Result<(), GpuError> {
        self.check(recording)?;
        let [n, c, h, w] = self.input.shape;
        let (length, area) = (c / self.groups * h * w, h * w);
        let [pieces, piece] = cut(length);
        let scratch = recording.scratch.clone();
        recording.push(&Wanted {
            kernel: shader::GROUP_MOMENTS,
            precision: self.input.precision,
            constants: &[],
            buffers: &[self.input, &scratch],
            call: &GroupMomentsCall { groups: self.groups, length, piece }.packed(),
            workgroups: [pieces, self.groups, n].map(u64::from),
            operations: 0,
        })?;
        let call = GroupNormCall {
            channels: c,
            groups: self.groups,
            area,
            pieces,
            piece,
            modulated: u32::from(self.modulation.is_some()),
            activation: self.activation as u32,
            epsilon: self.epsilon,
        };
        recording.push(&Wanted {
            kernel: shader::GROUP_NORM,
            precision: self.input.precision,
            constants: &[],
            buffers: &[self.input, &scratch, self.weight, self.bias, self.modulation.unwrap_or(self.bias), self.output],
            call: &call.packed(),
            workgroups: [groups(area, PIXELS), u64::from(c), u64::from(n)],
            operations: 0,
        })
    }

    fn check(&self, recording: &Recording) -> Result<(), GpuError> {
        let [_, c, ..] = self.input.shape;
        let vector = |tensor: &Tensor, length: u32| tensor.len() == length as usize;
        must(self.groups > 0 && c % self.groups == 0, "group_norm", "channels that are no multiple of the groups")?;
        must(alike(self.input, self.output), "group_norm", "an output of another shape")?;
        must(vector(self.weight, c) && vector(self.bias, c), "group_norm", "weights of another length")?;
        must(
            self.modulation.is_none_or(|tensor| vector(tensor, 2 * c)),
            "group_norm",
            "a modulation of another length",
        )?;
        let scratch = Self::scratch(self.input.shape.map(|side| side as usize), self.groups as usize);
        must(scratch <= recording.scratch.len(), "group_norm", "too little scratch")
    }
}

/// Pieces of a group of `length` numbers, and the numbers of each but the last.
fn cut(length: u32) -> [u32; 2] {
    let piece = length.div_ceil(length.div_ceil(PIECE).clamp(1, MOST_PIECES)).max(1);
    [length.div_ceil(piece), piece]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_is_empty() {
        assert_eq!(cut(1), [1, 1]);
        assert_eq!(cut(8192), [1, 8192]);
        assert_eq!(cut(8193), [2, 4097]);
        for length in [8191, 8200, 40_961, 131_071, 131_073, 10_000_019] {
            let [pieces, piece] = cut(length);
            assert!(pieces <= MOST_PIECES && (pieces - 1) * piece < length && length <= pieces * piece, "{length}");
        }
    }
}
