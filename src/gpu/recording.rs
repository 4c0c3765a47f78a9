//! A list of dispatches, made once and run as often as one likes.

use std::collections::BTreeMap;

use super::timing::Stopwatch;
use super::{Context, GpuError, Kernel, Kernels, Precision, Tensor};

/// Most operations of one submission: half a second on the slowest of graphics cards, seconds on the processor. Drivers take
/// a card that is silent for two seconds from the program.
const OPERATIONS: u64 = 1 << 34;

/// Most dispatches of one submission: the adapter works on it while the next is written down.
const DISPATCHES: usize = 64;

/// One kernel with what it reads and writes.
#[derive(Debug)]
struct Dispatch {
    kernel: &'static str,
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    workgroups: [u32; 3],
    operations: u64,
}

/// How long one dispatch took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelTime {
    /// The kernel's name.
    pub kernel: &'static str,
    /// By the adapter's own clock.
    pub seconds: f64,
    /// Multiplications and additions of its products.
    pub operations: u64,
}

/// All dispatches of one kernel together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelShare {
    /// How many they are.
    pub calls: usize,
    /// What all of them took; the name is the kernel's.
    pub total: KernelTime,
}

impl KernelShare {
    /// Every kernel of `times`, in the order of their names.
    #[must_use]
    pub fn of(times: &[KernelTime]) -> Vec<Self> {
        let mut shares: BTreeMap<&'static str, Self> = BTreeMap::new();
        for time in times {
            let none = KernelTime { seconds: 0.0, operations: 0, ..*time };
            let share = shares.entry(time.kernel).or_insert(Self { calls: 0, total: none });
            share.calls += 1;
            share.total.seconds += time.seconds;
            share.total.operations += time.operations;
        }
        shares.into_values().collect()
    }
}

/// Dispatches in order; each sees what those before it wrote.
#[derive(Debug)]
pub struct Recording {
    pub(super) kernels: Kernels,
    /// What a kernel leaves for the next: sums in parts, moments of groups.
    pub(super) scratch: Tensor,
    dispatches: Vec<Dispatch>,
}

/// A dispatch as it is asked for.
pub(super) struct Wanted<'a> {
    pub kernel: Kernel,
    pub precision: Precision,
    pub constants: &'a [(&'static str, u32)],
    /// By binding, from 0; the call's numbers come after them.
    pub buffers: &'a [&'a Tensor],
    /// As `Call` in the kernel.
    pub call: &'a [u32],
    pub workgroups: [u64; 3],
    /// Multiplications and additions.
    pub operations: u64,
}

impl Recording {
    /// An empty one, with `scratch` numbers for what kernels leave for the next.
    ///
    /// # Errors
    /// Where the adapter has no room for them.
    pub fn new(kernels: &Kernels, scratch: usize) -> Result<Self, GpuError> {
        let scratch = kernels.context().tensor([1, 1, 1, scratch], Precision::Single)?;
        Ok(Self { kernels: kernels.clone(), scratch, dispatches: Vec::new() })
    }

    /// Dispatches so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.dispatches.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dispatches.is_empty()
    }

    /// Where the kernels run.
    #[must_use]
    pub const fn context(&self) -> &Context {
        self.kernels.context()
    }

    /// Appends a dispatch.
    pub(super) fn push(&mut self, wanted: &Wanted) -> Result<(), GpuError> {
        let context = self.context();
        let most = context.most_workgroups();
        let workgroups = wanted.workgroups.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        if let Some(&count) = workgroups.iter().find(|count| **count > most) {
            return Err(GpuError::TooManyWorkgroups { kernel: wanted.kernel.name, count, most });
        }
        let pipeline = self.kernels.pipeline(wanted.kernel, wanted.precision, wanted.constants)?;
        let call = context.filled("a call", wgpu::BufferUsages::UNIFORM, bytemuck::cast_slice(wanted.call))?;
        let buffers = wanted.buffers.iter().map(|tensor| &tensor.buffer).chain([&call]);
        let entries = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
        let bindings = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(wanted.kernel.name),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries.collect::<Vec<_>>(),
        });
        context.check()?;
        let (kernel, operations) = (wanted.kernel.name, wanted.operations);
        self.dispatches.push(Dispatch { kernel, pipeline, bindings, workgroups, operations });
        Ok(())
    }

    /// Runs all of it, and returns when the last piece is under way.
    ///
    /// # Errors
    /// Where the adapter is lost, silent or full.
    pub fn run(&self) -> Result<(), GpuError> {
        let context = self.context();
        let mut before = None;
        let mut rest = &self.dispatches[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(piece(rest));
            let mut encoder = context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            piece.iter().for_each(|dispatch| dispatch.encode(&mut pass));
            drop(pass);
            let index = context.queue.submit([encoder.finish()]);
            // Two pieces at most are under way.
            if let Some(before) = before.replace(index) {
                context.wait(Some(before))?;
            }
            rest = after;
        }
        context.check()
    }

    /// Runs all of it, waits for the end, and says how long each dispatch took; slower than `run`, since kernels that could
    /// overlap do not. Without a clock on the adapter the list is empty.
    ///
    /// # Errors
    /// Where the adapter is lost, silent or full.
    pub fn time(&self) -> Result<Vec<KernelTime>, GpuError> {
        let context = self.context();
        if !context.has_clock() {
            self.run()?;
            context.wait(None)?;
            return Ok(Vec::new());
        }
        let mut times = Vec::with_capacity(self.dispatches.len());
        let mut rest = &self.dispatches[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(piece(rest).min(Stopwatch::MOST));
            let stopwatch = Stopwatch::new(context, piece.len())?;
            let mut encoder = context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            for (i, dispatch) in (0..).zip(piece) {
                dispatch.encode(&mut encoder.begin_compute_pass(&stopwatch.around(i)));
            }
            stopwatch.resolve(&mut encoder);
            context.queue.submit([encoder.finish()]);
            let seconds = stopwatch.seconds(context)?;
            let time =
                |(of, seconds): (&Dispatch, f64)| KernelTime { kernel: of.kernel, seconds, operations: of.operations };
            times.extend(piece.iter().zip(seconds).map(time));
            rest = after;
        }
        Ok(times)
    }
}

impl Dispatch {
    fn encode(&self, pass: &mut wgpu::ComputePass) {
        let [x, y, z] = self.workgroups;
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}

/// How many dispatches make one submission: one at least.
fn piece(dispatches: &[Dispatch]) -> usize {
    let mut operations = 0u64;
    let fits = dispatches.iter().take_while(|dispatch| {
        operations = operations.saturating_add(dispatch.operations);
        operations <= OPERATIONS
    });
    fits.take(DISPATCHES).count().max(1)
}
