//! Controls that more than one place uses, or that draw themselves.

pub mod ladder;
pub mod legend;
pub mod loss_curve;
pub mod messages;
pub mod pane_choice;
pub mod sigma_slider;
pub mod top_bar;
pub mod traces;
pub mod transport;
pub mod weight_bar;

use egui::{Color32, ComboBox, RichText, Ui};

/// A drop-down list with its name before it.
pub fn choice(ui: &mut Ui, name: &str, chosen: &str, list: impl FnOnce(&mut Ui)) {
    coloured_choice(ui, name, ui.visuals().text_color(), chosen, list);
}

/// The same, its name in a colour.
pub fn coloured_choice(ui: &mut Ui, name: &str, colour: Color32, chosen: &str, list: impl FnOnce(&mut Ui)) {
    let label = ui.label(RichText::new(name).color(colour)).id;
    ComboBox::from_id_salt(name).selected_text(chosen).show_ui(ui, list).response.labelled_by(label);
}
