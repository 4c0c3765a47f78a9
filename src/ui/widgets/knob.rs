//! A knob of a sampler: a switch, a list, or a number with its slider.

use egui::{DragValue, Slider, SliderClamping, Ui};

use crate::samplers::{Kind, Knob, Value};

/// A whole number whose greatest is beyond this many times its least has a logarithmic slider.
const LOGARITHMIC: usize = 50;

/// One knob under its name; its new value, where somebody turned it.
pub fn control(ui: &mut Ui, knob: &'static Knob, value: &Value) -> Option<Value> {
    let unit = if knob.unit.is_empty() { String::new() } else { format!(" ({})", knob.unit) };
    let tip = format!("{}. {}{unit}", knob.meaning.trim_end_matches('.'), sentence(&knob.kind));
    match (value, &knob.kind) {
        (Value::Switch(on), Kind::Switch) => {
            let mut on = *on;
            ui.checkbox(&mut on, knob.title).on_hover_text(tip).changed().then_some(Value::Switch(on))
        }
        (Value::Word(word), Kind::Choice(words)) => {
            let mut chosen = None;
            ui.horizontal_wrapped(|ui| {
                super::choice(ui, knob.title, &shown(word), |ui| {
                    for other in *words {
                        if ui.selectable_label(word == other, shown(other)).clicked() {
                            chosen = Some(Value::Word((*other).to_owned()));
                        }
                    }
                });
            })
            .response
            .on_hover_text(tip);
            chosen
        }
        (Value::Number(number), Kind::Real { .. } | Kind::Count { .. }) => numeric(ui, knob, *number, &tip, &unit),
        _ => None,
    }
}

fn sentence(kind: &Kind) -> String {
    capital(&kind.to_string())
}

/// A word of a choice as it is shown: abbreviations as people write them.
fn shown(word: &str) -> String {
    match word {
        "ve" | "vp" => word.to_uppercase(),
        "subvp" => "sub-VP".to_owned(),
        word => capital(word),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The name, the number to be typed, and a slider over all of its range below.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn numeric(ui: &mut Ui, knob: &Knob, before: f64, tip: &str, unit: &str) -> Option<Value> {
    let (min, max, whole) = match knob.kind {
        Kind::Real { min, max } => (min, max, false),
        Kind::Count { min, max } => (min as f64, max as f64, true),
        Kind::Switch | Kind::Choice(_) => return None,
    };
    let mut number = before;
    let logarithmic = !whole || max > LOGARITHMIC as f64 * min;
    let speed = if whole { (0.01 * before).max(0.1) } else { (0.01 * before).max(1e-4) };
    ui.horizontal(|ui| {
        let label = ui.label(format!("{}{unit}", knob.title)).on_hover_text(tip);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let drag = DragValue::new(&mut number).range(min..=max).speed(speed);
            let drag = if whole { drag.fixed_decimals(0) } else { drag.max_decimals(6) };
            ui.add(drag).labelled_by(label.id).on_hover_text(tip);
        });
    });
    ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(60.0);
    let slider = Slider::new(&mut number, min..=max)
        .logarithmic(logarithmic)
        .smallest_positive(1e-4)
        .clamping(SliderClamping::Always)
        .show_value(false);
    let slider = if whole { slider.step_by(1.0) } else { slider };
    let name = format!("{} slider", knob.title);
    let response = ui.add(slider).on_hover_text(tip);
    response.widget_info(|| egui::WidgetInfo::slider(true, number, &name));
    let number = if whole { number.round() } else { four_digits(number, before) };
    (number.to_bits() != before.to_bits()).then_some(Value::Number(number.clamp(min, max)))
}

/// A number that a slider gives, to four digits: nobody reads more. One that did not move stays as it is.
fn four_digits(number: f64, before: f64) -> f64 {
    if number.to_bits() == before.to_bits() || number == 0.0 {
        return number;
    }
    let unit = 10f64.powf(number.abs().log10().floor() - 3.0);
    (number / unit).round() * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sliders_give_numbers_of_four_digits() {
        assert!((four_digits(0.123_456, 1.0) - 0.1235).abs() < 1e-12);
        assert!((four_digits(98_765.4, 1.0) - 98_770.0).abs() < 1e-6);
        assert!((four_digits(0.123_456, 0.123_456) - 0.123_456).abs() < 1e-15);
    }
}
