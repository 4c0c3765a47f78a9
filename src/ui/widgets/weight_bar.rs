//! The share of each mode among the particles, beside the truth.

use egui::{Align2, FontId, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::metrics::ModeShares;
use crate::ui::theme::Palette;

/// Width of a mode's piece, in points at the usual scale, below which its error stands at the foot, clear of the number.
const ROOM_FOR_ERRORS: f32 = 50.0;
/// The same below which it is a bare line.
const ROOM_FOR_CAPS: f32 = 20.0;

fn bar(scale: f32) -> f32 {
    26.0 * scale
}

/// Two stacked bars, particles above truth, where the data have modes; and the off-mode share.
pub fn show(ui: &mut Ui, shares: &ModeShares, truth: &[f64], scale: f32) {
    bars(ui, shares, truth, 0, scale);
    off_mode(ui, shares);
}

/// The share near no mode.
pub fn off_mode(ui: &mut Ui, shares: &ModeShares) {
    ui.label(format!("Off-mode {:.1} %", 100.0 * shares.off_mode)).on_hover_text(format!(
        "Farther than {} standard deviations from all of the data",
        crate::metrics::OFF_MODE_DISTANCE
    ));
}

/// The two bars alone; with a count of particles, the binomial error of each border between modes too.
pub fn bars(ui: &mut Ui, shares: &ModeShares, truth: &[f64], particles: usize, scale: f32) {
    if truth.is_empty() {
        return;
    }
    let gap = 3.0;
    let body = TextStyle::Body.resolve(ui.style());
    let label_width = 66.0 * scale;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 2.0 * bar(scale) + gap), Sense::hover());
    let response = response.on_hover_text(spoken(shares, truth));
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, spoken(shares, truth)));
    for (row, (name, weights)) in [("Particles", shares.weights.as_slice()), ("Truth", truth)].into_iter().enumerate() {
        let top = rect.top() + if row == 0 { 0.0 } else { bar(scale) + gap };
        let middle = pos2(rect.left(), top + 0.5 * bar(scale));
        ui.painter().text(middle, Align2::LEFT_CENTER, name, body.clone(), ui.visuals().text_color());
        let line = Rect::from_min_max(pos2(rect.left() + label_width, top), pos2(rect.right(), top + bar(scale)));
        stacked(ui, line, weights, &body);
        if row == 0 && particles > 0 {
            #[expect(clippy::cast_precision_loss, reason = "a few dozen modes")]
            let room = line.width() / (scale * weights.len() as f32);
            let (at, cap) = match room {
                r if r > ROOM_FOR_ERRORS => (line.center().y, 5.0),
                r if r > ROOM_FOR_CAPS => (line.bottom() - 3.0 * scale, 2.5),
                _ => (line.bottom() - 2.0 * scale, 0.0),
            };
            errors(ui, line, weights, particles, [at, cap * scale], scale);
        }
    }
}

/// ± √(c(1 − c)/n) at each border, where c is the share of all modes before it, at a height of the screen, with caps.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a screen position")]
fn errors(ui: &Ui, line: Rect, weights: &[f64], particles: usize, [height, cap]: [f32; 2], scale: f32) {
    let mut before = 0.0;
    for weight in &weights[..weights.len().saturating_sub(1)] {
        before += weight;
        let error = (before * (1.0 - before) / particles as f64).max(0.0).sqrt();
        let at = |share: f64| line.left() + line.width() * share as f32;
        let ends = [at(before - error), at(before + error)];
        for (width, colour) in [(4.0, Palette::HALO), (1.5, Palette::HAIR)] {
            let stroke = Stroke::new(width * scale, colour);
            ui.painter().hline(ends[0]..=ends[1], height, stroke);
            for end in ends.into_iter().filter(|_| cap > 0.0) {
                ui.painter().vline(end, height - cap..=height + cap, stroke);
            }
        }
    }
}

fn stacked(ui: &Ui, line: Rect, weights: &[f64], font: &FontId) {
    #[expect(clippy::cast_precision_loss, reason = "a few dozen modes")]
    let digits = if line.width() > 3.3 * font.size * weights.len() as f32 { 3 } else { 2 };
    let mut left = line.left();
    for (mode, (weight, text)) in weights.iter().zip(rounded(weights, digits)).enumerate() {
        #[expect(clippy::cast_possible_truncation, reason = "a screen position")]
        let width = line.width() * *weight as f32;
        let colour = Palette::mode(mode);
        let piece = Rect::from_min_size(pos2(left, line.top()), vec2(width, line.height()));
        ui.painter().rect_filled(piece.shrink2(vec2(0.5, 0.0)), 2.0, colour);
        if width > 2.6 * font.size {
            ui.painter().text(piece.center(), Align2::CENTER_CENTER, text, font.clone(), Palette::text_on(colour));
        }
        left += width;
    }
}

/// The weights with so many digits, rounded so that they sum to 1: those with the largest rests are rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "thousandths of shares")]
fn rounded(weights: &[f64], digits: usize) -> Vec<String> {
    let unit = if digits == 3 { 1000.0 } else { 100.0 };
    let mut units: Vec<u32> = weights.iter().map(|w| (w * unit + 1e-9).floor() as u32).collect();
    let missing = (weights.iter().sum::<f64>() * unit).round() as u32 - units.iter().sum::<u32>();
    let mut by_rest: Vec<usize> = (0..weights.len()).collect();
    let rest = |i: usize| weights[i] * unit - f64::from(units[i]);
    by_rest.sort_by(|a, b| rest(*b).total_cmp(&rest(*a)));
    by_rest.into_iter().take(missing as usize).for_each(|i| units[i] += 1);
    units.into_iter().map(|n| format!("{:.digits$}", f64::from(n) / unit)).collect()
}

/// What a screen reader says.
fn spoken(shares: &ModeShares, truth: &[f64]) -> String {
    let list = |weights: &[f64]| weights.iter().map(|w| format!("{w:.2}")).collect::<Vec<_>>().join(", ");
    format!("Share of each mode: {}; truth: {}", list(&shares.weights), list(truth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_shares_sum_to_one() {
        assert_eq!(rounded(&[0.5106, 0.4894], 3), ["0.511", "0.489"]);
        assert_eq!(rounded(&[0.7466, 0.2534], 3), ["0.747", "0.253"]);
        assert_eq!(rounded(&[1.0 / 3.0; 3], 2), ["0.34", "0.33", "0.33"]);
        assert_eq!(rounded(&[0.8, 0.2], 3), ["0.800", "0.200"]);
        assert_eq!(rounded(&[0.0, 0.0], 2), ["0.00", "0.00"]);
    }
}
