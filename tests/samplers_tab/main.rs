//! The Samplers tab, driven by accessible names, mouse and keyboard: every action and what it does to the runs.

mod adapter;
mod failures;
mod layout;
mod window;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use scorescope::samplers::{SAMPLERS, Value};
use scorescope::ui::{Colouring, Kept, Metric, PaneChoice};

use window::{Window, click, desk, frame, kept, play_out, positions, press, turn, window, window_of};

#[test]
fn panes_are_added_up_to_four_and_removed_down_to_one() {
    let mut window = window(&["langevin", "annealed"]);
    click(&mut window, "Add pane");
    click(&mut window, "Add pane");
    assert_eq!(desk(&window).kept().panes.len(), 4);
    assert!(window.get_by_label("Add pane").accesskit_node().is_disabled());
    let start = frame(&window, 0).x.clone();
    assert!((1..4).all(|pane| frame(&window, pane).x == start), "panes start at other points");
    click(&mut window, "Remove pane 1");
    let names: Vec<_> = desk(&window).kept().panes.iter().map(|pane| pane.sampler.as_str()).collect();
    assert_eq!(names, ["annealed"; 3]);
    assert!(desk(&window).session().latest().panes[3].get().is_none());
    click(&mut window, "Remove pane 3");
    click(&mut window, "Remove pane 2");
    assert!(window.query_by_label("Remove pane 1").is_none() && window.query_by_label("Sampler 2").is_none());
}

#[test]
fn a_knob_that_is_turned_starts_its_pane_anew_and_the_others_play_on() {
    let mut window = window(&["langevin", "annealed"]);
    click(&mut window, "Knobs of pane 2");
    click(&mut window, "Play");
    window.run_steps(10);
    let before = frame(&window, 0).done;
    turn(&mut window, "Levels slider", Key::ArrowLeft, 1);
    let (first, second) = (frame(&window, 0), frame(&window, 1));
    assert_eq!((second.settings.count("levels"), second.updates), (9, 900));
    assert!(first.done > before && second.done < before && first.playing && second.playing, "{before}");
    assert_eq!(desk(&window).kept().panes[1].knobs.get("levels"), Some(&Value::Number(9.0)));
    click(&mut window, "Reset knobs");
    assert_eq!((frame(&window, 1).updates, desk(&window).kept().panes[1].knobs.len()), (1000, 0));
    click(&mut window, "Close knobs");
    assert!(window.query_by_label("Levels slider").is_none());
}

/// Every knob of every sampler has a control with a name, and one that takes numbers has a slider as well.
#[test]
fn every_knob_of_every_sampler_can_be_reached_by_its_name() {
    for entry in SAMPLERS {
        let mut kept = kept(&[entry.name]);
        kept.samplers.knobs_of = Some(0);
        let window = window_of(kept, [1280.0, 2000.0], 1.0);
        for knob in entry.all_knobs() {
            let seen = window.query_all_by_label_contains(knob.title).count();
            assert!(seen > 0, "{}: {} is not there", entry.name, knob.name);
        }
    }
}

#[test]
fn the_source_of_a_sampler_is_read_in_the_program() {
    for entry in SAMPLERS {
        let path = format!("{}/src/samplers/{}.rs", env!("CARGO_MANIFEST_DIR"), entry.name.replace('-', "_"));
        assert_eq!(entry.code, std::fs::read_to_string(&path).expect("the sampler has a file"), "{}", entry.name);
    }
    let mut window = window(&["langevin", "annealed"]);
    click(&mut window, "Source of pane 2");
    assert!(window.query_by_label_contains("pub struct AnnealedLangevin").is_some());
    click(&mut window, "Close source");
    assert!(window.query_by_label_contains("pub struct AnnealedLangevin").is_none());
}

/// Heun with 18 steps: 2 evaluations each, 1 for the last. Annealed with 10 levels: a multiple of 10, the lower of two
/// that are equally near.
#[test]
fn equal_nfe_turns_the_lengths_of_the_other_panes() {
    let mut window = window(&["heun", "annealed", "langevin"]);
    assert_eq!([0, 1, 2].map(|pane| frame(&window, pane).nfe_of_plan), [Some(35), Some(1000), Some(1000)]);
    click(&mut window, "Equal NFE");
    assert_eq!([0, 1, 2].map(|pane| frame(&window, pane).nfe_of_plan), [Some(35), Some(30), Some(35)]);
    assert!(window.query_by_label("NFE 0 of 30").is_some());
    // Then panes are together at the same price: on the slider, step by step, back, and while they play.
    let spent = |window: &Window| [0, 1, 2].map(|pane| frame(window, pane).nfe);
    turn(&mut window, "Position", Key::ArrowRight, 20);
    assert_eq!((spent(&window), frame(&window, 0).done), ([20; 3], 10));
    click(&mut window, "Step");
    assert_eq!(spent(&window), [20, 21, 21], "one evaluation pays for half of Heun's step");
    click(&mut window, "Step");
    assert_eq!(spent(&window), [22; 3]);
    click(&mut window, "Back");
    assert_eq!(spent(&window), [20, 21, 21]);
    click(&mut window, "Restart");
    click(&mut window, "Play");
    let mut seen = 0;
    while frame(&window, 0).playing {
        let spent = spent(&window);
        assert!((0..2).all(|pane| spent[2] - spent[pane] <= 1) || spent[1] == 30, "{spent:?}");
        seen = seen.max(spent[2]);
        window.run_steps(1);
    }
    assert_eq!((spent(&window), seen > 10), ([35, 30, 35], true));
    click(&mut window, "Equal NFE");
    assert_eq!(frame(&window, 1).nfe_of_plan, Some(1000));
}

/// Data without modes have none that is heaviest; a step along a flow says where it leads.
#[test]
fn what_is_shown_fits_the_data_and_the_sampler() {
    let mut window = window_of(Kept { scenario: "spiral".to_owned(), ..kept(&["heun", "ddim"]) }, [1280.0, 800.0], 1.0);
    assert!(window.query_by_label_contains("Sliced Wasserstein of every pane against NFE").is_some());
    window.get_by_label("Trace").click();
    window.run_steps(3);
    assert!(window.query_by_label("Heaviest mode").is_none() && window.query_by_label("Off-mode").is_some());
    for pane in 0..2 {
        let levels = frame(&window, pane).levels.clone();
        let spoken = format!("Noise level of pane {}: σ {:.1} to {:.2}", pane + 1, levels[0], levels[1]);
        assert!(window.query_by_label_contains(&spoken).is_some(), "{spoken}");
    }
}

/// A run is a function of the seed: wherever one goes, and from wherever, its particles are those that the executor
/// alone has there, to the bit.
#[test]
fn scrubbing_leads_to_what_the_executor_has_there_forward_and_back() {
    let mut window = window(&["langevin", "annealed"]);
    let slider = window.get_by_label("Position").rect();
    let mut visited = Vec::new();
    for share in [0.7, 0.25, 0.26, 0.9, 0.0] {
        let to = slider.left_center() + egui::vec2(slider.width() * share, 0.0);
        window.drag_at(to);
        window.run_steps(2);
        window.drop_at(to);
        window.run_steps(3);
        let done = frame(&window, 0).done;
        #[expect(clippy::cast_precision_loss, reason = "a thousand updates")]
        let way = done as f32 / 1000.0;
        assert!((way - share).abs() < 0.02, "{share}: {done}");
        for (pane, sampler) in ["langevin", "annealed"].into_iter().enumerate() {
            let shown = frame(&window, pane);
            assert_eq!(shown.done, done);
            assert!(shown.x == positions(&PaneChoice::of(sampler), done), "{sampler} at {done}");
        }
        visited.push(done);
    }
    assert!(visited[1] < visited[0] && visited[2] > visited[1] && visited[4] == 0, "{visited:?}");
}

#[test]
fn steps_go_forward_and_back_by_buttons_and_keys() {
    let mut window = window(&["annealed"]);
    for _ in 0..3 {
        click(&mut window, "Step");
    }
    click(&mut window, "Back");
    assert_eq!(frame(&window, 0).done, 2);
    press(&mut window, Key::B);
    assert_eq!(frame(&window, 0).done, 1);
    let (shown, before) = (frame(&window, 0), positions(&PaneChoice::of("annealed"), 0));
    let moved = (shown.x[0] - before[0]).hypot(shown.x[1] - before[1]);
    assert!((shown.picture.moved[0] - moved).abs() < 1e-6, "the speed is that of the last update");
    press(&mut window, Key::S);
    assert_eq!((frame(&window, 0).done, frame(&window, 0).x.clone()), (2, positions(&PaneChoice::of("annealed"), 2)));
}

/// By NFE, panes whose updates cost differently stand at the same price: 20 evaluations are 10 of Heun's steps.
#[test]
fn the_position_counts_score_evaluations_where_asked() {
    let mut window = window(&["heun", "langevin"]);
    click(&mut window, "NFE");
    assert!(desk(&window).kept().samplers.by_nfe);
    turn(&mut window, "Position", Key::ArrowRight, 20);
    let done = [0, 1].map(|pane| (frame(&window, pane).done, frame(&window, pane).nfe));
    assert_eq!(done, [(10, 20), (20, 20)]);
}

#[test]
fn speed_goes_from_one_update_a_second_to_as_many_as_there_can_be() {
    let mut slow = window_of(Kept { speed: 1.0, ..kept(&["annealed"]) }, [1280.0, 800.0], 1.0);
    slow.get_by_label("Play").click();
    // The click is seen in the next frame and obeyed in the one after.
    slow.run_steps(2 + 50);
    let done = frame(&slow, 0).done;
    assert!((1..=2).contains(&done), "{done} updates in two seconds");
    let rail = slow.get_by_role_and_label(Role::Slider, "Updates/s").rect();
    slow.drag_at(rail.center());
    slow.run_steps(2);
    slow.drop_at(rail.right_center());
    slow.run_steps(3);
    assert!((desk(&slow).kept().speed - 2000.0).abs() < 1.0, "{}", desk(&slow).kept().speed);
    assert_eq!(frame(&slow, 0).done, 1000, "800 updates a frame");
}

#[test]
fn a_looped_run_begins_again_after_its_end_was_seen() {
    let mut window = window(&["heun"]);
    click(&mut window, "Loop");
    click(&mut window, "Play");
    let mut dones = Vec::new();
    for _ in 0..80 {
        window.run_steps(1);
        dones.push(frame(&window, 0).done);
    }
    let ended = dones.iter().position(|done| *done == 18).expect("eighteen updates at a hundred a second");
    let seen = dones[ended..].iter().take_while(|done| **done == 18).count();
    // 1.5 s at 25 frames a second.
    assert!((36..=40).contains(&seen) && dones[ended + seen] < 18, "{seen} {dones:?}");
    assert!(frame(&window, 0).playing);
    click(&mut window, "Restart");
    assert!(!frame(&window, 0).playing && frame(&window, 0).done == 0);
}

/// Of a run of 18 updates every place is kept: a trail is the way itself.
#[test]
fn trails_are_the_last_positions_of_the_first_particles() {
    let mut window = window(&["heun"]);
    click(&mut window, "Trails");
    assert!(desk(&window).kept().samplers.trails);
    for _ in 0..5 {
        click(&mut window, "Step");
    }
    let frame = frame(&window, 0);
    let trails = &frame.picture.trails;
    let width = 2 * trails.particles;
    assert!(trails.particles >= 100 && trails.x.len() == 6 * width);
    for place in 0..6 {
        let expected = positions(&PaneChoice::of("heun"), place);
        assert!(trails.x[place * width..(place + 1) * width] == expected[..width], "place {place}");
    }
}

/// A particle has the mode of the nearer centre, which for equal widths parts the plane along x + y = 0.
#[test]
fn particles_are_coloured_by_the_nearest_mode_and_modes_are_marked_where_they_are() {
    let mut window = window(&["langevin"]);
    window.get_by_label("Colour").click();
    window.run_steps(3);
    click(&mut window, "Mode");
    assert_eq!(desk(&window).kept().samplers.colouring, Colouring::Mode);
    click(&mut window, "Play");
    window.run_steps(30);
    let frame = frame(&window, 0);
    for (x, member) in frame.x.chunks_exact(2).zip(&frame.picture.members) {
        assert_eq!(member.mode, Some(usize::from(x[0] + x[1] < 0.0)));
    }
    let centres = &*frame.picture.centres;
    assert!(centres.len() == 2 && (centres[0][0] - 5.0).abs() < 0.01 && (centres[1][1] + 5.0).abs() < 0.01);
    assert_eq!(frame.picture.start.as_slice(), positions(&PaneChoice::of("langevin"), 0));
}

/// α_i = α_0 (σ_i/σ_L)²: 0.1 · 400 at the first of ten levels from 20 to 1; a hundred updates later the second begins.
#[test]
fn the_lamp_stands_on_the_level_in_use() {
    let mut window = window(&["langevin", "annealed"]);
    assert!(window.query_by_label("Noise level of pane 1: σ 1.00, α 0.100").is_some());
    assert!(window.query_by_label("Noise level of pane 2: σ 20.0, α 40.0, level 1 of 10").is_some());
    turn(&mut window, "Position", Key::ArrowRight, 99);
    assert!(window.query_by_label("Noise level of pane 2: σ 20.0, α 40.0, level 1 of 10").is_some());
    turn(&mut window, "Position", Key::ArrowRight, 1);
    // σ_2 = 20 · 20^(−1/9) = 14.34, α = 0.1 · 14.34²
    assert!(window.query_by_label("Noise level of pane 2: σ 14.3, α 20.6, level 2 of 10").is_some());
}

#[test]
fn traces_end_where_the_pane_stands_and_their_metric_is_chosen() {
    let mut window = window_of(Kept { speed: 2000.0, ..kept(&["langevin", "annealed"]) }, [1280.0, 800.0], 1.0);
    click(&mut window, "Play");
    play_out(&mut window);
    for pane in 0..2 {
        let frame = frame(&window, pane);
        let last = *frame.trace.last().expect("a run has measures");
        assert_eq!((last.nfe, last.heaviest), (1000, Some(frame.shares.weights[0])));
        assert_eq!((last.off_mode, last.sliced_wasserstein), (frame.shares.off_mode, frame.sliced_wasserstein));
        assert!(frame.trace.windows(2).all(|two| two[0].nfe < two[1].nfe) && frame.trace.len() > 50);
    }
    let distance = |pane| frame(&window, pane).sliced_wasserstein.expect("finite particles");
    // Too little in one mode by 0.29 of 14.1 apart is far from the truth; annealing is near it.
    assert!(distance(0) > 4.0 && distance(1) < 2.0, "{} {}", distance(0), distance(1));
    assert!(window.query_by_label_contains("Heaviest mode of every pane against NFE").is_some());
    for (title, metric) in [("Sliced Wasserstein", Metric::SlicedWasserstein), ("Off-mode", Metric::OffMode)] {
        window.get_by_label("Trace").click();
        window.run_steps(3);
        click(&mut window, title);
        assert_eq!(desk(&window).kept().samplers.metric, metric);
        assert!(window.query_by_label_contains(&format!("{title} of every pane against NFE")).is_some());
    }
}
