//! What runs in a pane: its sampler, and the score it follows.

use egui::{Role, Ui, WidgetInfo};

use crate::samplers::{SAMPLERS, find};
use crate::session::Source;
use crate::ui::desk::Desk;

/// Draws both choices in rows of their own; a change starts the pane again.
pub fn show(desk: &mut Desk, ui: &mut Ui, pane: usize) {
    ui.horizontal_wrapped(|ui| controls(desk, ui, pane));
}

/// Draws both choices where there is room.
pub fn controls(desk: &mut Desk, ui: &mut Ui, pane: usize) {
    let mut choice = desk.kept.panes[pane].clone();
    let title = find(&choice.sampler).map_or("", |entry| entry.title);
    let label = format!("Sampler {}", pane + 1);
    super::coloured_choice(ui, &label, desk.palette.pane(pane), title, |ui| {
        for entry in SAMPLERS {
            let text = format!("{}\n{}", entry.description, entry.paper);
            if ui.selectable_label(choice.sampler == entry.name, entry.title).on_hover_text(text).clicked() {
                entry.name.clone_into(&mut choice.sampler);
                choice.knobs.clear();
            }
        }
    });
    let mut learned = choice.source == Source::Learned;
    let score = ui.checkbox(&mut learned, "Learned score").on_hover_text("Off: the exact score");
    let name = format!("Learned score of pane {}", pane + 1);
    score.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, learned, &name));
    choice.source = if learned { Source::Learned } else { Source::Exact };
    if choice != desk.kept.panes[pane] {
        desk.kept.panes[pane] = choice;
        desk.set_up_panes();
    }
}
