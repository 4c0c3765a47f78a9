//! Messages: what failed, why, what to do; each stays until it is dismissed.

use egui::{Panel, RichText, Ui};

use crate::session::Trouble;

/// Most messages shown at once; older ones wait until these are dismissed.
const SHOWN: usize = 3;

/// Shows the messages below the top bar.
pub fn show(troubles: &mut Vec<Trouble>, ui: &mut Ui) {
    if troubles.is_empty() {
        return;
    }
    let mut dismissed = None;
    Panel::top("messages").show(ui, |ui| {
        for (index, trouble) in troubles.iter().enumerate().take(SHOWN) {
            ui.horizontal_wrapped(|ui| {
                if ui.button("Dismiss").clicked() {
                    dismissed = Some(index);
                }
                ui.label(RichText::new(format!("{}:", trouble.what)).strong().color(ui.visuals().error_fg_color));
                ui.label(format!("{}. {}", trouble.why.trim_end_matches('.'), trouble.remedy));
            });
        }
        if troubles.len() > SHOWN {
            ui.label(format!("and {} more", troubles.len() - SHOWN));
        }
    });
    if let Some(index) = dismissed {
        troubles.remove(index);
    }
}
