//! Which model is open, and what computes it.

use std::time::Duration;

use egui::{Button, DragValue, ProgressBar, RichText, TextEdit, Ui};

use crate::session::{ImagesFrame, carried_models};
use crate::ui::desk::Desk;
use crate::ui::widgets;

/// What each device is good for.
const MEANINGS: [&str; 3] = [
    "A graphics card; where there is none, the CPU",
    "Every network that fits into memory",
    "The graphics adapter, also one that is a program on the CPU",
];
/// Between two looks at how far a download is.
const PROGRESS: Duration = Duration::from_millis(100);
/// Largest side of an image.
const LARGEST: usize = 1024;
/// Narrowest and widest field for a path, in points at the usual scale.
const FIELD: [f32; 2] = [160.0, 420.0];

/// Draws the choices; a model is opened by its button, and one that is open follows its device and size.
pub fn show(desk: &mut Desk, ui: &mut Ui, frame: Option<&ImagesFrame>) {
    let mut wanted = false;
    ui.horizontal_wrapped(|ui| {
        let carried = desk.kept.images.is_carried();
        let shown = if carried { desk.kept.images.folder.clone() } else { "other".to_owned() };
        widgets::choice(ui, "Carried", &shown, |ui| {
            for name in carried_models() {
                if ui.selectable_label(shown == name, name).on_hover_text("The program carries it").clicked() {
                    name.clone_into(&mut desk.kept.images.folder);
                    wanted = true;
                }
            }
            let other = ui.selectable_label(!carried, "other").on_hover_text("A folder, or a name on the hub");
            if other.clicked() && carried {
                desk.kept.images.folder.clear();
            }
        });
        if !carried {
            wanted |= other(desk, ui);
        }
        widgets::device::choice(ui, &mut desk.kept.images.device, MEANINGS);
        side(desk, ui);
        if frame.is_some_and(|frame| frame.model.may_be_cats) {
            let tip = "Nothing says what this model was trained on; images of cats can be judged";
            ui.checkbox(&mut desk.kept.images.cats, "These are cats").on_hover_text(tip);
        }
    });
    // A size that is dragged is opened where it is let go.
    let kept = desk.kept.images.model();
    let asked = desk.image_state.opened.as_ref().filter(|asked| asked.folder == kept.folder);
    let other = asked.is_some_and(|asked| *asked != kept) && !ui.ctx().egui_is_using_pointer();
    if wanted || other {
        desk.open_chosen_model();
        ui.ctx().request_repaint();
    }
    fetching(desk, ui);
    if let Some(folder) = desk.images.opening() {
        ui.horizontal_wrapped(|ui| {
            ui.spinner();
            ui.label(RichText::new(format!("Opening {} …", folder.display())).strong());
        });
    }
}

/// The field of a folder or a name; whether the model in it is to be opened.
fn other(desk: &mut Desk, ui: &mut Ui) -> bool {
    let scale = desk.kept.theme.scale();
    let width = (0.4 * ui.max_rect().width()).clamp(FIELD[0] * scale, FIELD[1] * scale);
    let button_width = widgets::width_of(ui, &["Model", "Open model"]);
    widgets::keep_together(ui, width + button_width);
    let label = ui.label("Model").id;
    let field = TextEdit::singleline(&mut desk.kept.images.folder).desired_width(width);
    let field = ui.add(field.hint_text("folder, or owner/name")).labelled_by(label);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let given = !desk.kept.images.folder.trim().is_empty();
    let button = ui.add_enabled(given, Button::new("Open model")).on_hover_text(
        "A folder with config.json, diffusion_pytorch_model.safetensors and perhaps scheduler_config.json; or a model of \
         the Hugging Face hub by its name, which is fetched once and kept",
    );
    given && (entered || button.clicked())
}

/// How far a model is that is fetched from the hub, and the way to give it up.
#[expect(clippy::cast_precision_loss, reason = "megabytes are shown")]
fn fetching(desk: &mut Desk, ui: &mut Ui) {
    let Some((model, arrived)) = desk.fetcher.progress() else { return };
    let (share, text) = match &arrived {
        None => (0.0, format!("Asking the hub for {} …", model.display())),
        Some(arrived) => {
            let [done, of] = [arrived.done, arrived.of].map(|bytes| 1e-6 * bytes as f32);
            (done / of.max(f32::MIN_POSITIVE), format!("{}: {done:.1} of {of:.1} MB", arrived.file))
        }
    };
    ui.horizontal(|ui| {
        let cancel = ui.button("Cancel").on_hover_text("What came is kept: Open model goes on from there");
        ui.add(ProgressBar::new(share).text(text).desired_width(ui.available_width()));
        if cancel.clicked() {
            desk.give_up_model();
        }
    });
    ui.ctx().request_repaint_after(PROGRESS);
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
