//! The share of each mode among the particles, beside the truth.

use egui::{Align2, FontId, Rect, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::metrics::ModeShares;
use crate::ui::theme::Palette;

/// Height of the two bars and the line below, in points.
pub fn height(ui: &Ui, scale: f32) -> f32 {
    2.0 * bar(scale) + ui.spacing().item_spacing.y + ui.text_style_height(&TextStyle::Body)
}

fn bar(scale: f32) -> f32 {
    26.0 * scale
}

/// Two stacked bars, particles above truth, where the data have modes; and the off-mode share.
pub fn show(ui: &mut Ui, shares: &ModeShares, truth: &[f64], scale: f32) {
    if !truth.is_empty() {
        bars(ui, shares, truth, scale);
    }
    ui.label(format!("Off-mode {:.1} %", 100.0 * shares.off_mode)).on_hover_text(format!(
        "Farther than {} standard deviations from all of the data",
        crate::metrics::OFF_MODE_DISTANCE
    ));
}

fn bars(ui: &mut Ui, shares: &ModeShares, truth: &[f64], scale: f32) {
    let gap = 3.0;
    let body = TextStyle::Body.resolve(ui.style());
    let label_width = 66.0 * scale;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 2.0 * bar(scale) + gap), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, spoken(shares, truth)));
    for (row, (name, weights)) in [("Particles", shares.weights.as_slice()), ("Truth", truth)].into_iter().enumerate() {
        let top = rect.top() + if row == 0 { 0.0 } else { bar(scale) + gap };
        let middle = pos2(rect.left(), top + 0.5 * bar(scale));
        ui.painter().text(middle, Align2::LEFT_CENTER, name, body.clone(), ui.visuals().text_color());
        let line = Rect::from_min_max(pos2(rect.left() + label_width, top), pos2(rect.right(), top + bar(scale)));
        stacked(ui, line, weights, &body);
    }
}

fn stacked(ui: &Ui, line: Rect, weights: &[f64], font: &FontId) {
    let mut left = line.left();
    for (mode, weight) in weights.iter().enumerate() {
        #[expect(clippy::cast_possible_truncation, reason = "a screen position")]
        let width = line.width() * *weight as f32;
        let colour = Palette::mode(mode);
        let piece = Rect::from_min_size(pos2(left, line.top()), vec2(width, line.height()));
        ui.painter().rect_filled(piece.shrink2(vec2(0.5, 0.0)), 2.0, colour);
        // Three digits where they fit, so that rounded shares still sum to 1.
        let text = if width > 5.0 * font.size { format!("{weight:.3}") } else { format!("{weight:.2}") };
        if width > 2.6 * font.size {
            ui.painter().text(piece.center(), Align2::CENTER_CENTER, text, font.clone(), Palette::text_on(colour));
        }
        left += width;
    }
}

/// What a screen reader says.
fn spoken(shares: &ModeShares, truth: &[f64]) -> String {
    let list = |weights: &[f64]| weights.iter().map(|w| format!("{w:.2}")).collect::<Vec<_>>().join(", ");
    format!("Share of each mode: {}; truth: {}", list(&shares.weights), list(truth))
}
