//! Which processor computes.

use egui::Ui;

use crate::session::Device;

/// Every choice with its name.
const DEVICES: [(Device, &str); 3] = [(Device::Auto, "Auto"), (Device::Cpu, "CPU"), (Device::Gpu, "GPU")];

/// Draws the choice; `meanings` says in the same order what each is good for.
pub fn choice(ui: &mut Ui, device: &mut Device, meanings: [&str; 3]) {
    let title = DEVICES.iter().find(|(other, _)| other == device).map_or("", |(_, title)| title);
    super::choice(ui, "Device", title, |ui| {
        for ((other, title), meaning) in DEVICES.into_iter().zip(meanings) {
            ui.selectable_value(device, other, title).on_hover_text(meaning);
        }
    });
}
