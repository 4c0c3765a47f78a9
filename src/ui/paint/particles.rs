//! Particles as dots.

use egui::Painter;

use super::canvas::Plane;
use super::ink::Ink;
use crate::ui::theme::Palette;

/// Paints the particles that are in sight; `x` of shape (n, 2). Those that are no longer finite are nowhere.
pub fn paint(painter: &Painter, plane: &Plane, x: &[f32], palette: &Palette) {
    let sight = plane.rect.expand(palette.particle_radius);
    let mut ink = Ink::new(painter, palette.particle);
    for x in x.chunks_exact(2) {
        let centre = plane.at(x[0].into(), x[1].into());
        if sight.contains(centre) {
            ink.dot(centre, palette.particle_radius);
        }
    }
    ink.paint(painter);
}
