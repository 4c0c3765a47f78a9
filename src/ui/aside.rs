//! What a lesson puts aside, to be taken up again when it is closed: scenario, network, panes, and all that was edited.

use super::desk::Desk;
use super::kept::{Kept, PaneChoice};
use super::tabs::FieldState;
use crate::scenario::Scenario;
use crate::session::{SamplingCommand, Session, TrainingCommand};

/// The class's own work, at rest.
pub struct Aside {
    session: Session,
    scenario: Scenario,
    kept: Kept,
    field: FieldState,
    /// Whether the network was in training.
    trained: bool,
}

impl Aside {
    /// The choices that were put aside, and with them those that have nothing to do with a lesson as they are `now`.
    pub fn kept(&self, now: &Kept) -> Kept {
        let Kept { scenario, sigma, source, field, panes, samplers, .. } = self.kept.clone();
        let (equal_nfe, knobs_of) = (samplers.equal_nfe, samplers.knobs_of);
        let samplers = super::Showing { equal_nfe, knobs_of, ..now.samplers.clone() };
        Kept { scenario, sigma, source, field, panes, samplers, ..now.clone() }
    }
}

impl Desk {
    /// Opens a lesson's scenario and panes; what is there now is put aside, unless it belongs to a lesson itself.
    pub(super) fn put_aside(&mut self, scenario: Scenario, panes: Vec<PaneChoice>) {
        let before = self.kept.clone();
        self.kept.scenario.clone_from(&scenario.name);
        self.kept.sigma = None;
        (self.kept.field.camera, self.kept.field.draft) = (None, None);
        (self.kept.samplers.equal_nfe, self.kept.samplers.knobs_of) = (false, None);
        self.kept.panes = panes;
        if self.aside.is_none() {
            let trained = self.is_training();
            self.session.train(TrainingCommand::Pause);
            self.session.sample(SamplingCommand::Pause);
            let session = Session::start(&scenario, self.seed, &self.pace);
            let session = std::mem::replace(&mut self.session, session);
            let (own, field) = (self.scenario.clone(), std::mem::take(&mut self.field));
            self.aside = Some(Box::new(Aside { session, scenario: own, kept: before, field, trained }));
            self.begin(scenario);
        } else {
            self.restart(scenario);
        }
    }

    /// Ends the lesson: everything is as it was before.
    pub(super) fn take_up(&mut self) {
        let Some(aside) = self.aside.take() else { return };
        self.kept = aside.kept(&self.kept);
        let Aside { session, scenario, field, trained, .. } = *aside;
        (self.session, self.scenario, self.field) = (session, scenario, field);
        self.moment = super::tabs::Moment::default();
        self.ask_again();
        self.tell_sampling();
        if trained {
            self.start_training();
        }
    }
}
