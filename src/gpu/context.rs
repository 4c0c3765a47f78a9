//! The graphics adapter as a computer: one device, what it holds, and what became of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::GpuError;

/// Longest wait for one piece of work; software adapters are slow, not endless.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the driver reported, until somebody asks: errors arrive beside the calls that caused them.
type Trouble = Arc<Mutex<Option<GpuError>>>;

/// A device that computes.
#[derive(Clone, Debug)]
pub struct Context {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    limits: wgpu::Limits,
    trouble: Trouble,
}

impl Context {
    /// What is used where the adapter has it: tensors in half precision, and the time of each kernel.
    const OPTIONAL: wgpu::Features = wgpu::Features::SHADER_F16.union(wgpu::Features::TIMESTAMP_QUERY);

    /// Takes the machine's fastest adapter; `WGPU_BACKEND` says where to look for it.
    ///
    /// # Errors
    /// Where there is none that computes, or it gives no device.
    pub fn new() -> Result<Self, GpuError> {
        // OpenGL comes last: to look for it, the driver looks for a display, and complains where there is none.
        Self::on(wgpu::Backends::PRIMARY).or_else(|_| Self::on(wgpu::Backends::all()))
    }

    fn on(backends: wgpu::Backends) -> Result<Self, GpuError> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::from_env().unwrap_or(backends);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let adapter = pollster::block_on(wgpu::Instance::new(descriptor).request_adapter(&options));
        let adapter = adapter.map_err(|error| GpuError::NoAdapter(error.to_string()))?;
        let info = adapter.get_info();
        if !adapter.get_downlevel_capabilities().flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS) {
            return Err(GpuError::NoAdapter(format!("{} only draws", info.name)));
        }
        // All that the adapter has: a storage buffer of 128 MiB, the default, is 16 million particles.
        let limits = adapter.limits();
        let wanted = wgpu::DeviceDescriptor {
            label: Some("computing"),
            required_features: Self::features_of(&adapter),
            required_limits: limits.clone(),
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&wanted))
            .map_err(|error| GpuError::NoDevice { name: info.name.clone(), why: error.to_string() })?;
        let trouble = listen(&device);
        Ok(Self { device, queue, info, limits, trouble })
    }

    /// A device that draws, for computing too.
    ///
    /// # Errors
    /// Where its adapter only draws.
    pub fn shared(device: wgpu::Device, queue: wgpu::Queue, adapter: &wgpu::Adapter) -> Result<Self, GpuError> {
        let (info, limits) = (adapter.get_info(), device.limits());
        if limits.max_compute_invocations_per_workgroup < wgpu::Limits::default().max_compute_invocations_per_workgroup
        {
            return Err(GpuError::NoAdapter(format!("{} only draws", info.name)));
        }
        let trouble = listen(&device);
        Ok(Self { device, queue, info, limits, trouble })
    }

    /// What an adapter has of the features that kernels make use of.
    #[must_use]
    pub fn features_of(adapter: &wgpu::Adapter) -> wgpu::Features {
        adapter.features() & Self::OPTIONAL
    }

    /// The adapter's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// Whether the adapter is a program on the processor, such as Mesa's llvmpipe.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// Most bytes of a buffer that a kernel reads or writes.
    #[must_use]
    pub fn most_bytes(&self) -> u64 {
        self.limits.max_storage_buffer_binding_size.min(self.limits.max_buffer_size)
    }

    /// Most workgroups along one axis of a dispatch.
    pub(super) const fn most_workgroups(&self) -> u32 {
        self.limits.max_compute_workgroups_per_dimension
    }

    /// What went wrong since it was last asked; a lost device stays lost.
    ///
    /// # Errors
    /// What the driver reported first.
    pub fn check(&self) -> Result<(), GpuError> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let found = trouble.take();
        if let Some(GpuError::Lost(_)) = found {
            trouble.clone_from(&found);
        }
        found.map_or(Ok(()), Err)
    }

    /// Takes the device away, as a driver does that is reset.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        self.device.destroy();
    }

    /// Waits until a piece of work is done; without one, until all of it is.
    pub(super) fn wait(&self, work: Option<wgpu::SubmissionIndex>) -> Result<(), GpuError> {
        let waiting = wgpu::PollType::Wait { submission_index: work, timeout: Some(PATIENCE) };
        let answer = self.device.poll(waiting);
        if let Err(wgpu::PollError::WrongSubmissionIndex(..)) = answer {
            // A lost device took the work on no more, and tells its loss once what it had is done.
            drop(self.device.poll(wgpu::PollType::Wait { submission_index: None, timeout: Some(PATIENCE) }));
        }
        self.check()?;
        answer.map(drop).map_err(|error| match error {
            wgpu::PollError::Timeout => GpuError::Silent(PATIENCE.as_secs()),
            other @ wgpu::PollError::WrongSubmissionIndex(..) => GpuError::Refused(other.to_string()),
        })
    }

    /// A buffer of at least one byte, filled with `bytes`.
    pub(super) fn filled(
        &self,
        what: &'static str,
        usage: wgpu::BufferUsages,
        bytes: &[u8],
    ) -> Result<wgpu::Buffer, GpuError> {
        let buffer = self.buffer(what, usage | wgpu::BufferUsages::COPY_DST, bytes.len() as u64)?;
        self.queue.write_buffer(&buffer, 0, bytes);
        self.check()?;
        Ok(buffer)
    }

    /// A buffer of `size` bytes, or of a few where it would be empty.
    pub(super) fn buffer(
        &self,
        what: &'static str,
        usage: wgpu::BufferUsages,
        size: u64,
    ) -> Result<wgpu::Buffer, GpuError> {
        let most = self.most_bytes();
        if size > most {
            return Err(GpuError::TooLarge { what, bytes: size, most });
        }
        let descriptor =
            wgpu::BufferDescriptor { label: Some(what), size: size.max(64), usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        self.check()?;
        Ok(buffer)
    }

    /// The numbers that a buffer holds, once all work is done.
    pub(super) fn read(&self, buffer: &wgpu::Buffer, size: u64) -> Result<Vec<f32>, GpuError> {
        Ok(super::Precision::Single.unpack(&self.read_bytes(buffer, size)?))
    }

    /// What a buffer holds, once all work is done.
    pub(super) fn read_bytes(&self, buffer: &wgpu::Buffer, size: u64) -> Result<Vec<u8>, GpuError> {
        if size == 0 {
            return Ok(Vec::new());
        }
        let usage = wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ;
        let copy = self.buffer("copies of positions", usage, size)?;
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, size);
        let work = self.queue.submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        copy.map_async(wgpu::MapMode::Read, ..size, move |mapped| drop(sender.send(mapped)));
        self.wait(Some(work))?;
        let refused = |error: &dyn std::error::Error| GpuError::Refused(error.to_string());
        receiver.recv().map_err(|error| refused(&error))?.map_err(|error| refused(&error))?;
        let bytes = copy.get_mapped_range(..size).map_err(|error| refused(&error))?;
        Ok(bytes.to_vec())
    }
}

/// The adapter as one line of a report: its name, and whether it is a program on the processor.
impl std::fmt::Display for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.is_software() { ", software" } else { "" };
        write!(f, "{} ({}{kind})", self.info.name, self.info.backend)
    }
}

/// Keeps what the device reports: the first error, or that it is lost.
fn listen(device: &wgpu::Device) -> Trouble {
    let trouble = Trouble::default();
    let errors = Arc::clone(&trouble);
    device.on_uncaptured_error(Arc::new(move |error| {
        let error = match error {
            wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory,
            other => GpuError::Refused(other.to_string()),
        };
        errors.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }));
    let losses = Arc::clone(&trouble);
    device.set_device_lost_callback(move |_, why| {
        let why = if why.is_empty() { "the driver does not say why".to_owned() } else { why };
        *losses.lock().unwrap_or_else(PoisonError::into_inner) = Some(GpuError::Lost(why));
    });
    trouble
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_device_stays_lost_and_says_so() {
        let Ok(context) = Context::new() else {
            eprintln!("NOT TESTED: no graphics adapter");
            return;
        };
        assert_eq!(context.check(), Ok(()));
        context.lose();
        for _ in 0..2 {
            let lost = context.wait(None).expect_err("the device is gone");
            assert!(matches!(lost, GpuError::Lost(_)), "{lost:?}");
            assert!(lost.to_string().ends_with("Start again, or use the CPU"));
        }
    }

    #[test]
    fn what_the_driver_refuses_is_an_error_and_passes() {
        let Ok(context) = Context::new() else {
            eprintln!("NOT TESTED: no graphics adapter");
            return;
        };
        let both = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::STORAGE;
        assert!(matches!(context.buffer("nothing", both, 64), Err(GpuError::Refused(_))));
        assert_eq!(context.check(), Ok(()));
    }

    #[test]
    fn without_an_adapter_there_is_a_sentence() {
        if wgpu::Backends::from_env().is_none() {
            let none = Context::on(wgpu::Backends::empty()).expect_err("nowhere was looked");
            assert!(none.to_string().starts_with("no graphics adapter that computes was found"));
        }
    }
}
