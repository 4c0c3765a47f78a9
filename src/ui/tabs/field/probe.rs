//! The probe: what is known at the place under the pointer, and where the noise there would go.

use egui::{DragValue, Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo, vec2};

use super::edit::Tool;
use crate::session::{ProbeFrame, ProbeRequest, Source};
use crate::ui::Desk;
use crate::ui::kept_field::Shown;
use crate::ui::paint::canvas::Plane;
use crate::ui::paint::ink::Ink;
use crate::ui::widgets;

/// Draws the section's controls, for those who have no pointer.
pub fn controls(desk: &mut Desk, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.checkbox(&mut desk.kept.field.probe, "Probe").on_hover_text("What is known at the place under the pointer");
        ui.checkbox(&mut desk.field.probe.held, "Hold").on_hover_text("It stays: also by a click on the canvas");
    });
    let mut x = desk.field.probe.at.unwrap_or(desk.camera().centre);
    let seen = desk.camera().view(&desk.scenario.view);
    let speed = 0.002 * (seen.max[0] - seen.min[0]);
    let mut moved = false;
    ui.horizontal(|ui| {
        for (x, name) in x.iter_mut().zip(["Probe x", "Probe y"]) {
            let label = ui.label(name).id;
            moved |= ui.add(DragValue::new(x).speed(speed).max_decimals(2)).labelled_by(label).changed();
        }
    });
    if moved {
        desk.field.probe.at = Some(x);
        (desk.field.probe.held, desk.kept.field.probe) = (true, true);
    }
}

/// Follows the pointer over a canvas and draws what is known there.
pub fn on_canvas(desk: &mut Desk, ui: &Ui, plane: &Plane, response: &Response, fields: &[(usize, Shown)]) {
    // A hand that edits wants the canvas for itself.
    if !desk.kept.field.probe || desk.field.editor.tool != Tool::Look {
        return;
    }
    if let Some(place) = response.interact_pointer_pos().filter(|_| response.clicked()) {
        desk.field.probe.held = !desk.field.probe.held;
        desk.field.probe.at = Some(plane.under(place));
    }
    if !desk.field.probe.held {
        match response.hover_pos() {
            Some(pointer) => desk.field.probe.at = Some(plane.under(pointer)),
            None if response.contains_pointer() || fields[0].0 == 0 && !ui.rect_contains_pointer(ui.max_rect()) => {
                desk.field.probe.at = None;
            }
            None => {}
        }
    }
    let Some(x) = desk.field.probe.at else { return };
    ask(desk, x, fields);
    if let Some(frame) = desk.session.latest().probe.get() {
        for (_, shown) in fields {
            mark(desk, ui, plane, &frame, *shown);
        }
        if fields[0].0 == 0 {
            readout(ui, plane, &frame);
        }
    }
}

fn ask(desk: &mut Desk, x: [f64; 2], fields: &[(usize, Shown)]) {
    if fields[0].0 != 0 {
        return;
    }
    let memorising = fields.iter().find_map(|(_, shown)| shown.asked(desk.kept.field.memorised).1);
    let sigma = desk.kept.sigma(&desk.scenario);
    let network_version = desk.session.latest().network.version();
    let request = ProbeRequest { x, sigma, memorising, network_version, draft: desk.field.editor.draft_number() };
    if desk.field.probe.asked != Some(request) {
        desk.field.probe.asked = Some(request);
        desk.session.probe(request);
    }
}

/// A ring at x, and an arrow to the point that its noise came from.
fn mark(desk: &Desk, ui: &Ui, plane: &Plane, frame: &ProbeFrame, shown: Shown) {
    let stroke = desk.palette.handle;
    let painter = ui.painter_at(plane.rect);
    let from = plane.at(frame.request.x[0], frame.request.x[1]);
    painter.circle_stroke(from, 5.0 * stroke.width, stroke);
    let Some(to) = frame.denoised(shown.asked(1).0) else { return };
    let to = plane.at(to[0], to[1]);
    if (to - from).length() > 6.0 * stroke.width {
        let mut ink = Ink::new(&painter, stroke.color);
        ink.arrow(from + (to - from).normalized() * 5.0 * stroke.width, to, 6.0 * stroke.width, stroke.width);
        ink.paint(&painter);
    }
    painter.circle_filled(to, 2.0 * stroke.width, stroke.color);
}

/// What is known, in the lower left corner of the canvas, or in the right one where the place itself is on the left.
fn readout(ui: &Ui, plane: &Plane, frame: &ProbeFrame) {
    let text = sentence(frame);
    let font = TextStyle::Body.resolve(ui.style());
    let painter = ui.painter_at(plane.rect);
    let galley = painter.layout(text.clone(), font, ui.visuals().text_color(), plane.rect.width() - 20.0);
    let corner = plane.rect.left_bottom() + vec2(10.0, -10.0 - galley.size().y);
    let mut rect = Rect::from_min_size(corner, galley.size()).expand(5.0);
    if rect.expand(20.0).contains(plane.at(frame.request.x[0], frame.request.x[1])) {
        rect = rect.translate(vec2(plane.rect.right() - 10.0 - galley.size().x - corner.x, 0.0));
    }
    painter.rect_filled(rect, 4.0, ui.visuals().panel_fill.gamma_multiply(0.9));
    painter.galley(rect.min + vec2(5.0, 5.0), galley, ui.visuals().text_color());
    let response = ui.interact(rect, egui::Id::unique("probe"), Sense::empty());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
}

/// The readout in words and numbers.
pub fn sentence(frame: &ProbeFrame) -> String {
    let pair = |[x, y]: [f64; 2]| format!("({}, {})", widgets::number(x), widgets::number(y));
    let truth = if frame.request.memorising.is_some() { "memorising" } else { "exact" };
    let or_nothing = |text: Option<String>| text.unwrap_or_default();
    let score = or_nothing(frame.learned.map(|s| format!("   learned s {}", pair(s))));
    let angle = or_nothing(frame.angle().map(|angle| format!("   angle {angle:.1}°")));
    let [exact, denoised] = [Source::Exact, Source::Learned].map(|source| frame.denoised(source).map(pair));
    let denoised = denoised.filter(|_| frame.request.memorising.is_none()).map(|d| format!("   learned {d}"));
    format!(
        "x {}   log p {}\n{truth} s {}{score}{angle}\nD = x + σ²s: {truth} {}{}",
        pair(frame.request.x),
        widgets::number(frame.log_density),
        pair(frame.exact),
        or_nothing(exact),
        or_nothing(denoised)
    )
}
