// What every executor of plans reads: x ← a·x + b·s(k·x, σ) + c·z, and which particles and updates a dispatch takes.
// No bindings, no entry point: it stands before the kernels that use it.

struct Update {
    a: f32,
    // Factor of the score; where it is 0 the score is not asked.
    b: f32,
    // Factor of the noise; where it is 0 none is drawn.
    c: f32,
    // k
    scale: f32,
    // Which of the L noise levels.
    level: u32,
}

struct Slice {
    // The noise's key.
    key: vec2u,
    // The slice's first particle, and the first that is no more in it.
    base: u32,
    end: u32,
    // Particles of one row of workgroups.
    row: u32,
    // The slice's first update, and the first that is no more in it.
    first: u32,
    last: u32,
}
