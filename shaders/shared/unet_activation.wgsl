// The functions between layers, by the numbers of `Activation` in src/gpu/kernels/mod.rs.
// No bindings, no entry point: it stands before the kernels that use it.

// x / (1 + e^−x); beyond −80 the quotient is 0, and no infinity is met on the way.
fn silu(x: f32) -> f32 {
    return x / (1.0 + exp(-max(x, -80.0)));
}

// tanh(ln(1 + u)) = (u² + 2u) / (u² + 2u + 2) with u = e^x, which is 1 in single precision from x = 20 on.
fn mish(x: f32) -> f32 {
    let u = exp(min(x, 20.0));
    let v = u * (u + 2.0);
    return x * (v / (v + 2.0));
}

// x Φ(x), with Abramowitz & Stegun 7.1.26 for the error function: 1.5e-7.
fn gelu(x: f32) -> f32 {
    let z = abs(x) * 0.70710678;
    let t = 1.0 / (1.0 + 0.3275911 * z);
    let p = ((((1.0614054 * t - 1.4531520) * t + 1.4214138) * t - 0.28449674) * t + 0.2548296) * t;
    let tail = 0.5 * p * exp(-z * z);
    return x * select(1.0 - tail, tail, x < 0.0);
}

fn activated(kind: u32, x: f32) -> f32 {
    switch kind {
        case 1u: { return silu(x); }
        case 2u: { return mish(x); }
        case 3u: { return gelu(x); }
        case 4u: { return max(x, 0.0); }
        default: { return x; }
    }
}
