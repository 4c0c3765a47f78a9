//! The knobs of one pane, made from its sampler's own list.

use egui::{RichText, ScrollArea, Ui};

use crate::samplers::{Entry, Settings, find};
use crate::ui::desk::Desk;
use crate::ui::widgets::knob;

/// Draws the panel's content.
pub fn show(desk: &mut Desk, ui: &mut Ui, pane: usize) {
    let Ok(entry) = find(&desk.kept.panes[pane].sampler) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("{}", pane + 1)).heading().strong().color(desk.palette.pane(pane)));
        ui.label(RichText::new(entry.title).heading());
    });
    ScrollArea::vertical().show(ui, |ui| {
        ui.label(entry.description);
        ui.small(entry.paper);
        ui.horizontal_wrapped(|ui| {
            let turned = !desk.kept.panes[pane].knobs.is_empty();
            let reset = ui.add_enabled(turned, egui::Button::new("Reset knobs"));
            if reset.on_hover_text("Every knob as the scenario has it").clicked() {
                desk.kept.panes[pane].knobs.clear();
                desk.set_up_panes();
            }
            if ui.button("Close knobs").clicked() {
                desk.kept.samplers.knobs_of = None;
            }
        });
        ui.separator();
        if let Some(settings) = in_use(desk, pane, entry) {
            list(desk, ui, pane, entry, &settings);
        }
    });
}

/// The settings that run, which equal NFE may have changed; before they run, those that are asked for.
fn in_use(desk: &Desk, pane: usize, entry: &Entry) -> Option<Settings> {
    let choice = &desk.kept.panes[pane];
    let asked = desk.scenario.sampling(&choice.sampler, choice.given()).ok()?.settings;
    if !desk.kept.samplers.equal_nfe {
        return Some(asked);
    }
    let frame = desk.session.latest().panes[pane].get();
    let running = frame.map(|frame| frame.settings.clone());
    Some(running.filter(|settings| entry.all_knobs().all(|knob| settings.get(knob.name).is_some())).unwrap_or(asked))
}

fn list(desk: &mut Desk, ui: &mut Ui, pane: usize, entry: &'static Entry, settings: &Settings) {
    for knob in entry.all_knobs() {
        let Some(value) = settings.get(knob.name) else { continue };
        if let Some(value) = knob::control(ui, knob, value) {
            desk.kept.panes[pane].knobs.insert(knob.name.to_owned(), value);
            desk.set_up_panes();
        }
    }
}
