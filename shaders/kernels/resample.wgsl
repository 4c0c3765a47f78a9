// Half or twice the height and width, channel by channel, by the same filter along each axis:
//   average   y_i = ½ (x_2i + x_2i+1)                                nearest   y_2i = y_2i+1 = x_i
//   FIR down  y_i = ⅛ (x_2i−1 + 3 x_2i + 3 x_2i+1 + x_2i+2)          FIR up    y_2i = ¼ (x_i−1 + 3 x_i), y_2i+1 = ¼ (3 x_i + x_i+1)
// What lies outside the image is 0. Every one of them is y_i = Σ_j filter_j x_{first(i) + j}, at most four numbers.
//
// Shapes: N images, C channels of H × W pixels in, Y × X out.
// Dispatch: (⌈X·Y / 64⌉, C, N) workgroups; an invocation for each number.
// Wants stored_f32.wgsl or stored_f16.wgsl before it. Readable twin: src/gpu/reference/resample.rs.

struct Call {
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    // 0 average, 1 nearest, 2 FIR down, 3 FIR up.
    how: u32,
}

// shape (N, C, H, W)
@group(0) @binding(0) var<storage, read> input: array<Stored>;
// shape (N, C, Y, X)
@group(0) @binding(1) var<storage, read_write> output: array<Stored>;
// one
@group(0) @binding(2) var<uniform> call: Call;

// first(i)
fn first(i: i32) -> i32 {
    switch call.how {
        case 0u: { return 2 * i; }
        case 1u: { return i / 2; }
        case 2u: { return 2 * i - 1; }
        default: { return (i + 1) / 2 - 1; }
    }
}

fn filter_of(i: i32) -> vec4f {
    switch call.how {
        case 0u: { return vec4f(0.5, 0.5, 0.0, 0.0); }
        case 1u: { return vec4f(1.0, 0.0, 0.0, 0.0); }
        case 2u: { return vec4f(0.125, 0.375, 0.375, 0.125); }
        default: { return select(vec4f(0.75, 0.25, 0.0, 0.0), vec4f(0.25, 0.75, 0.0, 0.0), i % 2 == 0); }
    }
}

@compute @workgroup_size(64)
fn resample(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
    if id.x >= call.out_height * call.out_width {
        return;
    }
    let at = vec2i(vec2u(id.x / call.out_width, id.x % call.out_width));
    let corner = vec2i(first(at.x), first(at.y));
    let rows = filter_of(at.x);
    let columns = filter_of(at.y);
    let plane = id.z * grid.y + id.y;
    let begin = plane * call.height * call.width;
    var sum = 0.0;
    for (var i = 0; i < 4; i++) {
        for (var j = 0; j < 4; j++) {
            // What is above or left of the image becomes a large number.
            let pixel = vec2u(corner + vec2i(i, j));
            let weight = rows[i] * columns[j];
            if weight != 0.0 && pixel.x < call.height && pixel.y < call.width {
                sum += weight * f32(input[begin + pixel.x * call.width + pixel.y]);
            }
        }
    }
    output[plane * call.out_height * call.out_width + id.x] = Stored(sum);
}
