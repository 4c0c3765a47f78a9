//! A small plot of positive numbers on a logarithmic axis.

use egui::{Align2, Rect, RichText, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::Palette;

/// What stands along the plot.
pub struct Axis {
    /// The title above.
    pub title: &'static str,
    /// Both ends of the horizontal axis with their names.
    pub ends: [(f64, String); 2],
}

/// Most decades that are shown: below, errors are of no interest.
const MOST_DECADES: f64 = 6.0;

/// Draws (x, y) pairs, `height` points high with the title; y that are not positive are at the foot.
pub fn show(ui: &mut Ui, axis: &Axis, points: &[[f64; 2]], palette: &Palette, height: f32) {
    ui.label(RichText::new(axis.title).small());
    let small = TextStyle::Small.resolve(ui.style());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken(axis, points)));
    let plot = Rect::from_min_max(rect.min + vec2(small.size * 2.6, 3.0), rect.max - vec2(4.0, small.size * 1.3));
    let (low, high) = decades(points);
    let up = |y: f64| {
        let share = ((y.max(1e-300).log10() - low) / (high - low)).clamp(0.0, 1.0);
        #[expect(clippy::cast_possible_truncation, reason = "a screen position")]
        let share = share as f32;
        plot.bottom() - share * plot.height()
    };
    let across = |x: f64| {
        let (left, right) = (axis.ends[0].0, axis.ends[1].0);
        let share = if right > left { (x - left) / (right - left) } else { 0.5 };
        #[expect(clippy::cast_possible_truncation, reason = "a screen position")]
        let share = share as f32;
        plot.left() + share * plot.width()
    };
    let painter = ui.painter();
    let faint = Stroke::new(palette.axis.width * 0.6, palette.axis.color.gamma_multiply(0.6));
    #[expect(clippy::cast_possible_truncation, reason = "a few decades")]
    for decade in low as i32..=high as i32 {
        let y = up(10f64.powi(decade));
        painter.hline(plot.x_range(), y, faint);
        if (high - low) < 4.0 || decade % 2 == 0 {
            let text = format!("1e{decade}").replace('-', "−");
            painter.text(pos2(plot.left() - 4.0, y), Align2::RIGHT_CENTER, text, small.clone(), palette.text);
        }
    }
    for ((x, name), align) in axis.ends.iter().zip([Align2::LEFT_TOP, Align2::RIGHT_TOP]) {
        painter.text(pos2(across(*x), plot.bottom() + 2.0), align, name, small.clone(), palette.text);
    }
    let places: Vec<_> = points.iter().map(|[x, y]| pos2(across(*x), up(*y))).collect();
    for place in &places {
        painter.circle_filled(*place, 1.6 * palette.curve.width, palette.curve.color);
    }
    painter.line(places, palette.curve);
}

/// Whole decades around the positive numbers.
fn decades(points: &[[f64; 2]]) -> (f64, f64) {
    let logs = || points.iter().filter(|[_, y]| *y > 0.0 && y.is_finite()).map(|[_, y]| y.log10());
    let high = logs().fold(f64::NEG_INFINITY, f64::max).ceil();
    let low = logs().fold(f64::INFINITY, f64::min).floor();
    if !(high.is_finite() && low.is_finite()) {
        return (-1.0, 0.0);
    }
    let low = low.max(high - MOST_DECADES);
    (low, high.max(low + 1.0))
}

fn spoken(axis: &Axis, points: &[[f64; 2]]) -> String {
    let list: Vec<String> = points.iter().map(|[_, y]| format!("{y:.2e}")).collect();
    format!("{}: {}", axis.title, list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_hold_every_number_and_are_never_none() {
        assert_eq!(decades(&[[0.0, 0.03], [1.0, 2.0]]), (-2.0, 1.0));
        assert_eq!(decades(&[[0.0, 0.5]]), (-1.0, 0.0));
        assert_eq!(decades(&[]), (-1.0, 0.0));
        assert_eq!(decades(&[[0.0, 1e-30], [1.0, 1.0], [2.0, f64::NAN]]), (-6.0, 0.0));
    }
}
