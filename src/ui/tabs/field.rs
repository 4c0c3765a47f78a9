//! The Field tab: the score at one noise level over the density, and the network learning it.

use egui::{CentralPanel, Key, Panel, RichText, Ui};

use crate::session::{FieldRequest, SamplingCommand, Source, TrainingCommand};
use crate::ui::desk::Desk;
use crate::ui::paint::canvas::{self, Layers};
use crate::ui::theme::Theme;
use crate::ui::widgets::{self, loss_curve, sigma_slider};

/// Arrows along the shorter side of the canvas.
const ARROWS: usize = 26;
/// The same in the projector theme: fewer and larger ones are seen from the back.
const PROJECTOR_ARROWS: usize = 18;
/// Colour cells along each side.
const CELLS: usize = 112;

const SOURCES: [(Source, &str, &str, Key); 3] = [
    (Source::Learned, "Learned", "The network's score", Key::Num1),
    (Source::Exact, "Exact", "The true score", Key::Num2),
    (Source::Difference, "Difference", "Learned minus exact; colours show σ|Δs|", Key::Num3),
];

const fn arrows_of(theme: Theme) -> usize {
    match theme {
        Theme::Dark | Theme::Light => ARROWS,
        Theme::Projector => PROJECTOR_ARROWS,
    }
}

/// Draws the tab.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let scale = desk.kept.theme.scale();
    Panel::bottom("sigma").show(ui, |ui| {
        ui.add_space(6.0);
        let mut sigma = desk.kept.sigma(&desk.scenario);
        if sigma_slider::show(ui, &mut sigma, &desk.scenario.ladder, &desk.palette, scale) {
            desk.kept.sigma = Some(sigma);
        }
        ui.add_space(6.0);
    });
    Panel::right("learning").resizable(false).exact_size(270.0 * scale).show(ui, |ui| {
        let bottom = ui.max_rect().bottom();
        egui::ScrollArea::vertical().show(ui, |ui| {
            field_controls(desk, ui);
            ui.separator();
            training_controls(desk, ui, bottom);
        });
    });
    CentralPanel::default().show(ui, |ui| canvas_of(desk, ui));
}

/// Keys of this tab: 1, 2, 3 for the source, arrows for σ.
pub fn shortcuts(desk: &mut Desk, presses: impl Fn(Key) -> usize) {
    for (source, _, _, key) in SOURCES {
        if presses(key) > 0 {
            desk.kept.source = source;
        }
    }
    let ladder = desk.scenario.ladder;
    for (key, direction) in [(Key::ArrowLeft, -1.0), (Key::ArrowRight, 1.0)] {
        for _ in 0..presses(key) {
            desk.kept.sigma = Some(sigma_slider::stepped(desk.kept.sigma(&desk.scenario), &ladder, direction));
        }
    }
}

fn canvas_of(desk: &mut Desk, ui: &mut Ui) {
    let plane = canvas::Plane::fit(ui, &desk.scenario.view);
    let latest = desk.session.latest();
    let frame = latest.fields[0].get();
    let particles = latest.panes[0].get().filter(|_| desk.kept.particles);
    let layers = Layers {
        field: frame.as_deref(),
        arrows: if desk.kept.arrows { 1.0 } else { 0.0 },
        particles: particles.as_ref().map_or(&[], |frame| &frame.x),
        caption: "",
    };
    canvas::show(ui, &plane, &layers, &mut desk.heat_maps[0], &desk.palette, "Score field");
    let request = FieldRequest {
        view: plane.view,
        sigma: desk.kept.sigma(&desk.scenario),
        source: desk.kept.source,
        arrows: if desk.kept.arrows { plane.cells(arrows_of(desk.kept.theme)) } else { [0; 2] },
        cells: [CELLS; 2],
        network_version: 0,
    };
    desk.ask(0, request);
}

fn field_controls(desk: &mut Desk, ui: &mut Ui) {
    ui.heading("Field");
    ui.horizontal_wrapped(|ui| {
        for (source, title, meaning, _) in SOURCES {
            let chosen = desk.kept.source == source;
            if ui.selectable_label(chosen, title).on_hover_text(meaning).clicked() {
                desk.kept.source = source;
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.checkbox(&mut desk.kept.arrows, "Arrows");
        ui.checkbox(&mut desk.kept.particles, "Particles").on_hover_text("Those of the first sampler");
    });
    if desk.kept.particles {
        particle_controls(desk, ui);
    }
    widgets::legend::show(ui, desk.kept.source, &desk.palette);
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
    let (running, steps) = frame.as_ref().map_or((false, 0), |frame| (frame.running, frame.steps));
    ui.heading("Training");
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
        let loss = frame.as_ref().and_then(|frame| frame.history.last().copied());
        for (name, value) in [
            ("Step", steps.to_string()),
            ("Steps/s", number(speed.map(|speed| format!("{speed:.0}")))),
            ("Loss", number(loss.map(|[_, loss]| format!("{loss:.4}")))),
        ] {
            ui.label(name);
            ui.label(RichText::new(value).strong());
            ui.end_row();
        }
    });
    let history = frame.as_ref().map(|frame| &*frame.history);
    let height = (bottom - ui.cursor().top()).clamp(90.0, 200.0) - 4.0;
    loss_curve::show(ui, history.map_or(&[], Vec::as_slice), &desk.palette, height);
}

impl Desk {
    /// Starts training, or pauses it.
    pub fn toggle_training(&mut self) {
        let running = self.session.latest().training.get().is_some_and(|frame| frame.running);
        self.session.train(if running { TrainingCommand::Pause } else { TrainingCommand::Start });
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
