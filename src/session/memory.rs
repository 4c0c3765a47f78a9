//! Whether there is room in this machine's memory, asked before anything large is read or made.

use sysinfo::System;

use crate::unet::{ModelError, Plan};

/// Bytes that a network takes on the processor for one call: its weights, and what is between.
#[must_use]
pub fn needs(plan: &Plan) -> u64 {
    4 * (plan.weights() + plan.memory().numbers()) as u64
}

/// # Errors
/// Where `bytes` are more than what is free. Where nobody knows what that is, nothing is refused.
pub fn check_memory(bytes: u64) -> Result<(), ModelError> {
    let free = free();
    if free.is_none_or(|free| bytes <= free) {
        return Ok(());
    }
    let [needs, free] = [bytes, free.unwrap_or(0)].map(|bytes| bytes.div_ceil(1 << 20));
    Err(ModelError::NoMemory { needs, free })
}

/// What programs may still take, at most what a container allows in all. What its files occupy there counts as free.
fn free() -> Option<u64> {
    let mut system = System::new().ok()?;
    system.refresh_memory();
    let allowed = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
    Some(system.available_memory().min(allowed)).filter(|bytes| *bytes > 0)
}
