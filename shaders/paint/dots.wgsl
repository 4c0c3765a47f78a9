// A disc at every particle: a square each, of which the fragment stage leaves what lies within.
//
// Shapes: n particles in the plane, one an instance, with the four corners of a strip of two triangles.
// Draw: 4 vertices, n instances.

struct Look {
    // From the plane to clip space: origin + scale x.
    scale: vec2f,
    origin: vec2f,
    // Half the sides of a square in clip space.
    half: vec2f,
    // What rounds the offset of the colour up.
    padding: vec2f,
    // Of a dot, as it is blended: its colours multiplied with its opacity.
    colour: vec4f,
}

struct Corner {
    @builtin(position) at: vec4f,
    // From the middle of the disc, in sixteenths of the square's side.
    @location(0) off: vec2f,
}

// one
@group(0) @binding(0) var<uniform> look: Look;

@vertex
fn corner(@builtin(vertex_index) number: u32, @location(0) x: vec2f) -> Corner {
    let side = 2.0 * vec2f(f32(number & 1u), f32(number >> 1u)) - 1.0;
    return Corner(vec4f(look.origin + look.scale * x + look.half * side, 0.0, 1.0), 8.0 * side);
}

// A disc of radius 7.5 less half of its edge, as the picture of a dot in src/ui/paint/particles.rs.
@fragment
fn ink(corner: Corner) -> @location(0) vec4f {
    return look.colour * clamp(7.5 - length(corner.off), 0.0, 1.0);
}
