//! Files that are dropped on the window or chosen in the system's dialog, and what becomes of them.

use crate::session::{Answer, Purpose};
use crate::ui::Desk;

/// Takes what was dropped, chosen and read. Called in every frame, whatever tab is in front.
pub fn files(desk: &mut Desk) {
    let dropped = desk.ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_path_buf()));
    if let Some(path) = dropped {
        desk.importer.open(path);
    }
    match desk.dialog.answer() {
        None | Some((_, Ok(Answer::Cancelled))) => {}
        Some((Purpose::Import, Ok(Answer::Chosen(path)))) => {
            desk.field.editor.path = path.to_string_lossy().into_owned();
            desk.importer.open(path);
        }
        Some((Purpose::Export, Ok(Answer::Chosen(path)))) => desk.export_to(path),
        Some((_, Ok(Answer::Missing))) => desk.troubles.push(Answer::missing()),
        Some((_, Err(trouble))) => desk.troubles.push(trouble),
    }
    match desk.importer.result() {
        None => {}
        Some(Ok(imported)) => {
            desk.settle();
            desk.edit(imported.scenario, None, imported.note);
        }
        Some(Err(trouble)) => desk.troubles.push(trouble),
    }
}
