//! Which model is open, and what computes it.

use egui::{Button, DragValue, RichText, TextEdit, Ui};

use crate::ui::desk::Desk;
use crate::ui::widgets;

/// What each device is good for.
const MEANINGS: [&str; 3] = [
    "A graphics card; where there is none, the CPU",
    "Every network that fits into memory",
    "The graphics adapter, also one that is a program on the CPU",
];
/// Largest side of an image.
const LARGEST: usize = 1024;
/// Narrowest and widest field for a path, in points at the usual scale.
const FIELD: [f32; 2] = [160.0, 420.0];

/// Draws the choices; a model is opened by its button, and one that is open follows its device and size.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let scale = desk.kept.theme.scale();
    let mut wanted = false;
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Model folder").id;
        let width = (0.4 * ui.max_rect().width()).clamp(FIELD[0] * scale, FIELD[1] * scale);
        let field = TextEdit::singleline(&mut desk.kept.images.folder).desired_width(width);
        let field = ui.add(field.hint_text("folder with config.json")).labelled_by(label);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let given = !desk.kept.images.folder.trim().is_empty();
        let button = ui.add_enabled(given, Button::new("Open model")).on_hover_text(
            "Reads config.json and diffusion_pytorch_model.safetensors, and scheduler_config.json where there is one",
        );
        wanted = given && (entered || button.clicked());
        widgets::device::choice(ui, &mut desk.kept.images.device, MEANINGS);
        side(desk, ui);
    });
    // A size that is dragged is opened where it is let go.
    let kept = desk.kept.images.model();
    let asked = desk.image_state.opened.as_ref().filter(|asked| asked.folder == kept.folder);
    let other = asked.is_some_and(|asked| *asked != kept) && !ui.ctx().egui_is_using_pointer();
    if wanted || other {
        desk.open_chosen_model();
        ui.ctx().request_repaint();
    }
    if let Some(folder) = desk.images.opening() {
        ui.horizontal_wrapped(|ui| {
            ui.spinner();
            ui.label(RichText::new(format!("Opening {} …", folder.display())).strong());
        });
    }
}

/// Height and width of the images.
fn side(desk: &mut Desk, ui: &mut Ui) {
    let side = &mut desk.kept.images.side;
    widgets::keep_together(ui, 110.0 * desk.kept.theme.scale());
    let label = ui.label("Size").id;
    let drag = DragValue::new(side)
        .range(0..=LARGEST)
        .custom_formatter(|side, _| if side < 1.0 { "own".to_owned() } else { format!("{side:.0}") })
        .custom_parser(|text| if text.trim() == "own" { Some(0.0) } else { text.trim().parse().ok() });
    ui.add(drag)
        .labelled_by(label)
        .on_hover_text("Height and width of the images in pixels; own: those it was trained on");
}
