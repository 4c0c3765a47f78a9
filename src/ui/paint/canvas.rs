//! The plane on the screen: axes with numbers, and the layers within.

use egui::{Align2, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::heat_map::HeatMap;
use super::quiver;
use crate::scenario::View;
use crate::session::FieldFrame;
use crate::ui::theme::Palette;

/// Where a rectangle of the plane lies on the screen; both axes have one scale.
pub struct Plane {
    /// The part of the plane that is seen.
    pub view: View,
    /// Where it is seen.
    pub rect: Rect,
    /// The whole canvas, axes included.
    outer: Rect,
}

/// What is drawn within.
pub struct Layers<'a> {
    /// Colours and arrows.
    pub field: Option<&'a FieldFrame>,
    /// How strong its arrows are, from 0 for none to 1.
    pub arrows: f32,
}

impl Plane {
    /// The plane in the space that is left, but for `below` points at its lower end.
    pub fn fit_above(ui: &Ui, view: &View, below: f32) -> Self {
        let mut outer = ui.available_rect_before_wrap();
        outer.max.y = (outer.max.y - below).max(outer.min.y + 60.0);
        Self::within(ui, view, outer)
    }

    /// The plane and its axes in the rectangle `outer`.
    pub fn within(ui: &Ui, view: &View, outer: Rect) -> Self {
        let text = ui.text_style_height(&TextStyle::Small);
        let min = outer.min + vec2(text * 2.1, text * 0.5);
        let rect = Rect::from_min_max(min, (outer.max - vec2(text * 0.7, text * 1.4)).max(min + vec2(20.0, 20.0)));
        Self { view: widened(view, f64::from(rect.width() / rect.height())), rect, outer }
    }

    /// A small plane without axes.
    pub const fn bare(view: View, rect: Rect) -> Self {
        Self { view, rect, outer: rect }
    }

    /// The view, grown to the ratio `aspect` of its sides.
    pub fn bare_view(view: &View, aspect: f64) -> View {
        widened(view, aspect)
    }

    /// The point of the plane at a screen position.
    pub fn under(&self, at: Pos2) -> [f64; 2] {
        let View { min, max, .. } = self.view;
        let across = f64::from((at.x - self.rect.left()) / self.rect.width());
        let up = f64::from((self.rect.bottom() - at.y) / self.rect.height());
        [min[0] + across * (max[0] - min[0]), min[1] + up * (max[1] - min[1])]
    }

    /// Screen position of a point of the plane.
    #[expect(clippy::cast_possible_truncation, reason = "screen positions are f32")]
    pub fn at(&self, x: f64, y: f64) -> Pos2 {
        let View { min, max, .. } = self.view;
        let across = (x - min[0]) / (max[0] - min[0]);
        let up = (y - min[1]) / (max[1] - min[1]);
        pos2(self.rect.left() + across as f32 * self.rect.width(), self.rect.bottom() - up as f32 * self.rect.height())
    }

    /// Square cells, `shorter` of them along the shorter side.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "tens of cells"
    )]
    pub fn cells(&self, shorter: usize) -> [usize; 2] {
        let (width, height) = (self.rect.width(), self.rect.height());
        let cell = width.min(height) / shorter as f32;
        [(width / cell).round() as usize, (height / cell).round() as usize]
    }
}

/// The view, made wider or taller around its centre until its sides have the ratio `aspect`.
fn widened(view: &View, aspect: f64) -> View {
    let View { min, max, particles } = *view;
    let (width, height) = (max[0] - min[0], max[1] - min[1]);
    let (width, height) = (width.max(height * aspect), height.max(width / aspect));
    let centre = [0.5 * (min[0] + max[0]), 0.5 * (min[1] + max[1])];
    View {
        min: [centre[0] - 0.5 * width, centre[1] - 0.5 * height],
        max: [centre[0] + 0.5 * width, centre[1] + 0.5 * height],
        particles,
    }
}

/// Draws the plane and its layers; `name` is what a screen reader says.
pub fn show(
    ui: &mut Ui,
    plane: &Plane,
    layers: &Layers<'_>,
    heat: &mut HeatMap,
    palette: &Palette,
    name: &str,
) -> Response {
    let response = ui.allocate_rect(plane.outer, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let painter = ui.painter_at(plane.rect);
    if let Some(field) = layers.field {
        heat.paint(ui, &painter, plane, field, palette);
        if layers.arrows > 0.0 {
            quiver::paint(&painter, plane, field, palette, layers.arrows);
        }
    }
    axes(ui, plane, palette);
    response
}

/// The frame with its numbers.
pub fn axes(ui: &Ui, plane: &Plane, palette: &Palette) {
    let painter = ui.painter();
    painter.rect_stroke(plane.rect, 0.0, palette.axis, StrokeKind::Outside);
    let font = TextStyle::Small.resolve(ui.style());
    let tick = font.size * 0.35;
    let View { min, max, .. } = plane.view;
    let step = round_step((max[0] - min[0]).min(max[1] - min[1]) / 5.0);
    let stroke = Stroke::new(palette.axis.width, palette.text);
    for x in multiples(step, min[0], max[0]) {
        let foot = pos2(plane.at(x, 0.0).x, plane.rect.bottom());
        painter.line_segment([foot, foot + vec2(0.0, tick)], stroke);
        painter.text(foot + vec2(0.0, tick), Align2::CENTER_TOP, label(x), font.clone(), palette.text);
    }
    for y in multiples(step, min[1], max[1]) {
        let foot = pos2(plane.rect.left(), plane.at(0.0, y).y);
        painter.line_segment([foot, foot - vec2(tick, 0.0)], stroke);
        painter.text(foot - vec2(tick * 1.6, 0.0), Align2::RIGHT_CENTER, label(y), font.clone(), palette.text);
    }
}

/// 1, 2 or 5 times a power of ten, not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step).unwrap_or(10.0);
    factor * power
}

#[expect(clippy::cast_possible_truncation, reason = "a few ticks around zero")]
fn multiples(step: f64, min: f64, max: f64) -> impl Iterator<Item = f64> {
    ((min / step).ceil() as i32..=(max / step).floor() as i32).map(move |i| f64::from(i) * step)
}

/// A tick's number, without the dust of multiplication, with a real minus sign.
fn label(x: f64) -> String {
    ((x * 1e6).round() / 1e6).to_string().replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!(multiples(round_step(3.9), -9.0, 11.0).collect::<Vec<_>>(), [-5.0, 0.0, 5.0, 10.0]);
        assert_eq!(multiples(round_step(0.13), 0.1, 0.5).map(label).collect::<Vec<_>>(), ["0.2", "0.4"]);
        assert_eq!(label(-2.0), "−2");
    }

    #[test]
    fn a_view_grows_to_the_canvas_around_its_centre() {
        let view = widened(&View { min: [-1.0, 0.0], max: [1.0, 4.0], particles: 1 }, 2.0);
        assert_eq!((view.min, view.max), ([-4.0, 0.0], [4.0, 4.0]));
    }
}
