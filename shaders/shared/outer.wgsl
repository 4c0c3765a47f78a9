// What products of tiles are made of. No bindings, no entry point: it stands before the kernels that use it.

// a bᵀ, column by column.
fn outer(a: vec4f, b: vec4f) -> mat4x4f {
    return mat4x4f(a * b.x, a * b.y, a * b.z, a * b.w);
}
