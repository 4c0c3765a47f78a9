//! Play, pause, step, reset and speed of the samplers, and where the first of them stands.

use egui::{ProgressBar, Slider, Ui};

use crate::session::SamplingCommand;
use crate::ui::desk::Desk;

/// Slowest and fastest, in updates per second.
const SPEEDS: std::ops::RangeInclusive<f32> = 1.0..=2000.0;

/// Draws the whole row.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let frames: Vec<_> = desk.session.latest().panes.iter().filter_map(crate::session::Slot::get).collect();
    ui.horizontal_wrapped(|ui| {
        buttons(desk, ui, frames.iter().any(|frame| frame.playing));
        let speed = Slider::new(&mut desk.kept.speed, SPEEDS).logarithmic(true).text("Updates/s").max_decimals(0);
        if ui.add(speed).changed() {
            desk.session.sample(SamplingCommand::Speed(desk.kept.speed));
        }
        ui.checkbox(&mut desk.kept.arrows, "Arrows");
        let Some(longest) = frames.iter().max_by_key(|frame| frame.updates) else { return };
        #[expect(clippy::cast_precision_loss, reason = "a share of a bar")]
        let share = longest.done as f32 / longest.updates.max(1) as f32;
        let text = format!("update {} of {}, NFE {}", longest.done, longest.updates, longest.nfe);
        ui.add(ProgressBar::new(share).text(text).desired_width(ui.available_width().max(160.0)));
    });
}

/// Draws the three buttons alone.
pub fn buttons(desk: &mut Desk, ui: &mut Ui, playing: bool) {
    ui.horizontal_wrapped(|ui| {
        if ui.button(if playing { "Pause" } else { "Play" }).on_hover_text("Space").clicked() {
            desk.toggle_play();
        }
        if ui.button("Step").on_hover_text("One update: S").clicked() {
            desk.session.sample(SamplingCommand::Step);
        }
        if ui.button("Restart").on_hover_text("Back to the start: R").clicked() {
            desk.session.sample(SamplingCommand::Reset);
        }
    });
}
