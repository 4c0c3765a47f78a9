//! A model by its name on the hub, opened in the tab: fetched behind the window, given up, gone on with, refused.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use scorescope::session::{Device, Pace};
use scorescope::ui::{Desk, ImageChoices, Kept, Tab};

use super::server::{Hub, WEIGHTS, files, sha256};
use super::window::{Window, click, desk, frame};

/// Says to a test that it is alone in its process.
const ALONE: &str = "SCORESCOPE_TEST_ALONE";

/// Runs the test of this name in a process of its own, with this hub and an empty cache; whether this is that process.
fn alone(name: &str, hub: impl FnOnce() -> Hub) -> Option<Hub> {
    if std::env::var_os(ALONE).is_some() {
        return None;
    }
    let (hub, home) = (hub(), tempfile::tempdir().expect("a folder for the test"));
    let mut test = Command::new(std::env::current_exe().expect("the test's own program"));
    test.args(["--exact", name, "--nocapture"]).env(ALONE, "1").env("HF_ENDPOINT", &hub.address);
    let output = test.env("HF_HOME", home.path()).env("HOME", home.path()).output().expect("it starts");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    Some(hub)
}

/// A window with threads of its own, whose field says somebody/model.
fn window() -> Window {
    let images = ImageChoices {
        folder: "somebody/model".to_owned(),
        side: 8,
        device: Device::Cpu,
        count: 1,
        ..ImageChoices::default()
    };
    let kept = Kept { tab: Tab::Images, images, ..Kept::default() };
    let draw = move |ui: &mut egui::Ui, desk: &mut Option<Desk>| {
        let open = || Desk::open(ui.ctx(), kept.clone(), None, 1, Pace::Threads { wake: Arc::new(|| {}) });
        desk.get_or_insert_with(open).ui(ui);
    };
    let mut window = Harness::builder().with_size([1280.0, 800.0]).build_ui_state(draw, None);
    window.run_steps(3);
    window
}

/// Frame after frame until it is so, none of which waits for the hub.
fn until(window: &mut Window, what: &str, so: impl Fn(&Window) -> bool) {
    let begun = Instant::now();
    while !so(window) {
        assert!(begun.elapsed() < Duration::from_mins(1), "{what} did not come: {:?}", desk(window).troubles());
        let frame = Instant::now();
        window.run_steps(1);
        assert!(frame.elapsed() < Duration::from_secs(5), "{what}: a frame waited");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Bytes of the unfinished weights in the cache of this process.
fn unfinished() -> u64 {
    let home = std::env::var_os("HF_HOME").expect("the process has a cache of its own");
    let name = &files(sha256)[WEIGHTS].1;
    let part = std::path::Path::new(&home).join(format!("hub/models--somebody--model/blobs/{name}.part"));
    std::fs::metadata(part).map_or(0, |part| part.len())
}

/// Its second half comes in drops: that is when it is given up; asked for again, only that half is fetched.
#[test]
fn a_model_is_fetched_behind_the_window_given_up_and_gone_on_with() {
    let name = "hub::a_model_is_fetched_behind_the_window_given_up_and_gone_on_with";
    if let Some(hub) = alone(name, || Hub::serve_slowly(files(sha256))) {
        let [first, second] = hub.asked(WEIGHTS)[..] else { panic!("{:?}", hub.asked(WEIGHTS)) };
        let whole = files(sha256)[WEIGHTS].0.len();
        assert!(first == 0 && second >= whole / 2 && second < whole, "{first} {second} of {whole}");
        return;
    }
    let mut window = window();
    click(&mut window, "Open model");
    let half = files(sha256)[WEIGHTS].0.len() as u64 / 2;
    until(&mut window, "half of it", |_| unfinished() >= half);
    until(&mut window, "progress", |window| {
        window.query_by_label_contains("unet/diffusion_pytorch_model.safetensors: ").is_some()
    });
    click(&mut window, "Cancel");
    assert!(window.query_by_label("Cancel").is_none() && desk(&window).troubles().is_empty());
    click(&mut window, "Open model");
    until(&mut window, "the model", |window| window.query_by_label("Play").is_some());
    assert!(desk(&window).troubles().is_empty() && window.query_by_label("Cancel").is_none());
    assert_eq!(frame(&window).model.shape, [3, 8, 8]);
}

#[test]
fn what_comes_with_another_checksum_is_a_message() {
    let name = "hub::what_comes_with_another_checksum_is_a_message";
    if alone(name, || Hub::serve(files(|_| sha256(b"other bytes")))).is_some() {
        return;
    }
    let mut window = window();
    click(&mut window, "Open model");
    until(&mut window, "a message", |window| !desk(window).troubles().is_empty());
    let trouble = &desk(&window).troubles()[0];
    assert!(trouble.why.starts_with("somebody/model: ") && trouble.why.contains("checksum"), "{trouble:?}");
    assert!(trouble.remedy == "Try again." && window.query_by_label("Cancel").is_none(), "{trouble:?}");
}
