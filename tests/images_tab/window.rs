//! A window on the Images tab in virtual time, a small network, and what the executor alone makes of the same seed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use scorescope::samplers::{Run, Value, find};
use scorescope::scenario::Sampling;
use scorescope::session::{Device, ImageModel, ImagesFrame, LookFrame, Pace, Pool};
use scorescope::ui::{Desk, ImageChoices, Kept, Tab};

use super::folder;

pub type Window = Harness<'static, Option<Desk>>;

/// Height and width of the images.
pub const SIDE: usize = 16;

/// A folder with a small network, and one without any.
pub struct Folders {
    root: tempfile::TempDir,
}

impl Folders {
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder for the test");
        for name in ["model", "empty"] {
            std::fs::create_dir(root.path().join(name)).expect("a folder");
        }
        folder::model("cifar10").write(&root.path().join("model"), str::to_owned);
        Self { root }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Four images of 16 × 16 by Heun's method in three steps.
    pub fn kept(&self) -> Kept {
        let images = ImageChoices {
            folder: self.path("model").display().to_string(),
            side: SIDE,
            device: Device::Cpu,
            knobs: [("steps".to_owned(), Value::Number(3.0))].into(),
            count: 4,
            seed: 5,
            ..ImageChoices::default()
        };
        Kept { tab: Tab::Images, images, ..Kept::default() }
    }

    pub fn network(&self) -> ImageModel {
        let opened = ImageModel::open(&self.path("model"), Some([SIDE; 2]), Device::Cpu, None, &Arc::new(Pool::of(2)));
        opened.expect("a model")
    }
}

pub fn window_of(kept: Kept, size: [f32; 2], zoom: f32) -> Window {
    let draw = move |ui: &mut egui::Ui, desk: &mut Option<Desk>| {
        let pace = || Pace::Virtual { training_steps: 1, frame: Duration::from_millis(40) };
        let desk = desk.get_or_insert_with(|| Desk::open(ui.ctx(), kept.clone(), None, 1, pace()));
        desk.tick();
        desk.ui(ui);
    };
    let builder = Harness::builder().with_size(egui::Vec2::from(size) / zoom).with_pixels_per_point(zoom);
    let mut window = builder.build_ui_state(draw, None);
    window.run_steps(3);
    window
}

pub fn window(kept: Kept) -> Window {
    window_of(kept, [1280.0, 800.0], 1.0)
}

pub fn desk(window: &Window) -> &Desk {
    window.state().as_ref().expect("the first frame opens the desk")
}

pub fn frame(window: &Window) -> Arc<ImagesFrame> {
    desk(window).images().latest().samples.get().expect("a model is open")
}

pub fn look(window: &Window) -> Arc<LookFrame> {
    desk(window).images().latest().look.get().expect("an image is looked at")
}

pub fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(3);
}

pub fn choose(window: &mut Window, list: &str, entry: &str) {
    click(window, list);
    click(window, entry);
}

/// What the executor alone makes of the same seed.
pub fn expected(network: &ImageModel, sampler: &str, knobs: &[(&str, f64)], count: usize) -> Run {
    let entry = find(sampler).expect("it is listed");
    let given = knobs.iter().map(|(name, value)| (*name, Value::Number(*value)));
    let settings = entry.settings(&network.scale(), given).expect("settings");
    network.run(&Sampling { entry, settings }, 5, count).expect("a run")
}
