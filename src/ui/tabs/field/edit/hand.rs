//! The hand on the canvas: it moves modes, turns and stretches their ellipses, draws and erases strokes.

use egui::{Align2, Painter, Pos2, Response, Shape, TextStyle, Ui, Vec2, pos2, vec2};

use super::{Draft, Mode, Tool, controls};
use crate::ui::Desk;
use crate::ui::paint::canvas::Plane;
use crate::ui::theme::Palette;

/// How far the hand may be from what it takes, in points of the usual scale.
const REACH: f32 = 13.0;
/// How far the handle of an axis stands off its ellipse.
const STAND_OFF: f32 = 24.0;
/// Distance of a stroke's points on the screen.
const PEN_STEP: f32 = 6.0;
/// Radius of the eraser.
const ERASER: f32 = 14.0;
/// Most points of a drawing: each is a line that every score sums over.
const MOST_POINTS: usize = 1000;
/// Points of scrolling that change a weight by a factor of e.
const SCROLL_PER_E: f32 = 240.0;
/// Corners of an ellipse.
const CORNERS: u16 = 72;

/// What the hand holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grab {
    /// A mode.
    Mode(usize),
    /// The end of one of its axes.
    Axis(usize, usize),
    /// A pen.
    Pen,
    /// An eraser.
    Eraser,
}

/// Edits; true where the drag and the wheel belong to the edit, and the canvas stays.
pub fn on_canvas(desk: &mut Desk, ui: &Ui, plane: &Plane, response: &Response) -> bool {
    let tool = desk.field.editor.tool;
    if tool == Tool::Look {
        return false;
    }
    let now = ui.input(|input| input.time);
    if response.drag_started()
        && let Some(origin) = ui.input(|input| input.pointer.press_origin())
    {
        take(desk, plane, origin, now);
    }
    if let (Some(grab), Some(at)) = (desk.field.editor.grab, response.interact_pointer_pos()) {
        move_to(desk, plane, grab, at, now);
    }
    let held = desk.field.editor.grab.is_some();
    if held && !response.dragged() {
        desk.field.editor.grab = None;
        desk.settle();
    }
    let mut mine = held;
    if tool == Tool::Modes {
        mine |= weigh(desk, ui, plane, response, now);
        if response.double_clicked() {
            if let Some(at) = response.interact_pointer_pos() {
                controls::add(desk, plane.under(at), now);
            }
            mine = true;
        }
    }
    mine
}

/// Takes what is nearest to where the button went down.
fn take(desk: &mut Desk, plane: &Plane, origin: Pos2, now: f64) {
    let reach = REACH * desk.kept.theme.scale();
    desk.field.editor.grab = match desk.field.editor.tool {
        Tool::Look => None,
        Tool::Modes => desk.draft().and_then(|draft| nearest(&draft, plane, origin, reach)),
        Tool::Draw => {
            let mut strokes = match desk.draft() {
                Some(Draft::Strokes(strokes)) => strokes,
                _ => Vec::new(),
            };
            strokes.push(vec![plane.under(origin)]);
            desk.change(Draft::Strokes(strokes), now);
            Some(Grab::Pen)
        }
        Tool::Erase => Some(Grab::Eraser).filter(|_| desk.draft().is_some_and(|draft| draft.stroke_points() > 0)),
    };
    if let Some(Grab::Mode(index) | Grab::Axis(index, _)) = desk.field.editor.grab {
        desk.field.editor.selected = index;
    }
}

fn nearest(draft: &Draft, plane: &Plane, origin: Pos2, reach: f32) -> Option<Grab> {
    let handles = draft.modes().iter().enumerate().flat_map(|(index, mode)| {
        let ends = [0, 1].map(|axis| (Grab::Axis(index, axis), end(mode, axis, plane)));
        [(Grab::Mode(index), centre(mode, plane))].into_iter().chain(ends)
    });
    let near = handles.map(|(grab, at)| (grab, at.distance(origin))).filter(|(_, distance)| *distance <= reach);
    near.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(grab, _)| grab)
}

fn move_to(desk: &mut Desk, plane: &Plane, grab: Grab, at: Pos2, now: f64) {
    let Some(mut draft) = desk.draft() else { return };
    let before = draft.clone();
    match grab {
        Grab::Mode(index) => {
            if let Some(mode) = draft.mode_mut(index) {
                mode.mean = plane.under(at);
            }
        }
        Grab::Axis(index, axis) => {
            if let Some(mode) = draft.mode_mut(index) {
                stretch(mode, axis, plane, at);
            }
        }
        Grab::Pen => {
            let full = draft.stroke_points() >= MOST_POINTS;
            if let Draft::Strokes(strokes) = &mut draft
                && let Some(stroke) = strokes.last_mut()
                && !full
                && stroke.last().is_none_or(|[x, y]| plane.at(*x, *y).distance(at) >= PEN_STEP)
            {
                stroke.push(plane.under(at));
            }
        }
        Grab::Eraser => {
            let radius = f64::from(ERASER * desk.kept.theme.scale()) / scale(plane);
            draft.erase(plane.under(at), radius);
        }
    }
    if draft != before {
        desk.change(draft, now);
    }
}

/// The axis points to the hand, and is as long as the hand is away from the handle's stand-off.
fn stretch(mode: &mut Mode, axis: usize, plane: &Plane, at: Pos2) {
    let to: Vec2 = at - centre(mode, plane);
    let angle = f64::from((-to.y).atan2(to.x));
    mode.angle = if axis == 0 { angle } else { angle - std::f64::consts::FRAC_PI_2 };
    mode.std[axis] = f64::from((to.length() - STAND_OFF).max(0.0)) / scale(plane);
}

/// The wheel over a mode weighs it.
fn weigh(desk: &mut Desk, ui: &Ui, plane: &Plane, response: &Response, now: f64) -> bool {
    let Some(pointer) = response.hover_pos() else { return false };
    let scroll = ui.input(|input| input.smooth_scroll_delta().y);
    let Some(mut draft) = desk.draft() else { return false };
    let Some(Grab::Mode(index)) = nearest(&draft, plane, pointer, REACH * desk.kept.theme.scale()) else {
        return false;
    };
    if scroll != 0.0 {
        let weight = draft.modes()[index].weight;
        draft.reweigh(index, weight * f64::from((scroll / SCROLL_PER_E).exp()));
        desk.field.editor.selected = index;
        desk.change(draft, now);
    }
    true
}

/// Points of the screen per unit of the plane.
fn scale(plane: &Plane) -> f64 {
    f64::from(plane.rect.width()) / (plane.view.max[0] - plane.view.min[0])
}

fn centre(mode: &Mode, plane: &Plane) -> Pos2 {
    plane.at(mode.mean[0], mode.mean[1])
}

/// Where the handle of an axis is.
#[expect(clippy::cast_possible_truncation, reason = "screen positions are f32")]
fn end(mode: &Mode, axis: usize, plane: &Plane) -> Pos2 {
    let [x, y] = mode.axis(axis);
    let length = (mode.std[axis] * scale(plane)) as f32 + STAND_OFF;
    centre(mode, plane) + vec2(x as f32, -y as f32) * length
}

/// Ellipses, handles and weights of modes; strokes.
pub fn paint(desk: &Desk, ui: &Ui, plane: &Plane) {
    let (painter, palette) = (ui.painter_at(plane.rect), &desk.palette);
    match desk.draft() {
        Some(Draft::Mixture(modes)) if desk.field.editor.tool == Tool::Modes => {
            for (index, mode) in modes.iter().enumerate() {
                ellipse(ui, &painter, mode, plane, palette, index == desk.field.editor.selected);
            }
        }
        Some(Draft::Strokes(strokes)) => {
            for stroke in strokes {
                let line = stroke.iter().map(|[x, y]| plane.at(*x, *y)).collect();
                painter.add(Shape::line(line, palette.handle));
            }
        }
        _ => {}
    }
}

/// Where the mode is one standard deviation away, with its handles.
fn ellipse(ui: &Ui, painter: &Painter, mode: &Mode, plane: &Plane, palette: &Palette, chosen: bool) {
    let stroke = palette.handle;
    let (middle, [u, v]) = (centre(mode, plane), [0, 1].map(|axis| mode.axis(axis)));
    let corner = |i: u16| {
        let (sin, cos) = (std::f64::consts::TAU * f64::from(i) / f64::from(CORNERS)).sin_cos();
        let (a, b) = (cos * mode.std[0], sin * mode.std[1]);
        plane.at(mode.mean[0] + a * u[0] + b * v[0], mode.mean[1] + a * u[1] + b * v[1])
    };
    painter.add(Shape::closed_line((0..CORNERS).map(corner).collect(), stroke));
    let radius = 3.0 * stroke.width;
    for axis in 0..2 {
        let end = end(mode, axis, plane);
        painter.line_segment([middle, end], (0.5 * stroke.width, stroke.color));
        painter.circle_filled(end, radius, stroke.color);
    }
    painter.circle_filled(middle, radius * if chosen { 1.5 } else { 1.0 }, stroke.color);
    let font = TextStyle::Body.resolve(ui.style());
    let text = painter.layout_no_wrap(format!("{:.2}", mode.weight), font, ui.visuals().text_color());
    let patch = Align2::LEFT_TOP.anchor_size(pos2(middle.x + 8.0, middle.y + 8.0), text.size());
    painter.rect_filled(patch.expand(3.0), 3.0, ui.visuals().panel_fill.gamma_multiply(0.85));
    painter.galley(patch.min, text, ui.visuals().text_color());
}
