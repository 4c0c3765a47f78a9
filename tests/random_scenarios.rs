//! Scenario files by lot: whatever is written, no panic, no NaN, and a sentence for what is refused.

mod support;

use std::sync::Arc;

use scorescope::distributions::Distribution;
use scorescope::metrics::mode_shares;
use scorescope::noise::Noise;
use scorescope::samplers::{Run, Serial, Start};
use scorescope::scenario::{Sampling, Scenario};
use support::Dice;

/// A number as a person may write it: mostly sensible, now and then at the edge of what makes sense, or beyond.
fn number(dice: &mut Dice) -> String {
    const ODD: [&str; 12] =
        ["0", "-0.0", "1", "1e-300", "-1e300", "1e6", "-1000001", "nan", "inf", "-inf", "1e-7", "9007199254740993"];
    match dice.below(24) {
        0 => ODD[dice.below(ODD.len())].to_owned(),
        1 => dice.below(5).to_string(),
        _ => format!("{:.3}", dice.between(-6.0, 6.0)),
    }
}

fn positive(dice: &mut Dice) -> String {
    if dice.below(20) == 0 { number(dice) } else { format!("{:.5}", dice.log_between(1e-3, 3.0)) }
}

fn point(dice: &mut Dice) -> String {
    let count = if dice.below(60) == 0 { dice.below(4) } else { 2 };
    list(dice, count, number)
}

fn list(dice: &mut Dice, count: usize, mut one: impl FnMut(&mut Dice) -> String) -> String {
    format!("[{}]", (0..count).map(|_| one(dice)).collect::<Vec<_>>().join(", "))
}

fn data(dice: &mut Dice) -> String {
    let count = dice.below(6);
    match dice.below(5) {
        0 => {
            let parts = list(dice, count, |dice| {
                let (weight, mean) = (1.0 / f64::from(u32::try_from(count).expect("few")), point(dice));
                let shape = if dice.below(2) == 0 {
                    format!("std = {}", positive(dice))
                } else {
                    let (a, b, d) = (dice.between(0.0, 2.0), dice.between(-1.0, 1.0), dice.between(0.0, 2.0));
                    format!(
                        "cov = [[{a}, {b}], [{b}, {}]]",
                        if dice.below(9) == 0 { number(dice) } else { d.to_string() }
                    )
                };
                format!("{{ weight = {weight}, mean = {mean}, {shape} }}")
            });
            format!("kind = \"gaussian-mixture\"\ncomponents = {parts}")
        }
        1 => {
            let (points, width) = (list(dice, count, point), positive(dice));
            format!("kind = \"curve\"\npoints = {points}\nclosed = {}\nthickness = {width}", dice.below(2) == 0)
        }
        2 => {
            let boxes = list(dice, count, |dice| {
                let (x, y) = (dice.between(-6.0, 6.0), dice.between(-6.0, 6.0));
                let corner = |dice: &mut Dice, low: f64| format!("{}", low + dice.log_between(1e-6, 4.0) - 1e-3);
                let max = [corner(dice, x), corner(dice, y)].join(", ");
                format!("{{ weight = {}, min = [{x}, {y}], max = [{max}] }}", positive(dice))
            });
            format!("kind = \"boxes\"\nboxes = {boxes}\nsoftness = {}", positive(dice))
        }
        3 => format!("kind = \"points\"\npoints = {}\nbandwidth = {}", list(dice, count, point), positive(dice)),
        _ => {
            let preset = &scorescope::distributions::PRESETS[dice.below(scorescope::distributions::PRESETS.len())];
            let parameter = &preset.parameters[dice.below(preset.parameters.len())];
            let value = dice.between(parameter.min, parameter.min + 0.2 * (parameter.max - parameter.min));
            let value = if parameter.whole { value.round() } else { value };
            format!("kind = \"preset\"\nname = \"{}\"\n{} = {value}", preset.name, parameter.name)
        }
    }
}

fn assert_sound(text: &str, data: &Arc<dyn Distribution>, sigma: f64, dice: &mut Dice) {
    let mut x = vec![0.0f32; 40];
    data.sample(&Noise::new(1), sigma, 0, &mut x);
    x.extend([1e4, -1e4, 0.0, 0.0]);
    let near =
        [data.mean()[0] + sigma * dice.between(-100.0, 100.0), data.mean()[1] + sigma * dice.between(-100.0, 100.0)];
    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32")]
    x.extend(near.map(|x| x as f32));
    assert!(x.iter().all(|x| x.is_finite()), "{text}\nσ = {sigma}: {x:?}");
    let mut s = vec![0.0; x.len()];
    #[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32")]
    data.score(&x, sigma as f32, &mut s);
    assert!(s.iter().all(|s| s.is_finite()), "{text}\nσ = {sigma}: {x:?} {s:?}");
    for x in x.chunks_exact(2) {
        let x = [x[0].into(), x[1].into()];
        assert!(data.log_density_and_score(x, sigma).0.is_finite(), "{text}\nσ = {sigma}: log p at {x:?}");
        assert!(data.distance(x, sigma) >= 0.0, "{text}\nσ = {sigma}: distance at {x:?}");
    }
    let shares = mode_shares(&**data, sigma, &x);
    let sum: f64 = shares.weights.iter().sum();
    assert!(shares.weights.is_empty() || (sum - 1.0).abs() < 1e-9, "{text}: {shares:?}");
}

/// 600 scenarios, seed 1: those that are read give finite scores for σ from 1e-3 to 100, and a few steps of annealed
/// Langevin at the noise of the scenario stay finite.
#[test]
fn no_scenario_by_lot_panics_or_gives_nan() {
    let mut dice = Dice::new(1);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..600 {
        let text = format!("version = 1\n[data]\n{}\n", data(&mut dice));
        let scenario = match Scenario::parse(&text, "lot.toml") {
            Ok(scenario) => scenario,
            Err(error) => {
                refused += 1;
                assert!(error.place.is_some_and(|place| place.0 >= 2), "{text}: {error}");
                assert!(error.reason.len() > 20 && !error.reason.contains("panick"), "{text}: {error}");
                continue;
            }
        };
        read += 1;
        let [min, max] = scenario.data.bounds();
        assert!(min.iter().chain(&max).all(|x| x.is_finite()) && scenario.data.std().is_finite(), "{text}");
        assert!((0..2).all(|i| scenario.view.min[i] < scenario.view.max[i]), "{text}: {:?}", scenario.view);
        for sigma in [1e-3, 0.05, 1.0, 100.0] {
            assert_sound(&text, &scenario.data, sigma, &mut dice);
        }
        let sampling = scenario.sampling("annealed", [("steps_per_level", scorescope::samplers::Value::Number(2.0))]);
        assert_steps(&text, &scenario, &sampling.expect("settings of its own"));
    }
    assert!(read > 200 && refused > 60, "{read} were read, {refused} refused: the lots are one-sided");
}

fn assert_steps(text: &str, scenario: &Scenario, sampling: &Sampling) {
    let (plan, noise) = (sampling.plan(&*scenario.data).expect("σ > 0"), Noise::new(1));
    let start = Start::of(&sampling.settings, &plan).draw(&*scenario.data, &noise, 20);
    let mut run = Run::new(plan, noise, 2, start);
    run.advance(&*scenario.data, usize::MAX, &Serial);
    assert!(run.positions().iter().all(|x| x.is_finite()), "{text}");
}

/// 2,000 files, seed 2: the same files with characters dropped, doubled or changed by lot. Whatever comes out, no panic.
#[test]
fn no_spoiled_file_panics() {
    let mut dice = Dice::new(2);
    for _ in 0..2000 {
        let mut text: Vec<char> = format!("version = 1\n[data]\n{}\n", data(&mut dice)).chars().collect();
        for _ in 0..=dice.below(4) {
            let at = dice.below(text.len());
            match dice.below(3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, text[at]),
                _ => text[at] = ['-', '[', ']', '"', '=', '9', 'e', '.', '\n', '{', 'σ', '\0'][dice.below(12)],
            }
        }
        let text: String = text.into_iter().collect();
        if let Err(error) = Scenario::parse(&text, "lot.toml") {
            assert!(!error.to_string().is_empty());
        }
    }
}
