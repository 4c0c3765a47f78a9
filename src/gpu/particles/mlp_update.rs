//! What `shaders/kernels/mlp_update.wgsl` reads besides the particles, and how they are dealt out to workgroups.

use super::{Dealt, buffer_of, number};
use crate::gpu::mlp::Mlp;
use crate::gpu::{Context, GpuError, LevelConstants, MlpTables, shader};

/// Invocations of a workgroup; each owns one particle at most.
const INVOCATIONS: usize = 256;

/// Blocks of four neurons for which the workgroup's memory has room, over all of its particles.
const BLOCKS: usize = 1024;

/// Multiply-adds that take as long as the pull of a mode.
const OF_A_PULL: usize = 32;

/// Multiply-adds that take as long as a neuron's activation.
const OF_AN_ACTIVATION: usize = 8;

/// The layers, and the kernel for networks of this shape.
pub fn dealt(context: &Context, mlp: &Mlp<'_>, sigmas: &[f32]) -> Result<Dealt, GpuError> {
    let tables = MlpTables::new(mlp, sigmas)?;
    let packed: Vec<_> = tables.levels.iter().map(LevelConstants::packed).collect();
    let tile = tile(tables.width);
    let constants = [
        ("TILE", number(tile)),
        ("FOURS", number(tables.width / 4)),
        ("HIDDEN", number(tables.hidden)),
        ("ACTIVATION", tables.activation as u32),
    ];
    Ok(Dealt {
        pipeline: super::pipeline(context, shader::MLP_UPDATE, &constants)?,
        tables: vec![
            buffer_of(context, "the network's constants at every noise level", &packed)?,
            buffer_of(context, "the network's weights", &tables.weights)?,
            buffer_of(context, "the network's biases", &tables.biases)?,
        ],
        tile: number(tile),
        pulls: pulls(tables.width, tables.hidden),
    })
}

/// Particles of a workgroup: as many as there is room for, in fours.
const fn tile(width: usize) -> usize {
    let room = BLOCKS / (width / 4);
    if room < INVOCATIONS { room / 4 * 4 } else { INVOCATIONS }
}

/// What one evaluation takes, in pulls of a mode.
const fn pulls(width: usize, hidden: usize) -> u64 {
    let products = width * (4 + (hidden - 1) * width + 2);
    ((products + OF_AN_ACTIVATION * hidden * width) / OF_A_PULL) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One invocation answers 4 neurons of 4 particles.
    #[test]
    fn every_width_has_room_and_enough_invocations() {
        assert_eq!([16, 20, 64, 300, 512, 1024].map(tile), [256, 204, 64, 12, 8, 4]);
        for width in (4..=1024).step_by(4) {
            let (tile, blocks) = (tile(width), width / 4);
            assert!(tile >= 4 && tile % 4 == 0 && tile * blocks <= BLOCKS && tile / 4 * blocks <= INVOCATIONS);
        }
    }
}
