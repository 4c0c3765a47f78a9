//! The Images tab on a small network, driven by accessible names, mouse and keyboard, in virtual time.

mod cats;
#[path = "../unet/folder.rs"]
#[allow(dead_code, reason = "one model of many is taken")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers are made in f64 and used in f32"
)]
mod folder;
mod hub;
mod layout;
#[path = "../unet/server.rs"]
mod server;
mod window;
mod worker;

use std::sync::Arc;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use scorescope::noise::{Noise, Purpose};
use scorescope::samplers::Serial;
use scorescope::score::Score;
use scorescope::session::Device;
use scorescope::ui::Offscreen;

use window::{Folders, SIDE, choose, click, desk, expected, frame, look, window};

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

#[test]
fn a_folder_that_is_no_model_is_a_message_and_everything_stays() {
    let folders = Folders::new();
    let mut window = window(folders.kept());
    click(&mut window, "Open model");
    click(&mut window, "Step");
    let before = frame(&window);
    let field = window.get_by_role_and_label(Role::TextInput, "Model");
    field.focus();
    window.run_steps(2);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    window.get_by_role_and_label(Role::TextInput, "Model").type_text(&folders.path("empty").display().to_string());
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
