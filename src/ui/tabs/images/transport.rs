//! Play, pause, step and restart of the samples, and the figures of their run.

use std::sync::Arc;

use egui::{RichText, Ui};

use crate::session::{ImagesCommand, ImagesFrame};
use crate::ui::desk::Desk;
use crate::ui::widgets::{self, sigma_slider};

/// Draws buttons and figures.
pub fn show(desk: &mut Desk, ui: &mut Ui, panes: &[Arc<ImagesFrame>]) {
    let Some(frame) = panes.first() else { return };
    let playing = panes.iter().any(|frame| frame.playing);
    ui.horizontal_wrapped(|ui| {
        if ui.button(if playing { "Pause" } else { "Play" }).on_hover_text("Space").clicked() {
            desk.toggle_images();
        }
        if ui.button("Step").on_hover_text("One update of each sampler: S").clicked() {
            desk.images.send(ImagesCommand::Step);
        }
        if ui.button("Restart").on_hover_text("Back to the start: R").clicked() {
            desk.images.send(ImagesCommand::Reset);
        }
        for (pane, frame) in panes.iter().enumerate() {
            ui.separator();
            if panes.len() > 1 {
                ui.label(RichText::new((pane + 1).to_string()).strong().color(desk.palette.pane(pane)));
            }
            figures(ui, frame);
        }
    });
    ui.horizontal_wrapped(|ui| facts(desk, ui, frame));
}

/// How far a pane is, and what it cost.
fn figures(ui: &mut Ui, frame: &ImagesFrame) {
    // As wide at 0 as at the end, so that nothing moves.
    let digits = frame.updates.to_string().len();
    let reading = RichText::new(format!("{:>digits$} of {}", frame.done, frame.updates)).monospace();
    ui.label(reading).on_hover_text("Updates");
    let total = frame.nfe_of_plan.map_or_else(String::new, |total| format!(" of {total}"));
    ui.label(format!("NFE {}{total}", frame.nfe)).on_hover_text("Score evaluations per image");
    ui.label(format!("σ {}", sigma_slider::number(frame.sigma))).on_hover_text("The noise level of the images");
    if let Some((seconds, spent)) = frame.seconds.zip(frame.spent) {
        ui.label(format!("{} s, {} s per update", widgets::number(spent), widgets::number(seconds)))
            .on_hover_text("All updates so far, and the last one, of all images together");
    }
}

/// What is known of the model.
fn facts(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame) {
    let model = &frame.model;
    let short = model.device.split(" (").next().unwrap_or_default();
    ui.label(short).on_hover_text(format!("What computes the network: {}", model.device));
    let [c, h, w] = model.shape;
    ui.label(format!("{c} × {h} × {w}")).on_hover_text("Channels, rows and columns of an image");
    ui.label(format!("{} parameters", count(model.parameters)));
    ui.label(format!("{} MiB", model.bytes.div_ceil(1 << 20))).on_hover_text("Memory for weights and one call");
    if !model.clock {
        let why = "This device has no clock for single kernels, as many a graphics adapter has";
        ui.weak("No kernel times").on_hover_text(why);
    } else if ui.button("Kernel times").on_hover_text("Where the time of one call of the network goes").clicked() {
        desk.image_state.kernels = true;
        desk.images.send(ImagesCommand::Time);
    }
}

/// Three digits that count, in millions where they are many.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn count(number: usize) -> String {
    if number >= 1_000_000 { format!("{} M", widgets::number(1e-6 * number as f64)) } else { number.to_string() }
}
