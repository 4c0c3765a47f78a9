//! Nothing is clipped, nameless or out of the keyboard's reach.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{AccessKitNode, By, NodeT, Queryable};
use scorescope::samplers::find;
use scorescope::ui::{Kept, Showing, Theme};

use crate::window::{desk, kept, window_of};

/// Every control, in every theme, at the smallest size, and at twice the size of type: none beyond the sides of the
/// window, and each named. Below the lower edge is what scrolls.
#[test]
fn nothing_is_beyond_the_sides_and_nothing_is_nameless() {
    for (theme, size, zoom) in [
        (Theme::Dark, [1024.0, 700.0], 1.0),
        (Theme::Projector, [1024.0, 700.0], 1.0),
        (Theme::Light, [1024.0, 700.0], 2.0),
        (Theme::Projector, [1920.0, 1080.0], 2.0),
    ] {
        let samplers = Showing { knobs_of: Some(1), ..Showing::default() };
        let kept = Kept { theme, samplers, ..kept(&["langevin", "annealed", "rk45", "ddim"]) };
        let window = window_of(kept, size, zoom);
        let mut seen = 0;
        for role in [Role::Button, Role::CheckBox, Role::Slider, Role::ComboBox, Role::SpinButton, Role::Image] {
            for node in window.query_all_by_role(role) {
                let rect = node.rect();
                let name = node.accesskit_node().label().or_else(|| node.accesskit_node().value());
                let inside = rect.left() >= -0.5 && rect.right() <= size[0] / zoom + 0.5;
                assert!(inside, "{theme:?} {zoom} {role:?} {name:?} {rect:?}");
                let named = node.accesskit_node().labelled_by().next().is_some();
                assert!(named || name.is_some_and(|name| !name.is_empty()), "{theme:?} {role:?} {rect:?}");
                seen += 1;
            }
        }
        assert!(seen > 20, "{theme:?} {zoom}: {seen}");
    }
}

fn is_focused(node: &AccessKitNode<'_>) -> bool {
    node.is_focused()
}

#[test]
fn the_keyboard_reaches_every_control() {
    let mut window = window_of(
        Kept { samplers: Showing { knobs_of: Some(0), ..Showing::default() }, ..kept(&["annealed", "heun"]) },
        [1280.0, 800.0],
        1.0,
    );
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..70 {
        window.key_press(Key::Tab);
        window.run_steps(1);
        let root = window.root();
        let focused = root.query_all(By::new().predicate(is_focused)).last();
        reached.extend(focused.and_then(|node| node.accesskit_node().label()));
    }
    for name in [
        "Sampler 1",
        "Sampler 2",
        "Knobs of pane 2",
        "Source of pane 2",
        "Remove pane 2",
        "Play",
        "Step",
        "Back",
        "Restart",
        "Loop",
        "Updates/s",
        "Updates",
        "NFE",
        "Position",
        "Add pane",
        "Show a failure",
        "Equal NFE",
        "Arrows",
        "Trails",
        "Colour",
        "Trace",
        "Levels slider",
        "Denoise at the end",
        "Start",
        "Close knobs",
    ] {
        assert!(reached.contains(name), "{name} is not among {reached:?}");
    }
    assert_eq!(find("annealed").expect("it is listed").name, desk(&window).kept().panes[0].sampler);
}
