//! Files that are dropped on the window, and what becomes of them.

use crate::ui::Desk;

/// Takes what was dropped and what was read. Called in every frame, whatever tab is in front.
pub fn files(desk: &mut Desk) {
    let dropped = desk.ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_path_buf()));
    if let Some(path) = dropped {
        desk.importer.open(path);
    }
    match desk.importer.result() {
        None => {}
        Some(Ok(imported)) => {
            desk.settle();
            desk.edit(imported.scenario, None);
            desk.field.editor.note = imported.note;
        }
        Some(Err(trouble)) => desk.troubles.push(trouble),
    }
}
