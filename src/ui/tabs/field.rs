//! The Field tab: the score at one noise level over the density, and the network learning it.

pub mod edit;
mod errors;
mod probe;
mod sources;
pub mod state;
mod strip;
mod toolbar;
mod view;

use egui::{CentralPanel, CollapsingHeader, Context, Key, Modifiers, Panel, RichText, Ui};

use crate::session::{SamplingCommand, TrainingCommand, TrainingFrame};
use crate::ui::desk::Desk;
use crate::ui::widgets::{self, loss_curve, sigma_slider};

/// Share of what is seen by which a key pans.
const PAN: f64 = 0.1;

/// Height of the window, in points of the usual scale, from which there is room for the legend and the plots of the error.
const ROOMY: f32 = 740.0;
/// Lines of the column stand closer than elsewhere.
const TIGHTER: f32 = 0.75;

/// Draws the tab.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let scale = desk.kept.theme.scale();
    Panel::bottom("sigma").show(ui, |ui| {
        ui.add_space(6.0);
        strip::show(desk, ui);
        ui.add_space(6.0);
    });
    Panel::right("learning").resizable(false).exact_size(270.0 * scale).show(ui, |ui| {
        let bottom = ui.max_rect().bottom();
        ui.spacing_mut().item_spacing.y *= TIGHTER;
        let roomy = ui.ctx().content_rect().height() > ROOMY * scale;
        egui::ScrollArea::vertical().show(ui, |ui| {
            section(ui, "Source", true, |ui| field_controls(desk, ui, roomy));
            section(ui, "Edit the data", false, |ui| edit::controls(desk, ui));
            section(ui, "Training", true, |ui| training_controls(desk, ui, bottom));
            section(ui, "Error against the truth", roomy, |ui| errors::show(desk, ui));
            section(ui, "Probe", false, |ui| probe::controls(desk, ui));
            if !roomy {
                section(ui, "Legend", false, |ui| widgets::legend::show(desk, ui));
            }
        });
    });
    desk.settle_at_rest(ui.ctx());
    CentralPanel::default().show(ui, |ui| view::show(desk, ui));
}

/// A part of the column that can be folded away.
fn section(ui: &mut Ui, title: &str, open: bool, content: impl FnOnce(&mut Ui)) {
    CollapsingHeader::new(RichText::new(title).heading())
        .id_salt(title)
        .default_open(open)
        .show_unindented(ui, content);
}

/// Keys of this tab: 1 to 4 for the source, arrows for σ, P to play it, + − F for the canvas.
pub fn shortcuts(desk: &mut Desk, presses: impl Fn(Key) -> usize) {
    for (shown, _, _, key) in sources::SOURCES {
        if presses(key) > 0 {
            desk.set_source(shown);
        }
    }
    toolbar::shortcuts(desk, &presses);
    if presses(Key::P) > 0 {
        desk.toggle_sweep();
    }
    let ladder = desk.scenario.ladder;
    for (key, direction) in [(Key::ArrowLeft, -1.0), (Key::ArrowRight, 1.0)] {
        for _ in 0..presses(key) {
            desk.kept.sigma = Some(sigma_slider::stepped(desk.kept.sigma(&desk.scenario), &ladder, direction));
        }
    }
}

/// Undo and redo, and Shift with an arrow: the canvas pans.
pub fn shifted(desk: &mut Desk, ctx: &Context) {
    edit::shortcuts(desk, ctx);
    for (key, x, y) in [
        (Key::ArrowLeft, -PAN, 0.0),
        (Key::ArrowRight, PAN, 0.0),
        (Key::ArrowDown, 0.0, -PAN),
        (Key::ArrowUp, 0.0, PAN),
    ] {
        for _ in 0..ctx.input_mut(|input| input.count_and_consume_key(Modifiers::SHIFT, key)) {
            desk.pan_by_share([x, y]);
        }
    }
}

fn field_controls(desk: &mut Desk, ui: &mut Ui, roomy: bool) {
    sources::show(desk, ui);
    if desk.kept.particles {
        particle_controls(desk, ui);
    }
    if roomy {
        widgets::legend::show(desk, ui);
    }
}

/// The first sampler's choice and transport, for those who stay on this tab.
fn particle_controls(desk: &mut Desk, ui: &mut Ui) {
    widgets::pane_choice::show(desk, ui, 0);
    let frame = desk.session.latest().panes[0].get();
    widgets::transport::buttons(desk, ui, frame.as_deref().is_some_and(|frame| frame.playing));
    if let Some(frame) = frame {
        widgets::weight_bar::show(ui, &frame.shares, &desk.scenario.data.mode_weights(), desk.kept.theme.scale());
    }
}

fn training_controls(desk: &mut Desk, ui: &mut Ui, bottom: f32) {
    let frame = desk.session.latest().training.get();
    let running = frame.as_ref().is_some_and(|frame| frame.running);
    ui.horizontal_wrapped(|ui| {
        let title = if running { "Pause training" } else { "Start training" };
        if ui.button(title).on_hover_text("T").clicked() {
            desk.toggle_training();
        }
        if ui.button("One step").on_hover_text("O").clicked() {
            desk.session.train(TrainingCommand::Step);
        }
        if ui.button("Reset").on_hover_text("Forget everything learned").clicked() {
            desk.session.train(TrainingCommand::Reset);
        }
    });
    widgets::training_setting::show(desk, ui);
    if let Some(frame) = &frame {
        widgets::training_setting::past(desk, ui, frame);
    }
    let number = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    egui::Grid::new("training figures").num_columns(2).min_row_height(0.0).show(ui, |ui| {
        let speed = frame.as_ref().and_then(|frame| frame.steps_per_second);
        let (steps, loss) = frame.as_ref().map_or((0, None), |frame| seen(frame));
        for (name, value) in [
            ("Step", steps.to_string()),
            ("Steps/s", number(speed.map(|speed| format!("{speed:.0}")))),
            ("Loss", number(loss.map(|loss| format!("{loss:.4}")))),
        ] {
            ui.label(name);
            ui.label(RichText::new(value).strong());
            ui.end_row();
        }
    });
    let history = frame.as_ref().map(|frame| &*frame.history);
    let height = (bottom - ui.cursor().top()).clamp(90.0, 104.0) - 4.0;
    let looking = frame.as_ref().and_then(|frame| frame.looking.map(|_| seen(frame).0));
    loss_curve::show(ui, history.map_or(&[], Vec::as_slice), looking, &desk.palette, height);
}

/// Steps behind the network that is shown, and the loss around them.
#[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
fn seen(frame: &TrainingFrame) -> (usize, Option<f64>) {
    let steps = frame.looking.and_then(|at| frame.moments.get(at).copied()).unwrap_or(frame.steps);
    let until = frame.history.partition_point(|[step, _]| *step <= steps as f64);
    (steps, frame.history[..until].last().map(|[_, loss]| *loss))
}

impl Desk {
    /// Starts training, or pauses it.
    pub fn toggle_training(&mut self) {
        if self.is_training() {
            self.starting = false;
            self.session.train(TrainingCommand::Pause);
        } else {
            self.start_training();
        }
    }

    /// Starts training.
    pub(in crate::ui) fn start_training(&mut self) {
        self.starting = true;
        self.session.train(TrainingCommand::Start);
    }

    /// Whether training goes on, or was told to and has not said so yet.
    pub(in crate::ui) fn is_training(&self) -> bool {
        self.starting || self.session.latest().training.get().is_some_and(|frame| frame.running)
    }

    /// Plays the samplers, pauses them, or plays them from the start once they are done.
    pub fn toggle_play(&mut self) {
        let frames: Vec<_> = self.session.latest().panes.iter().filter_map(crate::session::Slot::get).collect();
        if frames.iter().any(|frame| frame.playing) {
            self.session.sample(SamplingCommand::Pause);
            return;
        }
        if !frames.is_empty() && frames.iter().all(|frame| frame.done == frame.updates) {
            self.session.sample(SamplingCommand::Reset);
        }
        self.session.sample(SamplingCommand::Play);
    }
}
