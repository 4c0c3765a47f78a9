//! The Field tab, driven by accessible names, mouse and keyboard: canvas, layers, sources, probe, σ, errors.

#[path = "support/field.rs"]
mod support;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use scorescope::distributions::{Distribution, PointCloud};
use scorescope::scenario::Scenario;
use scorescope::session::{COMPARED, Heat, Source};
use scorescope::ui::{Colours, Compare, Kept, Shown, Theme};
use support::*;

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
