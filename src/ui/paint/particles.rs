//! Particles as dots: one picture of a dot, as often as there are particles.

use egui::{Color32, ColorImage, Id, Mesh, Painter, Pos2, Shape, TextureHandle, TextureId, TextureOptions, pos2, vec2};

use super::canvas::Plane;
use crate::ui::theme::Palette;

/// Side of the picture of a dot, in pixels; the dot leaves one free all round, for its soft edge.
const SIDE: usize = 16;

/// Paints the particles that are in sight; `x` of shape (n, 2). Those that are no longer finite are nowhere.
pub fn paint(painter: &Painter, plane: &Plane, x: &[f32], palette: &Palette) {
    paint_coloured(painter, plane, x, palette.particle_radius, |_| palette.particle);
}

/// The same, particle i in the colour of i.
pub fn paint_coloured(painter: &Painter, plane: &Plane, x: &[f32], radius: f32, colour: impl Fn(usize) -> Color32) {
    if x.is_empty() {
        return;
    }
    let mut dots = Dots::new(painter, radius);
    let sight = plane.rect.expand(radius);
    for (i, x) in x.chunks_exact(2).enumerate() {
        let centre = plane.at(x[0].into(), x[1].into());
        if sight.contains(centre) {
            dots.push(centre, colour(i));
        }
    }
    painter.add(Shape::mesh(dots.mesh));
}

/// Half the side of a dot's square, its soft edge included.
#[expect(clippy::cast_precision_loss, reason = "a few pixels")]
pub fn half_side(radius: f32) -> f32 {
    radius * SIDE as f32 / (SIDE - 2) as f32
}

/// Two triangles a dot.
struct Dots {
    mesh: Mesh,
    half: f32,
}

impl Dots {
    fn new(painter: &Painter, radius: f32) -> Self {
        Self { mesh: Mesh::with_texture(texture(painter)), half: half_side(radius) }
    }

    #[expect(clippy::cast_possible_truncation, reason = "meshes are indexed in 32 bits")]
    fn push(&mut self, centre: Pos2, color: Color32) {
        let first = self.mesh.vertices.len() as u32;
        for (x, y) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
            let pos = centre + self.half * vec2(2.0 * x - 1.0, 2.0 * y - 1.0);
            self.mesh.vertices.push(egui::epaint::Vertex { pos, uv: pos2(x, y), color });
        }
        self.mesh.indices.extend([first, first + 1, first + 2, first + 2, first + 1, first + 3]);
    }
}

/// The picture of a dot, made once for each window.
fn texture(painter: &Painter) -> TextureId {
    let (ctx, id) = (painter.ctx(), Id::unique("picture of a dot"));
    if let Some(known) = ctx.data(|data| data.get_temp::<TextureHandle>(id)) {
        return known.id();
    }
    let made = ctx.load_texture("dot", dot(), TextureOptions::LINEAR);
    let texture = made.id();
    ctx.data_mut(|data| data.insert_temp(id, made));
    texture
}

/// White within, nothing without, and a pixel between.
#[expect(clippy::cast_precision_loss, reason = "a few pixels")]
fn dot() -> ColorImage {
    let middle = 0.5 * (SIDE as f32 - 1.0);
    let pixel = |i: usize| {
        let off = vec2((i % SIDE) as f32 - middle, (i / SIDE) as f32 - middle).length();
        Palette::UNTINTED.gamma_multiply((middle - off).clamp(0.0, 1.0))
    };
    ColorImage::new([SIDE, SIDE], (0..SIDE * SIDE).map(pixel).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disc of radius 7 in a square of 16: π 7² / 16² of it, to the width of its edge.
    #[test]
    fn the_picture_of_a_dot_is_a_disc() {
        let image = dot();
        let covered: f32 = image.pixels.iter().map(|pixel| f32::from(pixel.a()) / 255.0).sum();
        assert!((covered / (std::f32::consts::PI * 49.0) - 1.0).abs() < 0.06, "{covered}");
        assert_eq!((image.pixels[0].a(), image.pixels[8 * SIDE + 8].a()), (0, 255));
    }
}
