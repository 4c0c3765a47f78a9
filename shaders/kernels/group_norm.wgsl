// out = f(((x − mean) / √(variance + ε) · weight[c] + bias[c]) (1 + modulation[c]) + modulation[C + c]), mean and variance those
// of x's group, from the moments of the group's pieces (Chan, Golub & LeVeque 1983), f the activation.
//
// Shapes: N images, C channels of A pixels in G groups, P pieces of moments a group.
// Dispatch: (⌈A / PIECE⌉, C, N) workgroups.
// Wants stored_f32.wgsl or stored_f16.wgsl and unet_activation.wgsl before it. Readable twin: src/gpu/reference/group_norm.rs.

struct Call {
    channels: u32,
    groups: u32,
    area: u32,
    // P, and how many numbers each but the last has.
    pieces: u32,
    piece: u32,
    modulated: u32,
    activation: u32,
    epsilon: f32,
}

// shape (N, C, A)
@group(0) @binding(0) var<storage, read> input: array<Stored>;
// shape (N, G, P) of mean and Σ (x − mean)²
@group(0) @binding(1) var<storage, read> moments: array<vec2f>;
// shape (C)
@group(0) @binding(2) var<storage, read> weight: array<f32>;
// shape (C)
@group(0) @binding(3) var<storage, read> bias: array<f32>;
// shape (2, C), read where modulated is 1
@group(0) @binding(4) var<storage, read> modulation: array<f32>;
// shape (N, C, A)
@group(0) @binding(5) var<storage, read_write> output: array<Stored>;
// one
@group(0) @binding(6) var<uniform> call: Call;

const WIDTH = 256u;
// Pixels of a workgroup.
const PIECE = 4096u;

// Mean and 1/√(variance + ε) of a group.
fn moments_of(group: u32, length: u32) -> vec2f {
    var mean = 0.0;
    for (var i = 0u; i < call.pieces; i++) {
        mean += moments[group * call.pieces + i].x * f32(min(call.piece, length - i * call.piece));
    }
    mean /= f32(length);
    var spread = 0.0;
    for (var i = 0u; i < call.pieces; i++) {
        let piece = moments[group * call.pieces + i];
        let d = piece.x - mean;
        spread += piece.y + d * d * f32(min(call.piece, length - i * call.piece));
    }
    return vec2f(mean, inverseSqrt(spread / f32(length) + call.epsilon));
}

@compute @workgroup_size(WIDTH)
fn group_norm(@builtin(workgroup_id) at: vec3u, @builtin(local_invocation_index) index: u32) {
    let of_a_group = call.channels / call.groups;
    let normal = moments_of(at.z * call.groups + at.y / of_a_group, of_a_group * call.area);
    // out = f(slope (x − mean) + rise)
    var slope = normal.y * weight[at.y];
    var rise = bias[at.y];
    if call.modulated == 1u {
        let scale = 1.0 + modulation[at.y];
        slope *= scale;
        rise = rise * scale + modulation[call.channels + at.y];
    }
    let plane = (at.z * call.channels + at.y) * call.area;
    let last = min((at.x + 1u) * PIECE, call.area);
    for (var i = at.x * PIECE + index; i < last; i += WIDTH) {
        let x = f32(input[plane + i]) - normal.x;
        output[plane + i] = Stored(activated(call.activation, slope * x + rise));
    }
}
