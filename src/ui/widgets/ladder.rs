//! The noise levels of each pane, and a lamp on the one in use.

use std::sync::Arc;

use egui::{Align2, Color32, Galley, Painter, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

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
    let (ends, font) = (ends(frames), TextStyle::Body.resolve(ui.style()));
    let words = frames.iter().map(|(_, frame)| ui.painter().layout_no_wrap(spoken(frame), font.clone(), palette.text));
    let words: Vec<Arc<Galley>> = words.collect();
    let widest = words.iter().map(|words| words.size().x).fold(0.0, f32::max);
    for ((pane, frame), words) in frames.iter().zip(words) {
        let size = vec2(ui.available_width(), lane(scale));
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let name = format!("Noise level of pane {}: {}", pane + 1, words.text());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        let (painter, colour, middle) = (ui.painter_at(rect), palette.pane(*pane), rect.center().y);
        painter.text(pos2(rect.left(), middle), Align2::LEFT_CENTER, pane + 1, font.clone(), colour);
        let left = rect.left() + 2.0 * font.size;
        let right = (rect.right() - widest - 1.5 * font.size).max(rect.center().x);
        painter.galley(pos2(right + font.size, middle - 0.5 * words.size().y), words, palette.text);
        let rail = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        Lane { rail, ends, colour, scale }.paint(&painter, frame, palette);
    }
}

/// The rail of one pane.
struct Lane {
    rail: Rect,
    ends: [f32; 2],
    colour: Color32,
    scale: f32,
}

impl Lane {
    fn paint(&self, painter: &Painter, frame: &SamplingFrame, palette: &Palette) {
        let Self { rail, ends, colour, scale } = *self;
        let middle = rail.center().y;
        let at = |sigma: f32| rail.left() + rail.width() * share(sigma, ends);
        painter.hline(rail.x_range(), middle, Stroke::new(scale, palette.axis.color));
        if frame.levels.len() <= SEPARATE {
            let stroke = Stroke::new(1.5 * scale, colour);
            frame.levels.iter().for_each(|level| {
                painter.vline(at(*level), middle - 5.0 * scale..=middle + 5.0 * scale, stroke);
            });
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

/// Step sizes go far below what three decimals tell apart.
fn small(alpha: f32) -> String {
    if alpha < 0.01 { format!("{alpha:.1e}") } else { number(alpha) }
}

/// Level, α or else the level that the step leads to, and the level's number.
fn spoken(frame: &SamplingFrame) -> String {
    let Some(update) = frame.update else { return "no updates".to_owned() };
    let levels = frame.levels.len();
    let next = || update.leads_to().or_else(|| frame.levels.get(frame.level).copied());
    let step = match update.step_size() {
        Some(alpha) => format!(", α {}", small(alpha)),
        None => next().map_or_else(String::new, |next| format!(" to {}", number(next))),
    };
    let level = if levels > 1 { format!(", level {} of {levels}", frame.level) } else { String::new() };
    format!("σ {}{step}{level}", number(update.sigma()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_to_the_right() {
        assert!(share(20.0, [1.0, 20.0]).abs() < 1e-6 && (share(1.0, [1.0, 20.0]) - 1.0).abs() < 1e-6);
        assert!((share(20f32.sqrt(), [1.0, 20.0]) - 0.5).abs() < 1e-6);
        assert!((share(1.0, [1.0, 1.0]) - 0.5).abs() < 1e-6);
        assert!((share(0.0, [1.0, 20.0]) - 1.0).abs() < 1e-6);
    }
}
