//! The training worker: it pauses at once, falls back from divergence, goes on after changes, and shows its past.

use std::sync::Arc;
use std::time::{Duration, Instant};

use scorescope::learning::{LearningError, Objective, ScoreMlp, Trainer, TrainingConfig};
use scorescope::samplers::Serial;
use scorescope::scenario::{DEFAULT, Scenario};
use scorescope::session::{Pace, Session, TrainingCommand, TrainingFrame};

/// Long enough for a busy machine; a pass takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

fn scenario(model: &str, training: &str) -> Scenario {
    let scenario = Scenario::load(DEFAULT).expect("a bundled scenario");
    scenario.with_learning(model, training).expect("they fit")
}

fn small() -> Scenario {
    scenario("width=16,hidden=1", "batch=32")
}

/// Three steps a tick, on this thread.
fn virtually(scenario: &Scenario) -> Session {
    Session::start(scenario, 1, &Pace::Virtual { training_steps: 3, frame: Duration::from_millis(40) })
}

fn threaded(scenario: &Scenario) -> Session {
    Session::start(scenario, 1, &Pace::Threads { wake: Arc::new(|| {}) })
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn frame(session: &Session) -> Arc<TrainingFrame> {
    session.latest().training.get().expect("training reports")
}

fn ticks(session: &mut Session, count: usize) {
    (0..count).for_each(|_| session.tick());
}

fn bytes(network: &ScoreMlp) -> Vec<u8> {
    network.to_bytes().expect("finite weights")
}

/// The steps and the bytes of the network that is shown.
fn shown(session: &Session) -> (usize, Vec<u8>) {
    let network = session.latest().network.get().expect("a network");
    (network.steps, bytes(&network.score))
}

/// The network of the scenario's own training after so many steps.
fn alone(scenario: &Scenario, steps: usize) -> Vec<u8> {
    let Scenario { data, model, training, .. } = scenario.clone();
    let mut trainer = Trainer::new(data, model, training, 1).expect("a trainer");
    (0..steps).for_each(|_| assert!(trainer.step(&Serial).is_ok()));
    bytes(&trainer.network())
}

fn change(scenario: &Scenario, by: impl FnOnce(&mut TrainingConfig)) -> TrainingCommand {
    let mut training = scenario.training.clone();
    by(&mut training);
    TrainingCommand::Change(Box::new(training))
}

/// The weights are ruined by the first step under the absurd rate, and the loss tells only at the second: what training
/// falls back to is from before both, at the step of the change, wherever that was.
#[test]
fn a_diverging_training_pauses_where_all_was_well_and_can_go_on() {
    for ticks_before in [1u16, 33, 50] {
        let scenario = small();
        let mut session = virtually(&scenario);
        session.train(TrainingCommand::Start);
        ticks(&mut session, ticks_before.into());
        let (steps, last) = (3 * usize::from(ticks_before), f64::from(3 * ticks_before));
        session.train(change(&scenario, |training| training.learning_rate = 1e30));
        ticks(&mut session, 2);
        let troubles: Vec<_> = session.troubles().collect();
        let [trouble] = &troubles[..] else { panic!("one message, not {troubles:?}") };
        assert!(trouble.why.contains("diverged") && trouble.why.contains("learning rate of 1e30"), "{trouble:?}");
        assert!(trouble.remedy.contains(&format!("paused at step {steps}")), "{trouble:?}");
        assert!(trouble.remedy.contains("Lower the learning rate"), "{trouble:?}");
        assert!(!frame(&session).running && frame(&session).steps == steps);
        assert_eq!(shown(&session), (steps, alone(&scenario, steps)));
        assert!(frame(&session).moments.iter().all(|moment| *moment <= steps));
        assert!(frame(&session).history.iter().all(|[step, loss]| *step <= last && loss.is_finite()));
        session.train(change(&scenario, |_| {}));
        session.train(TrainingCommand::Start);
        ticks(&mut session, 2);
        assert_eq!(session.troubles().count(), 0);
        assert!(frame(&session).running);
        assert_eq!(shown(&session), (steps + 6, alone(&scenario, steps + 6)));
    }
}

#[test]
fn a_change_goes_on_and_a_refused_one_changes_nothing() {
    let scenario = scenario("width=16,hidden=1,energy=true", "batch=32");
    let mut session = virtually(&scenario);
    session.train(TrainingCommand::Start);
    ticks(&mut session, 2);
    session.train(change(&scenario, |training| training.objective = Objective::find("ism").expect("an objective")));
    ticks(&mut session, 1);
    let trouble = session.troubles().next().expect("a message");
    assert!(trouble.what.contains("not changed") && trouble.why.contains("'ism'"), "{trouble:?}");
    assert!(frame(&session).config.as_ref() == Some(&scenario.training) && frame(&session).running);
    assert_eq!(shown(&session), (9, alone(&scenario, 9)));
    session.train(change(&scenario, |training| training.batch = 64));
    ticks(&mut session, 1);
    assert_eq!((frame(&session).steps, frame(&session).config.as_ref().map(|config| config.batch)), (12, Some(64)));
    assert!(shown(&session).1 != alone(&scenario, 12));
}

#[test]
fn the_past_can_be_looked_at_while_training_stands_or_runs() {
    let scenario = small();
    let mut session = virtually(&scenario);
    session.train(TrainingCommand::Start);
    ticks(&mut session, 10);
    let moments = Arc::clone(&frame(&session).moments);
    assert_eq!((moments.len(), moments[0], moments[30]), (31, 0, 30));
    session.train(TrainingCommand::Pause);
    for index in [0, 7, 30] {
        session.train(TrainingCommand::Look(Some(index)));
        ticks(&mut session, 1);
        assert_eq!(shown(&session), (index, alone(&scenario, index)));
        assert_eq!((frame(&session).looking, frame(&session).steps), (Some(index), 30));
    }
    session.train(TrainingCommand::Look(Some(7)));
    session.train(TrainingCommand::Start);
    // Until moments are thinned out twice: the one looked at stays shown, and its place among those kept is told.
    ticks(&mut session, 100);
    assert_eq!((shown(&session), frame(&session).steps), ((7, alone(&scenario, 7)), 330));
    let place = frame(&session).looking.expect("it is still looked at");
    assert!(frame(&session).moments[place] <= 7 && frame(&session).moments[place + 1] > 7);
    session.train(TrainingCommand::Look(None));
    ticks(&mut session, 1);
    assert_eq!((shown(&session), frame(&session).looking), ((333, alone(&scenario, 333)), None));
    session.train(TrainingCommand::Look(Some(9999)));
    ticks(&mut session, 1);
    assert_eq!((shown(&session).0, frame(&session).looking), (336, None), "there is no such moment");
}

#[test]
fn a_reset_clears_past_and_looking_and_keeps_what_was_asked_for() {
    let scenario = small();
    let mut session = virtually(&scenario);
    session.train(TrainingCommand::Start);
    session.train(change(&scenario, |training| training.batch = 64));
    ticks(&mut session, 5);
    session.train(TrainingCommand::Look(Some(3)));
    session.train(TrainingCommand::Reset);
    ticks(&mut session, 1);
    let after = frame(&session);
    assert_eq!((after.running, after.steps, after.looking, after.loss), (false, 0, None, None));
    assert_eq!((&*after.moments, after.history.len()), (&[0][..], 0));
    assert_eq!(after.config.as_ref().map(|config| config.batch), Some(64));
    assert_eq!(shown(&session), (0, alone(&scenario, 0)));
}

/// This step takes about a second where nothing is optimised, and is given up between blocks of 24 examples, a few
/// milliseconds apart. Of seven tries the median counts, for machines that do other things too.
#[test]
fn a_pause_does_not_wait_for_a_long_step() {
    let mut waits = pauses(&scenario("width=128,hidden=3", "batch=8192"));
    waits.sort_unstable();
    println!("from Pause to paused: {waits:?}");
    assert!(waits[3] < Duration::from_millis(50), "{waits:?}");
}

fn pauses(scenario: &Scenario) -> Vec<Duration> {
    let mut session = threaded(scenario);
    let pause = |i: u64| {
        session.train(TrainingCommand::Start);
        let seen = |session: &Session| session.latest().training.get();
        wait_for("the start", || seen(&session).filter(|frame| frame.running));
        std::thread::sleep(Duration::from_millis(60 + 17 * i));
        let begun = Instant::now();
        session.train(TrainingCommand::Pause);
        wait_for("the pause", || (!frame(&session).running).then(|| begun.elapsed()))
    };
    (0..7).map(pause).collect()
}

/// A step of the largest network on the largest batch takes half a minute where nothing is optimised.
#[test]
fn a_session_that_is_dropped_ends_in_the_middle_of_a_step() {
    let scenario = scenario("width=512,hidden=6", "batch=8192");
    let holders = Arc::strong_count(&scenario.data);
    let mut session = threaded(&scenario);
    session.train(TrainingCommand::Start);
    std::thread::sleep(Duration::from_millis(300));
    drop(session);
    let begun = Instant::now();
    wait_for("the end", || (Arc::strong_count(&scenario.data) == holders).then_some(()));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

/// A single step that a command interrupts is not lost: it is made afterwards, the same.
#[test]
fn a_step_asked_for_is_made_even_if_a_command_interrupts_it() {
    let scenario = scenario("width=128,hidden=3", "batch=8192");
    let mut session = threaded(&scenario);
    session.train(TrainingCommand::Step);
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(5));
        session.train(TrainingCommand::Look(None));
    }
    wait_for("the step", || (frame(&session).steps == 1).then_some(()));
    assert_eq!(shown(&session), (1, alone(&scenario, 1)));
    std::thread::sleep(Duration::from_millis(50));
    assert!(frame(&session).steps == 1 && !frame(&session).running);
}

/// What a message about a training says, whoever shows it.
#[test]
fn divergence_names_step_loss_and_rate() {
    let error = LearningError::Diverged { step: 7, loss: f64::INFINITY, learning_rate: 0.5 };
    let message = error.to_string();
    assert!(message.contains("step 7") && message.contains("inf") && message.contains("5e-1"), "{message}");
}
