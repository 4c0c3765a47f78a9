//! What `shaders/kernels/mixture_update.wgsl` reads besides the particles, and how they are dealt out to workgroups.

use super::{Dealt, buffer_of, number};
use crate::distributions::GaussianMixture;
use crate::gpu::{Context, GpuError, MixtureLevels, NoisedMode, shader};

/// Particles of a workgroup.
const WORKGROUP: u32 = 64;

/// The modes at every noise level, and the kernel for so many modes.
pub fn dealt(context: &Context, mixture: &GaussianMixture, sigmas: &[f32]) -> Result<Dealt, GpuError> {
    let levels = MixtureLevels::new(mixture, sigmas)?;
    let packed: Vec<_> = levels.modes.iter().map(NoisedMode::packed).collect();
    let constants = [("WORKGROUP", WORKGROUP), ("MODES", number(levels.count))];
    Ok(Dealt {
        pipeline: super::pipeline(context, shader::MIXTURE_UPDATE, &constants)?,
        tables: vec![buffer_of(context, "modes at every noise level", &packed)?],
        tile: WORKGROUP,
        pulls: levels.count as u64,
    })
}
