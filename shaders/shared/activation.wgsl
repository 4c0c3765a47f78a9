// What neurons make of their inputs, four at a time, as in src/learning/activation.rs. Exponential and logarithm are WGSL's own:
// here they are promised to about 1e-6. No bindings, no entry point: it stands before the kernels that use it.

// 1/(1 + e^−x)
fn sigmoid(x: vec4f) -> vec4f {
    return 1.0 / (1.0 + exp(-clamp(x, vec4f(-80.0), vec4f(80.0))));
}

// By the smaller of the two shares: WGSL promises its own tanh to 5e-4 only.
fn tanh_by_share(x: vec4f) -> vec4f {
    return sign(x) * (1.0 - 2.0 * sigmoid(-2.0 * abs(x)));
}

// φ, by its place in the list of activations: SiLU, softplus, tanh, GELU (by tanh).
fn activated(which: u32, x: vec4f) -> vec4f {
    switch which {
        case 0u: {
            return x * sigmoid(x);
        }
        case 1u: {
            return 0.5 * (x + abs(x)) + log(1.0 + exp(-min(abs(x), vec4f(80.0))));
        }
        case 2u: {
            return tanh_by_share(x);
        }
        default: {
            return 0.5 * x * (1.0 + tanh_by_share(0.7978846 * x * (1.0 + 0.044715 * x * x)));
        }
    }
}
