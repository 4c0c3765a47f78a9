//! What is trained and how, changed while it goes on; and a way back through the training.

use egui::{Slider, Ui};

use crate::scenario::objectives;
use crate::session::{TrainingCommand, TrainingFrame, Trouble};
use crate::ui::desk::Desk;

/// Sizes of a batch that are offered.
const BATCHES: [u32; 9] = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

/// Objective, learning rate and batch; each holds from the next step on, and nothing learned is lost.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    let mut change = None;
    let training = &desk.scenario.training;
    egui::Grid::new("training setting").num_columns(2).show(ui, |ui| {
        let objective = super::choice(ui, "Objective", training.objective.name, |ui| {
            for (name, description) in objectives() {
                let chosen = training.objective.name == name;
                if ui.selectable_label(chosen, name).on_hover_text(description).clicked() && !chosen {
                    change = Some(format!("objective={name}"));
                }
            }
        });
        objective.on_hover_text(training.objective.description);
        ui.end_row();
        let label = ui.label("Learning rate");
        let mut rate = training.learning_rate;
        let slider =
            Slider::new(&mut rate, 1e-5..=1.0).logarithmic(true).custom_formatter(|rate, _| format!("{rate:.0e}"));
        let slider =
            ui.add(slider).labelled_by(label.id).on_hover_text("Adam's step size; above 0.1 training diverges");
        if slider.changed() {
            change = Some(format!("learning_rate={rate:e}"));
        }
        ui.end_row();
        let batch = super::choice(ui, "Batch", &training.batch.to_string(), |ui| {
            for batch in BATCHES {
                if ui.selectable_label(training.batch == batch, batch.to_string()).clicked() {
                    change = Some(format!("batch={batch}"));
                }
            }
        });
        batch.on_hover_text("Examples per step");
        ui.end_row();
    });
    if let Some(change) = change {
        desk.change_training(&change);
    }
}

/// A slider through the networks kept of this training.
pub fn past(desk: &mut Desk, ui: &mut Ui, frame: &TrainingFrame) {
    let moments = &frame.moments;
    if moments.len() < 2 {
        return;
    }
    let now = moments.len();
    let mut at = frame.looking.unwrap_or(now);
    let steps = |at: usize| moments.get(at).map_or_else(|| "now".to_owned(), |steps| format!("step {steps}"));
    let label = ui.label("Training time");
    ui.horizontal(|ui| {
        let slider = ui
            .add(Slider::new(&mut at, 0..=now).show_value(false))
            .labelled_by(label.id)
            .on_hover_text("Shows the network as it was");
        ui.label(steps(at));
        if slider.changed() {
            desk.session.train(TrainingCommand::Look((at < now).then_some(at)));
        }
    });
}

impl Desk {
    /// Goes on training with something changed, given as key=value of a scenario's `[training]`; a change that does not
    /// fit is said and not made.
    pub fn change_training(&mut self, change: &str) {
        match self.scenario.with_learning("", change) {
            Ok(scenario) => {
                self.session.train(TrainingCommand::Change(Box::new(scenario.training.clone())));
                self.scenario = scenario;
            }
            Err(error) => {
                let (what, remedy) = ("The training was not changed", "It goes on as before.");
                self.troubles.push(Trouble::of(what, &error.reason, remedy));
            }
        }
    }
}
