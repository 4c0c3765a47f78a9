//! The flow from noise to data: orders of convergence, tolerances, and closed forms of a Gaussian.

mod support;

use scorescope::distributions::{Component, GaussianMixture};
use scorescope::noise::Noise;
use scorescope::samplers::{self, Plan, Run, Scale, Serial, Update, Value};
use scorescope::score::Score;
use support::Dice;

const MEAN: [f64; 2] = [2.0, -1.0];
const STD: f64 = 0.7;
const SCALE: Scale = Scale { sigma_max: 10.0, sigma_min: 0.05, levels: 10 };

fn gaussian() -> GaussianMixture {
    GaussianMixture::new(&[Component::round(1.0, MEAN, STD)]).expect("a legal mixture")
}

fn plan(sampler: &str, settings: &str) -> Plan {
    let entry = samplers::find(sampler).expect("it is listed");
    let given = settings.split(',').filter_map(|part| part.split_once('='));
    let settings = entry.settings(&SCALE, given.map(|(name, value)| (name, Value::parse(value)))).expect("legal");
    (entry.build)(&settings).expect("they fit together").plan()
}

#[expect(clippy::cast_possible_truncation, reason = "particles are f32")]
fn cloud(n: usize, std: f64, seed: u64) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    (0..2 * n).map(|_| dice.between(-2.0 * std, 2.0 * std) as f32).collect()
}

fn ran(plan: &Plan, x: &[f32]) -> Run {
    let mut run = Run::new(plan.clone(), Noise::new(1), 2, x.to_vec());
    run.advance(&gaussian(), usize::MAX, &Serial);
    run
}

/// Largest distance from x(σ') = μ + (x − μ) √((v + σ'²)/(v + σ²)), the solution of dx/dσ = −σ s on N(μ, v I).
fn error(plan: &Plan, from: f64, to: f64) -> f64 {
    let x = cloud(50, from, 5);
    let shrink = ((STD * STD + to * to) / (STD * STD + from * from)).sqrt();
    let end = ran(plan, &x);
    let off = |(i, (end, x)): (usize, (&f32, &f32))| {
        (f64::from(*end) - MEAN[i % 2] - shrink * (f64::from(*x) - MEAN[i % 2])).abs()
    };
    end.positions().iter().zip(&x).enumerate().map(off).fold(0.0, f64::max)
}

/// Twice the steps, half the error: Euler's method is of first order. The ratio is 2 up to terms of higher order.
#[test]
fn eulers_error_halves_with_its_steps() {
    let at = |steps: usize| error(&plan("ode-euler", &format!("steps={steps}")), 10.0, 0.05 * 200f64.powf(1e-5));
    for steps in [100, 200, 400] {
        let ratio = at(steps) / at(2 * steps);
        assert!((1.8..2.2).contains(&ratio), "{steps}: {ratio}");
    }
}

/// Twice the steps, a quarter of the error: Heun's method is of second order.
#[test]
fn heuns_error_quarters_with_its_steps() {
    // N levels bound N − 1 steps.
    let at = |steps: usize| error(&plan("heun", &format!("steps={},denoise=false", steps + 1)), 10.0, 0.05);
    for steps in [20, 40] {
        let ratio = at(steps) / at(2 * steps);
        assert!((3.5..4.6).contains(&ratio), "{steps}: {ratio}");
    }
    assert!(at(160) < 2e-3, "{}", at(160));
}

/// Global errors add up over some thirty steps and are carried along a flow that contracts: ten tolerances bound them,
/// in units of 1 + |x| ≤ 21. Single precision leaves 1e-5. A looser tolerance costs less.
#[test]
fn the_adaptive_method_meets_its_tolerance_and_spends_accordingly() {
    let mut last = usize::MAX;
    for tolerance in [1e-5, 1e-4, 1e-3, 1e-2] {
        let plan = plan("rk45", &format!("rtol={tolerance}"));
        let off = error(&plan, 10.0, 0.05);
        assert!(off < 210.0 * tolerance + 1e-5, "{tolerance}: {off}");
        let nfe = ran(&plan, &cloud(50, 10.0, 5)).nfe();
        assert!(nfe <= last, "{tolerance}: {nfe} evaluations, {last} for a tighter one");
        last = nfe;
    }
    assert!(error(&plan("rk45", "rtol=1e-5"), 10.0, 0.05) < 2e-4);
    let tight = ran(&plan("rk45", "rtol=1e-6"), &cloud(50, 10.0, 5)).nfe();
    assert!(tight > last * 3 / 2, "{tight} and {last} evaluations");
}

/// A score that says how often it was asked for one particle.
struct Counting(GaussianMixture, std::sync::atomic::AtomicUsize);

impl Score for Counting {
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        self.1.fetch_add(x.len() / 2, std::sync::atomic::Ordering::Relaxed);
        self.0.score(x, sigma, out);
    }

    fn log_density(&self, x: &[f32], sigma: f32, out: &mut [f32]) -> bool {
        self.0.log_density(x, sigma, out)
    }
}

#[test]
fn every_sampler_states_the_evaluations_it_makes() {
    for entry in samplers::SAMPLERS {
        let plan = plan(entry.name, "");
        let counting = Counting(gaussian(), 0.into());
        let mut run = Run::new(plan.clone(), Noise::new(1), 2, cloud(3, 1.0, 1));
        run.advance(&counting, usize::MAX, &Serial);
        assert_eq!(run.nfe() * 3, counting.1.into_inner(), "{}", entry.name);
        if plan.updates().iter().all(|update| update.nfe().is_some()) {
            assert_eq!(run.nfe(), plan.nfe(), "{}", entry.name);
        }
    }
    assert_eq!(plan("heun", "steps=18").nfe(), 35, "EDM's own count");
}

/// Nowhere to go: a step of length 0 leaves the particles alone.
#[test]
fn equal_noise_levels_move_nothing() {
    let x = cloud(50, 3.0, 9);
    for update in [Update::adaptive(2.0, 2.0, 1e-5), Update::heun(2.0, 2.0)] {
        let mut plan = Plan::towards(2.0);
        plan.push(update);
        assert_eq!(ran(&plan, &x).positions(), x, "{update}");
    }
}

/// A score that is no number at one place spoils the particles there, and the method says so instead of going on.
#[test]
fn the_adaptive_method_never_passes_half_a_way_off_as_a_result() {
    struct Wild;
    impl Score for Wild {
        fn score(&self, _: &[f32], sigma: f32, out: &mut [f32]) {
            out.fill(if sigma < 1.0 { f32::NAN } else { 0.0 });
        }
    }
    let mut plan = Plan::towards(0.1);
    plan.push(Update::adaptive(2.0, 0.1, 1e-5));
    let mut run = Run::new(plan, Noise::new(1), 2, vec![1.0; 4]);
    run.advance(&Wild, 1, &Serial);
    assert!(run.positions().iter().all(|x| x.is_nan()));
}

/// Update::Affine does not read what has no part in it: an infinite score of the update before.
#[test]
fn an_old_infinite_score_does_not_leak_into_an_update_without_score() {
    struct Steep;
    impl Score for Steep {
        fn score(&self, _: &[f32], _: f32, out: &mut [f32]) {
            out.fill(f32::INFINITY);
        }
        fn log_density(&self, x: &[f32], _: f32, out: &mut [f32]) -> bool {
            out.copy_from_slice(&vec![0.0; x.len() / 2]);
            true
        }
    }
    let mut plan = Plan::towards(1.0);
    plan.push(Update::metropolis(1.0, 1.0));
    plan.push(Update::affine(1.0, 0.0, 0.5, 1.0));
    let mut run = Run::new(plan, Noise::new(1), 2, vec![1.0; 4]);
    run.advance(&Steep, 2, &Serial);
    assert!(run.positions().iter().all(|x| x.is_finite()), "{:?}", run.positions());
}

/// Without churn EDM is Heun's method, update by update; with it, each step begins at (1 + γ) σ.
#[test]
fn edm_without_churn_is_heun() {
    assert_eq!(plan("edm", "steps=18,churn=0").updates(), plan("heun", "steps=18").updates());
    let churned = plan("edm", "steps=10,churn=2,s_noise=1.003");
    assert_eq!(churned.updates().len(), 20);
    let Update::Affine { c, sigma, .. } = churned.updates()[0] else { panic!("noise comes first") };
    let Update::Heun { from, .. } = churned.updates()[1] else { panic!("then Heun's step") };
    // γ = min(2/10, √2 − 1) = .2: σ̂ = 12, √(12² − 10²) · 1.003
    assert!((from - 12.0).abs() < 1e-5 && (c - 1.003 * 44f32.sqrt()).abs() < 1e-5 && (sigma - 10.0).abs() < 1e-5);
    let most = plan("edm", "steps=10,churn=1000");
    let Update::Heun { from, .. } = most.updates()[1] else { panic!("then Heun's step") };
    assert!((from - 10.0 * std::f32::consts::SQRT_2).abs() < 1e-4, "{from}");
    let between = plan("edm", "steps=10,churn=2,s_min=0.5,s_max=5");
    let churns = between.updates().iter().filter(|update| matches!(update, Update::Affine { .. }));
    assert!(churns.clone().all(|update| (0.5..=5.0).contains(&update.sigma())) && churns.count() > 1);
}
