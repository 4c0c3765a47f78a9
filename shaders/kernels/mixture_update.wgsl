// x ← a·x + b·s(k·x, σ) + c·z,   s(y, σ) = −Σ_m p_m P_m (y − μ_m) / Σ_m p_m,   z ~ N(0, I)
//
// p_m = π_m N(y; μ_m, Σ_m + σ²I) and P_m = (Σ_m + σ²I)⁻¹ = R diag(inverse) Rᵀ. The sums are running log-sum-exps: one
// exponential a mode, of a number that is never positive. Each invocation takes one particle through all updates of a slice.
//
// Shapes: n particles in the plane, U updates, L noise levels, M modes.
// Dispatch: (row / WORKGROUP, rows, 1) workgroups with row · rows ≥ end − base; particle = base + x + row · y.
// Wants lanes.wgsl, noise.wgsl and update.wgsl before it. Readable twin: src/gpu/reference/mixture_update.rs.

// Particles of a workgroup.
override WORKGROUP: u32 = 64u;
// M
override MODES: u32 = 1u;
// What the noise is drawn for: `Purpose::Sampler`.
override PURPOSE: u32 = 2u;

struct Mode {
    mean: vec2f,
    // First column of R; the second is this, turned by 90°.
    axis: vec2f,
    // 1/(λ + σ²) along the two axes.
    inverse: vec2f,
    // ln π − ½ ln |Σ + σ²I|, less the greatest of the level.
    log_height: f32,
}

// shape (n)
@group(0) @binding(0) var<storage, read_write> positions: array<vec2f>;
// shape (U)
@group(0) @binding(1) var<storage, read> updates: array<Update>;
// shape (L, M)
@group(0) @binding(2) var<storage, read> modes: array<Mode>;
// one
@group(0) @binding(3) var<uniform> slice: Slice;

fn score(y: vec2f, level: u32) -> vec2f {
    var highest = -3.0e38;
    var total = 0.0;
    var pull = vec2f(0.0);
    for (var m = level * MODES; m < (level + 1u) * MODES; m++) {
        let mode = modes[m];
        let d = y - mode.mean;
        let u = vec2f(mode.axis.x * d.x + mode.axis.y * d.y, mode.axis.x * d.y - mode.axis.y * d.x);
        let w = u * mode.inverse;
        let gradient = vec2f(mode.axis.x * w.x - mode.axis.y * w.y, mode.axis.y * w.x + mode.axis.x * w.y);
        let height = mode.log_height - 0.5 * dot(u, w);
        let lower = lanes_exp(-abs(height - highest));
        let higher = height > highest;
        let keep = select(1.0, lower, higher);
        let share = select(lower, 1.0, higher);
        total = total * keep + share;
        pull = pull * keep + share * gradient;
        highest = max(highest, height);
    }
    return -pull / total;
}

@compute @workgroup_size(WORKGROUP)
fn mixture_update(@builtin(global_invocation_id) id: vec3u) {
    let index = slice.base + id.x + slice.row * id.y;
    if index >= slice.end {
        return;
    }
    var x = positions[index];
    for (var step = slice.first; step < slice.last; step++) {
        let update = updates[step];
        var next = update.a * x;
        if update.b != 0.0 {
            next += update.b * score(update.scale * x, update.level);
        }
        if update.c != 0.0 {
            let bits = philox(slice.key, vec4u(index, step, 0u, PURPOSE));
            next += update.c * box_muller(bits.x, bits.y);
        }
        x = next;
    }
    positions[index] = x;
}
