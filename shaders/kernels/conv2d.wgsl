// out[n, o, y, x] = scale (bias[o] + shift[o] + residual[n, o, y, x] + Σ w[o, c, i, j] in[n, c, y', x'])
// with y' = stride y + i − top and x' = stride x + j − left, summed over c, i, j; what lies outside is 0. Where `enlarge` is
// 2, `in` is an image whose pixels are each taken twice along both axes; it is nowhere in memory.
//
// A product of matrices, (O, K) by (K, N·Y·X), of which the second is never written down: its tiles are gathered from the
// image. K runs over blocks of 8 channels, in a block over the KERNEL² taps, in a tap over the block's channels, so that
// what one tap gathers the next finds in the cache. A workgroup of T² invocations (T = ACROSS) makes 8T channels of 8T
// pixels, each invocation 8 × 8 of them in registers, by slices of T/2 of K. Two slices lie in workgroup memory: one is
// filled while the other is multiplied.
//
// Shapes: N images, C channels of H × W pixels in, O of Y × X out; P parts of K, each of which a workgroup of its own sums.
// Dispatch: (⌈N·Y·X / 8T⌉, ⌈O / 8T⌉, P) workgroups. With P > 1 the sums go to `parts`, and conv2d_sum.wgsl adds them up.
// Wants stored_f32.wgsl or stored_f16.wgsl before it. Readable twin: src/gpu/reference/conv2d.rs.

// T: 8 or 16.
override ACROSS: u32 = 8u;
// 1 or 3.
override KERNEL: u32 = 3u;

struct Call {
    images: u32,
    channels: u32,
    height: u32,
    width: u32,
    out_channels: u32,
    out_height: u32,
    out_width: u32,
    has_residual: u32,
    has_shift: u32,
    stride: u32,
    enlarge: u32,
    top: u32,
    left: u32,
    slices: u32,
    slices_of_a_part: u32,
    scale: f32,
}

// shape (N, C, H, W)
@group(0) @binding(0) var<storage, read> input: array<Stored>;
// shape (⌈C/8⌉ · KERNEL² · 8, ⌈O/4⌉) of four output channels, 0 where C or O is rounded up
@group(0) @binding(1) var<storage, read> weights: array<vec4<Stored>>;
// shape (O)
@group(0) @binding(2) var<storage, read> bias: array<f32>;
// shape (O), read where has_shift is 1
@group(0) @binding(3) var<storage, read> shift: array<f32>;
// shape (N, O, Y, X), read where has_residual is 1
@group(0) @binding(4) var<storage, read> residual: array<Stored>;
// shape (N, O, Y, X)
@group(0) @binding(5) var<storage, read_write> output: array<Stored>;
// shape (P, N, O, Y, X), or a few bytes where P = 1
@group(0) @binding(6) var<storage, read_write> parts: array<f32>;
// one
@group(0) @binding(7) var<uniform> call: Call;

// Two slices of T/2 rows of 8T numbers, by fours.
var<workgroup> weight_tiles: array<vec4f, 2 * ACROSS * ACROSS>;
var<workgroup> pixel_tiles: array<vec4f, 2 * ACROSS * ACROSS>;

// a bᵀ, column by column.
fn outer(a: vec4f, b: vec4f) -> mat4x4f {
    return mat4x4f(a * b.x, a * b.y, a * b.z, a * b.w);
}

// Where pixel q of all images lies: the image, its row and its column.
fn place(q: u32) -> vec3u {
    let row = q / call.out_width;
    return vec3u(row / call.out_height, row % call.out_height, q % call.out_width);
}

// Four output channels' weights of one row of K.
fn fetch_weights(row: u32, four: u32) -> vec4f {
    let fours = (call.out_channels + 3u) / 4u;
    if four >= fours {
        return vec4f(0.0);
    }
    return vec4f(weights[row * fours + four]);
}

// Four rows of K, which are four channels under one tap, for the pixel whose window begins at `corner` of the image at `base`.
fn fetch_pixels(row: u32, base: u32, corner: vec2i) -> vec4f {
    const BLOCK = 8u;
    let tap = row % (BLOCK * KERNEL * KERNEL) / BLOCK;
    let channel = row / (BLOCK * KERNEL * KERNEL) * BLOCK + row % BLOCK;
    let at = vec2u(corner + vec2i(vec2u(tap / KERNEL, tap % KERNEL)));
    // What is above or left of the image has become a large number.
    if at.x >= call.height * call.enlarge || at.y >= call.width * call.enlarge {
        return vec4f(0.0);
    }
    let plane = call.height * call.width;
    let begin = base + channel * plane + at.x / call.enlarge * call.width + at.y / call.enlarge;
    var four = vec4f(0.0);
    for (var i = 0u; i < 4u; i++) {
        if channel + i < call.channels {
            four[i] = f32(input[begin + i * plane]);
        }
    }
    return four;
}

// Four output channels of pixel q.
fn finish(sums: vec4f, channel: u32, q: u32, part: u32) {
    let area = call.out_height * call.out_width;
    let image = q / area;
    let pixel = q % area;
    for (var i = 0u; i < 4u && image < call.images; i++) {
        let o = channel + i;
        if o >= call.out_channels {
            break;
        }
        let at = (image * call.out_channels + o) * area + pixel;
        if call.slices_of_a_part < call.slices {
            parts[part * call.images * call.out_channels * area + at] = sums[i];
            continue;
        }
        var sum = sums[i] + bias[o];
        if call.has_shift == 1u {
            sum += shift[o];
        }
        if call.has_residual == 1u {
            sum += f32(residual[at]);
        }
        output[at] = Stored(call.scale * sum);
    }
}

fn finish_block(sums: mat4x4f, channel: u32, q: u32, part: u32) {
    finish(sums[0], channel, q, part);
    finish(sums[1], channel, q + 1u, part);
    finish(sums[2], channel, q + 2u, part);
    finish(sums[3], channel, q + 3u, part);
}

@compute @workgroup_size(ACROSS, ACROSS)
fn conv2d(
    @builtin(workgroup_id) tile: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) index: u32,
) {
    const FOURS = 2u;
    let side = 8u * ACROSS;
    let depth = ACROSS / 2u;
    let first = tile.z * call.slices_of_a_part;
    let last = min(first + call.slices_of_a_part, call.slices);
    // What this invocation gathers of each slice: four channels of one pixel, and one row's weights for four channels.
    let pixel = index % side;
    let channels = index / side * 4u;
    let at = place(tile.x * side + pixel);
    let base = at.x * call.channels * call.height * call.width;
    var corner = vec2i(at.yz * call.stride) - vec2i(vec2u(call.top, call.left));
    if at.x >= call.images {
        corner = vec2i(-8);
    }
    let weight_row = index / (FOURS * ACROSS);
    let weight_four = index % (FOURS * ACROSS);
    var gathered = fetch_pixels(first * depth + channels, base, corner);
    var row = fetch_weights(first * depth + weight_row, tile.y * FOURS * ACROSS + weight_four);
    // Columns are pixels, rows channels; near and far are 4T apart.
    var near_near = mat4x4f();
    var near_far = mat4x4f();
    var far_near = mat4x4f();
    var far_far = mat4x4f();
    for (var s = first; s < last; s++) {
        let tiles = (s - first) % 2u * ACROSS * ACROSS;
        weight_tiles[tiles + index] = row;
        for (var i = 0u; i < 4u; i++) {
            pixel_tiles[tiles + (channels + i) * FOURS * ACROSS + pixel / 4u][pixel % 4u] = gathered[i];
        }
        workgroupBarrier();
        if s + 1u < last {
            gathered = fetch_pixels((s + 1u) * depth + channels, base, corner);
            row = fetch_weights((s + 1u) * depth + weight_row, tile.y * FOURS * ACROSS + weight_four);
        }
        for (var k = 0u; k < depth; k++) {
            let begin = tiles + k * FOURS * ACROSS;
            let near_weights = weight_tiles[begin + local.y];
            let far_weights = weight_tiles[begin + ACROSS + local.y];
            let near_pixels = pixel_tiles[begin + local.x];
            let far_pixels = pixel_tiles[begin + ACROSS + local.x];
            near_near += outer(near_weights, near_pixels);
            near_far += outer(near_weights, far_pixels);
            far_near += outer(far_weights, near_pixels);
            far_far += outer(far_weights, far_pixels);
        }
    }
    let o = tile.y * side + 4u * local.y;
    let q = tile.x * side + 4u * local.x;
    finish_block(near_near, o, q, tile.z);
    finish_block(near_far, o, q + 4u * ACROSS, tile.z);
    finish_block(far_near, o + 4u * ACROSS, q, tile.z);
    finish_block(far_far, o + 4u * ACROSS, q + 4u * ACROSS, tile.z);
}
