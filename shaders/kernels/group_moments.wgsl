// mean = Σ x / n and spread = Σ (x − mean)² of each piece of each group of channels: twice over the numbers, because the
// difference of two large sums would lose what is asked for.
//
// Shapes: N images, G groups of L numbers each, which lie together; a group is cut into P pieces, the last of which may be
// shorter.
// Dispatch: (P, G, N) workgroups.
// Wants stored_f32.wgsl or stored_f16.wgsl before it. Readable twin: src/gpu/reference/group_moments.rs.

struct Call {
    groups: u32,
    // L
    length: u32,
    // Numbers of a piece.
    piece: u32,
}

// shape (N, G, L)
@group(0) @binding(0) var<storage, read> input: array<Stored>;
// shape (N, G, P) of mean and spread
@group(0) @binding(1) var<storage, read_write> moments: array<vec2f>;
// one
@group(0) @binding(2) var<uniform> call: Call;

const WIDTH = 256u;

var<workgroup> sums: array<f32, WIDTH>;

// The sum of what every invocation of the workgroup brings.
fn total(index: u32, mine: f32) -> f32 {
    workgroupBarrier();
    sums[index] = mine;
    for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if index < half {
            sums[index] += sums[index + half];
        }
    }
    workgroupBarrier();
    return sums[0];
}

@compute @workgroup_size(WIDTH)
fn group_moments(
    @builtin(workgroup_id) at: vec3u,
    @builtin(num_workgroups) grid: vec3u,
    @builtin(local_invocation_index) index: u32,
) {
    let group = at.z * call.groups + at.y;
    let first = group * call.length + at.x * call.piece;
    let last = min(first + call.piece, (group + 1u) * call.length);
    var sum = 0.0;
    for (var i = first + index; i < last; i += WIDTH) {
        sum += f32(input[i]);
    }
    let mean = total(index, sum) / f32(last - first);
    sum = 0.0;
    for (var i = first + index; i < last; i += WIDTH) {
        let d = f32(input[i]) - mean;
        sum += d * d;
    }
    let spread = total(index, sum);
    if index == 0u {
        moments[group * grid.x + at.x] = vec2f(mean, spread);
    }
}
