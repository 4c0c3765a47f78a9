//! Play, pause, step, scrub, loop and speed of the samplers.

use egui::{Button, Slider, SliderClamping, Ui};

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
    let unit = if desk.counts_evaluations() { "NFE/s" } else { "Updates/s" };
    let speed = Slider::new(&mut desk.kept.speed, SPEEDS)
        .logarithmic(true)
        .text(unit)
        .max_decimals(0)
        .custom_formatter(|speed, _| if speed >= fastest() { "max".to_owned() } else { format!("{speed:.0}") });
    if ui.add(speed).on_hover_text("From slow motion to as fast as this machine can").changed() {
        desk.tell_sampling();
    }
    let max = ui.selectable_label(desk.kept.speed >= *SPEEDS.end(), "Max");
    if max.on_hover_text("As fast as this machine can: the right end of the slider").clicked() {
        desk.kept.speed = *SPEEDS.end();
        desk.tell_sampling();
    }
}

fn fastest() -> f64 {
    f64::from(*SPEEDS.end())
}

/// Room that the pace takes, in points at the usual scale.
const PACE: f32 = 370.0;

/// Narrowest room for the slider of the position, in points.
const LEAST_SLIDER: f32 = 140.0;

/// Draws the buttons alone.
pub fn buttons(desk: &mut Desk, ui: &mut Ui, playing: bool) {
    ui.horizontal_wrapped(|ui| {
        if ui.button(if playing { "Pause" } else { "Play" }).on_hover_text("Space").clicked() {
            desk.toggle_play();
        }
        let [one, back] = if desk.counts_evaluations() {
            ["One score evaluation: S", "One score evaluation back: B"]
        } else {
            ["One update: S", "One update back: B"]
        };
        if ui.button("Step").on_hover_text(one).clicked() {
            desk.session.sample(SamplingCommand::Step);
        }
        if ui.button("Back").on_hover_text(back).clicked() {
            desk.step_back();
        }
        if ui.button("Restart").on_hover_text("Back to the start: R").clicked() {
            desk.session.sample(SamplingCommand::Reset);
        }
    });
}

/// The slider that goes anywhere, forward and back.
fn position(desk: &mut Desk, ui: &mut Ui, frames: &[std::sync::Arc<SamplingFrame>]) {
    let by_nfe = desk.counts_evaluations();
    for (nfe, title, tip) in [(false, "Updates", "Count updates"), (true, "NFE", "Count score evaluations")] {
        // With equal NFE, panes whose updates cost differently are alike at the same price only.
        let choice = ui.add_enabled(nfe || !desk.kept.samplers.equal_nfe, Button::selectable(by_nfe == nfe, title));
        if choice.on_hover_text(tip).on_disabled_hover_text("Equal NFE counts score evaluations").clicked() {
            desk.kept.samplers.by_nfe = nfe;
            desk.tell_sampling();
        }
    }
    let reading = |frame: &SamplingFrame| if by_nfe { [frame.nfe, spent(frame)] } else { [frame.done, frame.updates] };
    let [done, end] = [0, 1].map(|i| frames.iter().map(|frame| reading(frame)[i]).max().unwrap_or(0));
    // As wide at 0 as at the end, so that the slider stays where it is.
    let digits = end.to_string().len();
    let reading = egui::RichText::new(format!("{done:>digits$} of {end}")).monospace();
    super::keep_together(ui, 2.0 * LEAST_SLIDER);
    ui.add(egui::Label::new(reading).extend());
    let mut at = done;
    if slider(ui, &mut at, end) && at != done {
        desk.seek(at);
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
        self.session.sample(SamplingCommand::ByEvaluations(self.kept.samplers.by_nfe));
    }

    /// Whether places of the runs are counted in score evaluations instead of updates.
    pub(in crate::ui) const fn counts_evaluations(&self) -> bool {
        self.kept.samplers.by_nfe || self.kept.samplers.equal_nfe
    }

    /// One update or score evaluation back in every pane that is as far as any.
    pub(in crate::ui) fn step_back(&mut self) {
        let by_nfe = self.counts_evaluations();
        if let Some(done) = self.frames().iter().map(|frame| if by_nfe { frame.nfe } else { frame.done }).max() {
            self.seek(done.saturating_sub(1));
        }
    }

    /// Every pane to a share of the longest run, from 0 to 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place of a run"
    )]
    pub fn scrub_to(&mut self, share: f64) {
        let by_nfe = self.counts_evaluations();
        let end =
            self.frames().iter().map(|frame| if by_nfe { spent(frame) } else { frame.updates }).max().unwrap_or(0);
        self.seek((share * end as f64).round() as usize);
    }

    /// Every pane to a place of its run, in updates or score evaluations.
    fn seek(&mut self, to: usize) {
        let place = if self.counts_evaluations() { Place::Evaluations(to) } else { Place::Update(to) };
        self.session.sample(SamplingCommand::Seek(place));
    }
}
