//! The Field tab, driven by accessible names, mouse and keyboard: each action and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelUnit, Pos2, Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use scorescope::distributions::{Distribution, PointCloud};
use scorescope::scenario::Scenario;
use scorescope::session::{COMPARED, FieldFrame, Heat, Pace, Source};
use scorescope::ui::{Colours, Compare, Desk, Draft, Kept, Shown, Theme};

const TRAINING_STEPS: usize = 2;
const SIZE: Vec2 = vec2(1280.0, 800.0);

type Window = Harness<'static, Option<Desk>>;

/// A window of the default scenario in which every frame is one tick of virtual time.
fn window(kept: Kept) -> Window {
    sized(kept, SIZE)
}

fn sized(kept: Kept, size: Vec2) -> Window {
    let draw = move |ui: &mut egui::Ui, desk: &mut Option<Desk>| {
        let open = || {
            let pace = Pace::Virtual { training_steps: TRAINING_STEPS, frame: Duration::from_millis(40) };
            Desk::open(ui.ctx(), kept.clone(), None, 7, pace)
        };
        let desk = desk.get_or_insert_with(open);
        desk.tick();
        desk.ui(ui);
    };
    let mut harness = Harness::builder().with_size(size).with_step_dt(0.04).build_ui_state(draw, None);
    harness.run_steps(4);
    harness
}

fn usual() -> Window {
    window(Kept { source: Source::Exact, ..Kept::default() })
}

fn desk(window: &Window) -> &Desk {
    window.state().as_ref().expect("the first frame opens the desk")
}

fn field(window: &Window) -> Arc<FieldFrame> {
    desk(window).session().latest().fields[0].get().expect("the Field tab asks for a field at once")
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(3);
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(3);
}

fn canvas(window: &Window) -> Rect {
    window.get_by_label("Score field").rect()
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    window.hover_at(from.lerp(to, 0.5));
    window.step();
    window.hover_at(to);
    window.step();
    window.drop_at(to);
    window.run_steps(3);
}

/// What the canvas shows of the plane.
fn seen(window: &Window) -> ([f64; 2], [f64; 2]) {
    let view = field(window).request.view;
    (view.min, view.max)
}

fn width(window: &Window) -> f64 {
    let (min, max) = seen(window);
    max[0] - min[0]
}

/// The point of the plane at a place of the canvas.
fn under(window: &Window, at: Pos2) -> [f64; 2] {
    let ((min, max), rect) = (seen(window), canvas(window));
    let share = [(at.x - rect.left()) / rect.width(), (rect.bottom() - at.y) / rect.height()];
    [0, 1].map(|axis| min[axis] + f64::from(share[axis]) * (max[axis] - min[axis]))
}

/// Where a point of the plane is on the screen.
fn place(window: &Window, x: [f64; 2]) -> Pos2 {
    let ((min, max), rect) = (seen(window), canvas(window));
    #[expect(clippy::cast_possible_truncation, reason = "screen positions are f32")]
    let share = [0, 1].map(|axis| ((x[axis] - min[axis]) / (max[axis] - min[axis])) as f32);
    pos2(rect.left() + share[0] * rect.width(), rect.bottom() - share[1] * rect.height())
}

#[test]
fn a_drag_pans_the_wheel_zooms_about_the_pointer_and_f_fits() {
    let mut window = usual();
    let (before, rect) = (seen(&window), canvas(&window));
    let per_point = width(&window) / f64::from(rect.width());
    let from = rect.center();
    drag(&mut window, from, from + vec2(60.0, 30.0));
    let after = seen(&window);
    assert!((after.0[0] - before.0[0] + 60.0 * per_point).abs() < 0.5 * per_point, "{before:?} {after:?}");
    assert!((after.0[1] - before.0[1] - 30.0 * per_point).abs() < 0.5 * per_point, "{before:?} {after:?}");

    let pointer = rect.center() + vec2(120.0, -80.0);
    window.hover_at(pointer);
    window.step();
    let (fixed, wide) = (under(&window, pointer), width(&window));
    let wheel = |up| Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, up),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    };
    window.event(wheel(120.0));
    window.run_steps(30);
    assert!(width(&window) < 0.75 * wide, "{wide} {}", width(&window));
    let still = under(&window, pointer);
    assert!((0..2).all(|axis| (still[axis] - fixed[axis]).abs() < 2.0 * per_point), "{fixed:?} {still:?}");
    window.event(Event::Zoom(0.5));
    window.run_steps(4);
    let zoomed_out = width(&window);
    press(&mut window, Key::F);
    assert_eq!((seen(&window), desk(&window).kept().field.camera), (before, None));
    assert!((zoomed_out - width(&window)).abs() > per_point);
}

#[test]
fn keys_and_buttons_zoom_and_pan() {
    let mut window = usual();
    let wide = width(&window);
    for (key, expected) in [(Key::Plus, 0.8), (Key::Minus, 1.0), (Key::Minus, 1.25), (Key::Equals, 1.0)] {
        press(&mut window, key);
        assert!((width(&window) / wide - expected).abs() < 1e-9, "{key:?} {}", width(&window) / wide);
    }
    click(&mut window, "Zoom in");
    assert!((width(&window) / wide - 0.8).abs() < 1e-9);
    click(&mut window, "Zoom out");
    let before = seen(&window);
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    window.run_steps(3);
    let sigma = field(&window).request.sigma;
    let after = seen(&window);
    assert!((after.0[0] - before.0[0] - 2.0).abs() < 1e-9, "a tenth of the scenario's view: {before:?} {after:?}");
    assert!((sigma - 20f32.sqrt()).abs() < 1e-5, "Shift keeps the arrow from σ: {sigma}");
    click(&mut window, "Fit");
    assert!((width(&window) / wide - 1.0).abs() < 1e-9 && desk(&window).kept().field.camera.is_none());
}

#[test]
fn layers_switch_on_and_off_and_the_worker_makes_what_is_asked_for() {
    let mut window = usual();
    let plain = field(&window);
    assert!(plain.contours.lines.is_empty() && plain.streamlines.is_empty() && plain.lic.is_none());
    click(&mut window, "Contours");
    assert!(field(&window).contours.lines.len() >= 3);
    click(&mut window, "Streamlines");
    assert!(field(&window).streamlines.len() > 10);
    click(&mut window, "LIC");
    let lic = field(&window).lic.clone().expect("it is on");
    assert_eq!(lic.grey.len(), lic.size[0] * lic.size[1]);
    click(&mut window, "Arrows");
    assert!(field(&window).arrows.is_empty());
    click(&mut window, "Data");
    click(&mut window, "Noised");
    let points = desk(&window).session().latest().points.get().expect("they are drawn");
    // The modes of this scenario are points: every data point is one of two.
    assert!(points.x.chunks(2).all(|x| x == [5.0, 5.0] || x == [-5.0, -5.0]));
    for name in ["Contours", "Streamlines", "LIC", "Arrows", "Data", "Noised"] {
        click(&mut window, name);
    }
    let again = field(&window);
    assert!(again.contours.lines.is_empty() && again.streamlines.is_empty() && again.lic.is_none());
    assert_eq!(again.arrows, plain.arrows);
}

/// A true score is a gradient: its curl is nothing but rounding. An untrained network's is not.
#[test]
fn the_curl_of_the_truth_is_nothing_and_that_of_the_network_is_something() {
    let mut window = usual();
    click(&mut window, "Curl");
    let exact = field(&window);
    assert_eq!((exact.shows, desk(&window).kept().field.colours), (Heat::Curl, Colours::Curl));
    assert!(exact.rms_curl.expect("it is measured") < 1e-4, "{:?}", exact.rms_curl);
    click(&mut window, "Learned");
    window.run_steps(8);
    let learned = field(&window).rms_curl.expect("it is measured");
    assert!(learned > 1e-3, "{learned}");
    click(&mut window, "Density");
    assert_eq!(field(&window).shows, Heat::LogDensity);
    click(&mut window, "Density");
    assert_eq!(desk(&window).kept().field.colours, Colours::Off);
}

/// The memorising score is that of the data points on the screen, and of no others.
#[test]
fn memorising_is_the_exact_score_of_the_points_on_the_screen() {
    let mut window = window(Kept { scenario: "spiral".to_owned(), source: Source::Exact, ..Kept::default() });
    let exact = field(&window);
    click(&mut window, "Memorising");
    click(&mut window, "Data");
    assert_eq!(desk(&window).shown_source(), Shown::Memorising);
    let memorising = field(&window);
    assert_ne!(exact.arrows, memorising.arrows);
    let points = desk(&window).session().latest().points.get().expect("they are drawn");
    let points: Vec<[f64; 2]> = points.x.chunks(2).take(100).map(|x| [x[0].into(), x[1].into()]).collect();
    let cloud = PointCloud::new(&points, None, 0.0).expect("legal points");
    let request = memorising.request;
    for (x, s) in request.view.centres(request.arrows).zip(memorising.arrows.chunks(2)).step_by(17) {
        let (_, expected) = cloud.log_density_and_score(x, request.sigma.into());
        for axis in 0..2 {
            let error = (f64::from(s[axis]) - expected[axis]).abs();
            assert!(error < 1e-3 * (1.0 + expected[axis].abs()), "{s:?} {expected:?}");
        }
    }
    press(&mut window, Key::Num2);
    assert_eq!(field(&window).arrows, exact.arrows);
    press(&mut window, Key::Num4);
    assert_eq!(desk(&window).shown_source(), Shown::Memorising);
}

#[test]
fn two_fields_stand_side_by_side_or_are_parted_by_a_wipe() {
    let mut window = usual();
    click(&mut window, "Learned");
    click(&mut window, "Side by side");
    let other = desk(&window).session().latest().fields[COMPARED].get().expect("the second canvas asks for a field");
    assert_eq!((field(&window).request.source, other.request.source), (Source::Learned, Source::Exact));
    let [left, right] = [canvas(&window), window.get_by_label("Score field, compared").rect()];
    assert!(left.right() < right.left() && (left.width() - right.width()).abs() < 2.0);
    // One hand moves both.
    drag(&mut window, right.center(), right.center() + vec2(40.0, 0.0));
    let other = desk(&window).session().latest().fields[COMPARED].get().expect("a field");
    assert!((0..2).all(|axis| (other.request.view.min[axis] - seen(&window).0[axis]).abs() < 1e-4));
    assert!(desk(&window).kept().field.camera.is_some());

    click(&mut window, "Wipe");
    assert_eq!(desk(&window).kept().field.compare, Compare::Wipe);
    assert!(window.query_by_label("Score field, compared").is_none());
    let (grip, rect) = (window.get_by_label("Wipe between the fields").rect(), canvas(&window));
    let before = desk(&window).kept().field.camera;
    let from = grip.center() + vec2(0.0, 60.0);
    drag(&mut window, from, from + vec2(0.25 * rect.width(), 0.0));
    assert!((desk(&window).kept().field.wipe - 0.75).abs() < 0.02, "{}", desk(&window).kept().field.wipe);
    assert_eq!(desk(&window).kept().field.camera, before, "the wipe moves, the canvas does not");
    window.get_by_label("Compared with").click();
    window.run_steps(3);
    window.get_all_by_label("Difference").last().expect("the list is open").click();
    window.run_steps(3);
    let other = desk(&window).session().latest().fields[COMPARED].get().expect("a field");
    assert_eq!((other.request.source, other.shows), (Source::Difference, Heat::Error));
}

/// D(x, σ) of the two point masses in closed form: the mean of both, weighted by w exp(−r²/2σ²).
#[test]
fn the_probe_says_what_is_known_under_the_pointer() {
    let mut window = usual();
    let at = canvas(&window).center() + vec2(70.0, -40.0);
    let x = under(&window, at);
    window.hover_at(at);
    window.run_steps(4);
    let probe = desk(&window).session().latest().probe.get().expect("the pointer is on the canvas");
    assert!((0..2).all(|axis| (probe.request.x[axis] - x[axis]).abs() < 1e-3), "{:?} {x:?}", probe.request.x);
    let sigma = f64::from(probe.request.sigma);
    let share = |weight: f64, mean: f64| {
        weight
            * (-((probe.request.x[0] - mean).powi(2) + (probe.request.x[1] - mean).powi(2)) / (2.0 * sigma * sigma))
                .exp()
    };
    let (a, b) = (share(0.8, 5.0), share(0.2, -5.0));
    let denoised = probe.denoised(Source::Exact).expect("the truth is known");
    let log_p = ((a + b) / (std::f64::consts::TAU * sigma * sigma)).ln();
    assert!(denoised.iter().all(|d| (d - 5.0 * (a - b) / (a + b)).abs() < 1e-6), "{denoised:?}");
    assert!((probe.log_density - log_p).abs() < 1e-9);
    assert!(probe.learned.is_some() && probe.angle().is_some_and(|angle| (0.0..=180.0).contains(&angle)));
    let spoken: Vec<_> =
        window.query_all_by_role(Role::Label).filter_map(|node| node.accesskit_node().value()).collect();
    assert!(spoken.iter().any(|text| text.contains("D = x + σ²s") && text.contains("angle")), "{spoken:?}");

    // A click holds it; then the pointer goes elsewhere.
    window.drag_at(at);
    window.drop_at(at);
    window.run_steps(3);
    window.hover_at(at + vec2(100.0, 100.0));
    window.run_steps(3);
    let held = desk(&window).session().latest().probe.get().expect("it is held");
    assert!((0..2).all(|axis| (held.request.x[axis] - x[axis]).abs() < 1e-3));
}

#[test]
fn sigma_plays_down_and_up_again_and_a_small_picture_sets_it() {
    let mut window = usual();
    let before = field(&window).request.sigma;
    click(&mut window, "Play σ");
    window.run_steps(10);
    let down = field(&window).request.sigma;
    assert!(desk(&window).is_sweeping() && down < before, "{before} {down}");
    let mut sigmas = Vec::new();
    for _ in 0..400 {
        window.step();
        sigmas.push(field(&window).request.sigma);
    }
    let (least, most) = sigmas.iter().fold((f32::MAX, 0.0f32), |(least, most), s| (least.min(*s), most.max(*s)));
    assert!((least - 1.0).abs() < 1e-3 && (most - 20.0).abs() < 1e-2, "{least} {most}");
    press(&mut window, Key::P);
    assert!(!desk(&window).is_sweeping());
    let strip = desk(&window).session().latest().strip.get().expect("the strip is on");
    assert_eq!(strip.len(), 10);
    let scenario = Scenario::load("ncsn-toy").expect("a bundled scenario");
    for (frame, level) in strip.iter().zip(scenario.ladder.levels()) {
        assert!((f64::from(frame.request.sigma) / level - 1.0).abs() < 1e-6);
        let corner = frame.request.view.centres(frame.request.cells).next().expect("it has cells");
        let (log_p, _) = scenario.data.log_density_and_score(corner, frame.request.sigma.into());
        assert!((f64::from(frame.heat[0]) - log_p).abs() < 1e-3 * log_p.abs());
    }
    click(&mut window, "Field at σ = 20.0");
    assert_eq!(desk(&window).kept().sigma, Some(20.0));
    click(&mut window, "Strip");
    assert!(window.query_by_label("Field at σ = 20.0").is_none() && !desk(&window).kept().field.strip);
}

/// The error falls with training, is measured about once a second, and is that of the metric.
#[test]
fn the_error_against_the_truth_falls_while_the_network_learns() {
    let mut window = usual();
    let audit = |window: &Window| desk(window).session().latest().audit.get().expect("there is a network");
    let first = audit(&window);
    click(&mut window, "Start training");
    let before = desk(&window).session().latest().audit.version();
    window.run_steps(100);
    let audits = desk(&window).session().latest().audit.version() - before;
    assert!((2..=6).contains(&audits), "{audits} in four seconds");
    window.run_steps(200);
    let last = audit(&window);
    assert_eq!(last.by_sigma.len(), 10);
    assert!(last.steps > first.steps && !last.by_decade.is_empty());
    let mean = |audit: &scorescope::session::AuditFrame| audit.by_sigma.iter().map(|e| e.error).sum::<f64>();
    assert!(mean(&last) < 0.5 * mean(&first), "{} {}", mean(&first), mean(&last));
    assert!(window.query_all_by_role(Role::Image).count() >= 3, "the canvas and both plots");
}

/// The modes as the session has them.
fn modes(window: &Window) -> Vec<scorescope::distributions::Component> {
    desk(window).data().components()
}

/// Whether the first mode is exactly there.
fn is_at(window: &Window, mean: [f64; 2]) -> bool {
    modes(window)[0].mean.iter().zip(mean).all(|(x, y)| x.to_bits() == y.to_bits())
}

/// The section about the data, open, with a tool in hand.
fn with_tool(kept: Kept, tool: &str) -> Window {
    let mut window = window(kept);
    click(&mut window, "Edit the data");
    click(&mut window, tool);
    window
}

fn exact() -> Kept {
    Kept { source: Source::Exact, ..Kept::default() }
}

fn undo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(4);
}

fn redo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.run_steps(4);
}

#[test]
fn a_dragged_mode_moves_the_density_at_once_and_the_session_when_it_is_released() {
    let mut window = with_tool(exact(), "Modes");
    let (from, camera) = (place(&window, [5.0, 5.0]), desk(&window).kept().field.camera);
    let to = from + vec2(-60.0, 80.0);
    let target = under(&window, to);
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    window.hover_at(from.lerp(to, 0.5));
    window.run_steps(2);
    window.hover_at(to);
    window.run_steps(3);
    // Still in the hand: the session has the old data, the picture the new ones.
    assert!(is_at(&window, [5.0, 5.0]));
    let live = field(&window);
    let greatest = live.heat.iter().zip(live.request.view.centres(live.cells)).max_by(|a, b| a.0.total_cmp(b.0));
    let peak = greatest.expect("cells").1;
    // At σ = 4.5 the other mode, of a quarter of the weight, pulls the peak by some tenths.
    assert!((0..2).all(|axis| (peak[axis] - target[axis]).abs() < 1.2), "{peak:?} {target:?}");
    window.drop_at(to);
    window.run_steps(3);
    let mean = modes(&window)[0].mean;
    assert!((0..2).all(|axis| (mean[axis] - target[axis]).abs() < 0.1), "{mean:?} {target:?}");
    assert_eq!((modes(&window)[1].mean, desk(&window).kept().field.camera), ([-5.0, -5.0], camera));
    assert!(matches!(desk(&window).kept().field.draft, Some(Draft::Mixture(_))), "the edit is kept");
    undo(&mut window);
    assert_eq!((modes(&window)[0].mean, &desk(&window).kept().field.draft), ([5.0, 5.0], &None));
    redo(&mut window);
    assert!(is_at(&window, mean));
    click(&mut window, "Undo");
    assert!(is_at(&window, [5.0, 5.0]));
    click(&mut window, "Redo");
    assert!(is_at(&window, mean));
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
}

#[test]
fn a_handle_stretches_and_turns_and_the_wheel_weighs() {
    let mut window = with_tool(exact(), "Modes");
    let middle = place(&window, [5.0, 5.0]);
    let per_point = width(&window) / f64::from(canvas(&window).width());
    // The handle of a point mass stands 24 points off it, to the right; it is pulled up and right by 84.
    let along = vec2(1.0, -1.0).normalized();
    drag(&mut window, middle + vec2(24.0, 0.0), middle + along * 84.0);
    let [[a, b], [_, d]] = modes(&window)[0].covariance;
    let variance = (60.0 * per_point).powi(2);
    // Σ = v (1, 1)ᵀ(1, 1) / 2: a line of Gaussian density at 45°.
    for part in [a, b, d] {
        assert!((part / (0.5 * variance) - 1.0).abs() < 0.05, "{a} {b} {d} {variance}");
    }
    window.hover_at(place(&window, [-5.0, -5.0]));
    window.step();
    let wide = width(&window);
    window.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 120.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    window.run_steps(40);
    let weights = desk(&window).data().mode_weights();
    assert!(
        (weights[1] - 0.2 * 0.5f64.exp()).abs() < 0.02 && (weights[0] + weights[1] - 1.0).abs() < 1e-12,
        "{weights:?}"
    );
    assert!((width(&window) - wide).abs() < 1e-9, "the wheel over a mode does not zoom");
}

#[test]
fn modes_are_added_removed_and_set_by_numbers_without_a_mouse() {
    let mut window = with_tool(exact(), "Modes");
    click(&mut window, "Add mode");
    let added = modes(&window);
    assert_eq!((added.len(), added[2].mean), (3, [0.0, 0.0]));
    assert!((added[2].weight - 1.0 / 3.0).abs() < 1e-9);
    let field = window.get_by_label("Mean x");
    field.focus();
    window.run_steps(2);
    for _ in 0..10 {
        window.key_press(Key::ArrowUp);
        window.step();
    }
    window.run_steps(30);
    assert!(modes(&window)[2].mean[0] > 0.0, "{:?}", modes(&window)[2]);
    click(&mut window, "Remove mode");
    assert_eq!(modes(&window).len(), 2);
    // A double click adds one where it happens.
    let at = canvas(&window).center() + vec2(100.0, 120.0);
    let x = under(&window, at);
    window.hover_at(at);
    // Longer than a click and another make one of two.
    window.run_steps(12);
    for _ in 0..2 {
        window.drag_at(at);
        window.event(Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        });
    }
    window.run_steps(4);
    let mean = modes(&window)[2].mean;
    assert!((0..2).all(|axis| (mean[axis] - x[axis]).abs() < 0.1), "{mean:?} {x:?}");
    window.remove_cursor();
    press(&mut window, Key::Delete);
    assert_eq!(modes(&window).len(), 2);
}

#[test]
fn strokes_are_drawn_erased_undone_and_redone() {
    let mut window = with_tool(exact(), "Draw");
    let (left, right) = (canvas(&window).center() - vec2(150.0, 0.0), canvas(&window).center() + vec2(150.0, 0.0));
    let stroke = |window: &mut Window, from: Pos2, to: Pos2| {
        window.hover_at(from);
        window.drag_at(from);
        for i in 0u8..=30 {
            window.hover_at(from.lerp(to, f32::from(i) / 30.0));
        }
        window.drop_at(to);
        window.run_steps(3);
    };
    stroke(&mut window, left, right);
    assert!(modes(&window).is_empty() && desk(&window).data().mode_weights().is_empty());
    let (a, b) = (under(&window, left), under(&window, right));
    let bounds = desk(&window).data().bounds();
    // A line of thickness 0.05 from end to end, its bounds three thicknesses wider.
    assert!(
        (bounds[0][0] - a[0] + 0.15).abs() < 0.3 && (bounds[1][0] - b[0] - 0.15).abs() < 0.3,
        "{bounds:?} {a:?} {b:?}"
    );
    let middle = desk(&window).data().mean();
    assert!((middle[0] - 0.5 * (a[0] + b[0])).abs() < 0.2);
    stroke(&mut window, left + vec2(0.0, 100.0), right + vec2(0.0, 100.0));
    let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes are drawn") };
    assert_eq!(strokes.len(), 2);
    click(&mut window, "Erase");
    let middle = canvas(&window).center();
    stroke(&mut window, middle - vec2(0.0, 60.0), middle + vec2(0.0, 60.0));
    let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes stay strokes") };
    assert_eq!(strokes.len(), 3, "the first one is cut in two");
    for expected in [2, 1] {
        undo(&mut window);
        let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes") };
        assert_eq!(strokes.len(), expected);
    }
    undo(&mut window);
    assert_eq!(modes(&window).len(), 2, "the scenario's own data are back");
    for _ in 0..3 {
        redo(&mut window);
    }
    let Some(Draft::Strokes(strokes)) = desk(&window).draft() else { panic!("strokes") };
    assert_eq!(strokes.len(), 3);
}

/// A file as the window system hands it over.
#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

fn drop_file(window: &mut Window, path: &std::path::Path) {
    window.input_mut().dropped_files.push(Arc::new(Dropped(path.to_path_buf())));
    window.run_steps(4);
}

#[test]
fn a_dropped_csv_and_a_typed_png_become_the_data_and_can_be_undone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (csv, png) = (folder.path().join("three points.csv"), folder.path().join("dark \"square\".png"));
    std::fs::write(&csv, "x,y\n100,200\n300,200\n200,350\n").expect("a file");
    let mut encoder = png::Encoder::new(std::fs::File::create(&png).expect("a file"), 2, 2);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&[0, 255, 255, 255])).expect("a picture");

    let mut window = window(exact());
    drop_file(&mut window, &csv);
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
    let is_there = |window: &Window| desk(window).data().distance([200.0, 350.0], 1.0) < 1e-9;
    assert!(is_there(&window));
    let (min, max) = seen(&window);
    assert!(min[0] < 100.0 && max[0] > 300.0 && min[1] < 200.0 && max[1] > 350.0, "all of it is in sight");

    click(&mut window, "Edit the data");
    let field = window.get_by_label("File");
    field.focus();
    window.run_steps(2);
    window.get_by_label("File").type_text(png.to_str().expect("a path in UTF-8"));
    window.run_steps(2);
    click(&mut window, "Import");
    window.run_steps(4);
    assert!(desk(&window).troubles().is_empty(), "{:?}", desk(&window).troubles());
    // The upper left quarter of a picture 8 wide: its middle is at (−2, 2) from the picture's.
    let mean = desk(&window).data().mean();
    assert!((mean[0] + 2.0).abs() < 1e-6 && (mean[1] - 2.0).abs() < 1e-6, "{mean:?}");
    click(&mut window, "Undo");
    assert!(is_there(&window));
    click(&mut window, "Undo");
    assert_eq!(modes(&window).len(), 2);
}

#[test]
fn what_is_no_data_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    // A PNG whose header says 8192 × 6144: the size alone is reason enough.
    let mut large = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x20\0\0\0\x18\0\x08\0\0\0\0".to_vec();
    large.extend(crc32(&large[12..29]).to_be_bytes());
    large.extend(b"\0\0\0\0IDAT");
    large.extend(crc32(b"IDAT").to_be_bytes());
    for (path, says) in [
        (folder.path().to_path_buf(), "folder"),
        (write("binary.csv", &[0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00, 0x80]), "UTF-8"),
        (write("far.csv", b"1e300,0\n"), "1e300"),
        (write("empty.csv", b""), "no points"),
        (write("words.csv", b"a,b\nc,d\n"), "number"),
        (write("large.png", &large), "8192"),
        (write("photo.jpg", b"\xff\xd8"), ".jpg"),
        (folder.path().join("missing.csv"), "No such file"),
    ] {
        let mut window = window(exact());
        drop_file(&mut window, &path);
        let troubles = desk(&window).troubles();
        assert_eq!(troubles.len(), 1, "{}: {troubles:?}", path.display());
        assert!(troubles[0].why.contains(says) || says == "1e300", "{}: {troubles:?}", path.display());
        assert!(!troubles[0].remedy.is_empty());
        assert_eq!(modes(&window).len(), 2, "the data stay as they were");
    }
}

/// The checksum of PNG chunks, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// A million rows are read behind the window: opening, asking and giving up take no time, and the whole is thinned evenly.
#[test]
fn a_million_rows_are_read_behind_the_window_with_progress_and_can_be_cancelled() {
    use std::fmt::Write as _;
    use std::time::Instant;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("million.csv");
    let mut text = String::new();
    for i in 0..1_000_000u32 {
        writeln!(text, "{},{}", f64::from(i) * 1e-5, i % 7).expect("a string takes text");
    }
    std::fs::write(&path, text).expect("a file");
    let mut importer = scorescope::session::Importer::start(&Pace::Threads { wake: Arc::new(|| {}) });
    let wait = |importer: &mut scorescope::session::Importer, patience: u64| {
        let (begun, mut slowest, mut shares) = (Instant::now(), Duration::ZERO, Vec::new());
        while begun.elapsed() < Duration::from_secs(patience) {
            let asked = Instant::now();
            let result = importer.result();
            shares.extend(importer.progress().map(|(_, share)| share));
            slowest = slowest.max(asked.elapsed());
            if let Some(result) = result {
                return (Some(result), slowest, shares);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        (None, slowest, shares)
    };
    importer.open(path.clone());
    importer.cancel();
    assert!(importer.progress().is_none() && wait(&mut importer, 1).0.is_none(), "it was given up");
    importer.open(path);
    let (result, slowest, shares) = wait(&mut importer, 60);
    let imported = result.expect("it was read").expect("it is legal");
    assert!(slowest < Duration::from_millis(50), "{slowest:?}");
    assert!(shares.iter().any(|share| (0.05..0.95).contains(share)), "progress is seen");
    assert!(imported.note.is_some_and(|note| note.contains("1000000") && note.contains("2000")));
    // Evenly chosen: x runs from 0 to 10 like in the file.
    let (mean, std) = (imported.scenario.data.mean(), imported.scenario.data.std());
    assert!((mean[0] - 5.0).abs() < 0.01 && std > 1.0, "{mean:?} {std}");
}

/// At 200 % of the smallest window's type, and in the smallest window: a canvas is left, and the column scrolls to the rest.
#[test]
fn large_type_leaves_a_canvas_and_the_rest_within_reach() {
    for (size, theme) in [(vec2(512.0, 350.0), Theme::Dark), (vec2(820.0, 560.0), Theme::Projector)] {
        let mut window = sized(Kept { theme, ..exact() }, size);
        let canvas = canvas(&window);
        assert!(canvas.width() > 80.0 && canvas.height() > 60.0, "{canvas:?}");
        let screen = Rect::from_min_size(Pos2::ZERO, size);
        assert!(screen.expand(0.5).contains_rect(canvas), "{canvas:?}");
        for name in ["Memorising", "Edit the data", "Start training", "Probe", "Legend"] {
            window.get_all_by_label(name).next().expect("it is there").scroll_to_me();
            window.run_steps(12);
            let rect = window.get_all_by_label(name).next().expect("it is there").rect();
            assert!(screen.expand(0.5).contains_rect(rect), "{name} {rect:?}");
        }
    }
}
