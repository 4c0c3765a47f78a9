//! Play, pause, step, scrub, loop and speed of the samplers.

use egui::{Slider, SliderClamping, Ui};

use crate::session::{Place, SamplingCommand, SamplingFrame};
use crate::ui::desk::Desk;

/// Slowest and fastest, in updates per second; the fastest stands for as many as there can be.
const SPEEDS: std::ops::RangeInclusive<f32> = 1.0..=2000.0;

/// Draws both rows.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let frames = desk.frames();
    ui.horizontal_wrapped(|ui| {
        buttons(desk, ui, frames.iter().any(|frame| frame.playing));
        if ui
            .checkbox(&mut desk.kept.samplers.looped, "Loop")
            .on_hover_text("Runs begin again when they are done")
            .changed()
        {
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
    });
    position(desk, ui, &frames);
}

fn fastest() -> f64 {
    f64::from(*SPEEDS.end())
}

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
    let scale = desk.kept.theme.scale();
    ui.horizontal_wrapped(|ui| {
        let by_nfe = &mut desk.kept.samplers.by_nfe;
        for (nfe, title, tip) in [(false, "Updates", "Count updates"), (true, "NFE", "Count score evaluations")] {
            if ui.selectable_label(*by_nfe == nfe, title).on_hover_text(tip).clicked() {
                *by_nfe = nfe;
            }
        }
        let reading =
            |frame: &SamplingFrame| if *by_nfe { [frame.nfe, spent(frame)] } else { [frame.done, frame.updates] };
        let [done, end] = [0, 1].map(|i| frames.iter().map(|frame| reading(frame)[i]).max().unwrap_or(0));
        let mut at = done;
        let total = format!("of {end}");
        let width = ui.available_width() - 150.0 * scale;
        ui.spacing_mut().slider_width =
            if width > 80.0 { width } else { (ui.max_rect().width() - 150.0 * scale).max(80.0) };
        let slider = Slider::new(&mut at, 0..=end.max(1)).clamping(SliderClamping::Always).trailing_fill(true);
        let response = ui.add(slider).on_hover_text("Any moment of the runs, forward and back");
        #[expect(clippy::cast_precision_loss, reason = "a place of a run")]
        response.widget_info(|| egui::WidgetInfo::slider(true, at as f64, "Position"));
        ui.label(total);
        if response.changed() && at != done {
            let place = if *by_nfe { Place::Evaluations(at) } else { Place::Update(at) };
            desk.session.sample(SamplingCommand::Seek(place));
        }
    });
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
    }

    /// One update back in every pane that is as far as any.
    pub(in crate::ui) fn step_back(&mut self) {
        if let Some(done) = self.frames().iter().map(|frame| frame.done).max() {
            self.session.sample(SamplingCommand::Seek(Place::Update(done.saturating_sub(1))));
        }
    }
}
