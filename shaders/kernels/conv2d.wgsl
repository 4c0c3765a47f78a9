// out[n, o, y, x] = scale (bias[o] + shift[o] + residual[n, o, y, x] + Σ w[o, c, i, j] in[n, c, y', x'])
// with y' = stride y + i − padding and x' = stride x + j − padding, summed over c, i, j; what lies outside is 0. Where `doubled`
// is 1, `in` is an image whose pixels are each taken twice along both axes; it is nowhere in memory.
//
// A product of matrices, (O, K) by (K, N·Y·X), of which the second is never written down: its tiles are gathered from the
// image. K runs over blocks of 8 channels, in a block over the KERNEL² taps, in a tap over the block's channels, so that
// what one tap gathers the next finds in the cache; eight channels under one tap are a slice. A workgroup of T² invocations
// (T = ACROSS) makes 8T channels of 8T pixels, each invocation 8 × 8 of them in registers. Two slices lie in workgroup
// memory: one is filled while the other is multiplied.
//
// Shapes: N images, C channels of H × W pixels in, O of Y × X out; P parts of K, each of which a workgroup of its own sums.
// Dispatch: (⌈N·Y·X / 8T⌉, ⌈O / 8T⌉, P) workgroups. With P > 1 the sums go to `parts`, and conv2d_sum.wgsl adds them up.
// Wants stored_f32.wgsl or stored_f16.wgsl and outer.wgsl before it. Readable twin: src/gpu/reference/conv2d.rs.

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
    doubled: u32,
    padding: u32,
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

// Two slices of 8 rows of 8T numbers, by fours.
var<workgroup> weight_tiles: array<vec4f, 2 * DEPTH * FOURS * ACROSS>;
var<workgroup> pixel_tiles: array<vec4f, 2 * DEPTH * FOURS * ACROSS>;

// Rows of a slice, and vectors of a row of a tile for each invocation across it.
const DEPTH = 8u;
const FOURS = 2u;
const NOWHERE = 0xffffffffu;

// Four output channels' weights of one row of K.
fn fetch_weights(row: u32, four: u32) -> vec4f {
    let fours = (call.out_channels + 3u) / 4u;
    if four >= fours {
        return vec4f(0.0);
    }
    return vec4f(weights[row * fours + four]);
}

// Where the number of the slice's first channel lies, for the pixel whose window begins at `corner` of the image at `base`.
fn find(slice: u32, base: u32, corner: vec2i) -> u32 {
    let tap = slice % (KERNEL * KERNEL);
    let at = vec2u(corner + vec2i(vec2u(tap / KERNEL, tap % KERNEL)));
    let size = vec2u(call.height, call.width);
    // What is above or left of the image has become a large number.
    if any(at >= size << vec2u(call.doubled)) {
        return NOWHERE;
    }
    let pixel = at >> vec2u(call.doubled);
    let channel = slice / (KERNEL * KERNEL) * DEPTH;
    return base + channel * size.x * size.y + pixel.x * size.y + pixel.y;
}

// The number of a channel under the slice's tap; 0 outside.
fn fetch_pixel(begin: u32, slice: u32, i: u32) -> f32 {
    let channel = slice / (KERNEL * KERNEL) * DEPTH + i;
    if begin == NOWHERE || channel >= call.channels {
        return 0.0;
    }
    return f32(input[begin + i * call.height * call.width]);
}

// Four channels of a slice, from its `first` on. No loop: drivers may keep out of registers what is indexed by one.
fn fetch_pixels(begin: u32, slice: u32, first: u32) -> vec4f {
    return vec4f(
        fetch_pixel(begin, slice, first),
        fetch_pixel(begin, slice, first + 1u),
        fetch_pixel(begin, slice, first + 2u),
        fetch_pixel(begin, slice, first + 3u),
    );
}

// Four channels of a pixel go to four rows of a tile.
fn store_pixels(tile: u32, first: u32, pixel: u32, four: vec4f) {
    let row = FOURS * ACROSS;
    let at = tile + first * row + pixel / 4u;
    pixel_tiles[at][pixel % 4u] = four.x;
    pixel_tiles[at + row][pixel % 4u] = four.y;
    pixel_tiles[at + 2u * row][pixel % 4u] = four.z;
    pixel_tiles[at + 3u * row][pixel % 4u] = four.w;
}

// Four output channels of pixel q, of all of K or of a part of it.
fn finish(sums: vec4f, channel: u32, q: u32, part: u32) {
    let area = call.out_height * call.out_width;
    let image = q / area;
    for (var i = 0u; i < 4u && image < call.images; i++) {
        let o = channel + i;
        if o >= call.out_channels {
            break;
        }
        let at = (image * call.out_channels + o) * area + q % area;
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
    let side = 8u * ACROSS;
    let row_of_tile = FOURS * ACROSS;
    let last = min((tile.z + 1u) * call.slices_of_a_part, call.slices);
    // What this invocation brings of each slice: one pixel's channels from `first` on, and a row's weights for four outputs;
    // of both twice as many, where invocations are 64.
    let pixel = index % side;
    let first = index / side * 4u;
    let row = index / row_of_tile;
    let four = tile.y * row_of_tile + index % row_of_tile;
    let q = tile.x * side + pixel;
    let line = q / call.out_width;
    let image = line / call.out_height;
    let base = image * call.channels * call.height * call.width;
    var corner = vec2i(vec2u(line % call.out_height, q % call.out_width) * call.stride) - vec2i(i32(call.padding));
    if image >= call.images {
        corner = vec2i(-8);
    }
    var slice = tile.z * call.slices_of_a_part;
    var begin = find(slice, base, corner);
    var pixels = fetch_pixels(begin, slice, first);
    var more_pixels = fetch_pixels(begin, slice, 4u);
    var weight = fetch_weights(slice * DEPTH + row, four);
    var more_weight = fetch_weights(slice * DEPTH + row + 4u, four);
    // Columns are pixels, rows channels; near and far are 4T apart.
    var near_near = mat4x4f();
    var near_far = mat4x4f();
    var far_near = mat4x4f();
    var far_far = mat4x4f();
    for (; slice < last; slice++) {
        let tiles = slice % 2u * DEPTH * row_of_tile;
        weight_tiles[tiles + index] = weight;
        store_pixels(tiles, first, pixel, pixels);
        if ACROSS == 8u {
            weight_tiles[tiles + 4u * row_of_tile + index] = more_weight;
            store_pixels(tiles, 4u, pixel, more_pixels);
        }
        workgroupBarrier();
        if slice + 1u < last {
            begin = find(slice + 1u, base, corner);
            pixels = fetch_pixels(begin, slice + 1u, first);
            weight = fetch_weights((slice + 1u) * DEPTH + row, four);
            if ACROSS == 8u {
                more_pixels = fetch_pixels(begin, slice + 1u, 4u);
                more_weight = fetch_weights((slice + 1u) * DEPTH + row + 4u, four);
            }
        }
        for (var k = 0u; k < DEPTH; k++) {
            let at = tiles + k * row_of_tile;
            let near_weights = weight_tiles[at + local.y];
            let far_weights = weight_tiles[at + ACROSS + local.y];
            let near_pixels = pixel_tiles[at + local.x];
            let far_pixels = pixel_tiles[at + ACROSS + local.x];
            near_near += outer(near_weights, near_pixels);
            near_far += outer(near_weights, far_pixels);
            far_near += outer(far_weights, near_pixels);
            far_far += outer(far_weights, far_pixels);
        }
    }
    let o = tile.y * side + 4u * local.y;
    let p = tile.x * side + 4u * local.x;
    finish_block(near_near, o, p, tile.z);
    finish_block(near_far, o, p + 4u * ACROSS, tile.z);
    finish_block(far_near, o + 4u * ACROSS, p, tile.z);
    finish_block(far_far, o + 4u * ACROSS, p + 4u * ACROSS, tile.z);
}
