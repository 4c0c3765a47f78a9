//! The share of each part of a layer among images, beside the truth: bars with their standard errors, of each pane.

use egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::session::LayerCoverage;
use crate::ui::theme::Palette;

/// The greatest share that is drawn, in units of the truth's least; a bar beyond it is cut.
const TALLEST: f64 = 3.0;
/// What is free between two parts, as a share of their distance.
const FREE: f32 = 0.3;

/// Draws one layer, `panes` of it side by side, `height` points high. The line across the bars of a part is the truth.
pub fn show(ui: &mut Ui, panes: &[(usize, &LayerCoverage)], palette: &Palette, height: f32) {
    let Some((_, layer)) = panes.first() else { return };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let spoken: Vec<String> = panes.iter().map(|(pane, layer)| spoken(*pane, panes.len(), layer)).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken.join("; ")));
    response.on_hover_text(spoken.join("\n"));
    let font = TextStyle::Small.resolve(ui.style());
    let words = 6.0 * font.size;
    ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, layer.layer, font, palette.text);
    let plot = Rect::from_min_max(pos2(rect.left() + words, rect.top() + 1.0), rect.max);
    let top = TALLEST * layer.parts.iter().map(|part| part.expected).fold(1.0, f64::min);
    let painter = ui.painter_at(plot);
    painter.hline(plot.x_range(), plot.bottom() - 0.5, Stroke::new(1.0, palette.axis.color));
    #[expect(clippy::cast_possible_truncation, reason = "a screen position")]
    let level = |share: f64| plot.bottom() - plot.height() * (share / top).min(1.0) as f32;
    #[expect(clippy::cast_precision_loss, reason = "a few dozen bars")]
    let [wide, bars] = [plot.width() / layer.parts.len() as f32, panes.len() as f32];
    for index in 0..layer.parts.len() {
        #[expect(clippy::cast_precision_loss, reason = "a few dozen bars")]
        let left = plot.left() + wide * (index as f32 + 0.5 * FREE);
        let room = wide * (1.0 - FREE);
        for (place, (pane, layer)) in panes.iter().enumerate() {
            let Some(rate) = layer.parts[index].rate else { continue };
            #[expect(clippy::cast_precision_loss, reason = "one pane or two")]
            let x = left + room * place as f32 / bars;
            let bar = Rect::from_min_max(pos2(x, level(rate.share)), pos2(x + room / bars, plot.bottom()));
            painter.rect_filled(bar, 0.0, palette.pane(*pane));
            let ends = [1.0, -1.0].map(|sign| level((rate.share + sign * rate.standard_error).max(0.0)));
            for (width, colour) in [(3.0, Palette::HALO), (1.0, Palette::HAIR)] {
                painter.vline(bar.center().x, ends[0]..=ends[1], Stroke::new(width, colour));
            }
        }
        let truth = level(layer.parts[index].expected);
        painter.hline(left - 0.15 * room..=left + 1.15 * room, truth, Stroke::new(2.0, palette.text));
    }
}

/// What a screen reader says.
fn spoken(pane: usize, panes: usize, layer: &LayerCoverage) -> String {
    let whose = if panes > 1 { format!(" of sampler {}", pane + 1) } else { String::new() };
    let parts = layer.parts.iter().map(|part| {
        let names: Vec<String> = part.part.iter().map(|part| (part + 1).to_string()).collect();
        let share = part.rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.3}", rate.share));
        format!("{}: {share} of {:.3}", names.join(" and "), part.expected)
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    let p = layer.chi_square.and_then(|chi| chi.p_value);
    let p = p.map_or_else(String::new, |p| format!("; chi-square p {p:.3}"));
    format!("Shares of each {}{whose}, and of the truth: {parts}{p}", layer.layer)
}
