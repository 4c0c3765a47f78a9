//! How many particles the panes have, and whether the CPU or the graphics adapter moves them.

use egui::{Response, Ui};

use crate::session::Carrier;
use crate::ui::Colouring;
use crate::ui::desk::Desk;
use crate::ui::widgets;

/// What each device is good for.
const MEANINGS: [&str; 3] = [
    "A graphics card where particles are many and it can; else the CPU",
    "Every sampler and every score, with fewer particles",
    "Up to a million particles: affine updates under the score of a Gaussian mixture or a network",
];

/// Numbers of particles to choose from, beside that of the scenario.
const NUMBERS: [(u32, &str); 5] =
    [(500, "500"), (2000, "2,000"), (10_000, "10,000"), (100_000, "100,000"), (1_000_000, "1,000,000")];

/// Draws both choices.
pub fn controls(desk: &mut Desk, ui: &mut Ui) {
    let showing = &mut desk.kept.samplers;
    let before = (showing.device, showing.particles);
    widgets::device::choice(ui, &mut showing.device, MEANINGS);
    let usual = "Usual";
    let title = NUMBERS.iter().find(|(number, _)| Some(*number) == showing.particles).map_or(usual, |entry| entry.1);
    widgets::choice(ui, "Particles", title, |ui| {
        ui.selectable_value(&mut showing.particles, None, usual).on_hover_text("As many as the scenario says");
        for (number, title) in NUMBERS {
            ui.selectable_value(&mut showing.particles, Some(number), title);
        }
    });
    if before != (showing.device, showing.particles) {
        desk.tell_sampling();
    }
}

/// What moves the particles of a pane, without what makers add in brackets; what else is to be said appears under the pointer.
pub fn label(ui: &mut Ui, carrier: &Carrier, measured: usize, colouring: Colouring) -> Response {
    let (short, long) = (carrier.name.split(" (").next().unwrap_or_default(), &carrier.name);
    let mut notes: Vec<String> = carrier.remark.iter().cloned().collect();
    if short.len() < long.len() {
        notes.push(long.clone());
    }
    if measured < carrier.particles {
        notes.push(format!("Figures are those of the first {measured} of {} particles", carrier.particles));
    }
    if carrier.on_adapter.is_some() && colouring != Colouring::Plain {
        notes.push("All particles are drawn alike: only the CPU colours them".to_owned());
    }
    let doubt = if carrier.remark.is_some() { " (not as asked)" } else { "" };
    let response = ui.label(format!("{short}{doubt}"));
    if notes.is_empty() { response } else { response.on_hover_text(notes.join(".\n")) }
}
