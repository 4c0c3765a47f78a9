//! The failures of the menu: each ends where the reference says.

use egui::Key;
use egui_kittest::kittest::Queryable;
use scorescope::session::Source;
use scorescope::ui::Kept;

use crate::window::{Window, click, desk, frame, kept, play_out, press, window_of};

/// A failure, from its menu, played to the end.
fn failure(title: &str) -> Window {
    let mut window = window_of(Kept { speed: 2000.0, ..kept(&["langevin"]) }, [1280.0, 800.0], 1.0);
    click(&mut window, "Show a failure");
    click(&mut window, title);
    assert!(window.query_by_label(&format!("{title}:")).is_some(), "the lesson of {title}");
    window.run_steps(5);
    play_out(&mut window);
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
    window
}

/// Shares at the end against the table of the reference, for 2,000 particles: three standard deviations of .0112 or less.
#[test]
fn failures_end_where_the_reference_says() {
    for (title, expected) in [
        ("Modes too far apart", [0.510, 0.781]),
        ("Too few levels", [0.710, 0.781]),
        ("Largest noise too small", [0.689, 0.781]),
        ("Prior in the wrong place", [0.743, 0.808]),
    ] {
        let window = failure(title);
        for (pane, expected) in expected.into_iter().enumerate() {
            let share = frame(&window, pane).shares.weights[0];
            assert!((share - expected).abs() < 0.034, "{title}, pane {pane}: {share}, expected {expected}");
        }
    }
}

#[test]
fn a_step_too_large_is_shown_as_diverged() {
    let window = failure("Step too large");
    let (lost, kept) = (frame(&window, 0), frame(&window, 1));
    assert_eq!((lost.lost, lost.done, kept.lost), (2000, 1000, 0));
    assert!(lost.sliced_wasserstein.is_none() && lost.shares.off_mode > 0.999);
    let message = "Diverged: 2000 of 2000 particles left the picture or are not finite";
    assert_eq!(window.query_all_by_label(message).count(), 1);
}

#[test]
fn a_network_hardly_trained_runs_beside_the_exact_score() {
    let window = failure("Network hardly trained");
    let (learned, exact) = (frame(&window, 0), frame(&window, 1));
    assert_eq!((learned.network_steps, exact.network_steps), (Some(100), None));
    assert_eq!(desk(&window).kept().panes[0].source, Source::Learned);
    let off = (learned.shares.off_mode, exact.shares.off_mode);
    assert!(learned.done == 1000 && off.0 > off.1 + 0.2, "{off:?}");
}

/// The class's own scenario, panes, run and network are there again when the lesson is closed, and what was chosen to look at
/// stays as it is; what would be kept for the next run of the program is the class's own all along.
#[test]
fn a_closed_lesson_leaves_everything_as_it_was() {
    let mut window = window_of(Kept { scenario: "ring-8".to_owned(), ..kept(&["heun", "ddim"]) }, [1280.0, 800.0], 1.0);
    press(&mut window, Key::O);
    press(&mut window, Key::S);
    press(&mut window, Key::S);
    let state = |window: &Window| {
        let latest = desk(window).session().latest();
        let network = latest.network.get().expect("there is a network");
        (frame(window, 0).done, frame(window, 0).x.clone(), network.steps, desk(window).data().mode_weights())
    };
    let (before, mut own) = (state(&window), desk(&window).kept().clone());
    assert_eq!((before.0, before.2, before.3.len()), (2, 1, 8));
    for title in ["Too few levels", "Step too large"] {
        click(&mut window, "Show a failure");
        click(&mut window, title);
        window.run_steps(5);
        assert_eq!(
            (desk(&window).kept().scenario.as_str(), desk(&window).data().mode_weights().len()),
            ("ncsn-toy", 2)
        );
        assert!(desk(&window).to_keep() == own, "what is kept is the class's own");
    }
    click(&mut window, "Trails");
    click(&mut window, "Close lesson");
    window.run_steps(3);
    own.samplers.trails = true;
    assert!(desk(&window).kept() == &own);
    assert!(state(&window) == before);
    press(&mut window, Key::S);
    assert_eq!(frame(&window, 0).done, 3, "and it goes on");
}
