//! The tabs. A new one is one file, one variant and one line in the list.

mod field;
mod images;
mod samplers;

pub use field::edit::Draft;
pub use field::edit::files;
pub use field::state::FieldState;
pub use images::ImageState;

use egui::{Key, Modifiers, Ui};
pub use samplers::{Colouring, Metric, Moment, Showing};
use serde::{Deserialize, Serialize};

use super::desk::Desk;
use crate::session::{SamplingCommand, TrainingCommand};

/// Which tab is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tab {
    /// The field at one σ, and training beside it.
    #[default]
    Field,
    /// Samplers side by side.
    Samplers,
    /// Samples of a network of images.
    Images,
}

/// What is known of a tab.
pub struct Entry {
    /// Which.
    pub tab: Tab,
    /// Its name on the screen, which in lower case is its name on the command line.
    pub title: &'static str,
    /// Ctrl and this key bring it to the front.
    pub key: Key,
    /// Draws it below the top bar.
    pub show: fn(&mut Desk, &mut Ui),
}

/// Every tab, in order.
pub const TABS: &[Entry] = &[
    Entry { tab: Tab::Field, title: "Field", key: Key::Num1, show: field::show },
    Entry { tab: Tab::Samplers, title: "Samplers", key: Key::Num2, show: samplers::show },
    Entry { tab: Tab::Images, title: "Images", key: Key::Num3, show: images::show },
];

/// What is known of `tab`.
pub fn entry(tab: Tab) -> &'static Entry {
    TABS.iter().find(|entry| entry.tab == tab).unwrap_or(&TABS[0])
}

impl std::str::FromStr for Tab {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let entry = TABS.iter().find(|entry| entry.title.eq_ignore_ascii_case(name));
        entry.map(|entry| entry.tab).ok_or_else(|| {
            let names: Vec<_> = TABS.iter().map(|entry| entry.title.to_lowercase()).collect();
            format!("expected one of {}", names.join(", "))
        })
    }
}

/// Keys that work wherever no control has the keyboard.
pub fn shortcuts(desk: &mut Desk) {
    let ctx = desk.ctx.clone();
    for entry in TABS {
        if ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, entry.key)) {
            desk.kept.tab = entry.tab;
        }
    }
    if ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::E)) {
        desk.open_export();
    }
    if ctx.memory(|memory| memory.focused().is_some()) {
        return;
    }
    let presses = |key| ctx.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
    if desk.kept.tab == Tab::Images {
        return images::shortcuts(desk, presses);
    }
    field::shifted(desk, &ctx);
    let pressed = |key| presses(key) > 0;
    if pressed(Key::T) {
        desk.toggle_training();
    }
    for _ in 0..presses(Key::O) {
        desk.session.train(TrainingCommand::Step);
    }
    if pressed(Key::Space) {
        desk.toggle_play();
    }
    for _ in 0..presses(Key::S) {
        desk.session.sample(SamplingCommand::Step);
    }
    if pressed(Key::R) {
        desk.session.sample(SamplingCommand::Reset);
    }
    if pressed(Key::B) {
        desk.step_back();
    }
    field::shortcuts(desk, presses);
}
