//! How long kernels take, by the adapter's own clock.

use super::{Context, GpuError};

/// Two moments of each of some passes.
pub(super) struct Stopwatch {
    moments: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    count: u32,
}

impl Stopwatch {
    /// Most passes of one stopwatch.
    pub const MOST: usize = wgpu::QUERY_SET_MAX_QUERIES as usize / 2;

    /// For `passes` passes.
    pub fn new(context: &Context, passes: usize) -> Result<Self, GpuError> {
        let count = 2 * u32::try_from(passes.min(Self::MOST)).unwrap_or(0);
        let moments = context.device.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("moments"),
            ty: wgpu::QueryType::Timestamp,
            count,
        });
        let usage = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
        let resolved = context.buffer("moments", usage, 8 * u64::from(count))?;
        Ok(Self { moments, resolved, count })
    }

    /// A pass that writes down when it begins and ends.
    pub fn around(&self, pass: u32) -> wgpu::ComputePassDescriptor<'_> {
        wgpu::ComputePassDescriptor {
            label: None,
            timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                query_set: &self.moments,
                beginning_of_pass_write_index: Some(2 * pass),
                end_of_pass_write_index: Some(2 * pass + 1),
            }),
        }
    }

    /// Once all passes are encoded.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.moments, 0..self.count, &self.resolved, 0);
    }

    /// Of each pass, once all work is done.
    pub fn seconds(&self, context: &Context) -> Result<Vec<f64>, GpuError> {
        let bytes = context.read_bytes(&self.resolved, 8 * u64::from(self.count))?;
        let mut words = [0u8; 8];
        let moments: Vec<u64> = bytes
            .chunks_exact(8)
            .map(|eight| {
                words.copy_from_slice(eight);
                u64::from_le_bytes(words)
            })
            .collect();
        let unit = 1e-9 * f64::from(context.queue.get_timestamp_period());
        #[expect(clippy::cast_precision_loss, reason = "a kernel's ticks are far below 2⁵²")]
        let seconds = |pair: &[u64]| pair[1].saturating_sub(pair[0]) as f64 * unit;
        Ok(moments.chunks_exact(2).map(seconds).collect())
    }
}
