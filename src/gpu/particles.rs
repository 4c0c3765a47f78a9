//! The executor on the graphics adapter: positions lie in its memory, and the CPU only says how far to go.

use super::{Context, GpuError, MixtureLevels, Program, shader};
use crate::distributions::GaussianMixture;
use crate::noise::{Noise, Purpose};
use crate::samplers::Plan;

/// Particles of a workgroup.
const WORKGROUP: u32 = 64;

/// Most pulls (particles × modes × updates) in one dispatch: some milliseconds on a graphics card, some seconds on the
/// processor. Drivers take a card that is silent for two seconds from the program.
const PULLS: u64 = 1 << 27;

/// `Slice` in WGSL: key, base, end, row, first, last, and what rounds its size up.
pub(super) type Slice = [u32; 8];

/// A plan on its way on the graphics adapter: the particles, and how many of its updates they have seen.
#[derive(Debug)]
pub struct Particles {
    context: Context,
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    positions: wgpu::Buffer,
    slice: wgpu::Buffer,
    key: [u32; 2],
    count: u32,
    modes: usize,
    updates: u32,
    done: u32,
    /// The last dispatch, which the one after the next waits for.
    last: Option<wgpu::SubmissionIndex>,
}

impl Particles {
    /// Particles `start`, shape (n, 2), before the first update of `plan`, under the exact score of `mixture`.
    ///
    /// # Errors
    /// Where the plan has an update that is not affine, the data no density at one of its noise levels, or the adapter
    /// no room.
    pub fn new(
        context: &Context,
        mixture: &GaussianMixture,
        plan: &Plan,
        noise: Noise,
        start: &[f32],
    ) -> Result<Self, GpuError> {
        let program = Program::new(plan)?;
        let levels = MixtureLevels::new(mixture, &program.levels)?;
        let storage = wgpu::BufferUsages::STORAGE;
        let packed: Vec<_> = program.updates.iter().map(super::AffineUpdate::packed).collect();
        let updates = context.filled("updates", storage, bytemuck::cast_slice(&packed))?;
        let packed: Vec<_> = levels.modes.iter().map(super::NoisedMode::packed).collect();
        let modes = context.filled("modes at every noise level", storage, bytemuck::cast_slice(&packed))?;
        let positions = storage | wgpu::BufferUsages::COPY_SRC;
        let positions = context.filled("positions", positions, bytemuck::cast_slice(start))?;
        let slice = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let slice = context.buffer("slices", slice, size_of::<Slice>() as u64)?;
        let pipeline = pipeline(context, levels.count)?;
        let bindings = bindings(context, &pipeline, [&positions, &updates, &modes, &slice])?;
        Ok(Self {
            context: context.clone(),
            pipeline,
            bindings,
            positions,
            slice,
            key: noise.key(),
            count: number(start.len() / 2),
            modes: levels.count,
            updates: number(program.updates.len()),
            done: 0,
            last: None,
        })
    }

    /// How many updates were made, or are under way.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.done as usize
    }

    /// True after the last update.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.done == self.updates
    }

    /// Makes the next `updates` updates, or as many as are left. Returns once they are under way; a long way is cut into
    /// pieces, of which two at most are under way.
    ///
    /// # Errors
    /// Where the adapter is lost, silent or full.
    pub fn advance(&mut self, updates: usize) -> Result<(), GpuError> {
        let target = self.done.saturating_add(number(updates)).min(self.updates);
        let most = particles_of_a_slice(self.modes);
        while self.done < target {
            let slice = updates_of_a_slice(self.count.min(most), self.modes);
            let last = self.done.saturating_add(slice).min(target);
            let mut base = 0;
            while base < self.count {
                let end = base.saturating_add(most).min(self.count);
                self.dispatch([base, end], [self.done, last])?;
                base = end;
            }
            self.done = last;
        }
        Ok(())
    }

    /// Waits until everything that is under way is done.
    ///
    /// # Errors
    /// Where the adapter is lost, silent or full.
    pub fn wait(&self) -> Result<(), GpuError> {
        // What was only written to buffers goes to the device with the next piece of work.
        self.context.queue.submit([]);
        self.context.wait(None)
    }

    /// The positions after the updates so far, shape (n, 2).
    ///
    /// # Errors
    /// Where the adapter is lost, silent or full.
    pub fn positions(&self) -> Result<Vec<f32>, GpuError> {
        self.context.wait(self.last.clone())?;
        self.context.read(&self.positions, 8 * u64::from(self.count))
    }

    /// One dispatch: some of the particles through some of the updates.
    fn dispatch(&mut self, [base, end]: [u32; 2], [first, last]: [u32; 2]) -> Result<(), GpuError> {
        let groups = (end - base).div_ceil(WORKGROUP);
        let across = groups.min(self.context.most_workgroups());
        let [k0, k1] = self.key;
        let slice: Slice = [k0, k1, base, end, across * WORKGROUP, first, last, 0];
        self.context.queue.write_buffer(&self.slice, 0, bytemuck::bytes_of(&slice));
        let mut encoder = self.context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(across, groups.div_ceil(across), 1);
        drop(pass);
        let index = self.context.queue.submit([encoder.finish()]);
        if let Some(before) = self.last.replace(index) {
            self.context.wait(Some(before))?;
        }
        self.context.check()
    }
}

/// How many updates one dispatch may make.
fn updates_of_a_slice(particles: u32, modes: usize) -> u32 {
    let pulls = u64::from(particles).saturating_mul(modes as u64).max(1);
    u32::try_from(PULLS / pulls).unwrap_or(u32::MAX).max(1)
}

/// How many particles one dispatch may move at all, in whole workgroups.
fn particles_of_a_slice(modes: usize) -> u32 {
    let groups = PULLS / (modes as u64).max(1) / u64::from(WORKGROUP);
    u32::try_from(groups.clamp(1, 1 << 24)).unwrap_or(1) * WORKGROUP
}

fn pipeline(context: &Context, modes: usize) -> Result<wgpu::ComputePipeline, GpuError> {
    let kernel = shader::MIXTURE_UPDATE;
    let module = context.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(kernel.source.into()),
    });
    let constants = [
        ("WORKGROUP", f64::from(WORKGROUP)),
        ("MODES", f64::from(number(modes))),
        ("PURPOSE", f64::from(Purpose::Sampler as u32)),
    ];
    let pipeline = context.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(kernel.name),
        layout: None,
        module: &module,
        entry_point: Some(kernel.name),
        compilation_options: wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() },
        cache: None,
    });
    context.check()?;
    Ok(pipeline)
}

fn bindings(
    context: &Context,
    pipeline: &wgpu::ComputePipeline,
    buffers: [&wgpu::Buffer; 4],
) -> Result<wgpu::BindGroup, GpuError> {
    let entries = (0..)
        .zip(buffers)
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
    let bindings = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("particles"),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries.collect::<Vec<_>>(),
    });
    context.check()?;
    Ok(bindings)
}

/// Particles and updates are numbered in 32 bits; what does not fit there fits in no buffer.
fn number(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_dispatch_is_long_and_none_is_empty() {
        assert_eq!(updates_of_a_slice(10_000, 25), 536);
        assert_eq!(updates_of_a_slice(u32::MAX, 1 << 20), 1);
        assert_eq!(updates_of_a_slice(0, 1), 1 << 27);
        assert_eq!([1, 25, 1 << 20, 1 << 40].map(particles_of_a_slice), [1 << 27, 5_368_704, 128, 64]);
    }
}
