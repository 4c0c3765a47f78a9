//! The bottom of the tab: σ, its playing, and small pictures of the field across it.

use egui::{Button, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::session::{StripRequest, is_about_network};
use crate::ui::Desk;
use crate::ui::paint::canvas::Plane;
use crate::ui::paint::heat_map::HeatMap;
use crate::ui::paint::quiver;
use crate::ui::theme::Theme;
use crate::ui::widgets::sigma_slider;

/// Most small pictures.
const MOST: usize = 12;
/// Height of one, in points of the usual scale.
const HEIGHT: f32 = 50.0;
/// Height of the window, in points of the usual scale, below which the canvas needs the room.
const LOWEST: f32 = 500.0;
/// Widest, as a multiple of the height.
const WIDEST: f32 = 1.5;
/// Colour cells and arrows per axis of one.
const CELLS: [usize; 2] = [30, 20];
const ARROWS: [usize; 2] = [9, 6];
/// The same in the projector theme.
const PROJECTOR_ARROWS: [usize; 2] = [6, 4];
/// Seconds between two strips of a network in training.
const PERIOD: f64 = 1.0;
/// Seconds from one end of σ to the other while it plays.
const SWEEP: f32 = 6.0;

/// The small pictures.
#[derive(Default)]
pub struct Strip {
    asked: Option<StripRequest>,
    maps: Vec<HeatMap>,
    network: (u64, f64),
}

impl Strip {
    /// Asks for everything anew.
    pub fn ask_again(&mut self) {
        (self.asked, self.network) = (None, (0, 0.0));
    }
}

/// Draws the whole bottom.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    sweep(desk, ui);
    let scale = desk.kept.theme.scale();
    let mut sigma = desk.kept.sigma(&desk.scenario);
    let shown = desk.kept.field.strip && ui.ctx().content_rect().height() > LOWEST * scale;
    let above = if shown { HEIGHT * scale + 4.0 } else { 0.0 };
    let whole = ui.available_rect_before_wrap();
    ui.add_space(above);
    let mut rail = Rect::NOTHING;
    ui.scope(|ui| {
        let slider = sigma_slider::show(ui, &mut sigma, &desk.scenario.ladder, &desk.palette, scale);
        rail = slider.rail;
        if slider.moved {
            desk.kept.sigma = Some(sigma);
            desk.field.sweep = None;
        }
    });
    buttons(desk, ui, Rect::from_min_max(whole.min, pos2(rail.left() - 8.0, whole.max.y)), rail, shown);
    if shown {
        pictures(desk, ui, rail.with_min_y(whole.top()).with_max_y(whole.top() + HEIGHT * scale));
    }
}

/// Play and the switch of the strip, left of the rail: above the slider's name, or below it.
fn buttons(desk: &mut Desk, ui: &mut Ui, left: Rect, rail: Rect, above: bool) {
    let row = ui.spacing().interact_size.y;
    let top = if above { left.top() + 8.0 } else { rail.bottom() - 2.0 };
    let place = Rect::from_min_size(pos2(left.left() + 8.0, top), vec2(left.width() - 8.0, row));
    ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| {
        ui.horizontal(|ui| {
            let playing = desk.field.sweep.is_some();
            let button = Button::new(if playing { "Pause σ" } else { "Play σ" });
            if ui.add(button).on_hover_text("From the largest σ to the smallest and back: P").clicked() {
                desk.toggle_sweep();
            }
            ui.checkbox(&mut desk.kept.field.strip, "Strip").on_hover_text("Small pictures of the field across σ");
        });
    });
}

impl Desk {
    /// Plays σ from its largest value down and back up, or stops that.
    pub fn toggle_sweep(&mut self) {
        self.field.sweep = match self.field.sweep {
            Some(_) => None,
            None => Some(-1.0),
        };
    }

    /// Whether σ plays.
    #[must_use]
    pub const fn is_sweeping(&self) -> bool {
        self.field.sweep.is_some()
    }
}

/// Moves σ by the time since the last frame.
#[expect(clippy::cast_possible_truncation, reason = "σ is drawn and asked in f32")]
fn sweep(desk: &mut Desk, ui: &Ui) {
    let Some(direction) = desk.field.sweep else { return };
    let (max, min) = (desk.scenario.ladder.max() as f32, desk.scenario.ladder.min() as f32);
    let share = ui.input(|input| input.stable_dt).min(0.1) / SWEEP;
    let sigma = desk.kept.sigma(&desk.scenario) * (max / min).powf(direction * share);
    if sigma <= min || sigma >= max {
        desk.field.sweep = Some(-direction);
    }
    desk.kept.sigma = Some(sigma.clamp(min, max));
    ui.ctx().request_repaint();
}

/// The pictures, each over its σ; a click goes there.
fn pictures(desk: &mut Desk, ui: &mut Ui, row: Rect) {
    ask(desk, ui);
    let Some(frames) = desk.session.latest().strip.get() else { return };
    desk.field.strip.maps.resize_with(frames.len().max(desk.field.strip.maps.len()), HeatMap::default);
    #[expect(clippy::cast_precision_loss, reason = "a dozen pictures")]
    let width = (WIDEST * row.height()).min(row.width() / frames.len().max(1) as f32 - 3.0).max(8.0);
    // As near to their ticks as whole pictures can be.
    let track = row.x_range().shrink(0.5 * width);
    let now = desk.kept.sigma(&desk.scenario);
    let nearest = frames.iter().map(|frame| (frame.request.sigma / now).ln().abs()).fold(f32::INFINITY, f32::min);
    for (index, frame) in frames.iter().enumerate() {
        let sigma = frame.request.sigma;
        let middle = sigma_slider::place(sigma, &desk.scenario.ladder, track);
        let rect = Rect::from_min_size(pos2(middle - 0.5 * width, row.top()), vec2(width, row.height()));
        let response = ui.interact(rect, egui::Id::unique(("small", index)), Sense::CLICK);
        let name = format!("Field at σ = {}", sigma_slider::number(sigma));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let plane = Plane::bare(frame.request.view, rect);
        let painter = ui.painter_at(rect);
        desk.field.strip.maps[index].paint(ui, &painter, &plane, frame, &desk.palette);
        quiver::paint(&painter, &plane, frame, &desk.palette, 0.9);
        let is_nearest = (sigma / now).ln().abs() <= nearest;
        let stroke = if is_nearest || response.hovered() { desk.palette.handle } else { desk.palette.axis };
        ui.painter().rect_stroke(rect, 1.0, Stroke::new(stroke.width, stroke.color), StrokeKind::Inside);
        if response.on_hover_text(name).clicked() {
            desk.kept.sigma = Some(sigma);
            desk.field.sweep = None;
        }
    }
}

/// Asks for the strip of the scenario's view: it does not move with the camera.
#[expect(clippy::cast_possible_truncation, reason = "σ is drawn and asked in f32")]
fn ask(desk: &mut Desk, ui: &Ui) {
    let levels: Vec<f64> = desk.scenario.ladder.levels().collect();
    let (source, memorising) = desk.shown_source().asked(desk.kept.field.memorised);
    let newest = if is_about_network(source, memorising) { desk.session.latest().network.version() } else { 0 };
    let (now, strip) = (ui.input(|input| input.time), &mut desk.field.strip);
    if newest != strip.network.0 {
        if strip.network.0 == 0 || newest == 0 || now - strip.network.1 >= PERIOD {
            strip.network = (newest, now);
        } else {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(PERIOD));
        }
    }
    let view = Plane::bare_view(&desk.scenario.view, f64::from(WIDEST));
    let request = StripRequest {
        view,
        sigmas: levels.iter().step_by(levels.len().div_ceil(MOST)).map(|sigma| *sigma as f32).collect(),
        source,
        memorising,
        cells: CELLS,
        arrows: if desk.kept.theme == Theme::Projector { PROJECTOR_ARROWS } else { ARROWS },
        network_version: strip.network.0,
    };
    if strip.asked.as_ref() != Some(&request) {
        strip.asked = Some(request.clone());
        desk.session.strip(request);
    }
}
