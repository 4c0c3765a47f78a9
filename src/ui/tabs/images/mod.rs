//! The Images tab: samples of a network of images as they form, and one of them under noise of any level.

mod choices;
mod grid;
mod kernels;
mod look;
mod model;
mod transport;
mod wishes;

use std::path::PathBuf;

use egui::{CentralPanel, Id, Panel, Rect, RichText, ScrollArea, Ui, UiBuilder, vec2};

use crate::session::{ImageModelChoice, ImagesFrame, Look};
use crate::ui::desk::Desk;
use crate::ui::paint::pictures::Textures;
pub use wishes::shortcuts;

/// Narrowest room in which samples and the look at one of them stand side by side, in points at the usual scale.
const SIDE_BY_SIDE: f32 = 560.0;
/// Share of it that the samples have, at most.
const SAMPLES: f32 = 0.6;
/// Least height of either, in points at the usual scale.
const LEAST_HEIGHT: f32 = 230.0;
/// The largest share of the window that the controls below take before they scroll.
const CONTROLS: f32 = 0.3;

/// What is there until the window closes.
#[derive(Default)]
pub struct ImageState {
    samples: Textures,
    look: [Textures; 3],
    /// The model that was asked for last.
    opened: Option<ImageModelChoice>,
    /// The folder of the model that is open.
    folder: Option<PathBuf>,
    /// The look that was asked for last.
    asked: Option<Look>,
    /// Whether kernels and their times are shown.
    kernels: bool,
}

/// Draws the tab.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let frame = desk.images.latest().samples.get();
    if let Some(frame) = &frame {
        desk.follow_model(frame);
        below(desk, ui, frame);
        if desk.kept.images.shows_knobs {
            let width = (250.0 * desk.kept.theme.scale()).min(0.45 * ui.max_rect().width());
            let panel = Panel::right("image knobs").resizable(false).exact_size(width);
            panel.show(ui, |ui| choices::knobs(desk, ui, frame));
        }
    }
    CentralPanel::default().show(ui, |ui| {
        let height = ui.available_height();
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let top = ui.cursor().top();
            model::show(desk, ui);
            let Some(frame) = &frame else { return empty(desk, ui) };
            choices::show(desk, ui);
            body(desk, ui, frame, height - (ui.cursor().top() - top));
            kernels::show(desk, ui, frame);
        });
    });
}

/// Transport and figures: as high as they are, or scrolling where that would be too much.
fn below(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame) {
    let id = Id::unique("height of the images' controls");
    let known: Option<f32> = ui.data(|data| data.get_temp(id));
    let natural = known.unwrap_or_else(|| 2.0 * (ui.spacing().interact_size.y + ui.spacing().item_spacing.y));
    let size = (natural + 20.0).min(CONTROLS * ui.max_rect().height());
    Panel::bottom("image transport").resizable(false).exact_size(size).show(ui, |ui| {
        let content = ScrollArea::vertical().auto_shrink(false).show(ui, |ui| transport::show(desk, ui, frame));
        ui.data_mut(|data| data.insert_temp(id, content.content_size.y));
    });
}

/// The samples, and beside or below them one under noise.
fn body(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame, height: f32) {
    let (scale, whole, gap) = (desk.kept.theme.scale(), ui.available_width(), 2.0 * ui.spacing().item_spacing.x);
    let height = (height - look::slider_height(ui, scale)).max(LEAST_HEIGHT * scale);
    if whole < SIDE_BY_SIDE * scale {
        grid::show(desk, ui, frame, vec2(whole, LEAST_HEIGHT * scale));
        look::show(desk, ui, frame, vec2(whole, LEAST_HEIGHT * scale));
    } else {
        let left = grid::width(frame, vec2(SAMPLES * whole, height), scale);
        let (corner, _) = (ui.cursor().min, ui.allocate_space(vec2(whole, height)));
        let part = |at: f32, width: f32| Rect::from_min_size(corner + vec2(at, 0.0), vec2(width, height));
        let (samples, one) = (part(0.0, left), part(left + gap, whole - left - gap));
        grid::show(desk, &mut ui.new_child(UiBuilder::new().max_rect(samples)), frame, samples.size());
        look::show(desk, &mut ui.new_child(UiBuilder::new().max_rect(one)), frame, one.size());
    }
    look::slider(desk, ui, frame);
    desk.ask_look(frame);
}

/// What to do where there is no model yet.
fn empty(desk: &Desk, ui: &mut Ui) {
    ui.add_space(24.0 * desk.kept.theme.scale());
    ui.vertical_centered(|ui| {
        ui.set_max_width(ui.available_width().min(620.0 * desk.kept.theme.scale()));
        ui.label(RichText::new("No network of images is open").heading().strong());
        ui.label(
            "Open a diffusers UNet2DModel: write above the path of the folder with config.json and \
             diffusion_pytorch_model.safetensors, or its name on the Hugging Face hub, such as google/ddpm-cifar10-32, and \
             press Open model.",
        );
        ui.label(
            "Then images form here from noise, update by update, under the samplers of the Samplers tab, with what the \
             network takes each for; and one of them is seen under noise of any level, with its score and its denoised \
             estimate.",
        );
    });
}
