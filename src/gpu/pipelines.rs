//! Kernels made ready to run: each once for every precision and set of constants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Context, GpuError, Kernel, Precision};

/// What a pipeline fixes: the kernel's name, how tensors lie in memory, the `override`s.
type Key = (&'static str, Precision, Vec<(&'static str, u32)>);

/// A pipeline and the text that it was made of.
type Made = (String, wgpu::ComputePipeline);

/// The kernels on one device; clones share them.
#[derive(Clone, Debug)]
pub struct Kernels {
    context: Context,
    made: Arc<Mutex<HashMap<Key, Made>>>,
    /// Whether small work is cut so that it fills a graphics card.
    fill: bool,
}

impl Kernels {
    /// None of them is ready yet.
    #[must_use]
    pub fn new(context: &Context) -> Self {
        Self { context: context.clone(), made: Arc::default(), fill: !context.is_software() }
    }

    /// The same, with work cut as for a graphics card even where a program on the processor plays one.
    #[must_use]
    pub fn for_a_card(context: &Context) -> Self {
        Self { fill: true, ..Self::new(context) }
    }

    /// Whether small work is cut so that it fills a graphics card.
    #[must_use]
    pub const fn fill(&self) -> bool {
        self.fill
    }

    /// Where they run.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The kernel with these constants. Where a developer's edit broke its text, the one made before.
    pub(super) fn pipeline(
        &self,
        kernel: Kernel,
        precision: Precision,
        constants: &[(&'static str, u32)],
    ) -> Result<wgpu::ComputePipeline, GpuError> {
        if precision == Precision::Half && !self.context.has_half_precision() {
            return Err(GpuError::NoHalfPrecision(self.context.name().to_owned()));
        }
        let key = (kernel.name, precision, constants.to_vec());
        let text = kernel.text(precision);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let before = made.get(&key);
        if let Some((_, pipeline)) = before.filter(|(of, _)| *of == text) {
            return Ok(pipeline.clone());
        }
        match (self.make(kernel.name, &text, constants), before) {
            (Ok(pipeline), _) => {
                made.insert(key, (text, pipeline.clone()));
                Ok(pipeline)
            }
            (Err(error), Some((_, pipeline))) => {
                tracing::warn!("{}: the edited text is refused, the one before stays: {error}", kernel.name);
                Ok(pipeline.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    fn make(
        &self,
        name: &'static str,
        text: &str,
        constants: &[(&'static str, u32)],
    ) -> Result<wgpu::ComputePipeline, GpuError> {
        let device = &self.context.device;
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(name),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        self.context.check()?;
        let constants: Vec<_> = constants.iter().map(|(name, value)| (*name, f64::from(*value))).collect();
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(name),
            layout: None,
            module: &module,
            entry_point: Some(name),
            // Every kernel writes of workgroup memory what it reads.
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &constants,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
        self.context.check()?;
        Ok(pipeline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_is_made_once_for_each_set_of_constants() {
        let Ok(context) = Context::new() else {
            eprintln!("NOT TESTED: no graphics adapter");
            return;
        };
        let kernels = Kernels::new(&context);
        let pipeline = |across| {
            let constants = [("ACROSS", across), ("KERNEL", 3)];
            kernels.pipeline(crate::gpu::shader::CONV2D, Precision::Single, &constants).unwrap()
        };
        assert_eq!(pipeline(8), pipeline(8));
        assert_ne!(pipeline(8), pipeline(16));
        assert_eq!(kernels.made.lock().unwrap().len(), 2);
    }

    /// As in a developer's editor: the file is saved with a mistake in it, then with another content.
    #[test]
    fn an_edited_kernel_replaces_the_one_before_unless_it_is_broken() {
        let Ok(context) = Context::new() else {
            eprintln!("NOT TESTED: no graphics adapter");
            return;
        };
        let kernels = Kernels::new(&context);
        let kernel = |source| Kernel { name: "edited", source, files: &[] };
        let made = |source| kernels.pipeline(kernel(source), Precision::Single, &[]).unwrap();
        let first = made("@compute @workgroup_size(1) fn edited() {}");
        assert_eq!(first, made("@compute @workgroup_size(1) fn edited( {}"));
        assert_ne!(first, made("@compute @workgroup_size(2) fn edited() {}"));
        assert_eq!(context.check(), Ok(()));
    }
}
