//! Messages: what failed, why, what to do, or what was done; each stays until it is dismissed.

use egui::{Panel, RichText, Ui};

use crate::ui::desk::Desk;

/// Most messages shown at once; older ones wait until these are dismissed.
const SHOWN: usize = 3;

/// Shows the messages below the top bar.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    if desk.troubles.is_empty() && desk.notice.is_none() {
        return;
    }
    let (mut dismissed, mut read) = (None, false);
    Panel::top("messages").show(ui, |ui| {
        if let Some(notice) = &desk.notice {
            ui.horizontal_wrapped(|ui| {
                read = ui.button("OK").clicked();
                ui.label(notice);
            });
        }
        for (index, trouble) in desk.troubles.iter().enumerate().take(SHOWN) {
            ui.horizontal_wrapped(|ui| {
                if ui.button("Dismiss").clicked() {
                    dismissed = Some(index);
                }
                ui.label(RichText::new(format!("{}:", trouble.what)).strong().color(ui.visuals().error_fg_color));
                ui.label(format!("{}. {}", trouble.why.trim_end_matches('.'), trouble.remedy));
            });
        }
        if desk.troubles.len() > SHOWN {
            ui.label(format!("and {} more", desk.troubles.len() - SHOWN));
        }
    });
    if let Some(index) = dismissed {
        desk.troubles.remove(index);
    }
    if read {
        desk.notice = None;
    }
}
