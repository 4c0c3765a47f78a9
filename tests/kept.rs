//! What the window remembers between two runs.

use std::collections::HashMap;

use eframe::{App as _, CreationContext, Storage};
use scorescope::samplers::Value;
use scorescope::scenario::Scenario;
use scorescope::session::{Device, Source};
use scorescope::ui::{
    App, Beside, Camera, Colouring, Colours, Compare, Draft, FieldChoices, ImageChoices, Kept, Metric, PaneChoice,
    Showing, Shown, Tab, Theme,
};

#[derive(Default)]
struct Memory(HashMap<String, String>);

impl Storage for Memory {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}

fn open(storage: &Memory, scenario: Option<&str>, theme: Option<Theme>) -> App {
    let mut cc = CreationContext::_new_kittest(egui::Context::default());
    cc.storage = Some(storage);
    App::new(&cc, scenario.map(|name| Scenario::load(name).expect("a bundled scenario")), theme)
}

/// A knob that all three samplers have, away from its default.
fn turned() -> std::collections::BTreeMap<String, Value> {
    [("start".to_owned(), Value::Word("box".to_owned())), ("box".to_owned(), Value::Number(3.5))].into()
}

fn choices() -> Kept {
    Kept {
        scenario: "ring-8".to_owned(),
        theme: Theme::Projector,
        tab: Tab::Samplers,
        sigma: Some(0.75),
        source: Source::Difference,
        arrows: false,
        particles: true,
        field: FieldChoices {
            camera: Some(Camera { centre: [1.5, -2.0], zoom: 3.0 }),
            colours: Colours::Curl,
            contours: true,
            streamlines: true,
            lic: true,
            data_points: true,
            noised_points: true,
            memorising: true,
            memorised: 40,
            compare: Compare::Wipe,
            other: Shown::Memorising,
            wipe: 0.25,
            strip: false,
            probe: false,
            draft: Some(Draft::Strokes(vec![vec![[0.0, 0.0], [1.0, 2.0]]])),
        },
        panes: ["annealed", "langevin", "heun"]
            .map(|sampler| PaneChoice { source: Source::Learned, knobs: turned(), ..PaneChoice::of(sampler) })
            .to_vec(),
        samplers: Showing {
            device: Device::Gpu,
            particles: Some(100_000),
            equal_nfe: true,
            looped: true,
            trails: true,
            colouring: Colouring::Mode,
            metric: Metric::OffMode,
            by_nfe: true,
            knobs_of: Some(1),
        },
        images: ImageChoices {
            folder: "models/ddpm-cifar10-32".to_owned(),
            side: 48,
            device: Device::Cpu,
            cats: true,
            memory: true,
            memory_of: 70,
            sampler: "ddim".to_owned(),
            knobs: [("eta".to_owned(), Value::Number(0.5))].into(),
            compares: true,
            other_sampler: "rk45".to_owned(),
            other_knobs: [("tolerance".to_owned(), Value::Number(0.01))].into(),
            shows_knobs: true,
            seed: 12,
            count: 9,
            denoised: true,
            draws_on: true,
            beside: Beside::Painting,
            chosen: None,
            sigma: Some(2.5),
        },
        speed: 250.0,
        picture: "/tmp/of the class.png".to_owned(),
    }
}

#[test]
fn every_choice_survives_a_restart() {
    let mut storage = Memory::default();
    App::with(&egui::Context::default(), choices(), None, None).save(&mut storage);
    assert_eq!(open(&storage, None, None).desk().kept(), &choices());
}

#[test]
fn the_command_line_goes_before_what_was_kept() {
    let mut storage = Memory::default();
    App::with(&egui::Context::default(), choices(), None, None).save(&mut storage);
    let app = open(&storage, Some("grid-25"), Some(Theme::Light));
    let kept = app.desk().kept();
    assert_eq!((kept.scenario.as_str(), kept.theme, kept.tab), ("grid-25", Theme::Light, Tab::Samplers));
    assert_eq!(kept.sigma, None, "another scenario has another range of σ");
}

#[test]
fn a_first_run_and_a_damaged_memory_open_the_default() {
    assert_eq!(open(&Memory::default(), None, None).desk().kept(), &Kept::default());
    let mut storage = Memory::default();
    App::with(&egui::Context::default(), choices(), None, None).save(&mut storage);
    storage.0.values_mut().for_each(|value| value.truncate(value.len() / 2));
    assert_eq!(open(&storage, None, None).desk().kept(), &Kept::default());
}

/// What a window wrote in which nobody had opened a model: it has the one that the program carries.
#[test]
fn a_memory_without_a_model_opens_on_the_carried_one() {
    let mut storage = Memory::default();
    storage.set_string("scorescope", "(images:(folder:\"\",seed:3))".to_owned());
    let app = open(&storage, None, None);
    assert_eq!((app.desk().kept().images.folder.as_str(), app.desk().kept().images.seed), ("cats-32", 3));
}

/// What a window of two panes without knobs wrote: a pair, and none of what came later.
#[test]
fn a_memory_of_the_window_with_two_panes_still_opens() {
    let text = "(scenario:\"ring-8\",theme:light,tab:samplers,sigma:Some(0.75),source:difference,arrows:false,\
        particles:true,panes:((sampler:\"annealed\",source:learned),(sampler:\"heun\",source:exact)),speed:250.0)";
    let mut storage = Memory::default();
    storage.set_string("scorescope", text.to_owned());
    let learned = PaneChoice { source: Source::Learned, ..PaneChoice::of("annealed") };
    let expected = Kept {
        scenario: "ring-8".to_owned(),
        theme: Theme::Light,
        tab: Tab::Samplers,
        sigma: Some(0.75),
        source: Source::Difference,
        arrows: false,
        particles: true,
        panes: vec![learned, PaneChoice::of("heun")],
        speed: 250.0,
        ..Kept::default()
    };
    assert_eq!(open(&storage, None, None).desk().kept(), &expected);
}

/// What an earlier version kept, which knew nothing of most choices, opens with the rest as usual.
#[test]
fn a_memory_of_an_earlier_version_still_opens() {
    let mut storage = Memory::default();
    App::with(&egui::Context::default(), choices(), None, None).save(&mut storage);
    for value in storage.0.values_mut() {
        *value = "(scenario:\"ring-8\",theme:light,source:exact)".to_owned();
    }
    let expected =
        Kept { scenario: "ring-8".to_owned(), theme: Theme::Light, source: Source::Exact, ..Kept::default() };
    assert_eq!(open(&storage, None, None).desk().kept(), &expected);
}
