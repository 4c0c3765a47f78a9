//! The samples side by side, each as large as there is room; the one that is looked at has a frame.

use egui::{Rect, Role, Sense, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use crate::session::{ImageStart, ImagesFrame, Pictures};
use crate::ui::desk::Desk;
use crate::ui::paint::pictures::fit;

/// Between two images, in points at the usual scale.
const GAP: f32 = 5.0;

/// Draws those of a pane in `room`; a click chooses the one that is looked at.
pub fn show(desk: &mut Desk, ui: &mut Ui, (pane, frame): (usize, &ImagesFrame), room: Vec2) {
    let denoised = frame.denoised.as_ref().filter(|_| desk.kept.images.denoised);
    let pictures = denoised.unwrap_or(&frame.noisy);
    desk.image_state.samples[pane].follow(ui.ctx(), pictures);
    let gap = Vec2::splat(GAP * desk.kept.theme.scale());
    let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
    let (columns, size) = layout(frame, rect.size(), gap);
    let painter = ui.painter_at(rect.expand(gap.x));
    let kind = if denoised.is_some() { "Denoised image" } else { "Image" };
    for index in 0..pictures.count() {
        #[expect(clippy::cast_precision_loss, reason = "a few dozen images")]
        let at = vec2((index % columns) as f32, (index / columns) as f32) * (size + gap);
        let place = Rect::from_min_size(rect.min + at, size);
        let response = ui.interact(place, ui.scope_id().with(("image", pane, index)), Sense::click());
        let chosen = desk.kept.images.chosen == Some(index);
        let name = || format!("{kind} {}{}", index + 1, if pane > 0 { " of the second sampler" } else { "" });
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, name()));
        if response.clicked() {
            desk.kept.images.chosen = Some(index);
        }
        desk.image_state.samples[pane].paint(&painter, index, place);
        if chosen || response.has_focus() || response.hovered() {
            let mut stroke = desk.palette.handle;
            stroke.width *= if response.has_focus() { 2.0 } else { 1.0 };
            painter.rect_stroke(place, 0.0, stroke, StrokeKind::Outside);
        }
    }
}

/// The part of the width of `room` that they take.
#[expect(clippy::cast_precision_loss, reason = "a few dozen images")]
pub fn width(frame: &ImagesFrame, room: Vec2, scale: f32) -> f32 {
    let gap = Vec2::splat(GAP * scale);
    let (columns, size) = layout(frame, room, gap);
    columns as f32 * (size.x + gap.x)
}

/// Columns, and the size of each image: a way between two seeds is one row.
#[expect(clippy::cast_precision_loss, reason = "a few dozen images")]
fn layout(frame: &ImagesFrame, room: Vec2, gap: Vec2) -> (usize, Vec2) {
    let (pictures, count) = (&frame.noisy, frame.noisy.count());
    if !matches!(frame.setting.start, ImageStart::Between { .. }) {
        return arrange(pictures, count, room, gap);
    }
    let columns = count as f32;
    (count, fit(pictures, vec2((room.x - gap.x * (columns - 1.0)) / columns, room.y)))
}

/// The number of columns under which `count` of the pictures are largest with `gap` between them, and their size.
#[expect(clippy::cast_precision_loss, reason = "a few dozen images")]
pub fn arrange(pictures: &Pictures, count: usize, room: Vec2, gap: Vec2) -> (usize, Vec2) {
    let under = |columns: usize| {
        let cells = vec2(columns as f32, count.div_ceil(columns) as f32);
        (columns, fit(pictures, (room - gap * (cells - Vec2::splat(1.0))) / cells))
    };
    let larger = |a: (usize, Vec2), b: (usize, Vec2)| if b.1.x > a.1.x + 0.01 { b } else { a };
    (1..=count).map(under).reduce(larger).unwrap_or((1, room))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven squares of 90 in a room of 400 × 190 with gaps of 10: four columns, two rows.
    #[test]
    fn images_are_as_large_as_the_room_allows() {
        let pictures = Pictures { size: [4, 4], rgb: Vec::new() };
        let under = |count: usize, room| arrange(&pictures, count, room, Vec2::splat(10.0));
        assert_eq!(under(7, vec2(400.0, 190.0)), (4, Vec2::splat(90.0)));
        assert_eq!(under(1, vec2(400.0, 190.0)), (1, Vec2::splat(190.0)));
        assert_eq!(under(3, vec2(100.0, 320.0)), (1, Vec2::splat(100.0)));
    }
}
