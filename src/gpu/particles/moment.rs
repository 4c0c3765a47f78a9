//! Positions of all particles at one moment, in the adapter's memory: to go back to, and to be drawn from.

use crate::gpu::{Context, GpuError};

/// Positions of a moment. A copy of the value is the same memory.
#[derive(Clone, Debug)]
pub struct Moment {
    pub(super) positions: wgpu::Buffer,
    pub(super) count: u32,
    pub(super) done: u32,
}

impl Moment {
    /// Particles `start`, shape (n, 2), before any update.
    ///
    /// # Errors
    /// Where the adapter has no room.
    pub fn of(context: &Context, start: &[f32]) -> Result<Self, GpuError> {
        let count = super::number(start.len() / 2);
        let mut moment = Self { positions: Self::room(context, 8 * u64::from(count))?, count, done: 0 };
        moment.write(context, start)?;
        Ok(moment)
    }

    /// Puts as many particles `start` in their place.
    ///
    /// # Errors
    /// Where the adapter is lost.
    pub fn write(&mut self, context: &Context, start: &[f32]) -> Result<(), GpuError> {
        context.queue.write_buffer(&self.positions, 0, bytemuck::cast_slice(start));
        self.done = 0;
        context.check()
    }

    /// How many particles.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Their positions, shape (n, 2) of f32, as a vertex buffer.
    #[must_use]
    pub const fn positions(&self) -> &wgpu::Buffer {
        &self.positions
    }

    pub(super) fn room(context: &Context, bytes: u64) -> Result<wgpu::Buffer, GpuError> {
        let usage = wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::VERTEX;
        context.buffer("positions of a moment", usage, bytes)
    }
}
