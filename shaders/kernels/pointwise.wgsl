// out = f(scale factor x + offset), number by number: an affine map, an activation, a division by the timestep; a copy into
// some of an image's channels.
//
// Shapes: N images of L numbers.
// Dispatch: (⌈L / 256⌉ or as many as there may be, N, 1) workgroups, which go on through the image together.
// Wants stored_f32.wgsl or stored_f16.wgsl and unet_activation.wgsl before it. Readable twin: src/gpu/reference/pointwise.rs.

struct Call {
    length: u32,
    out_base: u32,
    out_stride: u32,
    activation: u32,
    // Which of the factors.
    factor: u32,
    scale: f32,
    offset: f32,
}

// shape (N, L)
@group(0) @binding(0) var<storage, read> input: array<Stored>;
// shape (4): of the timestep t, 1, ln t, 1/t and t
@group(0) @binding(1) var<storage, read> factors: array<f32>;
// shape (N, L), images out_stride apart
@group(0) @binding(2) var<storage, read_write> output: array<Stored>;
// one
@group(0) @binding(3) var<uniform> call: Call;

const WIDTH = 256u;

@compute @workgroup_size(WIDTH)
fn pointwise(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
    let scale = call.scale * factors[call.factor];
    for (var i = id.x; i < call.length; i += WIDTH * grid.x) {
        let x = f32(input[id.y * call.length + i]);
        output[call.out_base + id.y * call.out_stride + i] = Stored(activated(call.activation, scale * x + call.offset));
    }
}
