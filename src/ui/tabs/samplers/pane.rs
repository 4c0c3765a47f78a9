//! One pane: its sampler above, its particles in the middle, what they are worth below.

use egui::{Id, Response, RichText, Role, Ui, WidgetInfo};

use super::carrier;
use crate::session::{FieldRequest, PANES, SamplingFrame, Source};
use crate::ui::desk::Desk;
use crate::ui::paint::canvas::{self, Layers};
use crate::ui::paint::cloud::{self, Look};
use crate::ui::widgets::{self, sigma_slider};

/// Arrows along the shorter side of a pane.
const ARROWS: usize = 16;
/// Colour cells along each side, of one or two panes and of more.
const CELLS: [usize; 2] = [96, 64];
/// Least height of a picture, in points at the usual scale.
const LEAST_PICTURE: f32 = 150.0;
/// Arrows stand back behind the particles.
const ARROW_OPACITY: f32 = 0.45;

/// What stands beside the choices of a pane.
const BUTTONS: [&str; 3] = ["Knobs", "Source", "×"];

/// Draws pane number `pane` in all of `ui`.
pub fn show(desk: &mut Desk, ui: &mut Ui, pane: usize) {
    let top = ui.cursor().top();
    header(desk, ui, pane);
    if pane >= desk.kept.panes.len() {
        return;
    }
    let Some(frame) = desk.session.latest().panes[pane].get() else { return };
    ui.add(egui::Label::new(RichText::new(caption(desk, pane, &frame)).small()).truncate());
    let panes = desk.kept.panes.len();
    let own = ui.cursor().top() - top;
    ui.add_space(tallest(ui, "above", pane, panes, own) - own);
    let below = tallest(ui, "below", pane, panes, 0.0);
    let plane = canvas::Plane::fit_above(ui, &desk.scenario.view, below + ui.spacing().item_spacing.y);
    picture(desk, ui, pane, &plane, &frame);
    let foot = ui.cursor().top();
    ui.scope(|ui| figures(desk, ui, &frame, desk.kept.theme.scale()));
    tallest(ui, "below", pane, panes, ui.min_rect().bottom() - foot);
    ask(desk, pane, &plane, &frame);
}

/// What a pane wants for itself: what is above and below its picture, and a picture that is of use.
pub fn least_height(ui: &Ui, panes: usize, scale: f32) -> f32 {
    let around = tallest(ui, "above", 0, panes, 0.0) + tallest(ui, "below", 0, panes, 0.0);
    around + LEAST_PICTURE * scale
}

/// The greatest height of a part over all panes, so that their pictures are alike: lines wrap as they must, and nobody
/// knows before they are drawn. Notes the height of this pane's part, unless it is 0.
fn tallest(ui: &Ui, part: &str, pane: usize, panes: usize, own: f32) -> f32 {
    ui.data_mut(|data| {
        let heights: &mut [f32; PANES] = data.get_temp_mut_or_default(Id::unique(("height of a pane's part", part)));
        if own > 0.0 {
            heights[pane] = own;
        }
        heights[..panes].iter().copied().fold(0.0, f32::max)
    })
}

fn header(desk: &mut Desk, ui: &mut Ui, pane: usize) {
    ui.horizontal_wrapped(|ui| {
        widgets::pane_choice::controls(desk, ui, pane);
        widgets::keep_together(
            ui,
            widgets::width_of(ui, if desk.kept.panes.len() > 1 { &BUTTONS } else { &BUTTONS[..2] }),
        );
        let shown = desk.kept.samplers.knobs_of == Some(pane);
        let knobs =
            ui.add(egui::Button::new(BUTTONS[0]).selected(shown)).on_hover_text("What can be set about this sampler");
        if named(&knobs, &format!("Knobs of pane {}", pane + 1)).clicked() {
            desk.kept.samplers.knobs_of = if shown { None } else { Some(pane) };
        }
        let source = ui.button(BUTTONS[1]).on_hover_text("The sampler's own program");
        if named(&source, &format!("Source of pane {}", pane + 1)).clicked() {
            let entry = crate::samplers::find(&desk.kept.panes[pane].sampler).ok();
            desk.moment.code_of = entry.map(|entry| entry.name);
        }
        if desk.kept.panes.len() > 1 {
            let remove = ui.button(BUTTONS[2]).on_hover_text("Takes this pane away");
            if named(&remove, &format!("Remove pane {}", pane + 1)).clicked() {
                desk.remove_pane(pane);
            }
        }
    });
}

/// A short word on the screen, the whole name for screen readers.
fn named<'a>(response: &'a Response, name: &str) -> &'a Response {
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    response
}

fn picture(desk: &mut Desk, ui: &mut Ui, pane: usize, plane: &canvas::Plane, frame: &SamplingFrame) {
    let field = desk.session.latest().fields[1 + pane].get();
    let layers = Layers { field: field.as_deref(), arrows: if desk.kept.arrows { ARROW_OPACITY } else { 0.0 } };
    let title = format!("Particles of pane {}", pane + 1);
    canvas::show(ui, plane, &layers, &mut desk.heat_maps[1 + pane], &desk.palette, &title);
    let painter = ui.painter_at(plane.rect);
    let look = Look { colouring: desk.kept.samplers.colouring, trails: desk.kept.samplers.trails };
    cloud::paint(&painter, plane, frame, look, &desk.palette);
}

/// Which score is followed, and at which noise level the field behind the particles is.
fn caption(desk: &Desk, pane: usize, frame: &SamplingFrame) -> String {
    let newest = || desk.session.latest().network.get().map_or(0, |network| network.steps);
    let score = match desk.kept.panes[pane].source {
        Source::Exact => "Exact score".to_owned(),
        _ => match frame.network_steps.unwrap_or_else(newest) {
            0 => "Learned score, not trained yet".to_owned(),
            steps => format!("Score after {steps} training steps"),
        },
    };
    let field = desk.session.latest().fields[1 + pane].get();
    let sigma = field.map_or_else(String::new, |field| format!(", σ = {}", sigma_slider::number(field.request.sigma)));
    format!("{score}{sigma}")
}

fn figures(desk: &Desk, ui: &mut Ui, frame: &SamplingFrame, scale: f32) {
    let particles = frame.x.len() / 2;
    widgets::weight_bar::bars(ui, &frame.shares, &desk.scenario.data.mode_weights(), particles, scale);
    ui.horizontal_wrapped(|ui| {
        let total = frame.nfe_of_plan.map_or_else(String::new, |total| format!(" of {total}"));
        ui.label(format!("NFE {}{total}", frame.nfe)).on_hover_text("Score evaluations per particle");
        widgets::weight_bar::off_mode(ui, &frame.shares);
        if frame.lost > 0 {
            let text = format!("Diverged: {} of {particles} particles left the picture or are not finite", frame.lost);
            ui.label(RichText::new(text).strong().color(ui.visuals().error_fg_color));
        } else {
            let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
            let distance = format!("Distance {} (truth {})", number(frame.sliced_wasserstein), number(frame.floor));
            ui.add(egui::Label::new(distance).extend()).on_hover_text(
                "Sliced Wasserstein distance of the particles from eight times as many points of the truth; in brackets that of samples of the truth in their place",
            );
        }
        carrier::label(ui, &frame.carrier, particles, desk.kept.samplers.colouring);
    });
}

/// The field behind the particles, at the noise level of their next update.
fn ask(desk: &mut Desk, pane: usize, plane: &canvas::Plane, frame: &SamplingFrame) {
    let Some(update) = frame.update else { return };
    let request = FieldRequest {
        view: plane.view,
        sigma: update.sigma(),
        source: desk.kept.panes[pane].source,
        arrows: if desk.kept.arrows { plane.cells(ARROWS) } else { [0; 2] },
        cells: [CELLS[usize::from(desk.kept.panes.len() > 2)]; 2],
        network_version: 0,
    };
    desk.ask(1 + pane, request);
}
