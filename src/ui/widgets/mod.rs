//! Controls that more than one place uses, or that draw themselves.

pub mod legend;
pub mod log_plot;
pub mod loss_curve;
pub mod messages;
pub mod pane_choice;
pub mod sigma_slider;
pub mod top_bar;
pub mod transport;
pub mod weight_bar;

use egui::{ComboBox, Ui};

/// A drop-down list with its name before it.
pub fn choice(ui: &mut Ui, name: &str, chosen: &str, list: impl FnOnce(&mut Ui)) {
    let label = ui.label(name).id;
    ComboBox::from_id_salt(name).selected_text(chosen).show_ui(ui, list).response.labelled_by(label);
}

/// A number with about three digits that count and a real minus sign.
pub fn number(x: f64) -> String {
    let text = match x.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e5).contains(&size) => format!("{x:.1e}"),
        size if size >= 100.0 => format!("{x:.0}"),
        size if size >= 10.0 => format!("{x:.1}"),
        size if size >= 0.1 => format!("{x:.2}"),
        _ => format!("{x:.3}"),
    };
    text.replace('-', "−")
}
