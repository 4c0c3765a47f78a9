// out[n, o, p] = scale (bias[o] + shift[o] + residual[n, o, p] + Σ parts[i, n, o, p]), summed over i: the end of a convolution
// whose sums were taken in parts.
//
// Shapes: P parts; N images, O channels, A pixels.
// Dispatch: (⌈A / 64⌉, O, N) workgroups; an invocation for each number.
// Wants stored_f32.wgsl or stored_f16.wgsl before it. Readable twin: src/gpu/reference/conv2d_sum.rs.

struct Call {
    parts: u32,
    images: u32,
    channels: u32,
    area: u32,
    has_residual: u32,
    has_shift: u32,
    scale: f32,
}

// shape (P, N, O, A)
@group(0) @binding(0) var<storage, read> parts: array<f32>;
// shape (O)
@group(0) @binding(1) var<storage, read> bias: array<f32>;
// shape (O), read where has_shift is 1
@group(0) @binding(2) var<storage, read> shift: array<f32>;
// shape (N, O, A), read where has_residual is 1
@group(0) @binding(3) var<storage, read> residual: array<Stored>;
// shape (N, O, A)
@group(0) @binding(4) var<storage, read_write> output: array<Stored>;
// one
@group(0) @binding(5) var<uniform> call: Call;

@compute @workgroup_size(64)
fn conv2d_sum(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= call.area {
        return;
    }
    let at = (id.z * call.channels + id.y) * call.area + id.x;
    var sum = bias[id.y];
    for (var part = 0u; part < call.parts; part++) {
        sum += parts[part * call.images * call.channels * call.area + at];
    }
    if call.has_shift == 1u {
        sum += shift[id.y];
    }
    if call.has_residual == 1u {
        sum += f32(residual[at]);
    }
    output[at] = Stored(call.scale * sum);
}
