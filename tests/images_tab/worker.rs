//! The images worker without a window.

use std::sync::Arc;
use std::time::Duration;

use scorescope::samplers::{Entry, Serial, Value, find};
use scorescope::session::{
    Device, ImageModelChoice, ImageSetting, ImageSource, ImageStart, Images, ImagesCommand, Look, Pace,
};
use scorescope::ui::Offscreen;

use super::window::{Folders, SIDE, expected};

fn setting(entry: &'static Entry, count: usize) -> ImageSetting {
    let (source, start) = (ImageSource::Network, ImageStart::Noise);
    ImageSetting { entry, knobs: [].into(), seed: 5, count, source, start }
}

/// With a thread of its own, whatever waits for it meanwhile.
#[test]
fn the_worker_makes_the_same_images_behind_a_window() {
    let folders = Folders::new();
    let (woken, count) = std::sync::mpsc::channel();
    let wake = move || {
        // The receiver is gone once the images are done.
        let _ = woken.send(());
    };
    let mut images = Images::start(&Pace::Threads { wake: Arc::new(wake) });
    let choice = ImageModelChoice { folder: folders.path("model"), side: Some(SIDE), device: Device::Cpu, cats: false };
    let entry = find("heun").expect("it is listed");
    let knobs = [("steps".to_owned(), Value::Number(3.0))].into();
    images.send(ImagesCommand::Open(choice, vec![ImageSetting { knobs, ..setting(entry, 20) }]));
    assert!(images.opening().is_some());
    images.send(ImagesCommand::Play);
    let mut sigma = 1.0;
    let done = loop {
        count.recv_timeout(Duration::from_mins(1)).expect("the worker goes on");
        if let Some(frame) = images.latest().samples.get().filter(|frame| frame.done == frame.updates) {
            break frame;
        }
        sigma *= 1.01;
        assert!(sigma < 20.0, "whoever asks all the time stops everything");
        images.send(ImagesCommand::Look(Look { image: Some(19), sigma, of: [0, 0] }));
    };
    let network = folders.network();
    let mut run = expected(&network, "heun", &[("steps", 3.0)], 20);
    run.advance(&network.score, usize::MAX, &Serial);
    assert!(done.x == run.positions() && !done.playing && images.opening().is_none());
    assert_eq!(images.troubles().count(), 0);
}

/// A sampler that panics takes the worker with it. The next one opens the model on the same adapter.
#[test]
fn a_worker_that_panicked_works_again_with_its_adapter() {
    let Some(graphics) = Offscreen::new().ok().and_then(|adapter| adapter.share()) else {
        return eprintln!("NOT TESTED: there is no adapter");
    };
    let folders = Folders::new();
    let pace = Pace::Virtual { training_steps: 0, frame: Duration::from_millis(40) };
    let mut images = Images::start(&pace);
    let heun = find("heun").expect("it is listed");
    let panics: &'static Entry = Box::leak(Box::new(Entry { build: |_| panic!("a sampler that fails"), ..*heun }));
    let choice = ImageModelChoice { folder: folders.path("model"), side: Some(SIDE), device: Device::Gpu, cats: false };
    images.send(ImagesCommand::Graphics(Box::new(graphics)));
    images.send(ImagesCommand::Open(choice.clone(), vec![setting(panics, 1)]));
    images.refresh();
    let troubles: Vec<_> = images.troubles().collect();
    assert!(troubles.len() == 1 && troubles[0].why == "a sampler that fails", "{troubles:?}");
    assert!(images.opening().is_none() && images.latest().samples.get().is_none());
    images.send(ImagesCommand::Open(choice, vec![setting(heun, 1)]));
    images.send(ImagesCommand::Step);
    images.tick();
    let troubles: Vec<_> = images.troubles().collect();
    let frame = images.latest().samples.get().unwrap_or_else(|| panic!("{troubles:?}"));
    assert!(troubles.is_empty() && frame.done == 1 && !frame.model.device.starts_with("CPU"), "{troubles:?}");
}
