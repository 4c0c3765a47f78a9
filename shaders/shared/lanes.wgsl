// Elementary functions as straight-line arithmetic, those of src/lanes.rs: WGSL promises its own sine to 5e-4 only.
// No bindings, no entry point: it stands before the kernels that use it.

// e^x to a few 1e-7 relative, for x ≤ 88; below −87 it is next to 0.
fn lanes_exp(x: f32) -> f32 {
    let y = clamp(x, -87.0, 88.0);
    let n = round(y * 1.44269504);
    let r = y - n * 0.6933594 + n * 2.1219444e-4;
    var p = 1.9875691e-4;
    p = p * r + 1.3981999e-3;
    p = p * r + 8.333452e-3;
    p = p * r + 4.1665796e-2;
    p = p * r + 0.16666666;
    p = p * r + 0.5;
    let power = p * r * r + r + 1.0;
    // −126 ≤ n ≤ 127 goes to the exponent.
    return bitcast<f32>(bitcast<u32>(power) + (bitcast<u32>(i32(n)) << 23u));
}

// ln x to a few 1e-7 relative, for positive normal x.
fn lanes_ln(x: f32) -> f32 {
    const ROOT_HALF = 0x3f3504f3u;
    // x = m 2^e with √½ ≤ m < √2
    let above = bitcast<u32>(x) - ROOT_HALF;
    let e = f32(bitcast<i32>(above) >> 23u);
    let f = bitcast<f32>((above & 0x007fffffu) + ROOT_HALF) - 1.0;
    let z = f * f;
    var p = 7.0376836e-2;
    p = p * f - 0.1151461;
    p = p * f + 0.11676999;
    p = p * f - 0.12420141;
    p = p * f + 0.14249323;
    p = p * f - 0.16668058;
    p = p * f + 0.20000715;
    p = p * f - 0.24999994;
    p = p * f + 0.3333333;
    let y = p * f * z - e * 2.1219444e-4 - 0.5 * z;
    return f + y + e * 0.6933594;
}

// (cos 2πt, sin 2πt) to a few 1e-7, for t in [0, 1].
fn lanes_turn(t: f32) -> vec2f {
    let quarters = round(4.0 * t);
    let x = (t - 0.25 * quarters) * 6.2831855;
    let z = x * x;
    let sine = ((-1.9515296e-4 * z + 8.332161e-3) * z - 0.16666655) * z * x + x;
    let cosine = ((2.4433157e-5 * z - 1.3887316e-3) * z + 4.1666646e-2) * z * z - 0.5 * z + 1.0;
    let quadrant = u32(quarters);
    let turned = select(vec2f(cosine, sine), vec2f(sine, cosine), (quadrant & 1u) == 1u);
    let below = (quadrant & 2u) == 2u;
    let left = ((quadrant + 1u) & 2u) == 2u;
    return turned * vec2f(select(1.0, -1.0, left), select(1.0, -1.0, below));
}
