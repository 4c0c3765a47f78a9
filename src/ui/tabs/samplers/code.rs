//! A sampler's own source, read inside the program.

use egui::text::{LayoutJob, TextFormat};
use egui::{FontId, ScrollArea, TextStyle, Ui, Window, vec2};

use crate::samplers::find;
use crate::ui::desk::Desk;
use crate::ui::theme::Palette;

/// Draws the window, where somebody asked for it.
pub fn show(desk: &mut Desk, ui: &Ui) {
    let Some(entry) = desk.moment.code_of.and_then(|name| find(name).ok()) else { return };
    let (mut open, screen) = (true, ui.ctx().content_rect());
    Window::new(format!("Source of {}", entry.title))
        .open(&mut open)
        .default_size(vec2(760.0, 520.0).min(screen.size() - vec2(60.0, 100.0)))
        .max_size(screen.size() - vec2(40.0, 60.0))
        .default_pos(screen.min + vec2(30.0, 60.0))
        .show(ui.ctx(), |ui| {
            ui.horizontal_wrapped(|ui| {
                if ui.button("Close source").clicked() {
                    desk.moment.code_of = None;
                }
                if ui.button("Copy source").clicked() {
                    ui.ctx().copy_text(entry.code.to_owned());
                }
                ui.label(entry.paper);
            });
            ScrollArea::both().auto_shrink(false).show(ui, |ui| {
                let font = TextStyle::Monospace.resolve(ui.style());
                ui.add(egui::Label::new(coloured(entry.code, &font, &desk.palette)).extend().selectable(true));
            });
        });
    if !open {
        desk.moment.code_of = None;
    }
}

/// Comments in another colour than code.
fn coloured(code: &str, font: &FontId, palette: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    for line in code.split_inclusive('\n') {
        let comment = line.trim_start().starts_with("//");
        let colour = if comment { palette.curve.color } else { palette.text };
        job.append(line, 0.0, TextFormat::simple(font.clone(), colour));
    }
    job
}
