//! The executor on the graphics adapter: positions lie in its memory, and the CPU only says how far to go.

mod mixture_update;
mod mlp_update;
mod moment;
mod pace;

use std::time::Duration;

pub use moment::Moment;
use pace::Pace;

use super::mlp::Mlp;
use super::shader::Kernel;
use super::{Context, GpuError, Program};
use crate::distributions::GaussianMixture;
use crate::noise::{Noise, Purpose};
use crate::samplers::Plan;

/// What is done with a buffer of positions beside reading and writing it in kernels.
const POSITIONS: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE.union(wgpu::BufferUsages::COPY_SRC);

/// `Slice` in WGSL: key, base, end, row, first, last, and what rounds its size up.
pub(super) type Slice = [u32; 8];

/// Whose score the particles follow.
#[derive(Clone, Copy)]
pub enum Model<'a> {
    /// The exact score of a mixture.
    Mixture(&'a GaussianMixture),
    /// A network's.
    Mlp(&'a Mlp<'a>),
}

impl<'a> From<&'a GaussianMixture> for Model<'a> {
    fn from(mixture: &'a GaussianMixture) -> Self {
        Self::Mixture(mixture)
    }
}

impl<'a> From<&'a Mlp<'a>> for Model<'a> {
    fn from(mlp: &'a Mlp<'a>) -> Self {
        Self::Mlp(mlp)
    }
}

/// A kernel ready for one model and the noise levels of one plan.
struct Dealt {
    pipeline: wgpu::ComputePipeline,
    /// What is bound between the updates and the slice.
    tables: Vec<wgpu::Buffer>,
    /// Particles of a workgroup.
    tile: u32,
    /// Pulls of one particle in one update.
    pulls: u64,
}

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
    tile: u32,
    pulls: u64,
    updates: u32,
    done: u32,
    pace: Pace,
    /// The last dispatch, which the one after the next waits for.
    last: Option<wgpu::SubmissionIndex>,
}

impl Particles {
    /// Particles `start`, shape (n, 2), before the first update of `plan`, under the score of `model`.
    ///
    /// # Errors
    /// Where the plan has an update that is not affine, the model no score at one of its noise levels or a form that no
    /// kernel takes, or the adapter no room.
    pub fn new<'a>(
        context: &Context,
        model: impl Into<Model<'a>>,
        plan: &Plan,
        noise: Noise,
        start: &[f32],
    ) -> Result<Self, GpuError> {
        let program = Program::new(plan)?;
        let Dealt { pipeline, tables, tile, pulls } = match model.into() {
            Model::Mixture(mixture) => mixture_update::dealt(context, mixture, &program.levels)?,
            Model::Mlp(mlp) => mlp_update::dealt(context, mlp, &program.levels)?,
        };
        let packed: Vec<_> = program.updates.iter().map(super::AffineUpdate::packed).collect();
        let updates = buffer_of(context, "updates", &packed)?;
        let positions = context.filled("positions", POSITIONS, bytemuck::cast_slice(start))?;
        let slice = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let slice = context.buffer("slices", slice, size_of::<Slice>() as u64)?;
        let buffers: Vec<_> = [&positions, &updates].into_iter().chain(&tables).chain([&slice]).collect();
        let bindings = bindings(context, &pipeline, &buffers)?;
        Ok(Self {
            context: context.clone(),
            pipeline,
            bindings,
            positions,
            slice,
            key: noise.key(),
            count: number(start.len() / 2),
            tile,
            pulls,
            updates: number(program.updates.len()),
            done: 0,
            pace: Pace::long(),
            last: None,
        })
    }

    /// Cuts dispatches so that each takes about `time`: for an adapter that also draws.
    pub const fn keep_short(&mut self, time: Duration) {
        self.pace = Pace::short(time);
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
        self.pace.rested();
        while self.done < target {
            let most = self.pace.particles(self.pulls, self.tile);
            let slice = self.pace.updates(self.count.min(most), self.pulls);
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
        self.first_positions(self.count as usize)
    }

    /// Those of the first `n` particles.
    ///
    /// # Errors
    /// As of [`Self::positions`].
    pub fn first_positions(&self, n: usize) -> Result<Vec<f32>, GpuError> {
        self.context.wait(self.last.clone())?;
        self.context.read(&self.positions, 8 * n.min(self.count as usize) as u64)
    }

    /// Keeps this moment, in the adapter's own memory.
    ///
    /// # Errors
    /// Where there is no room for it.
    pub fn keep(&self) -> Result<Moment, GpuError> {
        let mut moment = Moment { positions: Moment::room(&self.context, self.bytes())?, count: self.count, done: 0 };
        self.keep_in(&mut moment)?;
        Ok(moment)
    }

    /// Keeps this moment in the place of another of as many particles.
    ///
    /// # Errors
    /// Where the adapter is lost.
    pub fn keep_in(&self, moment: &mut Moment) -> Result<(), GpuError> {
        self.copy(&self.positions, &moment.positions)?;
        moment.done = self.done;
        Ok(())
    }

    /// Goes back, or forward, to a moment of this run.
    ///
    /// # Errors
    /// Where the adapter is lost.
    pub fn go_to(&mut self, moment: &Moment) -> Result<(), GpuError> {
        self.copy(&moment.positions, &self.positions)?;
        self.done = moment.done;
        Ok(())
    }

    /// Goes back before the first update, to positions `start`, shape (n, 2).
    ///
    /// # Errors
    /// Where the adapter is lost.
    pub fn begin_again(&mut self, start: &[f32]) -> Result<(), GpuError> {
        self.context.queue.write_buffer(&self.positions, 0, bytemuck::cast_slice(start));
        self.done = 0;
        self.context.check()
    }

    fn bytes(&self) -> u64 {
        8 * u64::from(self.count)
    }

    fn copy(&self, from: &wgpu::Buffer, to: &wgpu::Buffer) -> Result<(), GpuError> {
        let mut encoder = self.context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(from, 0, to, 0, self.bytes());
        self.context.queue.submit([encoder.finish()]);
        self.context.check()
    }

    /// One dispatch: some of the particles through some of the updates.
    fn dispatch(&mut self, [base, end]: [u32; 2], [first, last]: [u32; 2]) -> Result<(), GpuError> {
        let groups = (end - base).div_ceil(self.tile);
        let across = groups.min(self.context.most_workgroups());
        let [k0, k1] = self.key;
        let slice: Slice = [k0, k1, base, end, across * self.tile, first, last, 0];
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
            self.pace.waited();
        }
        self.context.check()
    }
}

/// A buffer for reading that holds `numbers`.
fn buffer_of<T: bytemuck::NoUninit>(
    context: &Context,
    what: &'static str,
    numbers: &[T],
) -> Result<wgpu::Buffer, GpuError> {
    context.filled(what, wgpu::BufferUsages::STORAGE, bytemuck::cast_slice(numbers))
}

fn pipeline(context: &Context, kernel: Kernel, constants: &[(&str, u32)]) -> Result<wgpu::ComputePipeline, GpuError> {
    let module = context.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(kernel.source.into()),
    });
    let purpose = ("PURPOSE", Purpose::Sampler as u32);
    let constants = constants.iter().chain([&purpose]).map(|(name, value)| (*name, f64::from(*value)));
    let constants: Vec<_> = constants.collect();
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
    buffers: &[&wgpu::Buffer],
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
