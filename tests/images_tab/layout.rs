//! The Images tab at every size: nothing is clipped, nameless or out of the keyboard's reach.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use scorescope::ui::{Kept, Theme};

use super::window::{Folders, click, window_of};

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
            "Model",
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
