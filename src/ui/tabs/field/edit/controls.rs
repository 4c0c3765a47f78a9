//! The column's part about the data: tools, numbers of the mode in hand, undo, files.

use std::path::Path;

use egui::{Button, DragValue, ProgressBar, TextEdit, Ui};

use super::{Draft, Mode, Tool};
use crate::session::Purpose;
use crate::ui::Desk;

const TOOLS: [(Tool, &str, &str); 4] = [
    (Tool::Look, "Look", "A drag moves the canvas"),
    (
        Tool::Modes,
        "Modes",
        "Drag modes and the ends of their axes; the wheel weighs, a double click adds, Delete removes",
    ),
    (Tool::Draw, "Draw", "A drag draws a stroke: the data become the drawing"),
    (Tool::Erase, "Erase", "A drag erases strokes"),
];

/// Standard deviation of a new mode, as a share of the view's width.
const NEW_MODE: f64 = 0.05;

/// π (3 − √5): turns by it never repeat.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;

/// Places that a new mode is tried at: more than there can be modes.
const MOST_PLACES: u32 = 1000;

/// Draws the section.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x *= 0.4;
        for (tool, title, meaning) in TOOLS {
            if ui.selectable_label(desk.field.editor.tool == tool, title).on_hover_text(meaning).clicked() {
                desk.field.editor.tool = tool;
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        if ui.add_enabled(desk.field.editor.can_undo(), Button::new("Undo")).on_hover_text("Ctrl+Z").clicked() {
            desk.undo();
        }
        if ui.add_enabled(desk.field.editor.can_redo(), Button::new("Redo")).on_hover_text("Ctrl+Shift+Z").clicked() {
            desk.redo();
        }
    });
    if desk.field.editor.tool == Tool::Modes {
        modes(desk, ui);
    }
    file(desk, ui);
}

/// Numbers of the mode in hand, for those who have no pointer.
fn modes(desk: &mut Desk, ui: &mut Ui) {
    let now = ui.input(|input| input.time);
    let count = desk.draft().map_or(0, |draft| draft.modes().len());
    if count == 0 {
        ui.label("These data are not some Gaussians to move. Add a mode: it takes their place.");
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Add mode").on_hover_text("As near to the middle of the canvas as there is room").clicked() {
            add(desk, free_place(desk), now);
        }
        if ui.add_enabled(count > 1, Button::new("Remove mode")).on_hover_text("Delete").clicked() {
            remove(desk, now);
        }
    });
    // One more or one less than before, by now.
    let Some(mut draft) = desk.draft().filter(|draft| !draft.modes().is_empty()) else { return };
    let count = draft.modes().len();
    let mut number = desk.field.editor.selected.min(count - 1) + 1;
    ui.horizontal(|ui| {
        let label = ui.label("Mode").id;
        ui.add(DragValue::new(&mut number).range(1..=count).suffix(format!(" of {count}"))).labelled_by(label);
    });
    desk.field.editor.selected = number - 1;
    if numbers(ui, &mut draft, number - 1, extent(desk)) {
        desk.change(draft, now);
    }
}

/// Every number of one mode; true where one was changed.
fn numbers(ui: &mut Ui, draft: &mut Draft, index: usize, extent: f64) -> bool {
    let Some(mode) = draft.modes().get(index).copied() else { return false };
    let Mode { mut weight, mut mean, mut std, angle } = mode;
    let mut degrees = angle.to_degrees();
    let row = |ui: &mut Ui, name: &str, value: &mut f64, speed: f64, range: std::ops::RangeInclusive<f64>| {
        let label = ui.label(name).id;
        // What is there is shown as it is: only a hand changes it.
        let drag = DragValue::new(value).speed(speed).range(range).clamp_existing_to_range(false).max_decimals(3);
        ui.add(drag).labelled_by(label).changed()
    };
    let (far, step) = (1e4, 0.002 * extent);
    // The only mode has all the weight there is.
    let [least, greatest] = if weight < 1.0 { [0.01, 0.99] } else { [1.0, 1.0] };
    let mut changed = false;
    egui::Grid::new("mode").num_columns(4).show(ui, |ui| {
        changed |= row(ui, "Mean x", &mut mean[0], step, -far..=far);
        changed |= row(ui, "Mean y", &mut mean[1], step, -far..=far);
        ui.end_row();
        changed |= row(ui, "Width", &mut std[0], step, 0.0..=far);
        changed |= row(ui, "Height", &mut std[1], step, 0.0..=far);
        ui.end_row();
        changed |= row(ui, "Angle °", &mut degrees, 1.0, -360.0..=360.0);
        changed |= row(ui, "Weight", &mut weight, 0.005, least..=greatest);
        ui.end_row();
    });
    if changed {
        if let Some(mode) = draft.mode_mut(index) {
            *mode = Mode { weight: mode.weight, mean, std, angle: degrees.to_radians() };
        }
        draft.reweigh(index, weight);
    }
    changed
}

fn extent(desk: &Desk) -> f64 {
    desk.scenario.view.max[0] - desk.scenario.view.min[0]
}

/// The place nearest to the middle of the canvas where no mode is yet, on a spiral of evenly spaced places around it
/// (Vogel 1979).
fn free_place(desk: &Desk) -> [f64; 2] {
    let (centre, apart) = (desk.camera().centre, 4.0 * NEW_MODE * extent(desk) / desk.camera().zoom);
    let modes = desk.draft().map_or_else(Vec::new, |draft| draft.modes().to_vec());
    let place = |i: u32| {
        let (angle, radius) = (f64::from(i) * GOLDEN_ANGLE, apart * f64::from(i).sqrt());
        [centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin()]
    };
    let is_free = |x: &[f64; 2]| modes.iter().all(|m| (m.mean[0] - x[0]).hypot(m.mean[1] - x[1]) > 0.5 * apart);
    (0..MOST_PLACES).map(place).find(is_free).unwrap_or(centre)
}

/// One more mode, which is the one in hand from now on.
pub fn add(desk: &mut Desk, mean: [f64; 2], now: f64) {
    let std = NEW_MODE * extent(desk);
    let mut draft = desk.draft().unwrap_or_else(|| Draft::Mixture(Vec::new()));
    desk.field.editor.selected = if draft.modes().is_empty() {
        draft = Draft::one_mode(mean, std);
        0
    } else {
        draft.add_mode(mean, std)
    };
    desk.change(draft, now);
    desk.settle();
}

/// One mode less: the one in hand.
pub fn remove(desk: &mut Desk, now: f64) {
    let Some(mut draft) = desk.draft().filter(|draft| draft.modes().len() > 1) else { return };
    let index = desk.field.editor.selected.min(draft.modes().len() - 1);
    draft.remove_mode(index);
    desk.field.editor.selected = index.saturating_sub(1);
    desk.change(draft, now);
    desk.settle();
}

/// A path to type, how far reading is, and what came of it.
fn file(desk: &mut Desk, ui: &mut Ui) {
    let reading = desk.importer.progress().map(|(name, share)| (name.to_owned(), share));
    if let Some((name, share)) = reading {
        ui.horizontal(|ui| {
            let cancelled = ui.button("Cancel").clicked();
            ui.add(ProgressBar::new(share).text(format!("Reading {name}")).desired_width(ui.available_width()));
            if cancelled {
                desk.importer.cancel();
            }
        });
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        return;
    }
    ui.horizontal(|ui| {
        let label = ui.label("File").id;
        let field = TextEdit::singleline(&mut desk.field.editor.path);
        let field = field.hint_text("CSV, PNG or TOML").desired_width(ui.available_width());
        let entered =
            ui.add(field).labelled_by(label).lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if entered {
            import(desk);
        }
    });
    ui.horizontal_wrapped(|ui| {
        let choose = ui.add_enabled(!desk.dialog.is_open(), Button::new("Choose file…"));
        if choose.on_hover_text("The system's own file dialog").clicked() {
            desk.dialog.ask(Purpose::Import, Path::new(desk.field.editor.path.trim()));
        }
        if ui.button("Import").on_hover_text("Or drop the file on the window").clicked() {
            import(desk);
        }
    });
    if let Some(note) = &desk.field.editor.note {
        ui.label(note);
    }
}

/// Reads the file whose path was typed.
fn import(desk: &mut Desk) {
    let path = desk.field.editor.path.trim();
    if !path.is_empty() {
        desk.importer.open(path.into());
    }
}
