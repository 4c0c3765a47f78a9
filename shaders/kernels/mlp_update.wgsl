// x ← a·x + b·s(k·x, σ) + c·z,   s(y, σ) = skip d + output F(input d, σ),   d = y − m,   z ~ N(0, I)
//
// F: H hidden layers h ← φ(W h + b) of equal width, then two numbers. What the first layer sees of σ is the same for all
// particles, and so stands in its biases, which are tabulated for each level. A workgroup takes TILE particles through all
// updates of a slice. What a layer answers stays in workgroup memory; an invocation answers 4 neurons for 4 particles at a
// time: a product of blocks of 4 × 4, in which each number that is loaded is used four times.
//
// Shapes: n particles in the plane, U updates, L noise levels, H hidden layers of width 4 N; widths are filled up with zeros.
// Dispatch: (row / TILE, rows, 1) workgroups with row · rows ≥ end − base; particle = base + lane + TILE · x + row · y.
// Wants lanes.wgsl, noise.wgsl, update.wgsl and activation.wgsl before it. Readable twin: src/gpu/reference/mlp_update.rs.

// Particles of a workgroup: a multiple of 4 with TILE · N ≤ 1024, and at most 256.
override TILE: u32 = 4u;
// N
override FOURS: u32 = 4u;
// H
override HIDDEN: u32 = 1u;
// φ, by its place in the list of activations.
override ACTIVATION: u32 = 0u;
// What the noise is drawn for: `Purpose::Sampler`.
override PURPOSE: u32 = 2u;

struct Level {
    // m
    centre: vec2f,
    // The last layer's biases.
    bias: vec2f,
    input: f32,
    skip: f32,
    output: f32,
}

// shape (n)
@group(0) @binding(0) var<storage, read_write> positions: array<vec2f>;
// shape (U)
@group(0) @binding(1) var<storage, read> updates: array<Update>;
// shape (L)
@group(0) @binding(2) var<storage, read> levels: array<Level>;
// shape (4 + (H − 1) 4 N + 2, N): a row of each layer per input, the last layer's two per output
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
// shape (H − 1 + L, N): of the hidden layers after the first, then of the first at each level
@group(0) @binding(4) var<storage, read> biases: array<vec4f>;
// one
@group(0) @binding(5) var<uniform> slice: Slice;

// shape (TILE, N): what the next layer sees of each particle; at the end, what each four neurons add to the answer. 16 KiB are
// what every adapter has.
var<workgroup> seen: array<vec4f, 1024>;

// F(u, σ) of the particle of each lane below TILE.
fn network(lane: u32, u: vec2f, level: u32) -> vec2f {
    let four = lane % FOURS;
    let first = lane / FOURS * 4u;
    let busy = first < TILE;
    if lane < TILE {
        seen[lane * FOURS] = vec4f(u, 0.0, 0.0);
    }
    workgroupBarrier();
    var row = 0u;
    for (var layer = 0u; layer < HIDDEN; layer++) {
        var h = mat4x4f();
        let blocks = select(FOURS, 1u, layer == 0u);
        if busy {
            let b = biases[select(layer - 1u, HIDDEN - 1u + level, layer == 0u) * FOURS + four];
            h = mat4x4f(b, b, b, b);
            for (var block = 0u; block < blocks; block++) {
                let w = (row + 4u * block) * FOURS + four;
                let s = first * FOURS + block;
                h += mat4x4f(weights[w], weights[w + FOURS], weights[w + 2u * FOURS], weights[w + 3u * FOURS])
                    * mat4x4f(seen[s], seen[s + FOURS], seen[s + 2u * FOURS], seen[s + 3u * FOURS]);
            }
        }
        row += 4u * blocks;
        workgroupBarrier();
        if busy {
            for (var i = 0u; i < 4u; i++) {
                var answer = activated(ACTIVATION, h[i]);
                if layer == HIDDEN - 1u {
                    let w = row * FOURS + four;
                    answer = vec4f(dot(weights[w], answer), dot(weights[w + FOURS], answer), 0.0, 0.0);
                }
                seen[(first + i) * FOURS + four] = answer;
            }
        }
        workgroupBarrier();
    }
    var sum = vec2f(0.0);
    if lane < TILE {
        // Each lane begins elsewhere: rows are a power of 2 apart, and memory has few doors.
        for (var i = 0u; i < FOURS; i++) {
            sum += seen[lane * FOURS + (i + lane) % FOURS].xy;
        }
    }
    return sum;
}

@compute @workgroup_size(256)
fn mlp_update(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = slice.base + lane + TILE * group.x + slice.row * group.y;
    let owns = lane < TILE && index < slice.end;
    var x = vec2f(0.0);
    if owns {
        x = positions[index];
    }
    for (var step = slice.first; step < slice.last; step++) {
        let update = updates[step];
        var next = update.a * x;
        if update.b != 0.0 {
            let level = levels[update.level];
            let d = update.scale * x - level.centre;
            let answer = network(lane, level.input * d, update.level) + level.bias;
            next += update.b * (level.skip * d + level.output * answer);
        }
        if owns && update.c != 0.0 {
            let bits = philox(slice.key, vec4u(index, step, 0u, PURPOSE));
            next += update.c * box_muller(bits.x, bits.y);
        }
        x = next;
    }
    if owns {
        positions[index] = x;
    }
}
