//! Where the time of one call of the network goes, kernel by kernel.

use egui::{Grid, Ui};

use crate::session::ImagesFrame;
use crate::ui::desk::Desk;

/// Draws the table, where somebody asked for it.
pub fn show(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame) {
    let times = desk.images.latest().kernels.get();
    let Some(times) = times.filter(|_| desk.image_state.kernels && frame.model.clock) else { return };
    ui.separator();
    let total: f64 = times.shares.iter().map(|share| share.total.seconds).sum();
    ui.horizontal_wrapped(|ui| {
        let images = if times.images == 1 { "1 image".to_owned() } else { format!("{} images", times.images) };
        ui.label(format!("One call for {images}: {:.2} ms by the adapter's clock", 1e3 * total));
        if ui.button("Close kernel times").clicked() {
            desk.image_state.kernels = false;
        }
    });
    Grid::new("kernel times").num_columns(4).striped(true).show(ui, |ui| {
        for title in ["Kernel", "Calls", "ms", "Share"] {
            ui.strong(title);
        }
        ui.end_row();
        for share in &times.shares {
            ui.label(share.total.kernel);
            ui.label(share.calls.to_string());
            ui.label(format!("{:.2}", 1e3 * share.total.seconds));
            ui.label(format!("{:.0} %", 100.0 * share.total.seconds / total.max(f64::MIN_POSITIVE)));
            ui.end_row();
        }
    });
}
