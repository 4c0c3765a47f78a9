//! What colours, lines and arrows mean, with their scales.

use egui::{Align2, Color32, Mesh, Rect, Sense, Shape, TextStyle, Ui, pos2, vec2};

use crate::session::{FieldFrame, Heat};
use crate::ui::desk::Desk;
use crate::ui::kept_field::{Colours, Compare};
use crate::ui::paint::heat_map::curl_limit;
use crate::ui::paint::ink::Ink;
use crate::ui::paint::quiver;
use crate::ui::theme::Palette;

/// Pieces of the colour strip.
const PIECES: u8 = 48;
/// σ|s| of the arrows that show the scale.
const STRENGTHS: [f32; 4] = [0.3, 1.0, 3.0, 10.0];

/// Draws the legend of the field on the first canvas.
pub fn show(desk: &Desk, ui: &mut Ui) {
    let Some(frame) = desk.field.shown[0].clone() else { return };
    let palette = &desk.palette;
    if desk.kept.field.colours != Colours::Off {
        colours(ui, &frame, palette);
        let other = desk.field.shown[1].as_ref().filter(|_| desk.kept.field.compare != Compare::Alone);
        if let Some(other) = other.filter(|other| other.shows != frame.shows) {
            colours(ui, other, palette);
        }
    }
    if desk.kept.field.contours && frame.contours.step > 0.0 {
        ui.label(format!("Contours: density in steps of {}", factor(frame.contours.step)));
    }
    if desk.kept.arrows {
        arrows(ui, desk.field.cell, palette);
    }
}

/// A step of log₁₀ p as people say it.
fn factor(step: f32) -> String {
    let factor = 10f32.powf(step);
    if step >= 3.0 {
        format!("10^{step}")
    } else if factor >= 3.0 {
        format!("×{factor:.0}")
    } else {
        format!("×{factor:.2}")
    }
}

fn colours(ui: &mut Ui, frame: &FieldFrame, palette: &Palette) {
    let heat = |value: f32| palette.heat(value);
    match frame.shows {
        Heat::LogDensity => {
            let whose = if frame.extras.memorising.is_some() { "Memorised" } else { "True" };
            ui.label(format!("{whose} density over its peak, fourth root"));
            bar(ui, ["0", "", "1"], &heat, palette);
        }
        Heat::Error => {
            ui.label("Error σ|s_learned − s_exact|");
            bar(ui, ["0", "", "≥ 1"], &heat, palette);
        }
        Heat::Curl => {
            let rms = frame.rms_curl.map_or_else(|| "–".to_owned(), |rms| super::number(rms.into()));
            ui.label(format!("Curl σ²(∂x s_y − ∂y s_x), rms {rms}"));
            let limit = super::number(curl_limit(&frame.heat).into());
            bar(ui, [&format!("−{limit}"), "0", &limit], &|value| palette.diverging(2.0 * value - 1.0), palette);
        }
    }
}

/// A strip of colours with names at its ends and its middle.
fn bar(ui: &mut Ui, names: [&str; 3], colour: &dyn Fn(f32) -> Color32, palette: &Palette) {
    let font = TextStyle::Small.resolve(ui.style());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), font.size * 2.2), Sense::hover());
    let strip = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + font.size));
    let mut mesh = Mesh::default();
    for piece in 0..PIECES {
        let at = |i: u8| strip.left() + strip.width() * f32::from(i) / f32::from(PIECES);
        let colour = colour((f32::from(piece) + 0.5) / f32::from(PIECES));
        mesh.add_colored_rect(Rect::from_x_y_ranges(at(piece)..=at(piece + 1), strip.y_range()), colour);
    }
    ui.painter().add(Shape::mesh(mesh));
    let feet = [strip.left_bottom(), strip.center_bottom(), strip.right_bottom()];
    let aligned = [Align2::LEFT_TOP, Align2::CENTER_TOP, Align2::RIGHT_TOP];
    for ((name, foot), align) in names.iter().zip(feet).zip(aligned) {
        ui.painter().text(foot + vec2(0.0, 1.0), align, name, font.clone(), palette.text);
    }
}

/// Arrows as long as those on the canvas, with their strengths.
fn arrows(ui: &mut Ui, cell: f32, palette: &Palette) {
    ui.label("Arrows: σ|s|, longer by its logarithm");
    let font = TextStyle::Small.resolve(ui.style());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), font.size * 1.4), Sense::hover());
    let mut ink = Ink::new(ui.painter(), palette.arrow);
    let mut left = rect.left();
    #[expect(clippy::cast_precision_loss, reason = "four arrows")]
    let apart = rect.width() / STRENGTHS.len() as f32;
    for strength in STRENGTHS {
        let length = 0.95 * cell * quiver::length(strength);
        let middle = pos2(left + 0.5 * length, rect.center().y);
        quiver::arrow(&mut ink, middle, vec2(length, 0.0), palette.arrow_width);
        let text = pos2(left + length + 4.0, rect.center().y);
        ui.painter().text(text, Align2::LEFT_CENTER, strength.to_string(), font.clone(), palette.text);
        left += apart;
    }
    ink.paint(ui.painter());
}
