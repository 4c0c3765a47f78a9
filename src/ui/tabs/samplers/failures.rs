//! Failures to show on purpose: each a scenario, panes beside each other, and what to look for.

use std::collections::BTreeMap;

use egui::Ui;

use super::Moment;
use crate::samplers::Value;
use crate::scenario::Scenario;
use crate::session::{SamplingCommand, Source, TrainingCommand};
use crate::ui::desk::Desk;
use crate::ui::kept::PaneChoice;

/// A sampler, its score, and knobs as they are written on the command line.
type Pane = (&'static str, Source, &'static [(&'static str, &'static str)]);

/// Something that goes wrong, beside the same thing done right.
pub struct Failure {
    /// Its name in the menu.
    pub title: &'static str,
    /// What to look for, and why it happens.
    pub lesson: &'static str,
    scenario: &'static str,
    panes: [Pane; 2],
    /// Training from the first weights, for so many steps, before the panes start.
    training_steps: Option<usize>,
}

/// Every failure. The expected shares are those of twenty seeds; the tests reach them.
pub const FAILURES: &[Failure] = &[
    Failure {
        title: "Modes too far apart",
        lesson: "Langevin at one noise level cannot cross the empty space: it ends near .51 of .80. Annealing comes to .78.",
        scenario: "ncsn-toy",
        panes: [("langevin", Source::Exact, &[]), ("annealed", Source::Exact, &[])],
        training_steps: None,
    },
    Failure {
        title: "Too few levels",
        lesson: "With L = 3 the noise falls too fast to carry the shares along: .71 instead of .78, where .80 is true.",
        scenario: "ncsn-toy",
        panes: [("annealed", Source::Exact, &[("levels", "3")]), ("annealed", Source::Exact, &[])],
        training_steps: None,
    },
    Failure {
        title: "Largest noise too small",
        lesson: "σ_max = 3 never joins modes that are 14 apart: .69 instead of .78, where .80 is true.",
        scenario: "ncsn-toy",
        panes: [("annealed", Source::Exact, &[("sigma_max", "3")]), ("annealed", Source::Exact, &[])],
        training_steps: None,
    },
    Failure {
        title: "Step too large",
        lesson: "At α > 4σ² each step overshoots by more than it corrects: the particles leave for good. α = 0.1 stays.",
        scenario: "ncsn-toy",
        panes: [("langevin", Source::Exact, &[("step", "5")]), ("langevin", Source::Exact, &[])],
        training_steps: None,
    },
    Failure {
        title: "Prior in the wrong place",
        lesson: "The data at σ = 20 are centred at (3, 3). A start centred at 0 ends near .74; one at their mean near .81; .80 is true.",
        scenario: "ncsn-toy",
        panes: [
            ("heun", Source::Exact, &[("steps", "40"), ("sigma_max", "20"), ("denoise", "false"), ("start", "prior")]),
            (
                "heun",
                Source::Exact,
                &[("steps", "40"), ("sigma_max", "20"), ("denoise", "false"), ("start", "centred")],
            ),
        ],
        training_steps: None,
    },
    Failure {
        title: "Network hardly trained",
        lesson: "After 100 training steps the learned score points only roughly to the data. The exact score runs beside it.",
        scenario: "ncsn-toy",
        panes: [("annealed", Source::Learned, &[]), ("annealed", Source::Exact, &[])],
        training_steps: Some(100),
    },
];

/// The menu.
pub fn menu(desk: &mut Desk, ui: &mut Ui) {
    let mut chosen = None;
    ui.menu_button("Show a failure", |ui| {
        for failure in FAILURES {
            if ui.button(failure.title).on_hover_text(failure.lesson).clicked() {
                chosen = Some(failure);
                ui.close();
            }
        }
    });
    if let Some(failure) = chosen {
        show(desk, failure);
    }
}

/// Puts the class's own work aside, sets the panes up and plays them.
fn show(desk: &mut Desk, failure: &'static Failure) {
    // A test builds every failure.
    let scenario = Scenario::load(failure.scenario).expect("the bundled scenarios are right");
    let panes = failure.panes.iter().map(|(sampler, source, knobs)| choice(sampler, *source, knobs));
    desk.put_aside(scenario, panes.collect());
    desk.moment = Moment { failure: Some(failure), waits_for: failure.training_steps, code_of: None };
    match failure.training_steps {
        Some(steps) => (0..steps).for_each(|_| desk.session.train(TrainingCommand::Step)),
        None => desk.session.sample(SamplingCommand::Play),
    }
}

fn choice(sampler: &str, source: Source, knobs: &[(&str, &str)]) -> PaneChoice {
    let knobs: BTreeMap<_, _> = knobs.iter().map(|(knob, value)| ((*knob).to_owned(), Value::parse(value))).collect();
    PaneChoice { source, knobs, ..PaneChoice::of(sampler) }
}

/// Starts the panes that wait for a network, once it is there.
pub fn tend(desk: &mut Desk) {
    let Some(steps) = desk.moment.waits_for else { return };
    let trained = desk.session.latest().training.get().is_some_and(|frame| !frame.running && frame.steps == steps);
    if trained {
        desk.moment.waits_for = None;
        desk.session.sample(SamplingCommand::Reset);
        desk.session.sample(SamplingCommand::Play);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_a_legal_setting() {
        for failure in FAILURES {
            let scenario = Scenario::load(failure.scenario).expect(failure.scenario);
            for (sampler, source, knobs) in failure.panes {
                let choice = choice(sampler, source, knobs);
                let sampling = scenario.sampling(sampler, choice.given()).expect(failure.title);
                assert!(sampling.plan(&*scenario.data).is_ok(), "{}", failure.title);
            }
        }
    }
}
