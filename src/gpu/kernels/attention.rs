//! Attention of every pixel to every other: `shaders/kernels/attention.wgsl`.

use super::call::AttentionCall;
use super::{alike, groups, must};
use crate::gpu::recording::{Recording, Wanted};
use crate::gpu::{GpuError, Tensor, shader};

/// Queries and channels of one workgroup, as `TILE` and `MADE` in the kernel.
const TILE: [u32; 2] = [32, 64];

/// y = V softmax(Qᵀ K / √d)ᵀ of each head; Q, K, V and y of shape (n, heads · d, h, w), whose pixels are the tokens.
#[derive(Clone, Copy, Debug)]
pub struct Attention<'a> {
    /// Q
    pub query: &'a Tensor,
    /// K
    pub key: &'a Tensor,
    /// V
    pub value: &'a Tensor,
    /// y
    pub output: &'a Tensor,
    /// Heads; head i has the channels from i · d.
    pub heads: u32,
}

impl Attention<'_> {
    /// Appends the kernel.
    ///
    /// # Errors
    /// Where shapes do not belong together, or the adapter refuses.
    pub fn record(&self, recording: &mut Recording) -> Result<(), GpuError> {
        let Self { query, key, value, output, heads } = *self;
        let same = [key, value, output].iter().all(|tensor| alike(query, tensor));
        let [n, c, h, w] = query.shape;
        must(same && heads > 0 && c % heads == 0, "attention", "shapes that do not belong together")?;
        let (channels, tokens) = (c / heads, h * w);
        #[expect(clippy::cast_precision_loss, reason = "channels are few")]
        let scale = (channels as f32).sqrt().recip();
        recording.push(&Wanted {
            kernel: shader::ATTENTION,
            precision: query.precision,
            constants: &[],
            buffers: &[query, key, value, output],
            call: &AttentionCall { channels, tokens, scale }.packed(),
            workgroups: [groups(tokens, TILE[0]), u64::from(heads) * groups(channels, TILE[1]), u64::from(n)],
            operations: 4 * output.len() as u64 * u64::from(tokens),
        })
    }
}
