//! What every executor of plans does with a score: `shaders/shared/update.wgsl` and the entry points, in plain Rust.

use crate::gpu::AffineUpdate;
use crate::noise::{Noise, Purpose};

/// x ← a·x + b·s(k·x, σ) + c·z for the particle numbered `index`, the first update being numbered `first`; `score` is asked at
/// a place and the number of a noise level.
#[must_use]
pub fn particle(
    score: impl Fn([f32; 2], u32) -> [f32; 2],
    updates: &[AffineUpdate],
    noise: &Noise,
    [index, first]: [u32; 2],
    mut x: [f32; 2],
) -> [f32; 2] {
    for (step, update) in (first..).zip(updates) {
        let mut next = x.map(|x| update.a * x);
        if update.b != 0.0 {
            let s = score(x.map(|x| update.scale * x), update.level);
            next = [0, 1].map(|i| next[i] + update.b * s[i]);
        }
        if update.c != 0.0 {
            let mut z = [0.0; 2];
            noise.normal(Purpose::Sampler, index, step, &mut z);
            next = [0, 1].map(|i| next[i] + update.c * z[i]);
        }
        x = next;
    }
    x
}
