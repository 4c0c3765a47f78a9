//! The picture of the window as a file, asked for by accessible names and keys. Wants a Vulkan driver; software will do.

#[path = "support/field.rs"]
mod support;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use scorescope::ui::Kept;
use support::*;

/// Opens the form by Ctrl+E and types another path over the one that is offered.
fn to(window: &mut Window, path: &std::path::Path) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::E);
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    let field = window.get_by_label("Picture file (PNG)");
    field.type_text(path.to_str().expect("a path in UTF-8"));
    window.run_steps(2);
}

fn pixels(path: &std::path::Path) -> (u32, u32, Vec<u8>) {
    let file = std::io::BufReader::new(std::fs::File::open(path).expect("the picture is there"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let mut rgb = vec![0; reader.output_buffer_size().expect("a small picture")];
    let frame = reader.next_frame(&mut rgb).expect("one frame");
    (frame.width, frame.height, rgb)
}

/// What is in the file is what the window shows once the form is gone, pixel by pixel.
#[test]
fn the_picture_is_the_window_without_the_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = sized(exact(), egui::vec2(480.0, 360.0));
    let before = window.render().expect("an adapter");
    to(&mut window, &folder.path().join("of the class"));
    window.key_press(Key::Enter);
    window.run_steps(5);
    let path = folder.path().join("of the class.png");
    let (width, height, rgb) = pixels(&path);
    assert_eq!((width, height), (480, 360));
    let same = before.pixels().zip(rgb.chunks(3)).filter(|(before, after)| before.0[..3] == **after).count();
    assert!(same == 480 * 360, "{} pixels differ", 480 * 360 - same);
    assert_eq!(desk(&window).notice(), Some(format!("The picture of the window is in {}", path.display()).as_str()));
    assert!(desk(&window).kept().picture.ends_with("of the class_2.png"), "{}", desk(&window).kept().picture);
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
    click(&mut window, "OK");
    assert_eq!(desk(&window).notice(), None);
}

#[test]
fn what_cannot_be_written_is_a_message_and_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let there = folder.path().join("there.png");
    std::fs::write(&there, b"of last week").expect("a file");
    let kept = Kept { picture: there.to_str().expect("a path in UTF-8").to_owned(), ..exact() };
    let mut window = sized(kept, egui::vec2(480.0, 360.0));
    let refused = |window: &mut Window, says: &str| {
        click(window, "Save picture");
        window.run_steps(4);
        let troubles = desk(window).troubles();
        assert!(troubles.len() == 1 && troubles[0].why.contains(says), "{says}: {troubles:?}");
        click(window, "Dismiss");
    };
    click(&mut window, "Export picture…");
    refused(&mut window, "there already");
    for (path, says) in [("no/folder/p.png", "folder does not exist"), ("p.gif", "ends in .gif")] {
        to(&mut window, &folder.path().join(path));
        refused(&mut window, says);
    }
    assert_eq!(std::fs::read(&there).expect("it is there"), b"of last week");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing is left over");
    to(&mut window, &there);
    click(&mut window, "Replace");
    click(&mut window, "Save picture");
    window.run_steps(4);
    assert_eq!(pixels(&there).0, 480);
    // In virtual time nobody chooses a place.
    to(&mut window, &there);
    click(&mut window, "Choose place…");
    assert!(desk(&window).troubles()[0].what.contains("dialog"));
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert!(window.query_by_label("Save picture").is_none());
}
