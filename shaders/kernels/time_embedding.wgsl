// out[i] = sin 2π u_i and out[half + i] = cos 2π u_i, or cosines first, with u_i = turns[i] factor: as turns, because single
// precision keeps of a large angle what is asked for only where the whole turns are taken off before anything is rounded.
// Where the length is odd, the last number is 0.
//
// Shapes: C numbers, of which half are ⌊C / 2⌋.
// Dispatch: (⌈C / 64⌉, 1, 1) workgroups.
// Wants lanes.wgsl before it. Readable twin: src/gpu/reference/time_embedding.rs.

struct Call {
    length: u32,
    cosines_first: u32,
    // Which of the factors.
    factor: u32,
}

// shape (⌊C / 2⌋)
@group(0) @binding(0) var<storage, read> turns: array<f32>;
// shape (4): of the timestep t, 1, ln t, 1/t and t
@group(0) @binding(1) var<storage, read> factors: array<f32>;
// shape (C)
@group(0) @binding(2) var<storage, read_write> output: array<f32>;
// one
@group(0) @binding(3) var<uniform> call: Call;

@compute @workgroup_size(64)
fn time_embedding(@builtin(global_invocation_id) id: vec3u) {
    let pairs = call.length / 2u;
    if id.x >= call.length {
        return;
    }
    if id.x >= 2u * pairs {
        output[id.x] = 0.0;
        return;
    }
    let angle = lanes_turn(fract(turns[id.x % pairs] * factors[call.factor]));
    let cosine = (id.x < pairs) == (call.cosines_first == 1u);
    output[id.x] = select(angle.y, angle.x, cosine);
}
