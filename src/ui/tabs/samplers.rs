//! The Samplers tab: samplers side by side from one start and one noise, each with the shares of the modes below.

use egui::{CentralPanel, Panel, Ui, UiBuilder};

use crate::session::{FieldRequest, PANES};
use crate::ui::desk::Desk;
use crate::ui::paint::canvas::{self, Layers};
use crate::ui::widgets::{self, sigma_slider};

/// Arrows along the shorter side of a pane.
const ARROWS: usize = 20;
/// Colour cells along each side.
const CELLS: usize = 96;
/// Arrows stand back behind the particles.
const ARROW_OPACITY: f32 = 0.45;

/// Draws the tab.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    Panel::bottom("transport").show(ui, |ui| {
        ui.add_space(6.0);
        widgets::transport::show(desk, ui);
        ui.add_space(6.0);
    });
    CentralPanel::default().show(ui, |ui| {
        let gap = ui.spacing().item_spacing.x * 2.0;
        let whole = ui.available_rect_before_wrap();
        #[expect(clippy::cast_precision_loss, reason = "a handful of panes")]
        let width = (whole.width() - gap * (PANES - 1) as f32) / PANES as f32;
        for pane in 0..PANES {
            #[expect(clippy::cast_precision_loss, reason = "a handful of panes")]
            let left = whole.left() + pane as f32 * (width + gap);
            let rect = egui::Rect::from_min_size(egui::pos2(left, whole.top()), egui::vec2(width, whole.height()));
            ui.scope_builder(UiBuilder::new().max_rect(rect).id_salt(pane), |ui| show_pane(desk, ui, pane));
        }
    });
}

fn show_pane(desk: &mut Desk, ui: &mut Ui, pane: usize) {
    let scale = desk.kept.theme.scale();
    widgets::pane_choice::show(desk, ui, pane);
    let Some(frame) = desk.session.latest().panes[pane].get() else { return };
    let weights = desk.scenario.data.mode_weights();
    let below = widgets::weight_bar::height(ui, scale) + ui.spacing().item_spacing.y;
    let plane = canvas::Plane::fit_above(ui, &desk.scenario.view, below);
    let field = desk.session.latest().fields[1 + pane].get();
    let layers = Layers {
        field: field.as_deref(),
        arrows: if desk.kept.arrows { ARROW_OPACITY } else { 0.0 },
        particles: &frame.x,
        caption: &frame
            .update
            .map_or_else(String::new, |update| format!("σ = {}", sigma_slider::number(update.sigma()))),
    };
    let title = format!("Particles of pane {}", pane + 1);
    canvas::show(ui, &plane, &layers, &mut desk.heat_maps[1 + pane], &desk.palette, &title);
    widgets::weight_bar::show(ui, &frame.shares, &weights, scale);
    let Some(update) = frame.update else { return };
    let request = FieldRequest {
        view: plane.view,
        sigma: update.sigma(),
        source: desk.kept.panes[pane].source,
        arrows: if desk.kept.arrows { plane.cells(ARROWS) } else { [0; 2] },
        cells: [CELLS; 2],
        network_version: 0,
    };
    desk.ask(1 + pane, request);
}
