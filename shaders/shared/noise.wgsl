// z = noise(key, counter), the numbers of src/noise.rs: Philox4x32-10 (Salmon et al. 2011), then Box & Muller 1958.
// Wants lanes.wgsl before it. No bindings, no entry point.

// The high half of the 64-bit product a·b, by halves of 16 bits: WGSL has no 64-bit integers.
fn high_half(a: u32, b: u32) -> u32 {
    let a0 = a & 0xffffu;
    let a1 = a >> 16u;
    let b0 = b & 0xffffu;
    let b1 = b >> 16u;
    let middle = a1 * b0 + ((a0 * b0) >> 16u);
    let carried = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16u) + (carried >> 16u);
}

// Ten rounds of the Philox4x32 bijection of the counter [index, step, block, purpose] under the key.
fn philox(first_key: vec2u, first_counter: vec4u) -> vec4u {
    var key = first_key;
    var c = first_counter;
    for (var round = 0u; round < 10u; round++) {
        let high = vec2u(high_half(c.x, 0xd2511f53u), high_half(c.z, 0xcd9e8d57u));
        c = vec4u(high.y ^ c.y ^ key.x, c.z * 0xcd9e8d57u, high.x ^ c.w ^ key.y, c.x * 0xd2511f53u);
        key += vec2u(0x9e3779b9u, 0xbb67ae85u);
    }
    return c;
}

// The 23 high bits as the middle of one of 2²³ equal cells: never 0, never 1.
fn unit_interval(bits: u32) -> f32 {
    return (f32(bits >> 9u) + 0.5) * (1.0 / 8388608.0);
}

// Two independent normals from two words.
fn box_muller(a: u32, b: u32) -> vec2f {
    return sqrt(-2.0 * lanes_ln(unit_interval(a))) * lanes_turn(unit_interval(b));
}
