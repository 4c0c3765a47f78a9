//! Play, pause, step, scrub, loop and speed of the samplers.

use egui::{Slider, SliderClamping, Ui};

use crate::session::{Cloud, Place, SamplingCommand, SamplingFrame};
use crate::ui::Showing;
use crate::ui::desk::Desk;

/// Slowest and fastest, in updates per second; the fastest stands for as many as there can be.
const SPEEDS: std::ops::RangeInclusive<f32> = 1.0..=2000.0;

/// Draws the buttons and the place of the runs.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let frames = desk.frames();
    ui.horizontal_wrapped(|ui| {
        buttons(desk, ui, frames.iter().any(|frame| frame.playing));
        ui.separator();
        position(desk, ui, &frames);
    });
}

/// Draws whether runs begin again, and how fast they are.
pub fn pace(desk: &mut Desk, ui: &mut Ui) {
    super::keep_together(ui, PACE * desk.kept.theme.scale());
    let looped = ui.checkbox(&mut desk.kept.samplers.looped, "Loop");
    if looped.on_hover_text("Runs begin again when they are done").changed() {
        desk.tell_sampling();
    }
    let speed = Slider::new(&mut desk.kept.speed, SPEEDS)
        .logarithmic(true)
        .text("Updates/s")
        .max_decimals(0)
        .custom_formatter(|speed, _| if speed >= fastest() { "max".to_owned() } else { format!("{speed:.0}") });
    if ui.add(speed).on_hover_text("From slow motion to as fast as this machine can").changed() {
        desk.tell_sampling();
    }
}

fn fastest() -> f64 {
    f64::from(*SPEEDS.end())
}

/// Room that the pace takes, in points at the usual scale.
const PACE: f32 = 310.0;

/// Narrowest room for the slider of the position, in points.
const LEAST_SLIDER: f32 = 140.0;

/// Draws the buttons alone.
pub fn buttons(desk: &mut Desk, ui: &mut Ui, playing: bool) {
    ui.horizontal_wrapped(|ui| {
        if ui.button(if playing { "Pause" } else { "Play" }).on_hover_text("Space").clicked() {
            desk.toggle_play();
        }
        if ui.button("Step").on_hover_text("One update: S").clicked() {
            desk.session.sample(SamplingCommand::Step);
        }
        if ui.button("Back").on_hover_text("One update back: B").clicked() {
            desk.step_back();
        }
        if ui.button("Restart").on_hover_text("Back to the start: R").clicked() {
            desk.session.sample(SamplingCommand::Reset);
        }
    });
}

/// The slider that goes anywhere, forward and back.
fn position(desk: &mut Desk, ui: &mut Ui, frames: &[std::sync::Arc<SamplingFrame>]) {
    let by_nfe = &mut desk.kept.samplers.by_nfe;
    for (nfe, title, tip) in [(false, "Updates", "Count updates"), (true, "NFE", "Count score evaluations")] {
        if ui.selectable_label(*by_nfe == nfe, title).on_hover_text(tip).clicked() {
            *by_nfe = nfe;
        }
    }
    let by_nfe = *by_nfe;
    let reading = |frame: &SamplingFrame| if by_nfe { [frame.nfe, spent(frame)] } else { [frame.done, frame.updates] };
    let [done, end] = [0, 1].map(|i| frames.iter().map(|frame| reading(frame)[i]).max().unwrap_or(0));
    // As wide at 0 as at the end, so that the slider stays where it is.
    let digits = end.to_string().len();
    let reading = egui::RichText::new(format!("{done:>digits$} of {end}")).monospace();
    super::keep_together(ui, 2.0 * LEAST_SLIDER);
    ui.add(egui::Label::new(reading).extend());
    let mut at = done;
    if slider(ui, &mut at, end) && at != done {
        let place = if by_nfe { Place::Evaluations(at) } else { Place::Update(at) };
        desk.session.sample(SamplingCommand::Seek(place));
    }
}

/// In what is left of the row, or in a row of its own; true where somebody moved it.
#[expect(clippy::cast_precision_loss, reason = "a place of a run")]
fn slider(ui: &mut Ui, at: &mut usize, end: usize) -> bool {
    super::keep_together(ui, LEAST_SLIDER);
    let room = ui.max_rect().right() - ui.cursor().left();
    ui.spacing_mut().slider_width = room - ui.spacing().item_spacing.x;
    let slider = Slider::new(at, 0..=end.max(1)).clamping(SliderClamping::Always).trailing_fill(true).show_value(false);
    let response = ui.add(slider).on_hover_text("Any moment of the runs, forward and back");
    response.widget_info(|| egui::WidgetInfo::slider(true, *at as f64, "Position"));
    response.changed()
}

/// Score evaluations of the whole run, as far as they are known.
fn spent(frame: &SamplingFrame) -> usize {
    frame.nfe_of_plan.or_else(|| frame.trace.last().map(|last| last.nfe)).unwrap_or(frame.nfe)
}

impl Desk {
    /// The latest frames of the panes.
    pub(in crate::ui) fn frames(&self) -> Vec<std::sync::Arc<SamplingFrame>> {
        self.session.latest().panes.iter().filter_map(crate::session::Slot::get).collect()
    }

    /// Tells the sampling worker what holds for all panes.
    pub(in crate::ui) fn tell_sampling(&mut self) {
        let speed = if self.kept.speed >= *SPEEDS.end() { f32::INFINITY } else { self.kept.speed };
        self.session.sample(SamplingCommand::Speed(speed));
        self.session.sample(SamplingCommand::Loop(self.kept.samplers.looped));
        self.session.sample(SamplingCommand::EqualNfe(self.kept.samplers.equal_nfe));
        let Showing { device, particles, .. } = self.kept.samplers;
        self.session.sample(SamplingCommand::Cloud(Cloud { device, particles }));
    }

    /// One update back in every pane that is as far as any.
    pub(in crate::ui) fn step_back(&mut self) {
        if let Some(done) = self.frames().iter().map(|frame| frame.done).max() {
            self.session.sample(SamplingCommand::Seek(Place::Update(done.saturating_sub(1))));
        }
    }
}
