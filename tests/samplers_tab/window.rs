//! A window on the Samplers tab in virtual time, and what the executor alone makes of the same seed.

use std::sync::Arc;
use std::time::Duration;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use scorescope::noise::Noise;
use scorescope::samplers::{Run, Serial, Start};
use scorescope::scenario::{DEFAULT, Scenario};
use scorescope::session::{Pace, SamplingFrame};
use scorescope::ui::{Desk, Kept, PaneChoice, Tab};

pub const SEED: u64 = 7;

pub type Window = Harness<'static, Option<Desk>>;

/// A window of the default scenario, on the Samplers tab, in which every frame is a twenty-fifth of a second.
pub fn window_of(kept: Kept, size: [f32; 2], zoom: f32) -> Window {
    let draw = move |ui: &mut egui::Ui, desk: &mut Option<Desk>| {
        let open = || {
            let pace = Pace::Virtual { training_steps: 1, frame: Duration::from_millis(40) };
            Desk::open(ui.ctx(), kept.clone(), None, SEED, pace)
        };
        let desk = desk.get_or_insert_with(open);
        desk.tick();
        desk.ui(ui);
    };
    let builder = Harness::builder().with_size(egui::Vec2::from(size) / zoom).with_pixels_per_point(zoom);
    let mut harness = builder.build_ui_state(draw, None);
    harness.run_steps(5);
    harness
}

pub fn kept(samplers: &[&str]) -> Kept {
    let panes = samplers.iter().map(|sampler| PaneChoice::of(sampler)).collect();
    Kept { tab: Tab::Samplers, panes, ..Kept::default() }
}

pub fn window(samplers: &[&str]) -> Window {
    window_of(kept(samplers), [1280.0, 800.0], 1.0)
}

pub fn desk(window: &Window) -> &Desk {
    window.state().as_ref().expect("the first frame opens the desk")
}

pub fn frame(window: &Window, pane: usize) -> Arc<SamplingFrame> {
    desk(window).session().latest().panes[pane].get().expect("the pane is set up")
}

pub fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(3);
}

pub fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(3);
}

/// Gives a control the keyboard and presses a key so many times.
pub fn turn(window: &mut Window, name: &str, key: Key, times: usize) {
    window.get_by_label(name).focus();
    window.run_steps(2);
    for _ in 0..times {
        window.key_press(key);
        window.run_steps(2);
    }
}

/// Plays the samplers to their end, as fast as virtual time can.
pub fn play_out(window: &mut Window) {
    for _ in 0..400 {
        window.run_steps(5);
        if !frame(window, 0).playing {
            return;
        }
    }
    panic!("the runs did not come to an end");
}

/// The positions of a pane's sampler after `done` updates, by the executor alone.
pub fn positions(choice: &PaneChoice, done: usize) -> Vec<f32> {
    let scenario = Scenario::load(DEFAULT).expect("a bundled scenario");
    let knobs = choice.knobs.iter().map(|(knob, value)| (knob.as_str(), value.clone()));
    let sampling = scenario.sampling(&choice.sampler, knobs).expect("legal knobs");
    let plan = sampling.plan(&*scenario.data).expect("a legal plan");
    let noise = Noise::new(SEED);
    let x = Start::of(&sampling.settings, &plan).draw(&*scenario.data, &noise, scenario.view.particles);
    let mut run = Run::new(plan, noise, 2, x);
    run.advance(&*scenario.data, done, &Serial);
    run.positions().to_vec()
}
