//! The bar at the top: tabs, scenario, theme, and the way out for pictures.

use egui::{Panel, RichText, Ui};

use crate::scenario::BUNDLED;
use crate::ui::desk::Desk;
use crate::ui::tabs::TABS;
use crate::ui::theme::THEMES;
use crate::ui::widgets::{choice, export};

/// Draws the bar.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    Panel::top("top bar").show(ui, |ui| {
        ui.add_space(3.0);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().interact_size.y = 32.0 * desk.kept.theme.scale();
            for entry in TABS {
                let title = RichText::new(entry.title).heading();
                let response = ui.selectable_label(desk.kept.tab == entry.tab, title);
                if response.on_hover_text(format!("Ctrl+{}", entry.key.name())).clicked() {
                    desk.kept.tab = entry.tab;
                }
            }
            ui.separator();
            scenarios(desk, ui);
            ui.separator();
            themes(desk, ui);
            export::button(desk, ui);
        });
        ui.add_space(3.0);
    });
}

fn scenarios(desk: &mut Desk, ui: &mut Ui) {
    let mut chosen = None;
    choice(ui, "Scenario", &desk.scenario_title(), |ui| {
        for bundled in BUNDLED {
            let current = desk.scenario.name == bundled.name;
            if ui.selectable_label(current, bundled.name).on_hover_text(bundled.description).clicked() {
                chosen = Some(bundled.name);
            }
        }
    });
    if let Some(name) = chosen {
        desk.load(name);
    }
}

fn themes(desk: &mut Desk, ui: &mut Ui) {
    let mut chosen = desk.kept.theme;
    let title = THEMES.iter().find(|(theme, _)| *theme == chosen).map_or("", |(_, title)| *title);
    choice(ui, "Theme", title, |ui| {
        for (theme, title) in THEMES {
            ui.selectable_value(&mut chosen, theme, title);
        }
    });
    if chosen != desk.kept.theme {
        desk.set_theme(chosen);
    }
}
