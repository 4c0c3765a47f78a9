//! Whose field is shown, alone or against another.

use egui::{Key, Slider, Ui};

use crate::session::{MOST_DATA_POINTS, Source};
use crate::ui::Desk;
use crate::ui::kept_field::{Compare, Shown};
use crate::ui::widgets;

/// Every source with its name, its meaning and its key.
pub const SOURCES: [(Shown, &str, &str, Key); 4] = [
    (Shown::Learned, "Learned", "The network's score", Key::Num1),
    (Shown::Exact, "Exact", "The true score", Key::Num2),
    (Shown::Difference, "Difference", "Learned minus exact; colours show σ|Δs|", Key::Num3),
    (Shown::Memorising, "Memorising", "The exact score of some data points alone: it only memorises them", Key::Num4),
];

const COMPARISONS: [(Compare, &str, &str); 3] = [
    (Compare::Alone, "Alone", "One field"),
    (Compare::SideBySide, "Side by side", "Two fields, each on its canvas"),
    (Compare::Wipe, "Wipe", "Two fields on one canvas, parted by a line to drag"),
];

/// Fewest points that can be memorised.
const FEWEST: u16 = 10;

/// The name of a source.
pub fn title(shown: Shown) -> &'static str {
    SOURCES.iter().find(|(source, ..)| *source == shown).map_or("", |(_, title, ..)| title)
}

impl Desk {
    /// Whose field the Field tab shows.
    #[must_use]
    pub fn shown_source(&self) -> Shown {
        match (self.kept.field.memorising, self.kept.source) {
            (true, _) => Shown::Memorising,
            (false, Source::Learned) => Shown::Learned,
            (false, Source::Exact) => Shown::Exact,
            (false, Source::Difference) => Shown::Difference,
        }
    }

    /// Shows another field.
    pub fn set_source(&mut self, shown: Shown) {
        self.kept.field.memorising = shown == Shown::Memorising;
        if shown != Shown::Memorising {
            self.kept.source = shown.asked(1).0;
        }
    }
}

/// Draws the choices.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        for (shown, title, meaning, key) in SOURCES {
            let chosen = desk.shown_source() == shown;
            if ui.selectable_label(chosen, title).on_hover_text(format!("{meaning}: {}", key.name())).clicked() {
                desk.set_source(shown);
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        for (compare, title, meaning) in COMPARISONS {
            if ui.selectable_label(desk.kept.field.compare == compare, title).on_hover_text(meaning).clicked() {
                desk.kept.field.compare = compare;
            }
        }
    });
    let choices = &mut desk.kept.field;
    if choices.compare != Compare::Alone {
        ui.horizontal_wrapped(|ui| {
            widgets::choice(ui, "Compared with", title(choices.other), |ui| {
                for (shown, title, ..) in SOURCES {
                    ui.selectable_value(&mut choices.other, shown, title);
                }
            });
        });
    }
    if choices.compare == Compare::Wipe {
        ui.add(Slider::new(&mut choices.wipe, 0.0..=1.0).text("Wipe").show_value(false));
    }
    let memorises = choices.memorising || (choices.compare != Compare::Alone && choices.other == Shown::Memorising);
    if memorises || choices.data_points || choices.noised_points {
        let slider = Slider::new(&mut choices.memorised, FEWEST..=MOST_DATA_POINTS).logarithmic(true);
        ui.add(slider.text("Data points")).on_hover_text("How many are drawn, and known to the memorising score");
    }
}
