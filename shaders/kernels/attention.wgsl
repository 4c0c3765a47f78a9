// out_q = Σ_k p_qk v_k,   p_qk = e^{s_qk} / Σ_k e^{s_qk},   s_qk = ⟨q_q, k_k⟩ / √D, for each head, without the T × T matrix: keys pass
// by in tiles of 32, and what was summed so far is scaled down where a tile holds a greater score (Milakov & Gimelshein 2018).
//
// A workgroup of 8 × 8 invocations makes 64 channels of 32 queries. It multiplies a tile of queries with a tile of keys, 4 × 4
// numbers an invocation, by slices of 16 channels; then the tile's e^s with the values, 4 × 8 an invocation, 16 keys at a time.
// A head of more than 64 channels takes several workgroups, each with the scores for itself.
//
// Shapes: N images, h heads of D channels, T tokens.
// Dispatch: (⌈T / 32⌉, h ⌈D / 64⌉, N) workgroups.
// Wants stored_f32.wgsl or stored_f16.wgsl and outer.wgsl before it. Readable twin: src/gpu/reference/attention.rs.

struct Call {
    // D
    channels: u32,
    tokens: u32,
    // 1 / √D
    scale: f32,
}

// shape (N, h, D, T)
@group(0) @binding(0) var<storage, read> queries: array<Stored>;
// shape (N, h, D, T)
@group(0) @binding(1) var<storage, read> keys: array<Stored>;
// shape (N, h, D, T)
@group(0) @binding(2) var<storage, read> values: array<Stored>;
// shape (N, h, D, T)
@group(0) @binding(3) var<storage, read_write> output: array<Stored>;
// one
@group(0) @binding(4) var<uniform> call: Call;

// Tokens of a tile; channels of a slice of queries and keys, which is also keys of a slice of values.
const TILE = 32u;
const SLICE = 16u;
// Channels that a workgroup makes, and how far apart rows of values lie, so that what is stored together falls on different banks.
const MADE = 64u;
const ROW = 68u;
const LEAST = -3.0e38;

var<workgroup> query_slice: array<vec4f, SLICE * TILE / 4u>;
var<workgroup> key_slice: array<vec4f, SLICE * TILE / 4u>;
var<workgroup> value_slice: array<vec4f, SLICE * ROW / 4u>;
// By key, then query: scores, then e^{score − greatest}.
var<workgroup> scores: array<vec4f, TILE * TILE / 4u>;
// Two halves of the keys, then by query.
var<workgroup> found: array<f32, 2u * TILE>;
// By query: by how much sums so far shrink; at last, the sum of all e^s.
var<workgroup> shrink: array<vec4f, TILE / 4u>;

// m diag(f)
fn columns_times(m: mat4x4f, f: vec4f) -> mat4x4f {
    return mat4x4f(m[0] * f.x, m[1] * f.y, m[2] * f.z, m[3] * f.w);
}

// SLICE channels of TILE queries and keys, 0 outside.
fn load_slice(first: u32, query: u32, key: u32, head: u32, index: u32) {
    let token = index % TILE;
    for (var i = index / TILE; i < SLICE; i += 2u) {
        let at = (first + i) * call.tokens;
        var q = 0.0;
        var k = 0.0;
        if first + i < call.channels && query + token < call.tokens {
            q = f32(queries[head + at + query + token]);
        }
        if first + i < call.channels && key + token < call.tokens {
            k = f32(keys[head + at + key + token]);
        }
        query_slice[(i * TILE + token) / 4u][token % 4u] = q;
        key_slice[(i * TILE + token) / 4u][token % 4u] = k;
    }
}

// MADE channels from `first` of SLICE keys, 0 outside.
fn load_values(first: u32, key: u32, head: u32, index: u32) {
    let token = index % SLICE;
    for (var i = index / SLICE; i < MADE; i += 4u) {
        var v = 0.0;
        if first + i < call.channels && key + token < call.tokens {
            v = f32(values[head + (first + i) * call.tokens + key + token]);
        }
        value_slice[(token * ROW + i) / 4u][i % 4u] = v;
    }
}

// Four queries' scores of a key; those of no key are the least there are.
fn store_scores(four: vec4f, key: u32, i: u32, queries_of: u32) {
    scores[i * TILE / 4u + queries_of] = select(four, vec4f(LEAST), key + i >= call.tokens);
}

// Four channels of a query.
fn finish(four: vec4f, head: u32, channel: u32, query: u32) {
    for (var i = 0u; i < 4u && query < call.tokens; i++) {
        if channel + i < call.channels {
            output[head + (channel + i) * call.tokens + query] = Stored(four[i]);
        }
    }
}

// Column by column, without a loop: drivers may keep out of registers what is indexed by one.
fn finish_block(block: mat4x4f, head: u32, channel: u32, query: u32) {
    finish(block[0], head, channel, query);
    finish(block[1], head, channel, query + 1u);
    finish(block[2], head, channel, query + 2u);
    finish(block[3], head, channel, query + 3u);
}

@compute @workgroup_size(8, 8)
fn attention(
    @builtin(workgroup_id) tile: vec3u,
    @builtin(num_workgroups) grid: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) index: u32,
) {
    let slabs = (call.channels + MADE - 1u) / MADE;
    let heads = grid.y / slabs;
    let head = (tile.z * heads + tile.y / slabs) * call.channels * call.tokens;
    let made = tile.y % slabs * MADE;
    let query = tile.x * TILE;
    // Of the query `index % TILE`: the greatest score so far and the sum of e^{score − greatest}.
    let mine = index % TILE;
    let half = index / TILE;
    var greatest = LEAST;
    var sum = 0.0;
    // Columns are queries, rows channels.
    var near = mat4x4f();
    var far = mat4x4f();
    for (var key = 0u; key < call.tokens; key += TILE) {
        // Columns are queries, rows keys.
        var s = mat4x4f();
        for (var first = 0u; first < call.channels; first += SLICE) {
            workgroupBarrier();
            load_slice(first, query, key, head, index);
            workgroupBarrier();
            for (var i = 0u; i < SLICE; i++) {
                s += outer(key_slice[i * TILE / 4u + local.x], query_slice[i * TILE / 4u + local.y]);
            }
        }
        let rows = transpose(s) * call.scale;
        store_scores(rows[0], key, 4u * local.x, local.y);
        store_scores(rows[1], key, 4u * local.x + 1u, local.y);
        store_scores(rows[2], key, 4u * local.x + 2u, local.y);
        store_scores(rows[3], key, 4u * local.x + 3u, local.y);
        workgroupBarrier();
        var most = LEAST;
        for (var i = half * SLICE; i < (half + 1u) * SLICE; i++) {
            most = max(most, scores[(i * TILE + mine) / 4u][mine % 4u]);
        }
        found[index] = most;
        workgroupBarrier();
        let before = greatest;
        greatest = max(greatest, max(found[mine], found[TILE + mine]));
        workgroupBarrier();
        var share = 0.0;
        for (var i = half * SLICE; i < (half + 1u) * SLICE; i++) {
            let e = exp(scores[(i * TILE + mine) / 4u][mine % 4u] - greatest);
            scores[(i * TILE + mine) / 4u][mine % 4u] = e;
            share += e;
        }
        found[index] = share;
        let less = exp(before - greatest);
        shrink[mine / 4u][mine % 4u] = less;
        workgroupBarrier();
        sum = sum * less + found[mine] + found[TILE + mine];
        near = columns_times(near, shrink[local.y]);
        far = columns_times(far, shrink[local.y]);
        for (var first = 0u; first < TILE; first += SLICE) {
            workgroupBarrier();
            load_values(made, key + first, head, index);
            workgroupBarrier();
            for (var i = 0u; i < SLICE; i++) {
                let e = scores[(first + i) * TILE / 4u + local.y];
                near += outer(value_slice[i * ROW / 4u + local.x], e);
                far += outer(value_slice[i * ROW / 4u + 8u + local.x], e);
            }
        }
    }
    workgroupBarrier();
    shrink[mine / 4u][mine % 4u] = 1.0 / sum;
    workgroupBarrier();
    near = columns_times(near, shrink[local.y]);
    far = columns_times(far, shrink[local.y]);
    finish_block(near, head, made + 4u * local.x, query + 4u * local.y);
    finish_block(far, head, made + 32u + 4u * local.x, query + 4u * local.y);
}
