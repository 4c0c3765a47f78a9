//! The window's own picture as a file: a form for its name, and the picture itself once the form is gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Align2, Button, Color32, ColorImage, Key, ScreenshotCallback, TextEdit, Ui, ViewportCommand, Window, vec2};

use crate::output::Picture;
use crate::session::{Export, Purpose, Slot};
use crate::ui::desk::Desk;

/// The form, and the picture on its way.
#[derive(Default)]
pub struct Form {
    /// Whether the form is on the screen.
    open: bool,
    /// Whether it was opened a moment ago: the path gets the keyboard.
    fresh: bool,
    replace: bool,
    /// Where the next picture goes, and whether it may replace another.
    wanted: Option<(PathBuf, bool)>,
    /// The same for the picture that is being taken, and where it will be found.
    taking: Option<(PathBuf, bool, Arc<Slot<Picture>>)>,
}

/// The path that is offered first.
pub fn first_path() -> String {
    std::env::home_dir().unwrap_or_default().join("scorescope.png").to_string_lossy().into_owned()
}

/// The button of the top bar.
pub fn button(desk: &mut Desk, ui: &mut Ui) {
    if ui.button("Export picture…").on_hover_text("This window as a PNG file: Ctrl+E").clicked() {
        desk.open_export();
    }
}

/// Takes the picture that was asked for, hands it on, and tells what came of it. Called before anything is drawn.
pub fn tend(desk: &mut Desk) {
    if let Some((path, replace)) = desk.export.wanted.take() {
        let (slot, ctx) = (Arc::new(Slot::default()), desk.ctx.clone());
        let found = Arc::clone(&slot);
        let taken = move |image: Arc<ColorImage>| {
            found.put(picture(&image));
            ctx.request_repaint();
        };
        desk.export.taking = Some((path, replace, slot));
        desk.ctx.send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(taken)));
        desk.ctx.request_repaint();
    }
    if let Some((path, replace, slot)) = desk.export.taking.take() {
        match slot.take() {
            Some(picture) => desk.exporter.write(Export { picture, path, replace }),
            None => desk.export.taking = Some((path, replace, slot)),
        }
    }
    match desk.exporter.result() {
        None => {}
        Some(Ok(path)) => {
            desk.notice = Some(format!("The picture of the window is in {}", path.display()));
            desk.kept.picture = next(&path).to_string_lossy().into_owned();
        }
        Some(Err(trouble)) => desk.troubles.push(trouble),
    }
}

/// A screen's pixels as a picture.
fn picture(image: &ColorImage) -> Picture {
    // No screen has more pixels than 32 bits count.
    let [width, height] = image.size.map(|side| u32::try_from(side).unwrap_or(0));
    Picture { width, height, rgba: image.pixels.iter().flat_map(Color32::to_array).collect() }
}

/// The name after this one: a class takes many pictures.
fn next(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let numbered = stem.rsplit_once('_').and_then(|(name, number)| Some((name, number.parse::<u32>().ok()?)));
    let (name, number) = numbered.unwrap_or((&stem, 1));
    path.with_file_name(format!("{name}_{}.png", number.saturating_add(1)))
}

/// Draws the form, where somebody asked for it.
pub fn show(desk: &mut Desk, ui: &Ui) {
    if !desk.export.open {
        return;
    }
    let screen = ui.ctx().content_rect();
    Window::new("Export picture")
        .collapsible(false)
        .resizable(false)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 60.0))
        .default_width((460.0 * desk.kept.theme.scale()).min(screen.width() - 40.0))
        .show(ui.ctx(), |ui| form(desk, ui));
}

/// Path, dialog, and the two ways out: with a picture or without.
fn form(desk: &mut Desk, ui: &mut Ui) {
    let label = ui.label("Picture file (PNG)").id;
    let field = ui.add(TextEdit::singleline(&mut desk.kept.picture).desired_width(f32::INFINITY)).labelled_by(label);
    if std::mem::take(&mut desk.export.fresh) {
        field.request_focus();
    }
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let left = ui.input(|input| input.key_pressed(Key::Escape));
    let named = !desk.kept.picture.trim().is_empty();
    ui.horizontal_wrapped(|ui| {
        if ui.add_enabled(!desk.dialog.is_open(), Button::new("Choose place…")).clicked() {
            desk.dialog.ask(Purpose::Export, Path::new(desk.kept.picture.trim()));
        }
        ui.checkbox(&mut desk.export.replace, "Replace")
            .on_hover_text("Also where a file of this name is there already");
    });
    ui.horizontal_wrapped(|ui| {
        if ui.add_enabled(named, Button::new("Save picture")).clicked() || entered && named {
            desk.take_picture(desk.kept.picture.trim().into(), desk.export.replace);
        }
        if ui.button("Close without a picture").clicked() || left {
            desk.export.open = false;
        }
    });
}

impl Desk {
    /// Opens the form.
    pub(in crate::ui) fn open_export(&mut self) {
        (self.export.open, self.export.fresh) = (true, true);
    }

    /// Exports to a place that was chosen in the system's dialog, which asks itself whether a file may be replaced.
    pub(in crate::ui) fn export_to(&mut self, path: PathBuf) {
        self.kept.picture = path.to_string_lossy().into_owned();
        self.take_picture(path, true);
    }

    /// Closes the form, so that the next frame is the picture.
    fn take_picture(&mut self, path: PathBuf, replace: bool) {
        self.export.open = false;
        self.export.wanted = Some((path, replace));
        self.ctx.request_repaint();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_counted() {
        for (name, after) in
            [("a.png", "a_2.png"), ("a_2.png", "a_3.png"), ("ring-8.png", "ring-8_2.png"), ("a_b.png", "a_b_2.png")]
        {
            assert_eq!(next(Path::new("/x").join(name).as_path()), Path::new("/x").join(after));
        }
    }
}
