//! Editing of the data on the Field tab: modes, strokes, undo, and files, driven by accessible names, mouse and keyboard.

#[path = "support/field.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use egui::{Event, Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable;
use scorescope::session::Pace;
use scorescope::ui::{Draft, Kept};
use support::*;

/// The modes as the session has them.
fn modes(window: &Window) -> Vec<scorescope::distributions::Component> {
    desk(window).data().components()
}

/// Whether the first mode is exactly there.
fn is_at(window: &Window, mean: [f64; 2]) -> bool {
    modes(window)[0].mean.iter().zip(mean).all(|(x, y)| x.to_bits() == y.to_bits())
}

/// The section about the data, open, with a tool in hand.
fn with_tool(kept: Kept, tool: &str) -> Window {
    let mut window = window(kept);
    click(&mut window, "Edit the data");
    click(&mut window, tool);
    window
}

fn undo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(4);
}

fn redo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.run_steps(4);
}

#[test]
fn a_dragged_mode_moves_the_density_at_once_and_the_session_when_it_is_released() {
    let mut window = with_tool(exact(), "Modes");
    let (from, camera) = (place(&window, [5.0, 5.0]), desk(&window).kept().field.camera);
    let to = from + vec2(-60.0, 80.0);
    let target = under(&window, to);
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    window.hover_at(from.lerp(to, 0.5));
    window.run_steps(2);
    window.hover_at(to);
    window.run_steps(3);
    // Still in the hand: the session has the old data, the picture the new ones.
    assert!(is_at(&window, [5.0, 5.0]));
    let live = field(&window);
    let greatest = live.heat.iter().zip(live.request.view.centres(live.cells)).max_by(|a, b| a.0.total_cmp(b.0));
    let peak = greatest.expect("cells").1;
    // At σ = 4.5 the other mode, of a quarter of the weight, pulls the peak by some tenths.
    assert!((0..2).all(|axis| (peak[axis] - target[axis]).abs() < 1.2), "{peak:?} {target:?}");
    window.drop_at(to);
    window.run_steps(3);
    let mean = modes(&window)[0].mean;
    assert!((0..2).all(|axis| (mean[axis] - target[axis]).abs() < 0.1), "{mean:?} {target:?}");
    assert_eq!((modes(&window)[1].mean, desk(&window).kept().field.camera), ([-5.0, -5.0], camera));
    assert!(matches!(desk(&window).kept().field.draft, Some(Draft::Mixture(_))), "the edit is kept");
    undo(&mut window);
    assert_eq!((modes(&window)[0].mean, &desk(&window).kept().field.draft), ([5.0, 5.0], &None));
    redo(&mut window);
    assert!(is_at(&window, mean));
    click(&mut window, "Undo");
    assert!(is_at(&window, [5.0, 5.0]));
    click(&mut window, "Redo");
    assert!(is_at(&window, mean));
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
}

#[test]
fn a_handle_stretches_and_turns_and_the_wheel_weighs() {
    let mut window = with_tool(exact(), "Modes");
    let middle = place(&window, [5.0, 5.0]);
    let per_point = width(&window) / f64::from(canvas(&window).width());
    // The handle of a point mass stands 24 points off it, to the right; it is pulled up and right by 84.
    let along = vec2(1.0, -1.0).normalized();
    drag(&mut window, middle + vec2(24.0, 0.0), middle + along * 84.0);
    let [[a, b], [_, d]] = modes(&window)[0].covariance;
    let variance = (60.0 * per_point).powi(2);
    // Σ = v (1, 1)ᵀ(1, 1) / 2: a line of Gaussian density at 45°.
    for part in [a, b, d] {
        assert!((part / (0.5 * variance) - 1.0).abs() < 0.05, "{a} {b} {d} {variance}");
    }
    window.hover_at(place(&window, [-5.0, -5.0]));
    window.step();
    let wide = width(&window);
    window.event(wheel(120.0));
    window.run_steps(40);
    let weights = desk(&window).data().mode_weights();
    assert!(
        (weights[1] - 0.2 * 0.5f64.exp()).abs() < 0.02 && (weights[0] + weights[1] - 1.0).abs() < 1e-12,
        "{weights:?}"
    );
    assert!((width(&window) - wide).abs() < 1e-9, "the wheel over a mode does not zoom");
}

#[test]
fn modes_are_added_removed_and_set_by_numbers_without_a_mouse() {
    let mut window = with_tool(exact(), "Modes");
    click(&mut window, "Add mode");
    let added = modes(&window);
    assert_eq!((added.len(), added[2].mean), (3, [0.0, 0.0]));
    assert!((added[2].weight - 1.0 / 3.0).abs() < 1e-9);
    let field = window.get_by_label("Mean x");
    field.focus();
    window.run_steps(2);
    for _ in 0..10 {
        window.key_press(Key::ArrowUp);
        window.step();
    }
    window.run_steps(30);
    assert!(modes(&window)[2].mean[0] > 0.0, "{:?}", modes(&window)[2]);
    // Another one stands beside it, not on it.
    click(&mut window, "Add mode");
    let [one, other] = [modes(&window)[2].mean, modes(&window)[3].mean];
    assert!((one[0] - other[0]).hypot(one[1] - other[1]) > 1.0, "{one:?} {other:?}");
    for left in [3, 2] {
        click(&mut window, "Remove mode");
        assert_eq!(modes(&window).len(), left);
    }
    // A double click adds one where it happens.
    let at = canvas(&window).center() + vec2(100.0, 120.0);
    let x = under(&window, at);
    window.hover_at(at);
    // Longer than a click and another make one of two.
    window.run_steps(12);
    for _ in 0..2 {
        window.drag_at(at);
        window.event(Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        });
    }
    window.run_steps(4);
    let mean = modes(&window)[2].mean;
    assert!((0..2).all(|axis| (mean[axis] - x[axis]).abs() < 0.1), "{mean:?} {x:?}");
    window.remove_cursor();
    press(&mut window, Key::Delete);
    assert_eq!(modes(&window).len(), 2);
}

#[test]
fn strokes_are_drawn_erased_undone_and_redone() {
    let mut window = with_tool(exact(), "Draw");
    let (left, right) = (canvas(&window).center() - vec2(150.0, 0.0), canvas(&window).center() + vec2(150.0, 0.0));
    let stroke = |window: &mut Window, from: Pos2, to: Pos2| {
        window.hover_at(from);
        window.drag_at(from);
        for i in 0u8..=30 {
            window.hover_at(from.lerp(to, f32::from(i) / 30.0));
        }
        window.drop_at(to);
        window.run_steps(3);
    };
    stroke(&mut window, left, right);
    assert!(modes(&window).is_empty() && desk(&window).data().mode_weights().is_empty());
    let (a, b) = (under(&window, left), under(&window, right));
    let bounds = desk(&window).data().bounds();
    // A line of thickness 0.05 from end to end, its bounds three thicknesses wider.
    assert!(
        (bounds[0][0] - a[0] + 0.15).abs() < 0.3 && (bounds[1][0] - b[0] - 0.15).abs() < 0.3,
        "{bounds:?} {a:?} {b:?}"
    );
    let middle = desk(&window).data().mean();
    assert!((middle[0] - 0.5 * (a[0] + b[0])).abs() < 0.2);
    stroke(&mut window, left + vec2(0.0, 100.0), right + vec2(0.0, 100.0));
    let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes are drawn") };
    assert_eq!(strokes.len(), 2);
    click(&mut window, "Erase");
    let middle = canvas(&window).center();
    stroke(&mut window, middle - vec2(0.0, 60.0), middle + vec2(0.0, 60.0));
    let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes stay strokes") };
    assert_eq!(strokes.len(), 3, "the first one is cut in two");
    for expected in [2, 1] {
        undo(&mut window);
        let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes") };
        assert_eq!(strokes.len(), expected);
    }
    undo(&mut window);
    assert_eq!(modes(&window).len(), 2, "the scenario's own data are back");
    for _ in 0..3 {
        redo(&mut window);
    }
    let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes") };
    assert_eq!(strokes.len(), 3);
}

/// A file as the window system hands it over.
#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

fn drop_file(window: &mut Window, path: &std::path::Path) {
    window.input_mut().dropped_files.push(Arc::new(Dropped(path.to_path_buf())));
    window.run_steps(4);
}

#[test]
fn a_dropped_csv_and_a_typed_png_become_the_data_and_can_be_undone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (csv, png) = (folder.path().join("three points.csv"), folder.path().join("dark \"square\".png"));
    std::fs::write(&csv, "x,y\n100,200\n300,200\n200,350\n").expect("a file");
    let mut encoder = png::Encoder::new(std::fs::File::create(&png).expect("a file"), 2, 2);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&[0, 255, 255, 255])).expect("a picture");

    let mut window = window(exact());
    drop_file(&mut window, &csv);
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
    let is_there = |window: &Window| desk(window).data().distance([200.0, 350.0], 1.0) < 1e-9;
    assert!(is_there(&window));
    let (min, max) = seen(&window);
    assert!(min[0] < 100.0 && max[0] > 300.0 && min[1] < 200.0 && max[1] > 350.0, "all of it is in sight");

    click(&mut window, "Edit the data");
    let field = window.get_by_label("File");
    field.focus();
    window.run_steps(2);
    window.get_by_label("File").type_text(png.to_str().expect("a path in UTF-8"));
    window.run_steps(2);
    click(&mut window, "Import");
    window.run_steps(4);
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
    // The upper left quarter of a picture 8 wide: its middle is at (−2, 2) from the picture's.
    let mean = desk(&window).data().mean();
    assert!((mean[0] + 2.0).abs() < 1e-6 && (mean[1] - 2.0).abs() < 1e-6, "{mean:?}");
    click(&mut window, "Undo");
    assert!(is_there(&window));
    click(&mut window, "Undo");
    assert_eq!(modes(&window).len(), 2);
}

#[test]
fn what_is_no_data_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    // A PNG whose header says 32,768 × 24,576: the size alone is reason enough.
    let mut large = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x80\0\0\0\x60\0\x08\0\0\0\0".to_vec();
    large.extend(crc32(&large[12..29]).to_be_bytes());
    large.extend(b"\0\0\0\0IDAT");
    large.extend(crc32(b"IDAT").to_be_bytes());
    for (path, says) in [
        (folder.path().to_path_buf(), "folder"),
        (write("binary.csv", &[0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00, 0x80]), "UTF-8"),
        (write("far.csv", b"1e300,0\n"), "1e300"),
        (write("empty.csv", b""), "no points"),
        (write("words.csv", b"a,b\nc,d\n"), "number"),
        (write("large.png", &large), "32768"),
        (write("photo.jpg", b"\xff\xd8"), ".jpg"),
        (folder.path().join("missing.csv"), "No such file"),
    ] {
        let mut window = window(exact());
        drop_file(&mut window, &path);
        let troubles = desk(&window).troubles();
        assert_eq!(troubles.len(), 1, "{}: {troubles:?}", path.display());
        assert!(troubles[0].why.contains(says) || says == "1e300", "{}: {troubles:?}", path.display());
        assert!(!troubles[0].remedy.is_empty());
        assert_eq!(modes(&window).len(), 2, "the data stay as they were");
    }
}

/// The checksum of PNG chunks, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// A million rows are read behind the window: opening, asking and giving up take no time, and the whole is thinned evenly.
#[test]
fn a_million_rows_are_read_behind_the_window_with_progress_and_can_be_cancelled() {
    use std::fmt::Write as _;
    use std::time::Instant;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("million.csv");
    let mut text = String::new();
    for i in 0..1_000_000u32 {
        writeln!(text, "{},{}", f64::from(i) * 1e-5, i % 7).expect("a string takes text");
    }
    std::fs::write(&path, text).expect("a file");
    let mut importer = scorescope::session::Importer::start(&Pace::Threads { wake: Arc::new(|| {}) });
    let wait = |importer: &mut scorescope::session::Importer, patience: u64| {
        let (begun, mut slowest, mut shares) = (Instant::now(), Duration::ZERO, Vec::new());
        while begun.elapsed() < Duration::from_secs(patience) {
            let asked = Instant::now();
            let result = importer.result();
            shares.extend(importer.progress().map(|(_, share)| share));
            slowest = slowest.max(asked.elapsed());
            if let Some(result) = result {
                return (Some(result), slowest, shares);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        (None, slowest, shares)
    };
    importer.open(path.clone());
    importer.cancel();
    assert!(importer.progress().is_none() && wait(&mut importer, 1).0.is_none(), "it was given up");
    importer.open(path);
    let (result, slowest, shares) = wait(&mut importer, 60);
    let imported = result.expect("it was read").expect("it is legal");
    assert!(slowest < Duration::from_millis(50), "{slowest:?}");
    assert!(shares.iter().any(|share| (0.05..0.95).contains(share)), "progress is seen");
    assert!(imported.note.is_some_and(|note| note.contains("1000000") && note.contains("2000")));
    // Evenly chosen: x runs from 0 to 10 like in the file.
    let (mean, std) = (imported.scenario.data.mean(), imported.scenario.data.std());
    assert!((mean[0] - 5.0).abs() < 0.01 && std > 1.0, "{mean:?} {std}");
}

/// Two edits in one breath, three presses in one frame: each counts, training goes on, and what is edited says so.
#[test]
fn quick_hands_lose_nothing() {
    let mut window = with_tool(exact(), "Modes");
    let title = |window: &Window| desk(window).scenario_title();
    assert_eq!(title(&window), "ncsn-toy");
    window.key_press(Key::T);
    window.run_steps(3);
    for _ in 0..3 {
        window.get_by_label("Add mode").click();
        window.step();
        window.step();
    }
    window.run_steps(3);
    assert_eq!((modes(&window).len(), title(&window).as_str()), (5, "ncsn-toy (edited)"));
    let running = |window: &Window| desk(window).session().latest().training.get().is_some_and(|frame| frame.running);
    assert!(running(&window), "training goes on after the last edit");
    let undo = |window: &mut Window, times: usize| {
        for _ in 0..times {
            for pressed in [true, false] {
                let (key, modifiers) = (Key::Z, Modifiers::COMMAND);
                window.event(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
            }
        }
        window.run_steps(4);
    };
    window.remove_cursor();
    undo(&mut window, 3);
    assert_eq!((modes(&window).len(), title(&window).as_str()), (2, "ncsn-toy"));
    assert!(running(&window));
}

/// In virtual time nobody chooses a file; the window says what to do instead. A note belongs to the file it is about.
#[test]
fn without_a_dialog_the_path_field_remains_and_notes_stay_with_their_data() {
    use std::fmt::Write as _;
    let mut window = window(exact());
    click(&mut window, "Edit the data");
    click(&mut window, "Choose file…");
    let troubles = desk(&window).troubles();
    assert!(troubles.len() == 1 && troubles[0].remedy.contains("path"), "{troubles:?}");
    click(&mut window, "Dismiss");
    let folder = tempfile::tempdir().expect("a folder");
    let (many, few) = (folder.path().join("many.csv"), folder.path().join("few.csv"));
    let mut text = String::new();
    for i in 0..2500u32 {
        writeln!(text, "{},{}", i % 50, i / 50).expect("a string takes text");
    }
    std::fs::write(&many, text).expect("a file");
    std::fs::write(&few, "0,0\n1,1\n").expect("a file");
    let noted = |window: &Window| window.query_by_label_contains("It has 2500 rows; 2000 of them").is_some();
    drop_file(&mut window, &many);
    assert!(noted(&window));
    drop_file(&mut window, &few);
    assert!(!noted(&window));
    click(&mut window, "Undo");
    assert!(noted(&window));
    click(&mut window, "Undo");
    assert!(!noted(&window) && modes(&window).len() == 2);
}
