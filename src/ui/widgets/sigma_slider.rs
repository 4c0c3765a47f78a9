//! The big slider of the noise level: logarithmic, with the ladder's levels as ticks.

use egui::{
    Align2, Color32, Label, Rangef, Rect, RichText, Sense, Slider, SliderClamping, Stroke, TextStyle, Ui, pos2, vec2,
};

use crate::schedules::Ladder;
use crate::ui::theme::Palette;

/// Steps that the arrow keys divide the slider into.
const KEY_STEPS: f32 = 60.0;

/// What came of the slider.
pub struct Slid {
    /// Whether it moved.
    pub moved: bool,
    /// Where its rail is.
    pub rail: Rect,
}

/// Height of the slider, in points of the usual scale.
pub const HEIGHT: f32 = 34.0;

/// Draws the slider.
pub fn show(ui: &mut Ui, sigma: &mut f32, ladder: &Ladder, palette: &Palette, scale: f32) -> Slid {
    let (max, min) = bounds(ladder);
    let mut slid = Slid { moved: false, rail: Rect::NOTHING };
    ui.horizontal(|ui| {
        let height = HEIGHT * scale;
        let label = ui.add_sized([128.0 * scale, height], Label::new(RichText::new("Noise level σ").heading()));
        ui.add_sized([58.0 * scale, height], Label::new(RichText::new(number(*sigma)).heading().strong()));
        ui.vertical(|ui| {
            ui.spacing_mut().slider_width = (ui.available_width() - 12.0 * scale).max(80.0);
            ui.spacing_mut().slider_rail_height = 12.0 * scale;
            ui.spacing_mut().interact_size.y = height;
            ui.spacing_mut().item_spacing.y = 0.0;
            let slider = Slider::new(sigma, min..=max)
                .logarithmic(true)
                .smallest_positive(f64::from(min))
                .clamping(SliderClamping::Always)
                .trailing_fill(true)
                .show_value(false);
            let response = ui.add(slider).labelled_by(label.id).on_hover_text("The left and right arrow keys move it");
            slid = Slid { moved: response.changed(), rail: response.rect };
            ticks(ui, response.rect, ladder, palette);
        });
    });
    slid
}

/// A lamp on the slider's rail, where σ is while images form.
pub fn lamp(ui: &Ui, rail: Rect, sigma: f32, ladder: &Ladder, colours: [Color32; 2], scale: f32) {
    let (max, min) = bounds(ladder);
    let x = place(sigma.clamp(min, max), ladder, within(rail.x_range(), rail.height()));
    for (radius, colour) in [7.0, 5.0].into_iter().zip(colours) {
        ui.painter().circle_filled(pos2(x, rail.center().y), radius * scale, colour);
    }
}

/// σ one key press to the left (−1) or to the right (+1).
pub fn stepped(sigma: f32, ladder: &Ladder, direction: f32) -> f32 {
    let (max, min) = bounds(ladder);
    (sigma * (max / min).powf(direction / KEY_STEPS)).clamp(min, max)
}

/// The ladder's levels, and numbers at both ends.
fn ticks(ui: &mut Ui, rail: Rect, ladder: &Ladder, palette: &Palette) {
    let font = TextStyle::Small.resolve(ui.style());
    let (row, _) = ui.allocate_exact_size(vec2(rail.width(), font.size * 1.5), Sense::hover());
    let range = within(rail.x_range(), rail.height());
    let (max, min) = (ladder.max(), ladder.min());
    let painter = ui.painter();
    for level in ladder.levels() {
        let x = range.min + share(level, min, max) * range.span();
        let foot = pos2(x, row.top() - 0.15 * rail.height());
        painter.line_segment(
            [foot, foot + vec2(0.0, font.size * 0.45)],
            Stroke::new(1.5 * palette.axis.width, palette.text),
        );
        if [min, max].iter().any(|end| (level - end).abs() < 1e-9 * end) {
            let place = foot + vec2(0.0, font.size * 0.45);
            painter.text(place, Align2::CENTER_TOP, number_f64(level), font.clone(), palette.text);
        }
    }
}

/// egui keeps the handle's radius free at both ends of the rail.
fn within(rail: Rangef, height: f32) -> Rangef {
    rail.shrink(height / 2.5)
}

/// Where σ stands on a track.
pub fn place(sigma: f32, ladder: &Ladder, track: Rangef) -> f32 {
    track.min + share(sigma.into(), ladder.min(), ladder.max()) * track.span()
}

/// Where σ stands between the ends, on the logarithmic scale.
#[expect(clippy::cast_possible_truncation, reason = "a screen position")]
fn share(sigma: f64, min: f64, max: f64) -> f32 {
    if max > min { ((sigma / min).ln() / (max / min).ln()) as f32 } else { 0.5 }
}

#[expect(clippy::cast_possible_truncation, reason = "σ is asked in f32")]
fn bounds(ladder: &Ladder) -> (f32, f32) {
    (ladder.max() as f32, ladder.min() as f32)
}

/// Three digits that count.
pub fn number(sigma: f32) -> String {
    number_f64(sigma.into())
}

/// The same, in double precision.
pub fn number_f64(sigma: f64) -> String {
    match sigma {
        s if s >= 100.0 => format!("{s:.0}"),
        s if s >= 10.0 => format!("{s:.1}"),
        s if s >= 1.0 => format!("{s:.2}"),
        s => format!("{s:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_keys_cross_the_whole_slider() {
        let ladder = Ladder::geometric(20.0, 1.0, 10).expect("a legal ladder");
        let mut sigma = 1.0;
        for _ in 0..60 {
            sigma = stepped(sigma, &ladder, 1.0);
        }
        assert!((sigma - 20.0).abs() < 1e-3, "{sigma}");
        assert!((stepped(sigma, &ladder, 1.0) - 20.0).abs() < 1e-6);
    }

    #[test]
    fn levels_of_the_ladder_stand_at_equal_distances() {
        let ladder = Ladder::geometric(20.0, 1.0, 5).expect("a legal ladder");
        let places: Vec<f32> = ladder.levels().map(|level| share(level, 1.0, 20.0)).collect();
        for (place, expected) in places.iter().zip([1.0, 0.75, 0.5, 0.25, 0.0]) {
            assert!((place - expected).abs() < 1e-6, "{place}");
        }
    }
}
