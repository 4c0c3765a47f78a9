//! What is sampled: the source, one sampler or two with their knobs, the seed, how many images, and which side of them is seen.

use std::collections::BTreeMap;

use egui::{Button, DragValue, RichText, ScrollArea, Ui};

use crate::samplers::Value;
use crate::session::{ImageSetting, ImageStart, ImagesFrame, MEMORIES, MOST_IMAGES, image_knobs, image_samplers};
use crate::ui::desk::Desk;
use crate::ui::kept_images::ImageChoices;
use crate::ui::widgets::{self, knob};

/// Largest seed that is offered.
const SEEDS: u64 = 999_999;

/// Draws the choices; a change starts the samples again.
pub fn show(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame) {
    let (scale, before) = (desk.kept.theme.scale(), (desk.kept.images.clone(), desk.image_state.start.clone()));
    let colours = [0, 1].map(|pane| desk.palette.pane(pane));
    let (kept, from) = (&mut desk.kept.images, &mut desk.image_state.start);
    let mut memory = false;
    ui.horizontal_wrapped(|ui| {
        if frame.model.cats.is_some() {
            memory = source(ui, kept, scale);
        }
        let first = if kept.compares { colours[0] } else { ui.visuals().text_color() };
        sampler(ui, ("Sampler", first), &mut kept.sampler, &mut kept.knobs);
        if kept.compares {
            sampler(ui, ("Second", colours[1]), &mut kept.other_sampler, &mut kept.other_knobs);
        }
        let knobs = Button::new("Knobs").selected(kept.shows_knobs);
        if ui.add(knobs).on_hover_text("What can be set about this sampler").clicked() {
            kept.shows_knobs = !kept.shows_knobs;
        }
        let compare = Button::new("Compare").selected(kept.compares);
        if ui.add(compare).on_hover_text("A second sampler, from the same start with the same noise").clicked() {
            kept.compares = !kept.compares;
        }
        widgets::keep_together(ui, 110.0 * scale);
        let label = ui.label("Images").id;
        let count = DragValue::new(&mut kept.count).range(1..=MOST_IMAGES).speed(1.0);
        ui.add(count).labelled_by(label).on_hover_text("How many form side by side");
        widgets::keep_together(ui, 110.0 * scale);
        let label = ui.label("Seed").id;
        let seed = DragValue::new(&mut kept.seed).range(0..=SEEDS).speed(1.0);
        ui.add(seed).labelled_by(label).on_hover_text("Decides start and noise: the same seed gives the same images");
        start(ui, kept, from, scale);
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
    let key = |kept: &ImageChoices| {
        let samplers = (kept.sampler.clone(), kept.other_sampler.clone(), kept.compares);
        (samplers, kept.seed, kept.count, kept.memory)
    };
    if key(&before.0) != key(kept) || before.1 != *from || memory {
        desk.set_up_images();
    }
}

/// The network, or a memory of how many cats; whether that number is another one. While it is dragged it is none yet: a memory is not
/// made in a moment.
fn source(ui: &mut Ui, kept: &mut ImageChoices, scale: f32) -> bool {
    let title = |memory: bool| if memory { "memory" } else { "network" };
    widgets::choice(ui, "Score of", title(kept.memory), |ui| {
        for (memory, tip) in [
            (false, "What the network learned"),
            (true, "A perfect fit to the cats trained on, in closed form: D = Σ w_i x_i, w_i ∝ exp(−‖x − x_i‖²/2σ²)"),
        ] {
            ui.selectable_value(&mut kept.memory, memory, title(memory)).on_hover_text(tip);
        }
    });
    if !kept.memory {
        return false;
    }
    widgets::keep_together(ui, 110.0 * scale);
    let label = ui.label("Cats").id;
    let cats = ui.add(DragValue::new(&mut kept.memory_of).range(MEMORIES).speed(10.0)).labelled_by(label);
    let another = cats.drag_stopped() || (cats.changed() && !cats.dragged());
    cats.on_hover_text("How many it holds: the first of those that the network saw");
    another
}

/// Noise, or the way between two seeds; a painting is chosen where the brush is.
fn start(ui: &mut Ui, kept: &ImageChoices, start: &mut ImageStart, scale: f32) {
    let title = match start {
        ImageStart::Noise => "noise",
        ImageStart::Between { .. } => "between seeds",
        ImageStart::Fill(_) | ImageStart::Edit(_) => "painting",
    };
    widgets::choice(ui, "From", title, |ui| {
        let noise = ui.selectable_label(*start == ImageStart::Noise, "noise");
        if noise.on_hover_text("Each image from noise of its own").clicked() {
            *start = ImageStart::Noise;
        }
        let between = ui.selectable_label(matches!(start, ImageStart::Between { .. }), "between seeds");
        let tip = "Eight images from the chosen one to that of another seed, along the sphere on which noise lies: under a sampler \
                   of the flow, an image is a function of its noise";
        if between.on_hover_text(tip).clicked() {
            *start = ImageStart::Between { image: kept.chosen.unwrap_or(0), to: kept.seed + 1 };
        }
    });
    if let ImageStart::Between { to, .. } = start {
        widgets::keep_together(ui, 110.0 * scale);
        let label = ui.label("to seed").id;
        ui.add(DragValue::new(to).range(0..=SEEDS).speed(1.0)).labelled_by(label).on_hover_text("Where the way ends");
    }
}

/// The list of samplers; another one begins with its own knobs.
fn sampler(
    ui: &mut Ui,
    (name, colour): (&str, egui::Color32),
    chosen: &mut String,
    knobs: &mut BTreeMap<String, Value>,
) {
    let title = crate::samplers::find(chosen).map_or("", |entry| entry.title);
    widgets::coloured_choice(ui, name, colour, title, |ui| {
        for entry in image_samplers() {
            let text = format!("{}\n{}", entry.description, entry.paper);
            if ui.selectable_label(*chosen == entry.name, entry.title).on_hover_text(text).clicked() {
                entry.name.clone_into(chosen);
                knobs.clear();
            }
        }
    });
}

/// Draws the panel of the knobs.
pub fn knobs(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame) {
    ui.horizontal_wrapped(|ui| {
        let kept = &mut desk.kept.images;
        let reset = Button::new("Reset knobs");
        let reset = ui.add_enabled(!kept.knobs.is_empty() || !kept.other_knobs.is_empty(), reset);
        if reset.on_hover_text("Every knob as the model's noise has it").clicked() {
            (kept.knobs, kept.other_knobs) = (BTreeMap::new(), BTreeMap::new());
            desk.set_up_images();
        }
        if ui.button("Close knobs").clicked() {
            desk.kept.images.shows_knobs = false;
        }
    });
    ScrollArea::vertical().show(ui, |ui| {
        for (pane, setting) in desk.image_panes().into_iter().enumerate() {
            ui.push_id(pane, |ui| of_pane(desk, ui, frame, (pane, &setting)));
        }
    });
}

/// The knobs of one pane's sampler.
fn of_pane(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame, (pane, setting): (usize, &ImageSetting)) {
    ui.separator();
    ui.label(RichText::new(setting.entry.title).heading());
    ui.label(setting.entry.description);
    ui.small(setting.entry.paper);
    let Ok(sampling) = setting.sampling(&frame.model.scale) else { return };
    for of in image_knobs(setting.entry) {
        let turned = sampling.settings.get(of.name).and_then(|value| knob::control(ui, of, value));
        if let Some(value) = turned {
            let kept = &mut desk.kept.images;
            let knobs = if pane == 0 { &mut kept.knobs } else { &mut kept.other_knobs };
            knobs.insert(of.name.to_owned(), value);
            desk.set_up_images();
        }
    }
}
