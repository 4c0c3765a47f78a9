//! Panes whose particles the graphics adapter moves: switched by name, run, gone back in, and drawn out of its memory.
//! On a machine without any adapter each test says so and passes: there is nothing to switch to.

use std::time::{Duration, Instant};

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use scorescope::scenario::{DEFAULT, Scenario};
use scorescope::session::{Device, Pace};
use scorescope::ui::{App, Kept, Offscreen, Showing, Stage};

use crate::window::{SEED, Window, click, desk, frame, kept, positions, press, turn, window};

fn adapter() -> Option<Offscreen> {
    Offscreen::new().inspect_err(|error| eprintln!("NOT TESTED: {error}")).ok()
}

fn choose(window: &mut Window, list: &str, entry: &str) {
    window.get_by_label(list).click();
    window.run_steps(3);
    click(window, entry);
}

fn furthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| if a.is_finite() { (a - b).abs() } else { f32::INFINITY }).fold(0.0, f32::max)
}

/// Paths agree as those of the executors do: 1e-3, see tests/gpu.rs.
#[test]
fn a_pane_is_switched_to_the_adapter_and_runs_there_as_on_the_cpu() {
    let Some(adapter) = adapter() else { return };
    let Some(graphics) = adapter.share() else { return };
    let software = graphics.is_software();
    let mut window = window(&["annealed", "heun"]);
    window.state_mut().as_mut().expect("the desk").use_graphics(graphics);
    window.run_steps(3);
    // Two thousand particles are the CPU's, whatever the adapter.
    assert!(window.query_all_by_label("CPU").count() == 2 && window.query_by_label_contains("GPU: ").is_none());
    choose(&mut window, "Device", "GPU");
    assert_eq!(desk(&window).kept().samplers.device, Device::Gpu);
    assert!(window.query_by_label_contains("GPU: ").is_some(), "the first pane is not on the adapter");
    let heun = frame(&window, 1);
    assert!(heun.carrier.remark.as_ref().is_some_and(|remark| remark.contains("Heun's step")));
    assert!(window.query_by_label_contains(" (not as asked)").is_some() && heun.carrier.on_adapter.is_none());

    let choice = desk(&window).kept().panes[0].clone();
    assert_eq!(frame(&window, 0).x, positions(&choice, 0));
    for _ in 0..3 {
        press(&mut window, Key::S);
    }
    turn(&mut window, "Position", Key::ArrowRight, 2);
    let on_gpu = frame(&window, 0);
    assert_eq!((on_gpu.done, on_gpu.nfe, on_gpu.carrier.particles), (5, 5, 2000));
    assert!(furthest(&on_gpu.x, &positions(&choice, 5)) <= 1e-3);
    turn(&mut window, "Position", Key::ArrowLeft, 3);
    assert!(frame(&window, 0).done == 2 && furthest(&frame(&window, 0).x, &positions(&choice, 2)) <= 1e-3);

    choose(&mut window, "Particles", "100,000");
    let many = frame(&window, 0);
    assert_eq!((many.done, many.carrier.particles, many.x.len()), (0, 100_000, 20_000));
    assert!(many.carrier.on_adapter.as_ref().is_some_and(|all| all.count() == 100_000));
    assert_eq!(frame(&window, 1).carrier.particles, 50_000, "the CPU takes no more");
    choose(&mut window, "Device", "Auto");
    assert_eq!(frame(&window, 0).carrier.on_adapter.is_none(), software);
}

/// The same particles, drawn by the CPU's mesh and out of the adapter's memory: the same pixels but for what a thousandth of a
/// unit moves at the edges of dots. One update more is another picture.
#[test]
fn dots_out_of_the_adapters_memory_look_as_those_of_the_mesh() {
    let Some(adapter) = adapter() else { return };
    let picture = |device, updates| {
        let samplers = Showing { device, ..Showing::default() };
        let kept = Kept { samplers, arrows: false, speed: 25.0, ..kept(&["annealed"]) };
        let pace = Pace::Virtual { training_steps: 0, frame: Duration::from_millis(40) };
        let scenario = Scenario::load(DEFAULT).expect("a bundled scenario");
        let mut stage = Stage::open(kept, scenario, SEED, pace, [900, 900]);
        stage.share(&adapter);
        stage.desk_mut().start(true);
        (0..updates).for_each(|_| stage.tick());
        let picture = stage.picture(&adapter).expect("a picture");
        // Above what is written below the plane, which names the device.
        picture.rgba[60 * 900 * 4..450 * 900 * 4].to_vec()
    };
    let mesh = picture(Device::Cpu, 3);
    let differs = |other: &[u8]| mesh.iter().zip(other).filter(|(a, b)| a.abs_diff(**b) > 24).count();
    let (same, other) = (differs(&picture(Device::Gpu, 3)), differs(&picture(Device::Cpu, 4)));
    eprintln!("of {} bytes {same} differ by more than 24; after another update {other}", mesh.len());
    assert!(other > 10_000 && same < other / 20, "{same} against {other}");
}

/// The program as eframe opens it, its workers on threads of their own: what draws its window moves its particles, too.
#[test]
fn the_adapter_of_the_window_moves_its_particles() {
    if adapter().is_none() {
        return;
    }
    let scenario = Scenario::load(DEFAULT).expect("a bundled scenario");
    let builder = Harness::builder().with_size([1280.0, 800.0]).wgpu();
    let mut window = builder.build_eframe(|cc| App::new(cc, Some(scenario), None));
    window.get_by_label("Samplers").click();
    window.run_steps(3);
    for (list, entry) in [("Particles", "100,000"), ("Device", "GPU")] {
        window.get_by_label(list).click();
        window.run_steps(3);
        window.get_by_label(entry).click();
        window.run_steps(3);
    }
    window.get_by_label("Play").click();
    let begun = Instant::now();
    let moved = loop {
        window.run_steps(2);
        let frame = window.state().desk().session().latest().panes[1].get();
        if let Some(frame) = frame.filter(|frame| frame.carrier.on_adapter.is_some() && frame.done > 0) {
            break frame;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", window.state().desk().troubles());
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!((moved.carrier.particles, moved.x.len()), (100_000, 20_000));
    window.render().expect("a picture");
    assert!(window.state().desk().troubles().is_empty() && window.query_all_by_label_contains("GPU: ").count() == 2);
}
