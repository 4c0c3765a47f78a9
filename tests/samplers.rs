//! Every sampler: its plan, its knobs, its law, and the same bytes however the work is cut.

mod support;

use scorescope::distributions::{Component, GaussianMixture};
use scorescope::metrics::mode_shares;
use scorescope::noise::Noise;
use scorescope::samplers::{self, Entry, Kind, Knob, Plan, Run, SAMPLERS, Scale, Serial, Start, Update, Value};
use scorescope::scenario::Scenario;
use scorescope::session::Pool;

fn toy() -> Scenario {
    Scenario::load("ncsn-toy").expect("it is bundled")
}

fn numbers<'a>(given: &'a [(&'a str, f64)]) -> impl Iterator<Item = (&'a str, Value)> + 'a {
    given.iter().map(|(name, value)| (*name, Value::Number(*value)))
}

/// The plan of a sampler on the toy, with some of its knobs set.
fn plan(sampler: &str, given: &[(&str, f64)]) -> Plan {
    let scenario = toy();
    let sampling = scenario.sampling(sampler, numbers(given)).expect("legal settings");
    sampling.plan(&*scenario.data).expect("a plan")
}

/// Coefficients a, b, c and σ.
fn parts(update: &Update) -> [f64; 4] {
    let Update::Affine { a, b, c, sigma, .. } = *update else { panic!("{update} is not affine") };
    [a, b, c, sigma].map(f64::from)
}

/// Whether every number of an update is one.
fn is_finite(update: &Update) -> bool {
    let numbers: &[f32] = match update {
        Update::Affine { a, b, c, sigma, scale } => &[*a, *b, *c, *sigma, *scale],
        Update::Heun { from, to } => &[*from, *to],
        Update::Adaptive { from, to, tolerance } => &[*from, *to, *tolerance],
        Update::Corrector { snr, alpha, sigma, scale } => &[*snr, *alpha, *sigma, *scale],
        Update::Metropolis { step, sigma } => &[*step, *sigma],
    };
    numbers.iter().all(|x| x.is_finite() && *x >= 0.0)
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-6 * expected.abs()
}

#[test]
fn a_langevin_plan_is_one_step_size_at_one_noise_level() {
    let plan = plan("langevin", &[("step", 0.3), ("steps", 7.0), ("sigma", 2.0)]);
    assert_eq!((plan.updates().len(), plan.nfe(), plan.nfe_of(3)), (7, 7, 3));
    assert!(close(plan.final_sigma(), 2.0));
    for update in plan.updates() {
        let [a, b, c, sigma] = parts(update);
        assert!(close(a, 1.0) && close(b, 0.15) && close(c, 0.3f64.sqrt()) && close(sigma, 2.0), "{update}");
    }
}

/// α_i = α_0 (σ_i / σ_L)², T updates on each of the σ_i of the geometric ladder, from the largest to the smallest.
#[test]
fn an_annealed_plan_cools_by_the_square_of_sigma() {
    let (levels, steps, step) = (5u16, 4usize, 0.2);
    let plan = plan("annealed", &[("levels", levels.into()), ("steps_per_level", 4.0), ("step", step)]);
    assert_eq!(plan.updates().len(), usize::from(levels) * steps);
    assert_eq!(plan.nfe(), usize::from(levels) * steps);
    for (i, updates) in (0..levels).zip(plan.updates().chunks(steps)) {
        let sigma = 20.0f64.powf(1.0 - f64::from(i) / f64::from(levels - 1));
        let alpha = step * sigma * sigma;
        for [a, b, c, at] in updates.iter().map(parts) {
            assert!(close(a, 1.0) && close(b, 0.5 * alpha) && close(c, alpha.sqrt()) && close(at, sigma), "level {i}");
        }
    }
    assert!(close(plan.final_sigma(), 1.0));
}

/// x ← x + σ_L² s without noise, one evaluation more; aimed at the data themselves where they have a density.
#[test]
fn denoising_is_one_last_step_without_noise() {
    let scenario = Scenario::load("ring-8").expect("it is bundled");
    let plan = |denoise| {
        let sampling = scenario.sampling("annealed", [("denoise", Value::Switch(denoise))]).expect("legal settings");
        sampling.plan(&*scenario.data).expect("a plan")
    };
    let (with, without) = (plan(true), plan(false));
    assert_eq!(with.nfe(), without.nfe() + 1);
    assert_eq!(with.updates()[..without.updates().len()], *without.updates());
    let [a, b, c, sigma] = parts(with.updates().last().expect("a last update"));
    assert!(close(a, 1.0) && close(b, 0.01) && close(sigma, 0.1) && c.to_bits() == 0, "{a} {b} {c} {sigma}");
    assert!(close(without.final_sigma(), 0.1));
    assert!(with.final_sigma().to_bits() == 0);
}

/// Denoised particles of the toy's point masses have no density to be compared with at σ = 0.
#[test]
fn denoised_point_masses_are_compared_at_the_last_level() {
    let scenario = toy();
    let sampling = scenario.sampling("annealed", [("denoise", Value::Switch(true))]).expect("legal settings");
    assert!(close(sampling.plan(&*scenario.data).expect("a plan").final_sigma(), 1.0));
}

#[test]
fn point_masses_have_no_plan_without_noise() {
    let scenario = toy();
    let sampling = scenario.sampling("langevin", numbers(&[("sigma", 0.0)])).expect("0 is a legal sigma");
    let error = sampling.plan(&*scenario.data).expect_err("point masses have no score at 0").to_string();
    assert!(error.contains("sigma = 0") && error.contains("Take sigma > 0"), "{error}");
    let smooth = Scenario::load("two-modes").expect("it is bundled");
    assert!(sampling.plan(&*smooth.data).is_ok(), "modes with width have a score at 0");
}

#[test]
fn a_plan_prints_one_line_per_update() {
    let printed = plan("langevin", &[("steps", 3.0)]).to_string();
    assert_eq!(printed.lines().count(), 3);
    assert!(printed.contains("x ← 1.0000 x + 0.0500 s(x, 1.0000) + 0.3162 z"), "{printed}");
}

/// On one Gaussian of noised variance v the update is x' = (1 − α/2v) x + √α z, a linear recursion whose variance ends at
/// α / (1 − (1 − α/2v)²): more than v, the more so the larger α is. n = 40,000 particles, seed 1, T such that what is left
/// of the start is below 1e-4; three sigma of the estimates: mean √(var/n), variance var √(2/n).
#[test]
fn langevin_ends_at_the_variance_of_the_discretised_chain() {
    let n = 40_000u32;
    let (mean, v) = ([2.0, -1.0], 1.2f64 * 1.2 + 0.5 * 0.5);
    let data = GaussianMixture::new(&[Component::round(1.0, mean, 1.2)]).expect("a legal mixture");
    for (alpha, steps) in [(0.2, 160), (1.0, 40), (3.0, 40)] {
        let mut plan = Plan::towards(0.5);
        (0..steps).for_each(|_| plan.push(Update::langevin(alpha, 0.5)));
        let start = Start::Prior { sigma: 2.0 }.draw(&data, &Noise::new(1), n);
        let mut run = Run::new(plan, Noise::new(1), 2, start);
        run.advance(&data, steps, &Pool::per_core());
        let (m, s) = support::moments(run.positions());
        let expected = alpha / (1.0 - (1.0 - alpha / (2.0 * v)).powi(2));
        assert!(expected > v);
        for i in 0..2 {
            let (off, three_sigma) = (m[i] - mean[i], 3.0 * (expected / f64::from(n)).sqrt());
            assert!(off.abs() < three_sigma, "α = {alpha}: mean off by {off}, three sigma {three_sigma}");
            let (off, three_sigma) = (s[i][i] - expected, 3.0 * expected * (2.0 / f64::from(n)).sqrt());
            assert!(off.abs() < three_sigma, "α = {alpha}: variance off by {off}, three sigma {three_sigma}");
        }
    }
}

/// Mean share of x + y > 0 over seeds 0, 1, …; 1,280 particles from U[−8, 8]².
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn heavy_share(sampler: &str, given: &[(&str, f64)], seeds: u8) -> f64 {
    let (scenario, plan, pool) = (toy(), plan(sampler, given), Pool::per_core());
    let share = |seed: u8| {
        let noise = Noise::new(seed.into());
        let start = Start::Box { half_width: 8.0 }.draw(&*scenario.data, &noise, 1280);
        let mut run = Run::new(plan.clone(), noise, 2, start);
        run.advance(&*scenario.data, usize::MAX, &pool);
        assert!(run.is_finished());
        run.positions().chunks(2).filter(|x| x[0] + x[1] > 0.0).count() as f64 / 1280.0
    };
    (0..seeds).map(share).sum::<f64>() / f64::from(seeds)
}

/// One seed has a standard deviation of .011 (a share p of 1,280 independent particles: √(p(1 − p)/1280) ≤ .014), four
/// seeds .006 to .007: .03 is more than four sigma.
fn assert_share(sampler: &str, given: &[(&str, f64)], seeds: u8, expected: f64) {
    let share = heavy_share(sampler, given, seeds);
    assert!((share - expected).abs() < 0.03, "{sampler} {given:?}: {share:.3}, expected {expected}");
}

#[test]
fn langevin_never_crosses_between_far_modes() {
    assert_share("langevin", &[("step", 0.1), ("steps", 1000.0)], 4, 0.510);
}

#[test]
fn annealing_gives_each_mode_its_share() {
    assert_share("annealed", &[], 4, 0.781);
}

#[test]
fn short_annealing_gives_less_than_its_share() {
    assert_share("annealed", &[("steps_per_level", 10.0)], 4, 0.679);
    assert_share("annealed", &[("steps_per_level", 30.0)], 4, 0.748);
}

#[test]
fn long_annealing_nearly_reaches_the_truth() {
    assert_share("annealed", &[("steps_per_level", 300.0)], 4, 0.792);
}

/// Two seeds, to save time: .009, so that .03 is still three sigma.
#[test]
fn very_long_annealing_reaches_the_truth() {
    assert_share("annealed", &[("steps_per_level", 1000.0)], 2, 0.797);
}

#[test]
fn too_few_levels_or_too_small_a_start_miss_the_share() {
    assert_share("annealed", &[("levels", 3.0)], 4, 0.710);
    assert_share("annealed", &[("sigma_max", 3.0)], 4, 0.689);
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// 1,700 particles: three whole chunks of the executor and a part of one.
#[test]
fn threads_and_the_cutting_of_a_run_change_nothing() {
    let scenario = toy();
    for entry in SAMPLERS {
        let sampling = scenario.sampling(entry.name, []).expect("the scenario's own settings");
        let whole = sampling.plan(&*scenario.data).expect("a plan");
        // Of long plans some 40 updates, of an odd distance: every kind of update is among them.
        let mut plan = Plan::towards(1.0);
        whole.updates().iter().step_by((whole.updates().len() / 40) | 1).for_each(|update| plan.push(*update));
        let fresh = |seed| {
            let noise = Noise::new(seed);
            let start = Start::of(&sampling.settings, &whole).draw(&*scenario.data, &noise, 1700);
            Run::new(plan.clone(), noise, 2, start)
        };
        let mut once = fresh(1);
        once.advance(&*scenario.data, usize::MAX, &Serial);
        let expected = (bits(once.positions()), once.nfe());
        assert!(once.positions().iter().all(|x| x.is_finite()), "{}", entry.name);
        for threads in [1, 2, 8] {
            for cut in [1, 7, 1000] {
                let (mut run, pool) = (fresh(1), Pool::of(threads));
                while !run.is_finished() {
                    run.advance(&*scenario.data, cut, &pool);
                }
                assert_eq!(run.done(), plan.updates().len());
                let found = (bits(run.positions()), run.nfe());
                assert!(found == expected, "{}: {threads} threads, {cut} updates at once", entry.name);
            }
        }
        let mut other = fresh(2);
        other.advance(&*scenario.data, usize::MAX, &Serial);
        assert!(bits(other.positions()) != expected.0, "{}: another seed, the same particles", entry.name);
    }
}

#[test]
fn every_start_is_a_function_of_seed_and_particle() {
    let scenario = toy();
    let starts = [
        Start::Box { half_width: 3.0 },
        Start::Prior { sigma: 3.0 },
        Start::Centred { sigma: 3.0, mean_factor: 1.0 },
        Start::Data { sigma: 3.0 },
    ];
    for start in starts {
        let draw = |seed, n| start.draw(&*scenario.data, &Noise::new(seed), n);
        assert_eq!(draw(1, 100), draw(1, 300)[..200], "{start:?}: more particles move none of the first");
        assert_ne!(draw(1, 100), draw(2, 100), "{start:?}");
    }
    let box_start = starts[0].draw(&*scenario.data, &Noise::new(1), 10_000);
    assert!(box_start.iter().all(|x| x.abs() < 3.0));
    // n = 10,000, seed 1: three sigma of a mean are 3 · 3/√n; the data's own mean is (3, 3).
    let (mean, _) = support::moments(&starts[2].draw(&*scenario.data, &Noise::new(1), 10_000));
    assert!(mean.iter().all(|m| (m - 3.0).abs() < 0.09), "{mean:?}");
}

const SCALES: [Scale; 6] = [
    Scale { sigma_max: 20.0, sigma_min: 1.0, levels: 10 },
    Scale { sigma_max: 50.0, sigma_min: 0.01, levels: 232 },
    Scale { sigma_max: 1.0, sigma_min: 1.0, levels: 1 },
    Scale { sigma_max: 100.0, sigma_min: 1e-3, levels: 20 },
    Scale { sigma_max: 1e4, sigma_min: 1e-4, levels: 1000 },
    Scale { sigma_max: 1e4, sigma_min: 1e4, levels: 2 },
];

#[test]
fn every_sampler_builds_from_its_defaults_at_any_scale_of_noise() {
    for entry in SAMPLERS {
        assert_eq!(samplers::find(entry.name).expect("it is listed").title, entry.title);
        for text in [entry.title, entry.description, entry.paper] {
            assert!(!text.is_empty(), "{}", entry.name);
        }
        for scale in &SCALES {
            let settings = entry.settings(scale, []).expect("defaults");
            let plan = (entry.build)(&settings).expect("defaults fit together").plan();
            assert!(!plan.updates().is_empty() && plan.updates().iter().all(is_finite), "{} {scale:?}", entry.name);
            // Where one noise level is both the largest and the smallest, a process in time stands still.
            let stands = scale.sigma_max <= scale.sigma_min;
            let adapts = plan.updates().iter().any(|update| update.nfe().is_none());
            assert!(plan.nfe() > 0 || adapts || stands, "{}", entry.name);
        }
    }
}

#[test]
fn every_knob_accepts_its_own_default_and_explains_itself() {
    for entry in SAMPLERS {
        for knob in entry.all_knobs() {
            assert!(!knob.title.is_empty() && !knob.meaning.is_empty(), "{}: {}", entry.name, knob.name);
            for scale in &SCALES {
                let default = entry.settings(scale, []).expect("defaults").get(knob.name).expect("it is set").clone();
                let again = entry.settings(scale, [(knob.name, default.clone())]);
                assert!(again.is_ok(), "{}: {} at {scale:?}: {:?}", entry.name, knob.name, again.err());
            }
        }
    }
}

/// Values that a kind must refuse: just outside, of another kind, and what is no number.
fn refused(kind: &Kind) -> Vec<Value> {
    let number = |x: f64| Value::Number(x);
    let mut values = vec![Value::Word("seven".to_owned()), number(f64::NAN), number(f64::INFINITY), number(-1.0)];
    match *kind {
        Kind::Real { max, .. } => values.extend([number(2.0 * max), Value::Switch(true)]),
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        Kind::Count { min, max } => {
            values.extend([
                number(min as f64 + 0.5),
                number(max as f64 + 1.0),
                number(min as f64 - 1.0),
                Value::Switch(true),
            ]);
        }
        Kind::Switch => values.extend([number(1.0), Value::Word("yes".to_owned())]),
        Kind::Choice(_) => values.push(Value::Switch(true)),
    }
    values
}

#[test]
fn every_knob_refuses_other_values_and_says_what_it_takes() {
    let check = |entry: &Entry, knob: &Knob, value: Value| {
        let given = value.to_string();
        let error = entry.settings(&SCALES[0], [(knob.name, value)]).expect_err(knob.name).to_string();
        for part in [entry.name, knob.name, &given, &format!("expected {}", knob.kind)] {
            assert!(error.contains(part), "'{part}' is not in: {error}");
        }
    };
    for entry in SAMPLERS {
        for knob in entry.all_knobs() {
            refused(&knob.kind).into_iter().for_each(|value| check(entry, knob, value));
        }
    }
}

#[test]
fn unknown_samplers_and_knobs_are_refused_with_a_list_of_the_known() {
    let error = samplers::find("langevine").err().expect("it is not listed").to_string();
    for part in ["langevine", "langevin", "annealed"] {
        assert!(error.contains(part), "{error}");
    }
    for entry in SAMPLERS {
        let error = entry.settings(&SCALES[0], [("stepp", Value::Number(1.0))]).expect_err("no such knob").to_string();
        assert!(error.contains("'stepp'") && error.contains(entry.name), "{error}");
        for knob in entry.all_knobs() {
            assert!(error.contains(knob.name), "{} is not in: {error}", knob.name);
        }
    }
}

#[test]
fn a_ladder_that_rises_is_refused() {
    let scenario = toy();
    let sampling = scenario.sampling("annealed", numbers(&[("sigma_max", 0.5)])).expect("each value is legal");
    let error = sampling.plan(&*scenario.data).expect_err("sigma_max is below sigma_min").to_string();
    assert!(error.contains("sigma_min = 1") && error.contains("sigma_max = 0.5"), "{error}");
}

#[test]
fn a_scenarios_own_settings_come_before_the_defaults_and_after_what_is_given() {
    let scenario = toy();
    let word = |given: &[(&str, Value)]| {
        let sampling = scenario.sampling("langevin", given.iter().cloned()).expect("legal settings");
        sampling.settings.word("start").to_owned()
    };
    assert_eq!(word(&[]), "box", "the scenario's entry, where the default is prior");
    assert_eq!(word(&[("start", Value::parse("data"))]), "data");
    assert_eq!(Value::parse("1e-2"), Value::Number(0.01));
    assert_eq!(Value::parse("true"), Value::Switch(true));
    assert_eq!(Value::parse("prior"), Value::Word("prior".to_owned()));
}

/// Where modes touch, plain Langevin crosses. 2,000 particles, seed 1: three sigma of a share of .7 are .031.
#[test]
fn plain_langevin_crosses_between_near_modes_given_time() {
    let scenario = Scenario::load("two-modes").expect("it is bundled");
    let sampling = scenario.sampling("langevin", [("steps", Value::Number(2000.0))]).expect("legal settings");
    let plan = sampling.plan(&*scenario.data).expect("a plan");
    let (noise, sigma) = (Noise::new(1), plan.final_sigma());
    let start = Start::of(&sampling.settings, &plan).draw(&*scenario.data, &noise, 2000);
    let at_start = mode_shares(&*scenario.data, sigma, &start).weights[0];
    let mut run = Run::new(plan, noise, 2, start);
    run.advance(&*scenario.data, usize::MAX, &Pool::of(2));
    let at_end = mode_shares(&*scenario.data, sigma, run.positions()).weights[0];
    assert!(at_start < 0.55 && (at_end - 0.7).abs() < 0.031, "{at_start} {at_end}");
}
