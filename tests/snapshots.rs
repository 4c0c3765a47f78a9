//! Every tab as it looks, in every theme and at two sizes, against pictures kept in tests/snapshots. After a change that is
//! meant, `UPDATE_SNAPSHOTS=1 cargo test --test snapshots` draws them anew: look at each. Wants a Vulkan driver.

use std::time::Duration;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use scorescope::samplers::Value;
use scorescope::scenario::Scenario;
use scorescope::session::{Device, Pace};
use scorescope::ui::{Desk, FieldChoices, ImageChoices, Kept, PaneChoice, Showing, Tab, Theme};

#[path = "unet/folder.rs"]
#[allow(dead_code, reason = "one model of many is taken")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers are made in f64 and used in f32"
)]
mod folder;

const THEMES: [(Theme, &str); 3] = [(Theme::Dark, "dark"), (Theme::Light, "light"), (Theme::Projector, "projector")];
const SIZES: [[u16; 2]; 2] = [[1280, 800], [1920, 1080]];

/// Pixels that may differ, of a million: edges of some arrows and letters differ from one driver to the next.
const MOST_DIFFERENT: usize = 100;

/// The scene in every theme and size, each once `set` has been called with it.
fn compare(name: &str, kept: &Kept, set: fn(&mut Harness<'static, Option<Desk>>)) {
    let mut results = SnapshotResults::new();
    for (theme, theme_name) in THEMES {
        for [width, height] in SIZES {
            let kept = Kept { theme, scenario: "ring-8".to_owned(), ..kept.clone() };
            let draw = move |ui: &mut egui::Ui, desk: &mut Option<Desk>| {
                let open = || {
                    let pace = Pace::Virtual { training_steps: 2, frame: Duration::from_millis(40) };
                    let mut scenario = Scenario::load("ring-8").expect("a bundled scenario");
                    scenario.view.particles = 600;
                    Desk::open(ui.ctx(), kept.clone(), Some(scenario), 7, pace)
                };
                let desk = desk.get_or_insert_with(open);
                desk.tick();
                desk.ui(ui);
            };
            let size = egui::vec2(f32::from(width), f32::from(height));
            let mut window = Harness::builder().with_size(size).with_step_dt(0.04).build_ui_state(draw, None);
            window.run_steps(5);
            set(&mut window);
            window.run_steps(8);
            let most = MOST_DIFFERENT * usize::from(width) * usize::from(height) / 1_000_000;
            let options = SnapshotOptions::new().max_failed_pixels(most);
            let picture = format!("{name}-{theme_name}-{width}x{height}");
            results.add(window.try_snapshot_options(picture, &options));
        }
    }
}

/// A network after some steps, with the lines of equal density. (At a small σ most of the canvas is of one
/// colour, and the pictures are small.)
#[test]
fn the_field_tab_looks_as_it_did() {
    let field = FieldChoices { contours: true, ..FieldChoices::default() };
    compare("field", &Kept { sigma: Some(0.15), field, ..Kept::default() }, |window| {
        let desk = window.state_mut().as_mut().expect("the first frame opens the desk");
        desk.start(false);
        window.run_steps(10);
        window.state_mut().as_mut().expect("it is open").toggle_training();
    });
}

/// Four samplers at the same price, near the end of their runs.
#[test]
fn the_samplers_tab_looks_as_it_did() {
    let panes = ["annealed", "heun", "ddim", "predictor-corrector"].map(PaneChoice::of).to_vec();
    let samplers = Showing { equal_nfe: true, knobs_of: Some(1), ..Showing::default() };
    compare("samplers", &Kept { tab: Tab::Samplers, panes, samplers, ..Kept::default() }, |window| {
        window.state_mut().as_mut().expect("the first frame opens the desk").scrub_to(0.8);
    });
}

/// Images of a network that never learned, denoised and at their end; the third under noise, with the knobs of its sampler.
#[test]
fn the_images_tab_looks_as_it_did() {
    let model = tempfile::tempdir().expect("a folder for the test");
    folder::model("cifar10").write(model.path(), str::to_owned);
    let images = ImageChoices {
        folder: model.path().display().to_string(),
        side: 16,
        device: Device::Cpu,
        knobs: [("steps".to_owned(), Value::Number(4.0))].into(),
        shows_knobs: true,
        count: 6,
        denoised: true,
        ..ImageChoices::default()
    };
    compare("images", &Kept { tab: Tab::Images, images, ..Kept::default() }, |window| {
        for name in ["Open model", "Play"] {
            window.get_by_label(name).click();
            window.run_steps(6);
        }
        window.get_by_label("Denoised image 3").click();
        // The folder is another each time.
        window.get_by_role_and_label(Role::TextInput, "Model").focus();
        window.run_steps(2);
        window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        window.get_by_role_and_label(Role::TextInput, "Model").type_text("models/small");
        window.run_steps(2);
        window.key_press(egui::Key::Escape);
        window.remove_cursor();
    });
}
