//! The network that the program carries, and what becomes of its images: opened by itself, judged, compared, drawn on and on.
//! The score is that of a memory where the network's is not the point: it answers at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use scorescope::distributions::Memory;
use scorescope::gallery::{Cats, Decoder, Gallery};
use scorescope::noise::{Noise, Purpose};
use scorescope::samplers::{Run, Serial, Start, Value, find};
use scorescope::session::{Device, ImageSource, ImageStart, slerp};
use scorescope::ui::{Beside, ImageChoices, Kept, Tab};

use super::window::{Window, choose, click, desk, frame, window};

/// σ from 80 down to .002, the same steps in the window and beside it.
const STEPS: usize = 8;

/// Six images after the memory of so many cats, by Heun's method.
fn of_memory(cats: usize) -> Window {
    let images = ImageChoices {
        device: Device::Cpu,
        memory: true,
        memory_of: cats,
        knobs: [("steps".to_owned(), Value::Number(8.0))].into(),
        count: 6,
        seed: 5,
        beside: Beside::Verdict,
        ..ImageChoices::default()
    };
    window(Kept { tab: Tab::Images, images, ..Kept::default() })
}

/// What the executor alone makes of the memory of so many cats.
fn alone(sampler: &str, cats: usize, seed: u64) -> Run {
    let mut run = start(sampler, seed);
    let memory = Memory::of(&Cats::new(32, 0, cats).expect("cats"), Arc::new(Serial)).expect("images");
    run.advance(&memory, usize::MAX, &Serial);
    run
}

/// Six images at the start of a sampler.
fn start(sampler: &str, seed: u64) -> Run {
    let entry = find(sampler).expect("it is listed");
    let scale = scorescope::samplers::Scale { sigma_max: 80.0, sigma_min: 0.002, levels: 200 };
    #[expect(clippy::cast_precision_loss, reason = "eight")]
    let settings = entry.settings(&scale, [("steps", Value::Number(STEPS as f64))]).expect("settings");
    let plan = (entry.build)(&settings).expect("they fit").plan();
    let noise = Noise::new(seed);
    Run::new(plan, noise, 3072, Start::draw_prior(&noise, 80.0, 6, 3072))
}

/// Opens without a word, of its own, with Heun's method and 16 images that form. They are cats, of which 10,000 were trained on.
#[test]
fn the_tab_opens_on_cats() {
    let images = ImageChoices { device: Device::Cpu, count: 1, ..ImageChoices::default() };
    let window = window(Kept { tab: Tab::Images, images, ..Kept::default() });
    let frame = frame(&window);
    assert!(desk(&window).troubles().is_empty() && frame.playing && frame.done > 0);
    assert_eq!((frame.setting.entry.name, ImageChoices::default().count, frame.model.shape), ("heun", 16, [3, 32, 32]));
    assert_eq!(frame.model.cats.and_then(|cats| cats.trained_on), Some(10_000));
    assert!(window.query_by_role_and_label(Role::TextInput, "Model").is_none());
}

/// Every image of a memory is one of its cats: 12 of two seeds, counted by hand.
#[test]
fn what_a_memory_gives_back_is_counted_over_seeds() {
    let mut window = of_memory(40);
    window.run_steps(STEPS + 6);
    let first = frame(&window);
    let run = alone("heun", 40, 5);
    assert!(first.done == first.updates && first.x == run.positions(), "{} of {}", first.done, first.updates);
    click(&mut window, "More samples");
    window.run_steps(STEPS + 6);
    let second = frame(&window);
    assert_eq!((second.setting.seed, second.done), (6, second.updates));

    let cats = Cats::new(32, 0, 40).expect("cats");
    let (decoder, mut image) = (Decoder::new(cats.artwork()), vec![0.0; 3072]);
    let mut bodies = [0usize; 15];
    for frame in [&first, &second] {
        let judged = frame.judged.as_ref().expect("it is done");
        let (nearest, _) = judged.nearest.as_ref().expect("it is known what was trained on");
        for ((x, found), nearest) in frame.x.chunks_exact(3072).zip(&judged.images).zip(nearest) {
            let apart = |index: usize, image: &mut Vec<f32>| {
                cats.image(index, image);
                (x.iter().zip(&*image).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / 3072.0).sqrt()
            };
            let (index, least) =
                (0..40).map(|i| (i, apart(i, &mut image))).min_by(|a, b| a.1.total_cmp(&b.1)).expect("40");
            assert!(
                nearest.index == index && (nearest.distance - least).abs() < 1e-9 && least < 0.05,
                "{nearest:?} {least}"
            );
            let found = found.expect("finite");
            assert!(found.trained_on && found.reading.is_cat());
            assert_eq!(found.reading.cat, decoder.looks().look(cats.combination(index)));
            bodies[usize::from(cats.combination(index).0[0])] += 1;
        }
    }
    let coverage = second.coverage.as_ref().expect("they are counted");
    let valid = coverage.valid.expect("twelve");
    assert!(valid.of == 12 && (valid.share - 1.0).abs() < 1e-12);
    assert_eq!(coverage.layers[0].parts.iter().map(|part| part.count).collect::<Vec<_>>(), bodies);
    let memorised = coverage.memorised.expect("it is known what was trained on");
    assert!((memorised.rate.expect("cats").share - 1.0).abs() < 1e-12 && memorised.trained_on == 40);
    // Every cat that looks like one of the forty, among all.
    let looks = decoder.looks();
    let known: BTreeSet<usize> = (0..40).map(|i| looks.look(cats.combination(i)).index()).collect();
    let like = (0..scorescope::gallery::ALL_CATS)
        .filter(|i| known.contains(&looks.look(scorescope::gallery::Combination::from_index(*i)).index()));
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let expected = like.count() as f64 / 360_000.0;
    assert!(
        (memorised.expected - expected).abs() < 1e-12
            && window.query_by_label_contains("100.0 ± 0.0 % cats of 12").is_some()
    );

    // A seed that was counted is not counted again; what is forgotten is.
    click(&mut window, "Restart");
    click(&mut window, "Play");
    window.run_steps(STEPS + 6);
    assert_eq!(frame(&window).coverage.as_ref().and_then(|of| of.valid).map(|valid| valid.of), Some(12));
    click(&mut window, "Clear");
    assert!(frame(&window).coverage.is_none());
    // Another number of cats is another score, and begins anew.
    window.get_by_role_and_label(Role::SpinButton, "Cats").focus();
    window.run_steps(2);
    window.key_press(egui::Key::ArrowUp);
    window.run_steps(3);
    let ImageSource::Memory(more) = frame(&window).setting.source else { panic!("it is a memory") };
    assert!(more > 40 && frame(&window).done == 0, "{more}");
}

/// Both from the same start with the same noise, each as it would be alone; at the end both are judged.
#[test]
fn two_samplers_are_compared_from_one_start() {
    let mut window = of_memory(10);
    click(&mut window, "Compare");
    choose(&mut window, "Second", "EDM, with churn");
    click(&mut window, "Knobs");
    let second = desk(&window).images().latest().compared.get().expect("a second pane");
    assert_eq!((second.setting.entry.name, second.done, frame(&window).done), ("edm", 0, 0));
    assert!(second.x == frame(&window).x);
    click(&mut window, "Play");
    // In virtual time an update is a frame: Heun's 8, and 40 with noise before each.
    window.run_steps(110);
    let (first, second) = (frame(&window), desk(&window).images().latest().compared.get().expect("it is there"));
    assert!(first.x == alone("heun", 10, 5).positions() && second.done == second.updates);
    assert_eq!((first.nfe, second.nfe), (15, 79));
    assert!(first.coverage.is_some() && second.coverage.is_some());
    assert!(window.query_by_label("Image 6 of the second sampler").is_some());
    click(&mut window, "Compare");
    assert!(desk(&window).images().latest().compared.get().is_none());
}

/// What is known stays, to the last bit: three quarters of one of the memory's cats, to which every seed finds the rest, as none of
/// the other nine has them. After three updates the first image is what the executor makes with what is known under noise of
/// its own before each.
#[test]
fn a_mask_is_filled_with_what_belongs_to_the_rest() {
    let mut window = of_memory(10);
    window.run_steps(STEPS + 6);
    let done = frame(&window);
    let judged = done.judged.as_ref().expect("it is done");
    let (cats, mut image) = (Cats::new(32, 0, 10).expect("cats"), vec![0.0; 3072]);
    click(&mut window, "Brush");
    click(&mut window, "Take image 1");
    // The right quarter, in strokes from top to bottom.
    let canvas = window.get_by_label("Image under the brush").rect();
    let pixel = canvas.width() / 32.0;
    for column in [26u16, 29, 30] {
        let x = canvas.left() + (f32::from(column) + 0.5) * pixel;
        window.drag_at(egui::pos2(x, canvas.top() + 1.0));
        window.run_steps(1);
        window.hover_at(egui::pos2(x, canvas.bottom() - 1.0));
        window.run_steps(1);
        window.drop_at(egui::pos2(x, canvas.bottom() - 1.0));
        window.run_steps(1);
    }
    click(&mut window, "Fill the mask");
    window.run_steps(STEPS + 6);
    let filled = frame(&window);
    let ImageStart::Fill(painting) = &filled.setting.start else { panic!("it starts at the painting") };
    assert!(filled.done == filled.updates && painting.image == done.x[..3072]);
    for (index, known) in painting.known.iter().enumerate() {
        // The brush is round and four pixels wide: at its edges, pixels are its or not.
        let (row, column) = (index / 32, index % 32);
        let edge = column >= 24 && (column <= 25 || !(2..30).contains(&row));
        assert!(edge || *known == (column < 24), "{index} {known}");
    }
    let (nearest, _) = judged.nearest.as_ref().expect("they are known");
    cats.image(nearest[0].index, &mut image);
    let again = filled.judged.as_ref().and_then(|judged| judged.nearest.as_ref()).expect("they are judged");
    for (x, found) in filled.x.chunks_exact(3072).zip(&again.0) {
        assert!(
            x.iter()
                .zip(&painting.image)
                .enumerate()
                .all(|(i, (x, y))| !painting.known[i % 1024] || x.to_bits() == y.to_bits())
        );
        assert_eq!(found.index, nearest[0].index);
    }
    assert!(
        filled.coverage.as_ref().and_then(|of| of.valid).is_some_and(|valid| valid.of == 6),
        "fillings are no fresh draws"
    );

    let (noise, mut z, mut run) = (Noise::new(5), vec![0.0; 3072], start("heun", 5));
    let memory = Memory::of(&cats, Arc::new(Serial)).expect("images");
    for step in 0..=3 {
        let sigma = run.plan().updates()[step].sigma();
        noise.normal(Purpose::Known, 0, u32::try_from(step).expect("few"), &mut z);
        for (i, x) in run.positions_mut()[..3072].iter_mut().enumerate().filter(|(i, _)| painting.known[i % 1024]) {
            *x = painting.image[i] + sigma * z[i];
        }
        if step < 3 {
            run.advance(&memory, 1, &Serial);
        }
    }
    for name in ["Restart", "Step", "Step", "Step"] {
        click(&mut window, name);
    }
    assert!(frame(&window).done == 3 && frame(&window).x[..3072] == run.positions()[..3072]);
}

/// x = x_0 + σ z at the start; under little noise a painted cat is given back.
#[test]
fn a_painting_under_noise_becomes_a_cat() {
    let mut window = of_memory(10);
    window.run_steps(STEPS + 6);
    let done = frame(&window);
    click(&mut window, "Brush");
    click(&mut window, "Image 2");
    click(&mut window, "Take image 2");
    click(&mut window, "Sample at σ 0.400");
    click(&mut window, "Pause");
    click(&mut window, "Restart");
    let begun = frame(&window);
    let mut z = vec![0.0; 6 * 3072];
    Noise::new(5).normals(Purpose::Start, 0, 0, 3072, &mut z);
    let expected = z.iter().zip(done.x[3072..2 * 3072].iter().cycle()).map(|(z, x)| begun.sigma * z + x);
    assert!((begun.sigma - 0.4).abs() < 1e-3);
    assert!(begun.x.iter().zip(expected).all(|(x, expected)| (x - expected).abs() < 1e-5));
    click(&mut window, "Play");
    window.run_steps(STEPS + 6);
    let nearest = |frame: &scorescope::session::ImagesFrame, index: usize| {
        let judged = frame.judged.as_ref().expect("it is done");
        judged.nearest.as_ref().expect("they are known").0[index].index
    };
    let again = frame(&window);
    assert!((0..6).all(|index| nearest(&again, index) == nearest(&done, 1)));
}

/// Its ends are what either seed gives alone; in the middle, two starts of a right angle become (z_0 + z_1)/√2.
#[test]
fn the_way_between_two_seeds_begins_and_ends_with_theirs() {
    let mut window = of_memory(10);
    window.run_steps(3);
    click(&mut window, "Image 3");
    choose(&mut window, "From", "between seeds");
    click(&mut window, "Play");
    window.run_steps(STEPS + 6);
    let way = frame(&window);
    assert_eq!((way.setting.count, way.done), (8, way.updates));
    for (seed, at) in [(5, 0), (6, 7)] {
        let run = alone("heun", 10, seed);
        let end = way.x[at * 3072..][..3072].iter().zip(&run.positions()[2 * 3072..]);
        assert!(end.into_iter().all(|(a, b)| (a - b).abs() < 1e-3), "seed {seed}");
    }
    let middle = slerp(&[3.0, 0.0], &[0.0, 3.0], 0.5);
    assert!(middle.iter().all(|x| (x - 4.5f32.sqrt()).abs() < 1e-6), "{middle:?}");
    choose(&mut window, "Sampler", "Annealed Langevin");
    assert!(desk(&window).troubles().iter().any(|trouble| trouble.why.contains("adds noise")));
}
