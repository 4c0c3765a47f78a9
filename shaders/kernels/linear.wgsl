// out[o] = bias[o] + Σ weights[o, i] x[i], of one vector.
//
// Shapes: I numbers in, O out.
// Dispatch: (O, 1, 1) workgroups, each of which reads one row of the weights together.
// Readable twin: src/gpu/reference/linear.rs.

struct Call {
    inputs: u32,
}

// shape (I)
@group(0) @binding(0) var<storage, read> input: array<f32>;
// shape (O, I)
@group(0) @binding(1) var<storage, read> weights: array<f32>;
// shape (O)
@group(0) @binding(2) var<storage, read> bias: array<f32>;
// shape (O)
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
// one
@group(0) @binding(4) var<uniform> call: Call;

const WIDTH = 64u;

var<workgroup> sums: array<f32, WIDTH>;

@compute @workgroup_size(WIDTH)
fn linear(@builtin(workgroup_id) at: vec3u, @builtin(local_invocation_index) index: u32) {
    var sum = 0.0;
    for (var i = index; i < call.inputs; i += WIDTH) {
        sum += weights[at.x * call.inputs + i] * input[i];
    }
    sums[index] = sum;
    for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if index < half {
            sums[index] += sums[index + half];
        }
    }
    if index == 0u {
        output[at.x] = sums[0] + bias[at.x];
    }
}
