//! The Images tab on a small network, driven by accessible names, mouse and keyboard, in virtual time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use scorescope::noise::{Noise, Purpose};
use scorescope::samplers::{Run, Serial, Value, find};
use scorescope::scenario::Sampling;
use scorescope::score::Score;
use scorescope::session::{
    Device, ImageModel, ImageModelChoice, ImageSetting, Images, ImagesCommand, ImagesFrame, Look, LookFrame, Pace, Pool,
};
use scorescope::ui::{Desk, ImageChoices, Kept, Offscreen, Tab, Theme};

#[path = "unet/folder.rs"]
#[allow(dead_code, reason = "one model of many is taken")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers are made in f64 and used in f32"
)]
mod folder;

type Window = Harness<'static, Option<Desk>>;

/// Height and width of the images.
const SIDE: usize = 16;

/// A folder with a small network, and one without any.
struct Folders {
    root: tempfile::TempDir,
}

impl Folders {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder for the test");
        for name in ["model", "empty"] {
            std::fs::create_dir(root.path().join(name)).expect("a folder");
        }
        folder::model("cifar10").write(&root.path().join("model"), str::to_owned);
        Self { root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Four images of 16 × 16 by Heun's method in three steps.
    fn kept(&self) -> Kept {
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

    fn network(&self) -> ImageModel {
        let opened = ImageModel::open(&self.path("model"), Some([SIDE; 2]), Device::Cpu, None, &Arc::new(Pool::of(2)));
        opened.expect("a model")
    }
}

fn window_of(kept: Kept, size: [f32; 2], zoom: f32) -> Window {
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

fn window(kept: Kept) -> Window {
    window_of(kept, [1280.0, 800.0], 1.0)
}

fn desk(window: &Window) -> &Desk {
    window.state().as_ref().expect("the first frame opens the desk")
}

fn frame(window: &Window) -> Arc<ImagesFrame> {
    desk(window).images().latest().samples.get().expect("a model is open")
}

fn look(window: &Window) -> Arc<LookFrame> {
    desk(window).images().latest().look.get().expect("an image is looked at")
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(3);
}

fn choose(window: &mut Window, list: &str, entry: &str) {
    click(window, list);
    click(window, entry);
}

/// What the executor alone makes of the same seed.
fn expected(network: &ImageModel, sampler: &str, knobs: &[(&str, f64)], count: usize) -> Run {
    let entry = find(sampler).expect("it is listed");
    let given = knobs.iter().map(|(name, value)| (*name, Value::Number(*value)));
    let settings = entry.settings(&network.scale(), given).expect("settings");
    network.run(&Sampling { entry, settings }, 5, count).expect("a run")
}

#[test]
fn images_form_as_the_executor_makes_them_and_stop_where_one_pauses() {
    let folders = Folders::new();
    let mut window = window(folders.kept());
    assert!(window.query_by_label_contains("No network of images is open").is_some());
    assert!(window.query_by_label("Play").is_none() && desk(&window).images().latest().samples.get().is_none());
    click(&mut window, "Open model");
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
    choose(&mut window, "Sampler", "Annealed Langevin");
    assert!(window.query_by_label("MALA").is_none(), "a sampler that asks for a density runs on no network");
    choose(&mut window, "Sampler", "DDIM");
    // Turned by its slider: the number of steps that it says is the one that runs.
    click(&mut window, "Knobs");
    assert!(window.query_by_label("Start").is_none() && window.query_by_label("Fresh noise η slider").is_some());
    let slider = window.get_by_label("Steps slider").rect();
    window.drag_at(slider.left_center());
    window.run_steps(2);
    window.drop_at(slider.left_center());
    window.run_steps(2);
    window.get_by_label("Steps slider").focus();
    window.run_steps(2);
    for _ in 0..8 {
        window.key_press(Key::ArrowRight);
        window.run_steps(2);
    }
    let steps = frame(&window).settings.count("steps");
    assert!((8..40).contains(&steps), "{steps}");
    click(&mut window, "Close knobs");
    window.get_by_role_and_label(Role::SpinButton, "Images").focus();
    window.run_steps(2);
    window.key_press(Key::ArrowUp);
    window.run_steps(3);
    #[expect(clippy::cast_precision_loss, reason = "a few dozen steps")]
    let mut run = expected(&folders.network(), "ddim", &[("steps", steps as f64)], 5);
    assert_eq!((frame(&window).setting.count, frame(&window).x.as_slice()), (5, run.positions()));

    click(&mut window, "Step");
    assert_eq!((frame(&window).done, frame(&window).playing), (1, false));
    click(&mut window, "Play");
    let done = frame(&window).done;
    assert!(done > 1 && frame(&window).playing, "{done}");
    click(&mut window, "Pause");
    let paused = frame(&window).done;
    window.run_steps(3);
    let shown = frame(&window);
    assert!(!shown.playing && shown.done == paused && paused < shown.updates, "{done} {paused} {}", shown.done);
    let network = folders.network();
    run.advance(&network.score, paused, &Serial);
    assert!(shown.x == run.positions() && shown.nfe == run.nfe());
    // Virtual time makes an update a frame.
    window.key_press(Key::Space);
    window.run_steps(steps + 3);
    run.advance(&network.score, usize::MAX, &Serial);
    let last = frame(&window);
    assert!((last.done, last.playing, last.nfe) == (last.updates, false, run.nfe()) && last.x == run.positions());
    // Without noise nothing is scaled: bytes of [−1, 1], or nearly, where the plan ends at some σ.
    let byte = (255.0 * (0.5 + 0.5 * last.x[0])).round().clamp(0.0, 255.0);
    assert!((f32::from(last.noisy.rgb[0]) - byte).abs() <= 1.0 && last.sigma < 0.02);
    click(&mut window, "Denoised");
    assert!(window.query_by_label("Denoised image 5").is_some() && window.query_by_label("Image 5").is_none());
    click(&mut window, "Restart");
    assert_eq!(frame(&window).done, 0);
}

/// With a thread of its own, whatever waits for it meanwhile.
#[test]
fn the_worker_makes_the_same_images_behind_a_window() {
    let folders = Folders::new();
    let (woken, count) = std::sync::mpsc::channel();
    let wake = move || {
        // The receiver is gone once the images are done.
        let _ = woken.send(());
    };
    let mut images = Images::start(&Pace::Threads { wake: Arc::new(wake) });
    let choice = ImageModelChoice { folder: folders.path("model"), side: Some(SIDE), device: Device::Cpu };
    let entry = find("heun").expect("it is listed");
    let knobs = [("steps".to_owned(), Value::Number(3.0))].into();
    images.send(ImagesCommand::Open(choice, ImageSetting { entry, knobs, seed: 5, count: 20 }));
    assert!(images.opening().is_some());
    images.send(ImagesCommand::Play);
    let mut sigma = 1.0;
    let done = loop {
        count.recv_timeout(Duration::from_secs(20)).expect("the worker goes on");
        if let Some(frame) = images.latest().samples.get().filter(|frame| frame.done == frame.updates) {
            break frame;
        }
        sigma *= 1.01;
        assert!(sigma < 20.0, "whoever asks all the time stops everything");
        images.send(ImagesCommand::Look(Look { image: Some(19), sigma, of: [0, 0] }));
    };
    let network = folders.network();
    let mut run = expected(&network, "heun", &[("steps", 3.0)], 20);
    run.advance(&network.score, usize::MAX, &Serial);
    assert!(done.x == run.positions() && !done.playing && images.opening().is_none());
    assert_eq!(images.troubles().count(), 0);
}

#[test]
fn a_folder_that_is_no_model_is_a_message_and_everything_stays() {
    let folders = Folders::new();
    let mut window = window(folders.kept());
    click(&mut window, "Open model");
    click(&mut window, "Step");
    let before = frame(&window);
    let field = window.get_by_role_and_label(Role::TextInput, "Model folder");
    field.focus();
    window.run_steps(2);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    window
        .get_by_role_and_label(Role::TextInput, "Model folder")
        .type_text(&folders.path("empty").display().to_string());
    window.run_steps(2);
    click(&mut window, "Open model");
    let troubles = desk(&window).troubles();
    assert!(troubles.len() == 1 && troubles[0].why.contains("no config.json"), "{troubles:?}");
    let after = frame(&window);
    assert!(after.x == before.x && after.done == 1 && after.model.choice.folder == folders.path("model"));
    assert!(desk(&window).images().opening().is_none());
}

/// D = x + σ² s, at x = D_i + σ z of image i and at x = σ z, from the network itself.
#[test]
fn the_slider_of_sigma_shows_an_image_under_its_noise() {
    let folders = Folders::new();
    let mut window = window(folders.kept());
    click(&mut window, "Open model");
    click(&mut window, "Play");
    window.run_steps(4);
    let (done, network) = (frame(&window), folders.network());
    assert_eq!(done.done, done.updates);
    click(&mut window, "Image 3");
    let first = look(&window);
    window.get_by_role_and_label(Role::Slider, "Noise level σ").focus();
    window.run_steps(2);
    for _ in 0..3 {
        window.key_press(Key::ArrowRight);
        window.run_steps(3);
    }
    let second = look(&window);
    assert!(second.look.sigma > first.look.sigma && second.look.image == Some(2));
    click(&mut window, "Noise alone");
    let noise_alone = look(&window);
    let dim = network.score.dim();
    let mut z = vec![0.0; 4 * dim];
    Noise::new(5).normals(Purpose::Start, 0, 0, dim, &mut z);
    for look in [first, second, noise_alone] {
        let (sigma, image) = (look.look.sigma, look.look.image.unwrap_or(0));
        let clean = if look.look.image.is_some() { 1.0 } else { 0.0 };
        let of_image = image * dim..(image + 1) * dim;
        let x: Vec<f32> =
            done.x[of_image.clone()].iter().zip(&z[of_image]).map(|(x, z)| sigma * z + clean * x).collect();
        let mut s = vec![0.0; dim];
        network.score.score(&x, sigma, &mut s);
        for at in [0, 7, 100, SIDE * SIDE - 1] {
            // The picture's first channel, to the last of 256 shades.
            let near = |value: f32, byte: u8| (255.0 * value.clamp(0.0, 1.0) - f32::from(byte)).abs() <= 0.51;
            assert!(near(0.5 + 0.5 * x[at] / 1f32.hypot(2.0 * sigma), look.noisy.rgb[3 * at]), "noisy {at}");
            assert!(near(0.5 + sigma * s[at] / 6.0, look.score.rgb[3 * at]), "score {at}");
            assert!(near(0.5 + 0.5 * (x[at] + sigma * sigma * s[at]), look.denoised.rgb[3 * at]), "denoised {at}");
        }
    }
}

/// The adapter answers as the processor does to 1e-4 of its greatest number, see tests/unet; three steps later to 1e-3.
#[test]
fn the_device_is_switched_and_says_where_its_time_goes() {
    let folders = Folders::new();
    let mut window = window(folders.kept());
    click(&mut window, "Open model");
    click(&mut window, "Play");
    window.run_steps(4);
    let on_cpu = frame(&window);
    assert!(on_cpu.model.device.starts_with("CPU (") && window.query_by_label("Kernel times").is_none());
    let Some(graphics) = Offscreen::new().ok().and_then(|adapter| adapter.share()) else {
        return eprintln!("NOT TESTED: there is no adapter");
    };
    window.state_mut().as_mut().expect("the desk").use_graphics(graphics);
    choose(&mut window, "Device", "GPU");
    let model = Arc::clone(&frame(&window).model);
    assert!(model.choice.device == Device::Gpu && !model.device.starts_with("CPU ("), "{}", model.device);
    click(&mut window, "Play");
    window.run_steps(4);
    let on_gpu = frame(&window);
    let most = on_cpu.x.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let furthest = on_cpu.x.iter().zip(&on_gpu.x).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(on_gpu.done == on_gpu.updates && furthest < 1e-3 * most, "{furthest} of {most}");
    if model.clock {
        click(&mut window, "Kernel times");
        let times = desk(&window).images().latest().kernels.get().expect("times");
        assert!(times.shares.iter().any(|share| share.total.kernel == "conv2d" && share.total.seconds > 0.0));
        assert!(times.images == 4 && window.query_by_label_contains("One call for 4 images").is_some());
    }
}

/// At the smallest size, in the largest type and at twice its size: every control lies within the sides, has a name,
/// and has the keyboard at some time.
#[test]
fn nothing_is_clipped_nameless_or_out_of_reach() {
    let folders = Folders::new();
    for (theme, size, zoom) in [
        (Theme::Dark, [1024.0, 700.0], 1.0),
        (Theme::Light, [1024.0, 700.0], 2.0),
        (Theme::Projector, [1024.0, 700.0], 1.0),
    ] {
        let mut kept = Kept { theme, ..folders.kept() };
        kept.images.shows_knobs = true;
        let mut window = window_of(kept, size, zoom);
        click(&mut window, "Open model");
        let mut seen = 0;
        let roles = [
            Role::Button,
            Role::Slider,
            Role::ComboBox,
            Role::SpinButton,
            Role::CheckBox,
            Role::Image,
            Role::TextInput,
        ];
        for role in roles {
            for node in window.query_all_by_role(role) {
                let (rect, node) = (node.rect(), node.accesskit_node());
                let name = node.label().or_else(|| node.value());
                let inside = rect.left() >= -0.5 && rect.right() <= size[0] / zoom + 0.5;
                assert!(inside, "{theme:?} {zoom} {role:?} {name:?} {rect:?}");
                let named = node.labelled_by().next().is_some() || name.is_some_and(|name| !name.is_empty());
                assert!(named, "{theme:?} {role:?} {rect:?}");
                seen += 1;
            }
        }
        assert!(seen > 25, "{theme:?} {zoom}: {seen}");
        let slider = window.get_by_role_and_label(Role::Slider, "Noise level σ").rect();
        for name in ["Image 1", "Image 4", "Score σ s at σ 1.25", "Denoised D at σ 1.25"] {
            let image = window.get_by_label(name).rect();
            assert!(image.width() > 50.0 && image.bottom() <= slider.top(), "{theme:?} {zoom} {name} {image:?}");
        }
        if zoom > 1.0 {
            continue;
        }
        let mut reached = std::collections::BTreeSet::new();
        for _ in 0..50 {
            window.key_press(Key::Tab);
            window.run_steps(1);
            let focused = |node: &egui_kittest::kittest::AccessKitNode<'_>| node.is_focused();
            let root = window.root();
            let focused = root.query_all(egui_kittest::kittest::By::new().predicate(focused)).last();
            reached.extend(focused.and_then(|node| node.accesskit_node().label()));
        }
        for name in [
            "Model folder",
            "Open model",
            "Device",
            "Size",
            "Sampler",
            "Knobs",
            "Images",
            "Seed",
            "Noisy",
            "Denoised",
            "Image 4",
            "Noise alone",
            "Noise level σ",
            "Play",
            "Step",
            "Restart",
            "Steps slider",
            "Close knobs",
        ] {
            assert!(reached.contains(name), "{name} is not among {reached:?}");
        }
    }
}
