//! The Images tab: samples of a network of images as they form, and beside them one under noise, what became of all, or a brush.

mod choices;
mod grid;
mod kernels;
mod look;
mod model;
mod painting;
mod transport;
mod verdict;
mod wishes;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{CentralPanel, Id, Panel, Rect, RichText, ScrollArea, Ui, UiBuilder, Vec2, vec2};

use crate::session::{IMAGE_PANES, ImageModelChoice, ImageStart, ImagesFrame, Look};
use crate::ui::Beside;
use crate::ui::desk::Desk;
use crate::ui::paint::pictures::Textures;
pub use wishes::shortcuts;

/// Narrowest room in which samples and the look at one of them stand side by side, in points at the usual scale.
const SIDE_BY_SIDE: f32 = 560.0;
/// Share of it that the samples of one pane, or of two, have at most.
const SAMPLES: [f32; IMAGE_PANES] = [0.6, 0.66];
/// Least height of either, in points at the usual scale.
const LEAST_HEIGHT: f32 = 230.0;
/// The largest share of the window that the controls below take before they scroll.
const CONTROLS: f32 = 0.3;

/// What is there until the window closes.
#[derive(Default)]
pub struct ImageState {
    samples: [Textures; IMAGE_PANES],
    look: [Textures; 3],
    nearest: [Textures; IMAGE_PANES],
    /// Where images start.
    start: ImageStart,
    /// What is under the brush.
    canvas: Option<painting::Canvas>,
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
    desk.open_carried_model();
    let panes: Vec<_> = desk.image_frames().collect();
    if let Some(frame) = panes.first() {
        desk.follow_model(frame);
        desk.draw_on();
        below(desk, ui, &panes);
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
            model::show(desk, ui, panes.first().map(|frame| &**frame));
            let Some(frame) = panes.first() else { return empty(desk, ui) };
            choices::show(desk, ui, frame);
            body(desk, ui, &panes, height - (ui.cursor().top() - top));
            kernels::show(desk, ui, frame);
        });
    });
}

/// Transport and figures: as high as they are, or scrolling where that would be too much.
fn below(desk: &mut Desk, ui: &mut Ui, panes: &[Arc<ImagesFrame>]) {
    let id = Id::unique("height of the images' controls");
    let known: Option<f32> = ui.data(|data| data.get_temp(id));
    let natural = known.unwrap_or_else(|| 2.0 * (ui.spacing().interact_size.y + ui.spacing().item_spacing.y));
    let size = (natural + 20.0).min(CONTROLS * ui.max_rect().height());
    Panel::bottom("image transport").resizable(false).exact_size(size).show(ui, |ui| {
        let content = ScrollArea::vertical().auto_shrink(false).show(ui, |ui| transport::show(desk, ui, panes));
        ui.data_mut(|data| data.insert_temp(id, content.content_size.y));
    });
}

/// The samples of each pane, and beside or below them one under noise, or what became of all.
#[expect(clippy::cast_precision_loss, reason = "one pane or two")]
fn body(desk: &mut Desk, ui: &mut Ui, panes: &[Arc<ImagesFrame>], height: f32) {
    let (scale, whole, gap) = (desk.kept.theme.scale(), ui.available_width(), 2.0 * ui.spacing().item_spacing.x);
    let height = (height - look::slider_height(ui, scale)).max(LEAST_HEIGHT * scale);
    if whole < SIDE_BY_SIDE * scale {
        for (pane, frame) in panes.iter().enumerate() {
            grid::show(desk, ui, (pane, frame), vec2(whole, LEAST_HEIGHT * scale));
        }
        beside(desk, ui, panes, vec2(whole, LEAST_HEIGHT * scale));
    } else {
        let share = SAMPLES[panes.len() - 1] / panes.len() as f32;
        let (corner, _) = (ui.cursor().min, ui.allocate_space(vec2(whole, height)));
        let part = |at: f32, width: f32| Rect::from_min_size(corner + vec2(at, 0.0), vec2(width, height));
        let mut left = 0.0;
        for (pane, frame) in panes.iter().enumerate() {
            let place = part(left, grid::width(frame, vec2(share * whole, height), scale));
            grid::show(desk, &mut ui.new_child(UiBuilder::new().max_rect(place)), (pane, frame), place.size());
            left += place.width() + gap;
        }
        let rest = part(left, whole - left);
        beside(desk, &mut ui.new_child(UiBuilder::new().max_rect(rest)), panes, rest.size());
    }
    look::slider(desk, ui, panes);
}

/// What is chosen to be seen beside the samples.
fn beside(desk: &mut Desk, ui: &mut Ui, panes: &[Arc<ImagesFrame>], room: Vec2) {
    let (top, frame) = (ui.cursor().top(), &panes[0]);
    ui.horizontal_wrapped(|ui| {
        for (view, title, tip) in [
            (Beside::Noise, "Under noise", "One image under noise of any level, as the network sees it"),
            (Beside::Verdict, "As cats", "How many are cats, with which parts, and how many were trained on"),
            (Beside::Painting, "Brush", "Fill a part of an image anew, or paint one"),
        ] {
            if view != Beside::Verdict || frame.model.cats.is_some() {
                ui.selectable_value(&mut desk.kept.images.beside, view, title).on_hover_text(tip);
            }
        }
    });
    let room = vec2(room.x, room.y - (ui.cursor().top() - top));
    let view = desk.kept.images.beside;
    if view == Beside::Noise || (view == Beside::Verdict && frame.model.cats.is_none()) {
        desk.ask_look(frame);
        return look::show(desk, ui, frame, room);
    }
    ScrollArea::vertical().id_salt("beside the images").max_height(room.y).show(ui, |ui| match view {
        Beside::Verdict => verdict::show(desk, ui, panes, room),
        _ => painting::show(desk, ui, frame, room),
    });
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
