//! The noise levels of each pane, and a lamp on the one in use.

use egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::sigma_slider::number;
use crate::session::SamplingFrame;
use crate::ui::theme::Palette;

/// With more levels than this they are drawn as a line.
const SEPARATE: usize = 80;

/// Height of so many lanes, in points.
pub fn height(panes: usize, scale: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "at most four panes")]
    let panes = panes as f32;
    lane(scale) * panes
}

fn lane(scale: f32) -> f32 {
    24.0 * scale
}

/// One lane a pane, all on one logarithmic scale, the largest noise on the left: time goes to the right.
pub fn show(ui: &mut Ui, frames: &[(usize, &SamplingFrame)], palette: &Palette, scale: f32) {
    let ends = ends(frames);
    for (pane, frame) in frames {
        let text = spoken(frame);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), lane(scale)), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, format!("Noise level of pane {}: {text}", pane + 1))
        });
        let font = TextStyle::Body.resolve(ui.style());
        let (painter, colour) = (ui.painter_at(rect), palette.pane(*pane));
        let middle = rect.center().y;
        painter.text(pos2(rect.left(), middle), Align2::LEFT_CENTER, pane + 1, font.clone(), colour);
        let words = painter.layout_no_wrap(text, font.clone(), palette.text);
        let left = rect.left() + 1.6 * font.size;
        let room = (0.5 * rect.width()).max(rect.right() - words.size().x - left - font.size);
        let rail = Rect::from_min_max(pos2(left, rect.top()), pos2(left + room, rect.bottom()))
            .shrink2(vec2(0.5 * font.size, 0.0));
        painter.galley(pos2(rail.right() + font.size, middle - 0.5 * words.size().y), words, palette.text);
        let at = |sigma: f32| rail.left() + rail.width() * share(sigma, ends);
        painter.hline(rail.x_range(), middle, Stroke::new(1.0 * scale, palette.axis.color));
        if frame.levels.len() <= SEPARATE {
            for level in &frame.levels {
                painter.vline(
                    at(*level),
                    middle - 5.0 * scale..=middle + 5.0 * scale,
                    Stroke::new(1.5 * scale, colour),
                );
            }
        } else {
            let least = frame.levels.iter().copied().fold(f32::INFINITY, f32::min);
            let most = frame.levels.iter().copied().fold(0.0, f32::max);
            painter.hline(at(most)..=at(least), middle, Stroke::new(4.0 * scale, colour.gamma_multiply(0.6)));
        }
        if let Some(update) = frame.update {
            let lamp = pos2(at(update.sigma()), middle);
            painter.circle_filled(lamp, 7.0 * scale, palette.text);
            painter.circle_filled(lamp, 5.0 * scale, colour);
        }
    }
}

/// Least and greatest σ of all panes.
fn ends(frames: &[(usize, &SamplingFrame)]) -> [f32; 2] {
    let levels = || frames.iter().flat_map(|(_, frame)| &frame.levels).copied().filter(|sigma| *sigma > 0.0);
    [levels().fold(f32::INFINITY, f32::min), levels().fold(0.0, f32::max)]
}

/// 0 for the greatest σ, 1 for the least; in the middle where there is but one.
fn share(sigma: f32, [least, most]: [f32; 2]) -> f32 {
    if most > least { ((most / sigma.max(least)).ln() / (most / least).ln()).clamp(0.0, 1.0) } else { 0.5 }
}

/// Level, its number, and α.
fn spoken(frame: &SamplingFrame) -> String {
    let Some(update) = frame.update else { return "no updates".to_owned() };
    let levels = frame.levels.len();
    let alpha = update.step_size().map_or_else(String::new, |alpha| format!(", α {}", number(alpha)));
    let level = if levels > 1 { format!(", level {} of {levels}", frame.level) } else { String::new() };
    format!("σ {}{alpha}{level}", number(update.sigma()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_to_the_right() {
        assert_eq!([20.0, 1.0].map(|sigma| share(sigma, [1.0, 20.0])), [0.0, 1.0]);
        assert!((share(20f32.sqrt(), [1.0, 20.0]) - 0.5).abs() < 1e-6);
        assert!((share(1.0, [1.0, 1.0]) - 0.5).abs() < 1e-6);
        assert!((share(0.0, [1.0, 20.0]) - 1.0).abs() < 1e-6);
    }
}
