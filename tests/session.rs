//! The workers on their own threads: nothing waits for them, and nothing that happens in them ends the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use scorescope::distributions::{Distribution, Point};
use scorescope::metrics::mode_shares;
use scorescope::noise::{Generator, Noise};
use scorescope::samplers::{Run, Serial, Start};
use scorescope::scenario::{DEFAULT, Scenario};
use scorescope::session::{FieldRequest, Pace, PaneSetting, Place, SamplingCommand, Session, Source, TrainingCommand};

/// Long enough for a busy machine; a pass takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

fn threads() -> Pace {
    Pace::Threads { wake: Arc::new(|| {}) }
}

fn scenario() -> Scenario {
    Scenario::load(DEFAULT).expect("a bundled scenario")
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn panes(scenario: &Scenario) -> SamplingCommand {
    let setting =
        |name| PaneSetting { sampling: scenario.sampling(name, []).expect("it is bundled"), source: Source::Exact };
    SamplingCommand::Setup(vec![setting("langevin"), setting("annealed")])
}

/// Data that fail whenever they are asked for more than `calls` scores or samples.
struct Treacherous {
    honest: Arc<dyn Distribution>,
    calls: AtomicUsize,
}

impl Treacherous {
    fn scenario(calls: usize) -> Scenario {
        let honest = scenario();
        let data = Arc::new(Self { honest: Arc::clone(&honest.data), calls: AtomicUsize::new(calls) });
        Scenario { data, ..honest }
    }

    fn count(&self) {
        let left = self.calls.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        assert!(left.is_ok(), "the data were asked once too often");
    }
}

impl Distribution for Treacherous {
    fn score_batch(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        self.count();
        self.honest.score(x, sigma, out);
    }

    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        self.honest.log_density_and_score(x, sigma)
    }

    fn sample(&self, noise: &Noise, sigma: f64, first: u32, out: &mut [f32]) {
        self.count();
        self.honest.sample(noise, sigma, first, out);
    }

    fn mode_weights(&self) -> Vec<f64> {
        self.honest.mode_weights()
    }

    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point {
        self.honest.draw(generator, sigma)
    }

    fn nearest_mode(&self, x: Point, sigma: f64) -> Option<(usize, f64)> {
        self.honest.nearest_mode(x, sigma)
    }

    fn distance(&self, x: Point, sigma: f64) -> f64 {
        self.honest.distance(x, sigma)
    }

    fn mean(&self) -> Point {
        self.honest.mean()
    }

    fn std(&self) -> f64 {
        self.honest.std()
    }

    fn width(&self) -> f64 {
        self.honest.width()
    }

    fn bounds(&self) -> [Point; 2] {
        self.honest.bounds()
    }
}

#[test]
fn a_panic_in_training_becomes_a_message_and_the_other_workers_go_on() {
    let scenario = Treacherous::scenario(3);
    let mut session = Session::start(&scenario, 0, &threads());
    session.train(TrainingCommand::Start);
    let trouble = wait_for("the message", || session.troubles().next());
    assert!(trouble.what.contains("training") && trouble.why.contains("once too often"), "{trouble:?}");
    assert!(!trouble.remedy.is_empty());
    session.show(0, request(&scenario, Source::Learned));
    let frame = wait_for("a field", || session.latest().fields[0].get());
    assert!(frame.arrows.iter().all(|s| s.is_finite()) && !frame.arrows.is_empty());
}

#[test]
fn a_panic_in_sampling_becomes_a_message_and_sampling_can_start_again() {
    let scenario = Treacherous::scenario(2);
    let mut session = Session::start(&scenario, 0, &threads());
    session.sample(panes(&scenario));
    session.sample(SamplingCommand::Speed(2000.0));
    session.sample(SamplingCommand::Play);
    let trouble = wait_for("the message", || session.troubles().next());
    assert!(trouble.what.contains("sampling") && trouble.why.contains("once too often"), "{trouble:?}");
    let before = session.latest().panes[0].version();
    session.sample(panes(&scenario));
    wait_for("a fresh start", || (session.latest().panes[0].version() > before).then_some(()));
    assert_eq!(session.latest().panes[0].get().map(|frame| frame.done), Some(0));
}

fn request(scenario: &Scenario, source: Source) -> FieldRequest {
    FieldRequest { view: scenario.view, sigma: 2.0, source, arrows: [8, 6], cells: [10, 10], network_version: 0 }
}

/// The shapes that were asked for, and the exact score itself.
#[test]
fn a_field_is_what_was_asked_for() {
    let scenario = scenario();
    let mut session = Session::start(&scenario, 0, &threads());
    session.show(0, request(&scenario, Source::Exact));
    let frame = wait_for("a field", || session.latest().fields[0].get());
    assert_eq!((frame.arrows.len(), frame.heat.len()), (2 * 8 * 6, 100));
    let corner = scenario.view.centres([8, 6]).next().expect("a grid has points");
    let (_, s) = scenario.data.log_density_and_score(corner, 2.0);
    assert!((f64::from(frame.arrows[0]) - s[0]).abs() < 1e-5 && (f64::from(frame.arrows[1]) - s[1]).abs() < 1e-5);
    let (log_p, _) = scenario.data.log_density_and_score(scenario.view.centres([10, 10]).next().expect("a grid"), 2.0);
    assert!((f64::from(frame.heat[0]) - log_p).abs() < 1e-4);
}

/// Virtual time is the same work as threads do, and the same every time.
#[test]
fn virtual_time_repeats_itself_to_the_bit() {
    let run = || {
        let scenario = scenario();
        let pace = Pace::Virtual { training_steps: 3, frame: Duration::from_millis(40) };
        let mut session = Session::start(&scenario, 5, &pace);
        let mut settings = panes(&scenario);
        if let SamplingCommand::Setup(panes) = &mut settings {
            panes[1].source = Source::Learned;
        }
        session.sample(settings);
        session.train(TrainingCommand::Start);
        session.sample(SamplingCommand::Play);
        session.show(0, request(&scenario, Source::Difference));
        for _ in 0..20 {
            session.tick();
        }
        let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let latest = session.latest();
        let particles = latest.panes[..2].iter().map(|slot| bits(&slot.get().expect("a pane").x)).collect::<Vec<_>>();
        let frame = latest.training.get().expect("training reports");
        (particles, bits(&latest.fields[0].get().expect("a field").arrows), frame.steps, frame.loss.map(f32::to_bits))
    };
    let (once, again) = (run(), run());
    assert_eq!(once.2, 60);
    assert!(once == again);
}

/// 2000 data points, 500 particles: in virtual time at every tick of one update, which takes less than ten times the counting,
/// and in real time after the pause.
#[test]
fn shares_of_modes_are_those_of_the_particles_shown() {
    let text = "version = 1\n[data]\nkind = \"preset\"\nname = \"cloud\"\ncount = 2000\n[view]\nparticles = 500\n";
    let samplers = "[[samplers]]\nname = \"langevin\"\nsigma = 0.05\n[[samplers]]\nname = \"annealed\"\n";
    let scenario = Scenario::parse(&format!("{text}{samplers}"), "cloud").expect("a scenario");
    let assert_own = |session: &Session| {
        for (slot, name) in session.latest().panes.iter().zip(["langevin", "annealed"]) {
            let frame = slot.get().expect("a pane");
            let plan = scenario.sampling(name, []).expect("it is bundled").plan(&*scenario.data).expect("its defaults");
            assert_eq!(frame.shares, mode_shares(&*scenario.data, plan.final_sigma(), &frame.x));
        }
    };
    let virtual_time = Pace::Virtual { training_steps: 1, frame: Duration::from_millis(10) };
    for pace in [virtual_time, threads()] {
        let in_real_time = matches!(pace, Pace::Threads { .. });
        let mut session = Session::start(&scenario, 0, &pace);
        session.sample(panes(&scenario));
        session.sample(SamplingCommand::Play);
        if in_real_time {
            wait_for("updates", || session.latest().panes[0].get().filter(|frame| frame.done > 3));
            session.sample(SamplingCommand::Pause);
            wait_for("the pause", || session.latest().panes[1].get().filter(|frame| !frame.playing));
            assert_own(&session);
        } else {
            for _ in 0..5 {
                session.tick();
                assert_own(&session);
            }
            session.sample(SamplingCommand::Pause);
            session.sample(SamplingCommand::Step);
            session.tick();
            assert_own(&session);
        }
    }
}

#[test]
fn pausing_stops_training_and_keeps_its_steps() {
    let mut session = Session::start(&scenario(), 0, &threads());
    session.train(TrainingCommand::Start);
    wait_for("a step", || session.latest().training.get().filter(|frame| frame.steps > 0));
    session.train(TrainingCommand::Pause);
    wait_for("the pause", || session.latest().training.get().filter(|frame| !frame.running));
    let steps = session.latest().training.get().map(|frame| frame.steps);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(session.latest().training.get().map(|frame| frame.steps), steps);
}

/// A refused setting is a message; what ran before stays.
#[test]
fn settings_that_do_not_fit_leave_the_panes_as_they_were() {
    let scenario = scenario();
    let mut session = Session::start(&scenario, 0, &threads());
    session.sample(panes(&scenario));
    wait_for("the panes", || session.latest().panes[0].get());
    let mut sampling = scenario.sampling("langevin", []).expect("it is bundled");
    let entry = sampling.entry;
    sampling.settings.set(entry, "sigma", scorescope::samplers::Value::Number(0.0)).expect("0 is in its range");
    session.sample(SamplingCommand::Setup(vec![PaneSetting { sampling, source: Source::Exact }]));
    let trouble = wait_for("the message", || session.troubles().next());
    assert!(trouble.why.contains("sigma"), "{trouble:?}");
    session.sample(SamplingCommand::Step);
    let done = wait_for("an update", || session.latest().panes[0].get().filter(|frame| frame.done == 1));
    assert_eq!(done.updates, 1000);
}

/// A network knows no density: MALA is refused at once, and does not end the worker when it is played.
#[test]
fn accept_and_reject_is_refused_on_a_learned_score() {
    let scenario = scenario();
    let mut session = Session::start(&scenario, 0, &threads());
    let sampling = scenario.sampling("mala", []).expect("its defaults");
    session.sample(SamplingCommand::Setup(vec![PaneSetting { sampling, source: Source::Learned }]));
    let trouble = wait_for("the message", || session.troubles().next());
    assert!(trouble.why.contains("density"), "{trouble:?}");
}

/// A slider that is dragged asks often: the last wish counts, and what is there is what the executor alone has there.
#[test]
fn of_many_places_the_last_is_reached_to_the_bit() {
    let scenario = scenario();
    let mut session = Session::start(&scenario, 3, &threads());
    session.sample(panes(&scenario));
    for done in [900, 20, 640, 641, 37] {
        session.sample(SamplingCommand::Seek(Place::Update(done)));
    }
    let at = |pane: usize| session.latest().panes[pane].get().filter(|frame| frame.done == 37);
    let frame = wait_for("update 37", || at(0).and(at(1)));
    std::thread::sleep(Duration::from_millis(100));
    assert!(at(0).is_some(), "it did not stay there");
    let sampling = scenario.sampling("annealed", []).expect("it is bundled");
    let plan = sampling.plan(&*scenario.data).expect("a legal plan");
    let noise = Noise::new(3);
    let start = Start::of(&sampling.settings, &plan).draw(&*scenario.data, &noise, scenario.view.particles);
    let mut run = Run::new(plan, noise, 2, start);
    run.advance(&*scenario.data, 37, &Serial);
    assert!(frame.x == run.positions());
}

/// While training goes on, a run follows the network it began with: the way back is the way there.
#[test]
fn a_run_on_the_learned_score_is_the_same_on_its_way_back() {
    let scenario = scenario();
    let pace = Pace::Virtual { training_steps: 5, frame: Duration::from_millis(40) };
    let mut session = Session::start(&scenario, 5, &pace);
    let sampling = scenario.sampling("annealed", []).expect("it is bundled");
    session.sample(SamplingCommand::Setup(vec![PaneSetting { sampling, source: Source::Learned }]));
    session.train(TrainingCommand::Start);
    let mut at = |done: usize| {
        session.sample(SamplingCommand::Seek(Place::Update(done)));
        (0..3).for_each(|_| session.tick());
        let frame = session.latest().panes[0].get().expect("a pane");
        assert_eq!(frame.done, done);
        (frame.x.clone(), frame.network_steps)
    };
    let there = at(90);
    at(400);
    assert!(at(90) == there && at(13) != there);
    session.sample(SamplingCommand::Reset);
    (0..3).for_each(|_| session.tick());
    session.sample(SamplingCommand::Step);
    session.tick();
    let steps = session.latest().panes[0].get().and_then(|frame| frame.network_steps);
    assert!(steps > there.1, "a new run takes the newest network: {steps:?} after {:?}", there.1);
}

/// Modes with a width of their own have a score at σ = 0; the usual network, which divides by σ, has none.
#[test]
fn a_learned_score_is_refused_where_the_network_has_none() {
    let text =
        "version = 1\n[data]\nkind = \"gaussian-mixture\"\ncomponents = [{ weight = 1, mean = [0, 0], std = 1 }]\n";
    let sampler = "[[samplers]]\nname = \"langevin\"\nsigma = 0\n";
    let plain = "[model]\nparameterisation = \"plain\"\nembedding = \"none\"\n";
    for (model, refused) in [("", true), (plain, false)] {
        let scenario = Scenario::parse(&format!("{text}{model}{sampler}"), "one").expect("a scenario");
        let mut session =
            Session::start(&scenario, 0, &Pace::Virtual { training_steps: 1, frame: Duration::from_millis(10) });
        let sampling = scenario.sampling("langevin", []).expect("its own");
        session.sample(SamplingCommand::Setup(vec![PaneSetting { sampling, source: Source::Learned }]));
        session.tick();
        let trouble = session.troubles().next();
        assert_eq!(trouble.is_some(), refused, "{trouble:?}");
        assert!(trouble.is_none_or(|trouble| trouble.why.contains("sigma > 0")));
    }
}
