//! The window's content, driven by accessible names, mouse and keyboard, in virtual time and without a display.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, By, NodeT, Queryable};
use scorescope::samplers::SAMPLERS;
use scorescope::scenario::Scenario;
use scorescope::session::{Pace, Source, TrainingFrame};
use scorescope::ui::{Desk, Kept, Tab, Theme};

const TRAINING_STEPS: usize = 2;

type Window = Harness<'static, Option<Desk>>;

/// A window of the default scenario in which every frame is one tick of virtual time.
fn window(kept: Kept, size: [f32; 2]) -> Window {
    let frame = Duration::from_millis(40);
    let draw = move |ui: &mut egui::Ui, desk: &mut Option<Desk>| {
        let open = || {
            let pace = Pace::Virtual { training_steps: TRAINING_STEPS, frame };
            Desk::open(ui.ctx(), kept.clone(), None, 7, pace)
        };
        let desk = desk.get_or_insert_with(open);
        desk.tick();
        desk.ui(ui);
    };
    let mut harness = Harness::builder().with_size(size).build_ui_state(draw, None);
    harness.run_steps(4);
    harness
}

fn usual() -> Window {
    window(Kept::default(), [1280.0, 800.0])
}

fn on_tab(tab: Tab) -> Window {
    window(Kept { tab, ..Kept::default() }, [1280.0, 800.0])
}

fn desk(window: &Window) -> &Desk {
    window.state().as_ref().expect("the first frame opens the desk")
}

fn training(window: &Window) -> TrainingFrame {
    let frame = desk(window).session().latest().training.get();
    (*frame.expect("the training worker reports at once")).clone()
}

/// Updates made in the first pane.
fn updates(window: &Window) -> usize {
    desk(window).session().latest().panes[0].get().expect("pane 1 is set up").done
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(3);
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(3);
}

/// The field that is on the screen.
fn field(window: &Window) -> std::sync::Arc<scorescope::session::FieldFrame> {
    desk(window).session().latest().fields[0].get().expect("the Field tab asks for a field at once")
}

#[test]
fn training_starts_pauses_steps_and_resets_by_its_buttons() {
    let mut window = usual();
    assert_eq!(training(&window).steps, 0);
    click(&mut window, "Start training");
    window.run_steps(10);
    let running = training(&window);
    assert!(running.running && running.steps >= 10 * TRAINING_STEPS);
    assert!(running.loss.is_some_and(f32::is_finite) && running.history.len() == running.steps);
    click(&mut window, "Pause training");
    let paused = training(&window).steps;
    window.run_steps(5);
    assert_eq!(training(&window).steps, paused);
    click(&mut window, "One step");
    assert_eq!(training(&window).steps, paused + 1);
    click(&mut window, "Reset");
    assert_eq!((training(&window).steps, training(&window).history.len()), (0, 0));
}

#[test]
fn every_key_does_what_its_button_does() {
    let mut window = usual();
    press(&mut window, Key::T);
    assert!(training(&window).running);
    press(&mut window, Key::T);
    assert!(!training(&window).running);
    let before = training(&window).steps;
    press(&mut window, Key::O);
    assert_eq!(training(&window).steps, before + 1);
    for (key, source) in [(Key::Num2, Source::Exact), (Key::Num3, Source::Difference), (Key::Num1, Source::Learned)] {
        press(&mut window, key);
        assert_eq!(field(&window).request.source, source);
    }
    let sigma = field(&window).request.sigma;
    press(&mut window, Key::ArrowRight);
    let larger = field(&window).request.sigma;
    press(&mut window, Key::ArrowLeft);
    let back = field(&window).request.sigma;
    assert!(larger > sigma && (back / sigma - 1.0).abs() < 1e-5, "{sigma} {larger} {back}");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(3);
    assert_eq!(desk(&window).kept().tab, Tab::Samplers);
    press(&mut window, Key::S);
    assert_eq!(updates(&window), 1);
    press(&mut window, Key::Space);
    window.run_steps(5);
    assert!(updates(&window) > 10);
    press(&mut window, Key::Space);
    let paused = updates(&window);
    window.run_steps(5);
    assert_eq!(updates(&window), paused);
    press(&mut window, Key::R);
    assert_eq!(updates(&window), 0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.run_steps(2);
    assert_eq!(desk(&window).kept().tab, Tab::Field);
}

/// The arrows on the screen are the score that `field` writes, at the σ of the slider.
#[test]
fn exact_and_difference_arrows_are_the_scores_they_claim_to_be() {
    let mut window = usual();
    let learned = field(&window);
    click(&mut window, "Exact");
    let exact = field(&window);
    click(&mut window, "Difference");
    let difference = field(&window);
    let scenario = Scenario::load(scorescope::scenario::DEFAULT).expect("a bundled scenario");
    let centres = exact.request.view.centres(exact.request.arrows);
    for ((x, exact), (learned, difference)) in
        centres.zip(exact.arrows.chunks(2)).zip(learned.arrows.chunks(2).zip(difference.arrows.chunks(2)))
    {
        #[expect(clippy::cast_possible_truncation, reason = "the window asks for scores in f32")]
        let x = x.map(|x| f64::from(x as f32));
        let (_, s) = scenario.data.log_density_and_score(x, learned_sigma(&window));
        for axis in 0..2 {
            assert!((f64::from(exact[axis]) - s[axis]).abs() <= 1e-5 * (1.0 + s[axis].abs()));
            assert!((difference[axis] - (learned[axis] - exact[axis])).abs() < 1e-6);
        }
    }
    assert!(learned.arrows != exact.arrows && !exact.arrows.is_empty());
}

fn learned_sigma(window: &Window) -> f64 {
    field(window).request.sigma.into()
}

#[test]
fn the_field_follows_the_slider_in_the_frame_after_it_moved() {
    let mut window = usual();
    let rect = window.get_by_role_and_label(Role::Slider, "Noise level σ").rect();
    let (from, to) = (rect.center(), rect.left_center() + egui::vec2(rect.width() * 0.25, 0.0));
    window.drag_at(from);
    window.step();
    let before = field(&window).request.sigma;
    window.hover_at(to);
    window.step();
    window.step();
    let after = field(&window).request.sigma;
    window.drop_at(to);
    window.run_steps(2);
    assert!(after < before && (after - desk(&window).kept().sigma.expect("it moved")).abs() < 1e-6, "{before} {after}");
    // A quarter of the way from 1 to 20 on the logarithmic scale, to the width of a pixel and of the handle.
    assert!((f64::from(after).ln() / 20f64.ln() - 0.25).abs() < 0.02, "{after}");
}

/// 2,000 particles: the sd of a share is below .0112; three of it. Reference: Langevin .510, annealed .781.
#[test]
fn langevin_stays_near_one_half_and_annealing_comes_near_the_truth() {
    let mut window = on_tab(Tab::Samplers);
    click(&mut window, "Play");
    window.run_steps(260);
    let share = |pane: usize| {
        let frame = desk(&window).session().latest().panes[pane].get().expect("the pane is set up");
        assert_eq!((frame.done, frame.updates, frame.nfe, frame.playing), (1000, 1000, 1000, false));
        frame.shares.weights[0]
    };
    assert!((share(0) - 0.510).abs() < 0.034, "{}", share(0));
    assert!((share(1) - 0.781).abs() < 0.034, "{}", share(1));
    let spoken = format!("Share of each mode: {:.2}, {:.2}; truth: 0.80, 0.20", share(1), 1.0 - share(1));
    assert!(window.query_by_label(&spoken).is_some());
}

#[test]
fn both_panes_start_at_the_same_points() {
    let window = on_tab(Tab::Samplers);
    let start = |pane: usize| desk(&window).session().latest().panes[pane].get().expect("a pane").x.clone();
    assert_eq!(start(0), start(1));
    assert_eq!(start(0).len(), 2 * 2000);
}

#[test]
fn a_sampler_a_score_a_scenario_and_a_theme_are_chosen_from_their_lists() {
    let mut window = on_tab(Tab::Samplers);
    window.get_by_label("Sampler 1").click();
    window.run_steps(3);
    window.get_all_by_label("Annealed Langevin").last().expect("the list is open").click();
    window.run_steps(3);
    assert_eq!(desk(&window).kept().panes[0].sampler, "annealed");
    let learned = window.get_all_by_label("Learned score of pane 1").next().expect("pane 1 offers it");
    learned.click();
    window.run_steps(3);
    assert_eq!(desk(&window).kept().panes[0].source, Source::Learned);
    window.get_by_label("Scenario").click();
    window.run_steps(3);
    click(&mut window, "ring-8");
    assert_eq!(desk(&window).kept().scenario, "ring-8");
    assert_eq!(desk(&window).session().latest().panes[1].get().expect("a pane").shares.weights.len(), 8);
    window.get_by_label("Theme").click();
    window.run_steps(3);
    click(&mut window, "Projector");
    assert_eq!(desk(&window).kept().theme, Theme::Projector);
}

/// Every control, in every theme, at the smallest size, on both tabs: within the window, and named.
#[test]
fn nothing_is_clipped_and_nothing_is_nameless_at_1024_by_700() {
    for theme in [Theme::Dark, Theme::Light, Theme::Projector] {
        for tab in [Tab::Field, Tab::Samplers] {
            let window = window(Kept { theme, tab, ..Kept::default() }, [1024.0, 700.0]);
            let controls = [Role::Button, Role::CheckBox, Role::Slider, Role::ComboBox, Role::Image];
            let mut seen = 0;
            for role in controls {
                for node in window.query_all_by_role(role) {
                    let rect = node.rect();
                    let inside =
                        rect.left() >= 0.0 && rect.top() >= 0.0 && rect.right() <= 1024.5 && rect.bottom() <= 700.5;
                    let name = node.accesskit_node().label().or_else(|| node.accesskit_node().value());
                    assert!(inside, "{theme:?} {tab:?} {role:?} {name:?} {rect:?}");
                    assert!(name.is_some_and(|name| !name.is_empty()), "{theme:?} {tab:?} {role:?} {rect:?}");
                    seen += 1;
                }
            }
            assert!(seen >= 9, "{theme:?} {tab:?} {seen}");
        }
    }
}

fn is_focused(node: &AccessKitNode<'_>) -> bool {
    node.is_focused()
}

/// The Tab key alone comes by every control of the tab.
#[test]
fn the_keyboard_reaches_every_control() {
    for (tab, names) in [
        (
            Tab::Field,
            vec![
                "Field",
                "Samplers",
                "Scenario",
                "Theme",
                "Learned",
                "Exact",
                "Difference",
                "Arrows",
                "Particles",
                "Start training",
                "One step",
                "Reset",
                "Noise level σ",
            ],
        ),
        (
            Tab::Samplers,
            vec!["Sampler 1", "Sampler 2", "Learned score of pane 2", "Play", "Step", "Restart", "Updates/s", "Arrows"],
        ),
    ] {
        let mut window = on_tab(tab);
        let mut reached = std::collections::BTreeSet::new();
        for _ in 0..40 {
            window.key_press(Key::Tab);
            window.run_steps(2);
            let root = window.root();
            let focused = root.query_all(By::new().predicate(is_focused)).last();
            reached.extend(focused.and_then(|node| node.accesskit_node().label()));
        }
        for name in names {
            assert!(reached.contains(name), "{tab:?}: {name} is not among {reached:?}");
        }
    }
}

#[test]
fn a_scenario_that_is_refused_is_a_message_that_can_be_dismissed() {
    let mut window = window(Kept { scenario: "no-such-toy".to_owned(), ..Kept::default() }, [1280.0, 800.0]);
    assert_eq!(desk(&window).troubles().len(), 1);
    assert!(desk(&window).troubles()[0].why.contains("no-such-toy"));
    assert_eq!(desk(&window).kept().scenario, "ncsn-toy");
    click(&mut window, "Dismiss");
    assert!(desk(&window).troubles().is_empty());
}

/// Each entry of the list, in the first pane, for some updates: no message, no particle that is no number.
#[test]
fn every_sampler_of_the_list_runs_in_a_pane() {
    for entry in SAMPLERS {
        let mut kept = Kept { tab: Tab::Samplers, speed: 200.0, ..Kept::default() };
        kept.panes[0].sampler = entry.name.to_owned();
        let mut window = window(kept, [1280.0, 800.0]);
        click(&mut window, "Play");
        window.run_steps(5);
        assert!(desk(&window).troubles().is_empty(), "{}: {:?}", entry.name, desk(&window).troubles());
        let frame = desk(&window).session().latest().panes[0].get().expect("pane 1 is set up");
        assert!(frame.done > 0 && frame.x.iter().all(|x| x.is_finite()), "{} after {} updates", entry.name, frame.done);
    }
}
