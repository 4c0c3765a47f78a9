//! Arrows of a field: direction, and the logarithm of the strength.

use egui::{Painter, Pos2, Vec2, vec2};

use super::canvas::Plane;
use super::ink::Ink;
use crate::session::FieldFrame;
use crate::ui::theme::Palette;

/// σ‖s‖ at which an arrow is as long as its cell.
const FULL_STRENGTH: f32 = 10.0;

/// Arrows shorter than this, in points, are dots.
const SHORTEST: f32 = 1.5;

/// Length of an arrow in cells: ln(1 + σ‖s‖), so that weak and strong fields are both seen.
pub fn length(strength: f32) -> f32 {
    (strength.ln_1p() / FULL_STRENGTH.ln_1p()).min(1.0)
}

/// Paints one arrow per cell, centred on it; `opacity` from 0 to 1.
pub fn paint(painter: &Painter, plane: &Plane, field: &FieldFrame, palette: &Palette, opacity: f32) {
    let request = &field.request;
    let [columns, rows] = request.arrows;
    if columns == 0 || field.arrows.len() != 2 * columns * rows {
        return;
    }
    let cell = cell_of(plane, field);
    let mut ink = Ink::new(painter, palette.arrow.gamma_multiply(opacity));
    for (x, s) in request.view.centres(request.arrows).zip(field.arrows.chunks_exact(2)) {
        let strength = request.sigma * s[0].hypot(s[1]);
        if strength.is_finite() {
            let direction = vec2(s[0], -s[1]).normalized();
            let vector = direction * (0.95 * cell * length(strength));
            arrow(&mut ink, plane.at(x[0], x[1]), vector, palette.arrow_width);
        }
    }
    ink.paint(painter);
}

/// Side of an arrow's cell on the screen, in points.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "tens of cells on a screen")]
fn cell_of(plane: &Plane, field: &FieldFrame) -> f32 {
    let view = field.request.view;
    let width = (view.max[0] - view.min[0]) as f32 / field.request.arrows[0] as f32;
    width * plane.rect.width() / (plane.view.max[0] - plane.view.min[0]) as f32
}

pub fn arrow(ink: &mut Ink, middle: Pos2, vector: Vec2, width: f32) {
    let length = vector.length();
    if length < SHORTEST {
        return ink.dot(middle, 0.6 * width);
    }
    let head = (0.42 * length).clamp(2.2 * width, 5.0 * width).min(length);
    ink.arrow(middle - 0.5 * vector, middle + 0.5 * vector, head, width);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_follows_the_logarithm_and_ends_at_a_cell() {
        assert!(length(0.0).abs() < 1e-6);
        assert!((length(FULL_STRENGTH) - 1.0).abs() < 1e-6);
        assert!((length(1.0) - 2f32.ln() / 11f32.ln()).abs() < 1e-6);
        assert!((length(1e9) - 1.0).abs() < 1e-6);
    }
}
