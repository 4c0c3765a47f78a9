//! The canvases of the Field tab: one, two, or one with a wipe; and the hand that moves them.

use egui::{Align2, CursorIcon, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{edit, probe, sources, toolbar};
use crate::session::{COMPARED, Extras, FieldRequest, Source, is_about_network};
use crate::ui::Desk;
use crate::ui::kept_field::{Colours, Compare, Shown};
use crate::ui::paint::canvas::{self, Plane};
use crate::ui::paint::field_layers::{self, Layers};
use crate::ui::paint::particles;
use crate::ui::theme::Theme;

/// Arrows along the shorter side of the canvas.
const ARROWS: f32 = 26.0;
/// The same in the projector theme: fewer and larger ones are seen from the back.
const PROJECTOR_ARROWS: f32 = 18.0;
/// Least side of an arrow's cell, in points of the usual scale: on a small canvas there are fewer.
const NARROWEST: f32 = 15.0;
/// Colour cells along each side.
const CELLS: usize = 112;
/// The same for errors, which change faster than densities.
const ERROR_CELLS: usize = 224;
/// Cells of the streamlines' mask along the shorter side.
const LINES: usize = 24;
/// Pixels of the line integral convolution along the shorter side.
const SMEAR: usize = 220;

/// Points of scrolling that zoom by a factor of e.
const SCROLL_PER_E: f32 = 240.0;

/// Draws the row of layers and the canvases below.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    toolbar::show(desk, ui);
    let area = ui.available_rect_before_wrap();
    let (source, other) = (desk.shown_source(), desk.kept.field.other);
    match desk.kept.field.compare {
        Compare::Alone => one(desk, ui, area, &[(0, source)]),
        Compare::Wipe => one(desk, ui, area, &[(0, source), (1, other)]),
        Compare::SideBySide => {
            let [left, right] = [area.split_left_right_at_fraction(0.5).0, area.split_left_right_at_fraction(0.5).1];
            one(desk, ui, left, &[(0, source)]);
            one(desk, ui, right, &[(1, other)]);
        }
    }
}

/// One canvas with one field, or with two that a wipe parts.
fn one(desk: &mut Desk, ui: &mut Ui, area: Rect, fields: &[(usize, Shown)]) {
    let plane = Plane::within(ui, &desk.camera().view(&desk.scenario.view), area);
    let name = if fields[0].0 == 0 { "Score field" } else { "Score field, compared" };
    let response = ui.interact(plane.rect, egui::Id::unique(name), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    // First the hand, then the pictures: they follow in the same frame.
    if !edit::on_canvas(desk, ui, &plane, &response) {
        navigate(desk, ui, &plane, &response);
    }
    let wiped = fields.len() > 1;
    let edge = plane.rect.left() + desk.kept.field.wipe.clamp(0.0, 1.0) * plane.rect.width();
    for &(which, shown) in fields {
        let clip = match (wiped, which) {
            (false, _) => plane.rect,
            (true, 0) => plane.rect.with_max_x(edge),
            (true, _) => plane.rect.with_min_x(edge),
        };
        layers(desk, ui, &plane, clip, which);
        if desk.kept.field.compare != Compare::Alone {
            tell(ui, clip, sources::title(shown), which == 1 && wiped);
        }
        ask(desk, ui, which, shown, &plane);
        if desk.is_untrained(shown) {
            hint(ui, clip);
        }
    }
    points(desk, ui, &plane);
    edit::paint(desk, ui, &plane);
    probe::on_canvas(desk, ui, &plane, &response, fields);
    if wiped {
        wipe(desk, ui, plane.rect, edge);
    }
    canvas::axes(ui, &plane, &desk.palette);
    ui.advance_cursor_after_rect(area);
}

/// Whose field a part of the canvas shows, in its upper left corner, or in the right one.
fn tell(ui: &Ui, clip: Rect, title: &str, at_right: bool) {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let painter = ui.painter_at(clip);
    let galley = painter.layout_no_wrap(title.to_owned(), font, ui.visuals().text_color());
    let left = if at_right { clip.right() - galley.size().x - 10.0 } else { clip.left() + 10.0 };
    let rect = Rect::from_min_size(pos2(left, clip.top() + 10.0), galley.size()).expand(4.0);
    painter.rect_filled(rect, 4.0, ui.visuals().panel_fill.gamma_multiply(0.95));
    painter.galley(rect.min + vec2(4.0, 4.0), galley, ui.visuals().text_color());
}

impl Desk {
    /// Whether a field is that of a network which has learned nothing yet.
    fn is_untrained(&self, shown: Shown) -> bool {
        let steps = self.session.latest().network.get().map_or(0, |network| network.steps);
        let running = self.session.latest().training.get().is_some_and(|frame| frame.running);
        matches!(shown, Shown::Learned | Shown::Difference) && steps == 0 && !running
    }
}

/// What is missing where the network has learned nothing yet, at the upper end of the canvas.
fn hint(ui: &Ui, clip: Rect) {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let (painter, ink) = (ui.painter_at(clip), ui.visuals().text_color());
    let text = "Not trained yet: press Start training, or T".to_owned();
    let galley = painter.layout(text, font, ink, (clip.width() - 20.0).max(40.0));
    let rect = Align2::CENTER_TOP.anchor_size(clip.center_top() + vec2(0.0, 12.0), galley.size());
    painter.rect_filled(rect.expand(4.0), 4.0, ui.visuals().panel_fill.gamma_multiply(0.95));
    painter.galley(rect.min, galley, ink);
}

fn layers(desk: &mut Desk, ui: &Ui, plane: &Plane, clip: Rect, which: usize) {
    let slot = if which == 0 { 0 } else { COMPARED };
    if let Some(frame) = desk.session.latest().fields[slot].get() {
        desk.field.shown[which] = Some(frame);
    }
    let Some(frame) = desk.field.shown[which].clone() else { return };
    let choices = &desk.kept.field;
    let layers = Layers {
        colours: choices.colours != Colours::Off,
        contours: choices.contours,
        arrows: desk.kept.arrows,
        streamlines: choices.streamlines,
        lic: choices.lic,
    };
    let textures = (&mut desk.heat_maps[slot], &mut desk.field.smears[which]);
    field_layers::paint(ui, &ui.painter_at(clip), plane, &frame, layers, textures, &desk.palette);
}

/// Data points, noised ones and particles belong to every field alike.
fn points(desk: &Desk, ui: &Ui, plane: &Plane) {
    let (painter, choices, palette) = (ui.painter_at(plane.rect), &desk.kept.field, &desk.palette);
    if let Some(points) = desk.session.latest().points.get() {
        let count = choices.memorised.into();
        if choices.noised_points {
            let sigma = Some(desk.kept.sigma(&desk.scenario));
            field_layers::points(&painter, plane, &points, count, sigma, palette);
        }
        if choices.data_points {
            field_layers::points(&painter, plane, &points, count, None, palette);
        }
    }
    if let Some(frame) = desk.session.latest().panes[0].get().filter(|_| desk.kept.particles) {
        particles::paint(&painter, plane, &frame.x, palette);
    }
}

fn ask(desk: &mut Desk, ui: &Ui, which: usize, shown: Shown, plane: &Plane) {
    let choices = &desk.kept.field;
    let (source, memorising) = shown.asked(choices.memorised);
    let cells = |on: bool, shorter: usize| if on { plane.cells(shorter) } else { [0; 2] };
    let extras = Extras {
        memorising,
        curl: choices.colours == Colours::Curl,
        contours: choices.contours,
        streamlines: cells(choices.streamlines, LINES),
        lic: cells(choices.lic, SMEAR),
        points: choices.data_points || choices.noised_points,
        draft: desk.field.editor.draft_number(),
    };
    let shorter = plane.rect.width().min(plane.rect.height());
    let along = (shorter / (NARROWEST * desk.kept.theme.scale())).clamp(4.0, arrows_of(desk.kept.theme)).floor();
    desk.field.cell = shorter / along;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tens of arrows")]
    let arrows = cells(desk.kept.arrows, along as usize);
    let newest = if is_about_network(source, memorising) { desk.session.latest().network.version() } else { 0 };
    let is_slow = extras.curl || choices.lic || choices.streamlines;
    let network_version = if newest > 0 && is_slow { slow_version(desk, ui, newest) } else { newest };
    let sigma = desk.kept.sigma(&desk.scenario);
    let cells = [if source == Source::Difference { ERROR_CELLS } else { CELLS }; 2];
    let request = FieldRequest { view: plane.view, sigma, source, arrows, cells, network_version };
    if desk.field.asked[which] != Some((request, extras)) {
        desk.field.asked[which] = Some((request, extras));
        desk.session.show_with(if which == 0 { 0 } else { COMPARED }, request, extras);
    }
}

/// The version of the network that a picture shows which takes the worker long; the newest comes a little later.
fn slow_version(desk: &mut Desk, ui: &Ui, newest: u64) -> u64 {
    let version = desk.field.slow_version(newest, ui.input(|input| input.time));
    if version != newest {
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(250));
    }
    version
}

const fn arrows_of(theme: Theme) -> f32 {
    match theme {
        Theme::Dark | Theme::Light => ARROWS,
        Theme::Projector => PROJECTOR_ARROWS,
    }
}

/// A drag pans, the wheel and two fingers zoom about the pointer, a double click fits.
fn navigate(desk: &mut Desk, ui: &Ui, plane: &Plane, response: &Response) {
    let view = desk.scenario.view;
    let mut camera = desk.camera();
    let before = camera;
    if response.dragged() {
        let from = plane.under(Pos2::ZERO);
        let to = plane.under(Pos2::ZERO + response.drag_delta());
        camera.pan([from[0] - to[0], from[1] - to[1]], &view);
    }
    if let Some(pointer) = response.hover_pos() {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (scroll / SCROLL_PER_E).exp();
        if (factor - 1.0).abs() > 1e-6 {
            camera.zoom_about(factor.into(), plane.under(pointer));
        }
    }
    if response.double_clicked() {
        desk.kept.field.camera = None;
    } else if camera != before {
        desk.kept.field.camera = Some(camera);
    }
}

/// The line between two fields, and the hand on it.
fn wipe(desk: &mut Desk, ui: &Ui, rect: Rect, edge: f32) {
    let reach = 7.0 * desk.kept.theme.scale();
    let grip = Rect::from_x_y_ranges(edge - reach..=edge + reach, rect.y_range());
    let response =
        ui.interact(grip, egui::Id::unique("wipe"), Sense::DRAG).on_hover_cursor(CursorIcon::ResizeHorizontal);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Wipe between the fields"));
    if response.dragged() {
        desk.kept.field.wipe = (desk.kept.field.wipe + response.drag_delta().x / rect.width()).clamp(0.0, 1.0);
    }
    let stroke: Stroke = desk.palette.handle;
    ui.painter().vline(edge, rect.y_range(), stroke);
    ui.painter().circle_filled(pos2(edge, rect.center().y), reach, stroke.color);
}
