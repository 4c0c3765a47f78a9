//! A window on the Field tab in virtual time, and what its tests do with it.
#![allow(dead_code, reason = "each test file takes the part it needs")]

use std::sync::Arc;
use std::time::Duration;

use egui::{Event, Key, Modifiers, MouseWheelUnit, Pos2, Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use scorescope::session::{FieldFrame, Pace, Source};
use scorescope::ui::{Desk, Kept};

const TRAINING_STEPS: usize = 2;
const SIZE: Vec2 = vec2(1280.0, 800.0);

pub type Window = Harness<'static, Option<Desk>>;

/// A window of the default scenario in which every frame is one tick of virtual time.
pub fn window(kept: Kept) -> Window {
    sized(kept, SIZE)
}

pub fn sized(kept: Kept, size: Vec2) -> Window {
    let draw = move |ui: &mut egui::Ui, desk: &mut Option<Desk>| {
        let open = || {
            let pace = Pace::Virtual { training_steps: TRAINING_STEPS, frame: Duration::from_millis(40) };
            Desk::open(ui.ctx(), kept.clone(), None, 7, pace)
        };
        let desk = desk.get_or_insert_with(open);
        desk.tick();
        desk.ui(ui);
    };
    let mut harness = Harness::builder().with_size(size).with_step_dt(0.04).build_ui_state(draw, None);
    harness.run_steps(4);
    harness
}

pub fn usual() -> Window {
    window(Kept { source: Source::Exact, ..Kept::default() })
}

pub fn desk(window: &Window) -> &Desk {
    window.state().as_ref().expect("the first frame opens the desk")
}

pub fn field(window: &Window) -> Arc<FieldFrame> {
    desk(window).session().latest().fields[0].get().expect("the Field tab asks for a field at once")
}

pub fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(3);
}

pub fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(3);
}

pub fn canvas(window: &Window) -> Rect {
    window.get_by_label("Score field").rect()
}

pub fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    window.hover_at(from.lerp(to, 0.5));
    window.step();
    window.hover_at(to);
    window.step();
    window.drop_at(to);
    window.run_steps(3);
}

/// What the canvas shows of the plane.
pub fn seen(window: &Window) -> ([f64; 2], [f64; 2]) {
    let view = field(window).request.view;
    (view.min, view.max)
}

pub fn width(window: &Window) -> f64 {
    let (min, max) = seen(window);
    max[0] - min[0]
}

/// The point of the plane at a place of the canvas.
pub fn under(window: &Window, at: Pos2) -> [f64; 2] {
    let ((min, max), rect) = (seen(window), canvas(window));
    let share = [(at.x - rect.left()) / rect.width(), (rect.bottom() - at.y) / rect.height()];
    [0, 1].map(|axis| min[axis] + f64::from(share[axis]) * (max[axis] - min[axis]))
}

/// Where a point of the plane is on the screen.
pub fn place(window: &Window, x: [f64; 2]) -> Pos2 {
    let ((min, max), rect) = (seen(window), canvas(window));
    #[expect(clippy::cast_possible_truncation, reason = "screen positions are f32")]
    let share = [0, 1].map(|axis| ((x[axis] - min[axis]) / (max[axis] - min[axis])) as f32);
    pos2(rect.left() + share[0] * rect.width(), rect.bottom() - share[1] * rect.height())
}

pub fn exact() -> Kept {
    Kept { source: Source::Exact, ..Kept::default() }
}

/// A turn of the wheel, in points.
pub fn wheel(up: f32) -> Event {
    Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, up),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    }
}
