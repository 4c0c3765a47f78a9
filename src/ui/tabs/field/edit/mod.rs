//! Editing of the data on the canvas: what is in hand, what was before, and how an edit becomes the session's data.

mod controls;
mod draft;
mod file;
mod hand;

use std::sync::Arc;

use egui::{Context, Key, Modifiers};

pub use controls::show as controls;
pub use draft::{Draft, Mode};
pub use file::files;
pub use hand::{on_canvas, paint};

use crate::distributions::Distribution;
use crate::scenario::Scenario;
use crate::session::Trouble;
use crate::ui::Desk;

/// Most edits that can be undone.
const MOST_STEPS: usize = 200;

/// Seconds of rest after which a change by wheel or by numbers becomes the session's data.
const REST: f64 = 0.4;

/// What a drag on the canvas does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// It moves the canvas.
    #[default]
    Look,
    /// It moves modes and their axes.
    Modes,
    /// It draws a stroke.
    Draw,
    /// It erases strokes.
    Erase,
}

/// Data as they were or will be.
#[derive(Clone)]
struct Step {
    scenario: Scenario,
    draft: Option<Draft>,
    note: Option<String>,
}

/// What is being edited.
#[derive(Default)]
pub struct Editor {
    /// What a drag does.
    pub tool: Tool,
    /// The mode whose numbers are shown.
    pub selected: usize,
    /// The change in the making, which the exact field follows.
    live: Option<Draft>,
    /// The number of the newest change.
    number: u64,
    /// When it was made.
    changed: f64,
    /// What the hand holds.
    grab: Option<hand::Grab>,
    past: Vec<Step>,
    future: Vec<Step>,
    /// The path in the text field.
    pub path: String,
    /// What a person should know of the file that the data are from.
    pub note: Option<String>,
}

impl Editor {
    /// The number of the change that pictures must know; 0 where there is none.
    pub const fn draft_number(&self) -> u64 {
        if self.live.is_some() { self.number } else { 0 }
    }

    /// Whether there is anything to undo, and to redo.
    pub const fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// See [`Self::can_undo`].
    pub const fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

impl Desk {
    /// The data as they can be edited: the change in the making, or what was edited last, or the scenario's Gaussians.
    #[must_use]
    pub fn draft(&self) -> Option<Draft> {
        let own = || Draft::of(&*self.scenario.data);
        self.field.editor.live.clone().or_else(|| self.kept.field.draft.clone()).or_else(own)
    }

    /// Lets the exact field follow a change; it becomes the session's data with [`Self::settle`]. What cannot be data
    /// yet, like the first point of a stroke, is only remembered.
    pub(super) fn change(&mut self, draft: Draft, now: f64) {
        let editor = &mut self.field.editor;
        editor.number += 1;
        editor.changed = now;
        if let Ok(data) = draft.distribution() {
            self.session.draft(Some((editor.number, data)));
        }
        editor.live = Some(draft);
        self.ctx.request_repaint();
    }

    /// Makes the change in the making the session's data.
    pub(super) fn settle(&mut self) {
        let Some(draft) = self.field.editor.live.take() else { return };
        match draft.distribution() {
            Ok(data) => self.edit(self.scenario.with_data(data), Some(draft), None),
            Err(error) => {
                self.session.draft(None);
                self.troubles.push(Trouble {
                    what: "The edit is not used".to_owned(),
                    why: error.to_string(),
                    remedy: "The data stay as they were.".to_owned(),
                });
            }
        }
    }

    /// A change by wheel or by numbers becomes the session's data when nobody has touched it for a while.
    pub(super) fn settle_at_rest(&mut self, ctx: &Context) {
        let editor = &self.field.editor;
        if editor.live.is_none() || editor.grab.is_some() {
            return;
        }
        let (now, down) = ctx.input(|input| (input.time, input.pointer.any_down()));
        if !down && now - editor.changed >= REST {
            self.settle();
        } else {
            ctx.request_repaint_after(std::time::Duration::from_secs_f64(REST));
        }
    }

    /// Other data, with a way back.
    fn edit(&mut self, scenario: Scenario, draft: Option<Draft>, note: Option<String>) {
        let here = self.here();
        let editor = &mut self.field.editor;
        editor.past.push(here);
        if editor.past.len() > MOST_STEPS {
            editor.past.remove(0);
        }
        editor.future.clear();
        self.take(Step { scenario, draft, note });
    }

    /// The data as they are.
    fn here(&self) -> Step {
        let (draft, note) = (self.kept.field.draft.clone(), self.field.editor.note.clone());
        Step { scenario: self.scenario.clone(), draft, note }
    }

    /// Takes data over; training goes on from the beginning where it was going on.
    fn take(&mut self, Step { scenario, draft, note }: Step) {
        let running = self.is_training();
        if scenario.name != self.scenario.name {
            (self.kept.sigma, self.kept.field.camera, self.field.shown) = (None, None, Default::default());
        }
        self.kept.field.draft = draft;
        (self.field.editor.live, self.field.editor.note) = (None, note);
        self.restart(scenario);
        if running {
            self.start_training();
        }
    }

    /// Back by one edit.
    pub fn undo(&mut self) {
        self.settle();
        self.walk(|editor| (&mut editor.past, &mut editor.future));
    }

    /// Forward again.
    pub fn redo(&mut self) {
        self.settle();
        self.walk(|editor| (&mut editor.future, &mut editor.past));
    }

    fn walk(&mut self, ways: impl FnOnce(&mut Editor) -> (&mut Vec<Step>, &mut Vec<Step>)) {
        let here = self.here();
        let (from, to) = ways(&mut self.field.editor);
        if let Some(step) = from.pop() {
            to.push(here);
            self.take(step);
        }
    }

    /// The edit of an earlier run, where its scenario is open again. One that is refused by now is forgotten.
    pub(in crate::ui) fn resume_draft(&mut self) {
        let Some(draft) = self.kept.field.draft.take() else { return };
        if let Ok(data) = draft.distribution() {
            self.edit(self.scenario.with_data(data), Some(draft), None);
        }
    }

    /// The data of the session.
    #[must_use]
    pub fn data(&self) -> Arc<dyn Distribution> {
        Arc::clone(&self.scenario.data)
    }
}

/// Ctrl+Z, Ctrl+Shift+Z or Ctrl+Y, and Delete for the mode in hand.
pub fn shortcuts(desk: &mut Desk, ctx: &Context) {
    let presses = |modifiers, key| ctx.input_mut(|input| input.count_and_consume_key(modifiers, key));
    let redos = presses(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) + presses(Modifiers::COMMAND, Key::Y);
    let undos = presses(Modifiers::COMMAND, Key::Z);
    (0..redos).for_each(|_| desk.redo());
    (0..undos).for_each(|_| desk.undo());
    if desk.field.editor.tool == Tool::Modes && presses(Modifiers::NONE, Key::Delete) > 0 {
        controls::remove(desk, ctx.input(|input| input.time));
    }
}
