//! The loss against the step.

use egui::{TextStyle, Ui, Vec2b, vec2};
use egui_plot::{Line, Plot, PlotPoints, VLine};

use crate::ui::theme::Palette;

/// Draws (step, loss) pairs, thin as they are and thick smoothed, `height` points high; a line marks the step that is
/// looked at.
#[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
pub fn show(ui: &mut Ui, history: &[[f64; 2]], looking: Option<usize>, palette: &Palette, height: f32) {
    let small = TextStyle::Small.resolve(ui.style());
    ui.style_mut().text_styles.insert(TextStyle::Body, small);
    let plot = Plot::new("loss curve")
        .height(height)
        .allow_drag(Vec2b::FALSE)
        .allow_zoom(Vec2b::FALSE)
        .allow_scroll(Vec2b::FALSE)
        .allow_boxed_zoom(false)
        .set_margin_fraction(vec2(0.02, 0.08))
        .include_y(0.0)
        .show_grid(true)
        .x_axis_label("step")
        .y_axis_label("loss")
        .label_formatter(|_| None);
    let raw = PlotPoints::from(history.to_vec());
    let smooth = PlotPoints::from(smoothed(history));
    let curve = palette.curve;
    plot.show(ui, |plot| {
        plot.line(Line::new("loss", raw).color(curve.color.gamma_multiply(0.4)).width(curve.width * 0.6));
        plot.line(Line::new("loss, smoothed", smooth).color(curve.color).width(curve.width));
        if let Some(step) = looking {
            plot.vline(VLine::new("looked at", step as f64).color(palette.handle.color).width(palette.handle.width));
        }
    });
}

/// An exponential average over about ten entries.
fn smoothed(history: &[[f64; 2]]) -> Vec<[f64; 2]> {
    #[expect(clippy::cast_precision_loss, reason = "hundreds of entries")]
    let share = (20.0 / history.len().max(1) as f64).clamp(0.1, 1.0);
    let mut average = None;
    let step = |&[step, loss]: &[f64; 2]| {
        let next = average.map_or(loss, |average: f64| average + share * (loss - average));
        average = Some(next);
        [step, next]
    };
    history.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_keeps_a_constant_and_calms_an_alternation() {
        assert_eq!(smoothed(&[[0.0, 2.0]; 5]), [[0.0, 2.0]; 5]);
        let noisy: Vec<[f64; 2]> = (0..200).map(|i| [f64::from(i), f64::from(i % 2)]).collect();
        assert!(smoothed(&noisy)[100..].iter().all(|[_, loss]| (loss - 0.5).abs() < 0.06));
    }
}
