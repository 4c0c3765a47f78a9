//! Controls that more than one place uses, or that draw themselves.

pub mod device;
pub mod export;
pub mod knob;
pub mod ladder;
pub mod legend;
pub mod log_plot;
pub mod loss_curve;
pub mod messages;
pub mod pane_choice;
pub mod share_bars;
pub mod sigma_slider;
pub mod top_bar;
pub mod traces;
pub mod training_setting;
pub mod transport;
pub mod weight_bar;

use egui::{Color32, ComboBox, Response, RichText, TextStyle, Ui};

/// Most points that an open list is high: all thirteen samplers are seen at once.
const LIST_HEIGHT: f32 = 460.0;

/// A drop-down list with its name before it.
pub fn choice(ui: &mut Ui, name: &str, chosen: &str, list: impl FnOnce(&mut Ui)) -> Response {
    coloured_choice(ui, name, ui.visuals().text_color(), chosen, list)
}

/// The same, its name in a colour.
pub fn coloured_choice(ui: &mut Ui, name: &str, colour: Color32, chosen: &str, list: impl FnOnce(&mut Ui)) -> Response {
    let font = TextStyle::Button.resolve(ui.style());
    let width = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), colour).size().x;
    let spacing = ui.spacing();
    let list_width = (width(chosen) + spacing.icon_width + 4.0 * spacing.button_padding.x).max(spacing.combo_width);
    keep_together(ui, width(name) + spacing.item_spacing.x + list_width);
    let label = ui.label(RichText::new(name).color(colour)).id;
    ComboBox::from_id_salt(name).height(LIST_HEIGHT).selected_text(chosen).show_ui(ui, list).response.labelled_by(label)
}

/// Room that buttons of these texts take beside one another.
pub fn width_of(ui: &Ui, buttons: &[&str]) -> f32 {
    let font = TextStyle::Button.resolve(ui.style());
    let ink = ui.visuals().text_color();
    let spacing = ui.spacing();
    let width = |text: &str| {
        let text = ui.painter().layout_no_wrap(text.to_owned(), font.clone(), ink).size().x;
        text + 2.0 * spacing.button_padding.x + spacing.item_spacing.x
    };
    buttons.iter().map(|text| width(text)).sum::<f32>() - spacing.item_spacing.x
}

/// Begins a new row where less than `width` points are left of this one: what is made of several parts does not break
/// by itself.
pub fn keep_together(ui: &mut Ui, width: f32) {
    let (left, begun) = (ui.max_rect().right() - ui.cursor().left(), ui.cursor().left() > ui.max_rect().left() + 1.0);
    if ui.layout().main_wrap() && begun && left < width {
        ui.end_row();
    }
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
