//! The row above the canvas: what is drawn, and where the canvas looks.

use egui::{Key, ScrollArea, Ui};

use crate::ui::Desk;
use crate::ui::kept_field::{Camera, Colours};

/// Zoom of one key press or click.
const ZOOM: f64 = 1.25;

/// Width, in points of the usual scale, below which the row scrolls rather than take the canvas's place.
const NARROW: f32 = 440.0;

/// Draws the row.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let scale = desk.kept.theme.scale();
    let narrow = ui.available_width() < NARROW * scale;
    let row = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing = egui::vec2(2.0, 3.0) * scale;
        buttons(desk, ui);
    };
    if narrow {
        ScrollArea::horizontal().show(ui, |ui| ui.horizontal(row));
    } else {
        ui.horizontal_wrapped(row);
    }
}

fn buttons(desk: &mut Desk, ui: &mut Ui) {
    layers(desk, ui);
    ui.separator();
    for (title, says, factor) in [("−", "Zoom out", 1.0 / ZOOM), ("+", "Zoom in", ZOOM)] {
        let button = ui.button(title).on_hover_text(format!("{says}: the keys + and −, or the wheel"));
        button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, says));
        if button.clicked() {
            desk.zoom(factor);
        }
    }
    if ui.button("Fit").on_hover_text("Everything in sight: F, or a double click on the canvas").clicked() {
        desk.kept.field.camera = None;
    }
}

fn layers(desk: &mut Desk, ui: &mut Ui) {
    let choices = &mut desk.kept.field;
    for (colours, title, meaning) in [
        (Colours::Density, "Density", "Colours: the density, or the error where the difference is shown"),
        (Colours::Curl, "Curl", "Colours: ∂x s_y − ∂y s_x, which no true score has"),
    ] {
        if ui.selectable_label(choices.colours == colours, title).on_hover_text(meaning).clicked() {
            choices.colours = if choices.colours == colours { Colours::Off } else { colours };
        }
    }
    for (on, title, meaning) in [
        (&mut choices.contours, "Contours", "Lines of equal density, at even steps of its logarithm"),
        (&mut desk.kept.arrows, "Arrows", "Direction and strength of the score"),
        (&mut choices.streamlines, "Streamlines", "Lines that follow the score"),
        (&mut choices.lic, "LIC", "Line integral convolution: noise smeared along the score"),
        (&mut choices.data_points, "Data", "Points drawn from the data"),
        (&mut choices.noised_points, "Noised", "The same points with noise of this σ: x + σ z"),
        (&mut desk.kept.particles, "Particles", "Those of the first sampler"),
    ] {
        ui.toggle_value(on, title).on_hover_text(meaning);
    }
}

/// Keys of the canvas: + − F, and Shift with an arrow to pan.
pub fn shortcuts(desk: &mut Desk, presses: &impl Fn(Key) -> usize) {
    for (keys, factor) in [([Key::Plus, Key::Equals], ZOOM), ([Key::Minus, Key::Minus], 1.0 / ZOOM)] {
        for _ in 0..keys.into_iter().map(presses).sum() {
            desk.zoom(factor);
        }
    }
    if presses(Key::F) > 0 {
        desk.kept.field.camera = None;
    }
}

impl Desk {
    /// Where the canvas looks.
    #[must_use]
    pub fn camera(&self) -> Camera {
        self.kept.field.camera.unwrap_or_else(|| Camera::fit(&self.scenario.view))
    }

    /// Zooms about the middle.
    pub(super) fn zoom(&mut self, factor: f64) {
        let mut camera = self.camera();
        camera.zoom_about(factor, camera.centre);
        self.kept.field.camera = Some(camera);
    }

    /// Pans by shares of what is seen.
    pub(super) fn pan_by_share(&mut self, share: [f64; 2]) {
        let mut camera = self.camera();
        let seen = camera.view(&self.scenario.view);
        camera.pan([0, 1].map(|axis| share[axis] * (seen.max[axis] - seen.min[axis])), &self.scenario.view);
        self.kept.field.camera = Some(camera);
    }
}
