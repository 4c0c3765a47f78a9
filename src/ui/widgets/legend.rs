//! What colours and arrows mean.

use egui::{Align2, Mesh, Rect, Sense, Shape, TextStyle, Ui, pos2, vec2};

use crate::session::Source;
use crate::ui::theme::Palette;

/// Pieces of the colour strip.
const PIECES: u8 = 48;

/// Draws the colour strip with its ends, and the rule of the arrows' length.
pub fn show(ui: &mut Ui, source: Source, palette: &Palette) {
    let (title, ends, arrows) = match source {
        Source::Learned | Source::Exact => (
            "Colour: density over its peak, fourth root",
            ["0", "1"],
            "Arrows: direction of the score, length ln(1 + σ|s|)",
        ),
        Source::Difference => {
            ("Colour: error σ|s_learned − s_exact|", ["0", "≥ 1"], "Arrows: learned minus exact, length ln(1 + σ|Δs|)")
        }
    };
    ui.label(title);
    let font = TextStyle::Small.resolve(ui.style());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), font.size * 2.4), Sense::hover());
    let strip = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + font.size));
    let mut mesh = Mesh::default();
    for piece in 0..PIECES {
        let at = |i: u8| strip.left() + strip.width() * f32::from(i) / f32::from(PIECES);
        let colour = palette.heat((f32::from(piece) + 0.5) / f32::from(PIECES));
        mesh.add_colored_rect(Rect::from_x_y_ranges(at(piece)..=at(piece + 1), strip.y_range()), colour);
    }
    ui.painter().add(Shape::mesh(mesh));
    let align = [Align2::LEFT_TOP, Align2::RIGHT_TOP];
    for ((end, align), foot) in ends.iter().zip(align).zip([strip.left_bottom(), strip.right_bottom()]) {
        ui.painter().text(foot + vec2(0.0, 2.0), align, end, font.clone(), palette.text);
    }
    ui.label(arrows);
}
