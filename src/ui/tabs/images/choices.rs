//! What is sampled: the sampler with its knobs, the seed, how many images, and which side of them is seen.

use egui::{Button, DragValue, RichText, ScrollArea, Ui};

use crate::session::{ImagesFrame, MOST_IMAGES, image_knobs, image_samplers};
use crate::ui::desk::Desk;
use crate::ui::widgets::{self, knob};

/// Largest seed that is offered.
const SEEDS: u64 = 999_999;

/// Draws the choices; a change starts the samples again.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let (scale, before) = (desk.kept.theme.scale(), desk.kept.images.clone());
    let kept = &mut desk.kept.images;
    ui.horizontal_wrapped(|ui| {
        let title = crate::samplers::find(&kept.sampler).map_or("", |entry| entry.title);
        widgets::choice(ui, "Sampler", title, |ui| {
            for entry in image_samplers() {
                let text = format!("{}\n{}", entry.description, entry.paper);
                if ui.selectable_label(kept.sampler == entry.name, entry.title).on_hover_text(text).clicked() {
                    entry.name.clone_into(&mut kept.sampler);
                    kept.knobs.clear();
                }
            }
        });
        let knobs = Button::new("Knobs").selected(kept.shows_knobs);
        if ui.add(knobs).on_hover_text("What can be set about this sampler").clicked() {
            kept.shows_knobs = !kept.shows_knobs;
        }
        widgets::keep_together(ui, 110.0 * scale);
        let label = ui.label("Images").id;
        let count = DragValue::new(&mut kept.count).range(1..=MOST_IMAGES).speed(1.0);
        ui.add(count).labelled_by(label).on_hover_text("How many form side by side");
        widgets::keep_together(ui, 110.0 * scale);
        let label = ui.label("Seed").id;
        let seed = DragValue::new(&mut kept.seed).range(0..=SEEDS).speed(1.0);
        ui.add(seed).labelled_by(label).on_hover_text("Decides start and noise: the same seed gives the same images");
        widgets::keep_together(ui, 190.0 * scale);
        for (denoised, title, tip) in [
            (false, "Noisy", "The images as they are; noise beyond their range is scaled into sight"),
            (true, "Denoised", "D = x + σ² s: what the network takes each image for"),
        ] {
            if ui.selectable_label(kept.denoised == denoised, title).on_hover_text(tip).clicked() {
                kept.denoised = denoised;
            }
        }
    });
    if (&before.sampler, before.seed, before.count) != (&kept.sampler, kept.seed, kept.count) {
        desk.set_up_images();
    }
}

/// Draws the panel of the knobs.
pub fn knobs(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame) {
    let Some(setting) = desk.kept.images.setting() else { return };
    ui.label(RichText::new(setting.entry.title).heading());
    ScrollArea::vertical().show(ui, |ui| {
        ui.label(setting.entry.description);
        ui.small(setting.entry.paper);
        ui.horizontal_wrapped(|ui| {
            let reset = ui.add_enabled(!setting.knobs.is_empty(), Button::new("Reset knobs"));
            if reset.on_hover_text("Every knob as the model's noise has it").clicked() {
                desk.kept.images.knobs.clear();
                desk.set_up_images();
            }
            if ui.button("Close knobs").clicked() {
                desk.kept.images.shows_knobs = false;
            }
        });
        ui.separator();
        let Ok(sampling) = setting.sampling(&frame.model.scale) else { return };
        for of in image_knobs(setting.entry) {
            let turned = sampling.settings.get(of.name).and_then(|value| knob::control(ui, of, value));
            if let Some(value) = turned {
                desk.kept.images.knobs.insert(of.name.to_owned(), value);
                desk.set_up_images();
            }
        }
    });
}
