//! The law of the particles under every sampler: a Gaussian, whose chain is known in closed form, and three of them.

mod support;

use scorescope::distributions::{Component, Distribution, GaussianMixture};
use scorescope::metrics::mode_shares;
use scorescope::noise::Noise;
use scorescope::samplers::{self, Plan, Run, SAMPLERS, SELF_TESTS, Scale, SelfTest, Settings, Start, Update, Value};
use scorescope::session::Pool;

const MEAN: [f64; 2] = [2.0, -1.0];
const VARIANCE: f64 = 0.49;
const SCALE: Scale = Scale { sigma_max: 30.0, sigma_min: 0.05, levels: 20 };
const PARTICLES: u32 = 3000;

fn gaussian() -> GaussianMixture {
    GaussianMixture::new(&[Component::round(1.0, MEAN, VARIANCE.sqrt())]).expect("a legal mixture")
}

fn set(sampler: &str, given: &str) -> (Settings, Plan) {
    let entry = samplers::find(sampler).expect("it is listed");
    let pairs = given.split(',').filter_map(|part| part.split_once('='));
    let settings = entry.settings(&SCALE, pairs.map(|(name, value)| (name, Value::parse(value)))).expect("legal");
    let plan = (entry.build)(&settings).expect("they fit together").plan();
    (settings, plan)
}

fn particles(sampler: &str, given: &str, data: &GaussianMixture, seed: u64) -> (Plan, Vec<f32>) {
    let ((settings, plan), noise) = (set(sampler, given), Noise::new(seed));
    let start = Start::of(&settings, &plan).draw(data, &noise, PARTICLES);
    let mut run = Run::new(plan.clone(), noise, 2, start);
    run.advance(data, usize::MAX, &Pool::per_core());
    (plan, run.positions().to_vec())
}

/// Mean and variance of one coordinate after an update, on N(μ, v I): every one is affine there.
/// `None` where the step depends on the particles.
fn next([mean, variance]: [f64; 2], mu: f64, update: &Update) -> Option<[f64; 2]> {
    let slope = |sigma: f32| 1.0 / (VARIANCE + f64::from(sigma).powi(2));
    let (factor, added) = match *update {
        Update::Affine { a, b, c, sigma, scale } => {
            let pull = f64::from(b) * slope(sigma);
            let factor = f64::from(a) - pull * f64::from(scale);
            return Some([factor * mean + pull * mu, factor * factor * variance + f64::from(c).powi(2)]);
        }
        Update::Heun { from, to } => {
            // With y = x − μ the equation is dy/dσ = σ/(v + σ²) y; Heun's step multiplies y.
            let (h, rate) = (f64::from(to - from), |sigma: f32| f64::from(sigma) * slope(sigma));
            let euler = 1.0 + h * rate(from);
            (if to > 0.0 { 1.0 + 0.5 * h * (rate(from) + rate(to) * euler) } else { euler }, 0.0)
        }
        _ => return None,
    };
    Some([mu + factor * (mean - mu), factor * factor * variance + added])
}

/// Mean and variance of one coordinate at the end of a plan, by recursion in double precision.
fn chain(plan: &Plan, mu: f64, start: [f64; 2]) -> Option<[f64; 2]> {
    plan.updates().iter().try_fold(start, |moments, update| next(moments, mu, update))
}

/// Every sampler, with the relative bias that its discretisation may leave in the variance: of first order in the step,
/// 2 ln(600)/500 = .026 at 500 steps of VE, α/4v = .026 for Langevin's steps; none for accept-reject and adaptive steps;
/// for PC's corrector of step ε = 2 r² v, ε/2v = .026. The start, N(μ, 30² I), lacks v/900 < .001.
const RUNS: [(&str, &str, f64); 20] = [
    ("langevin", "step=0.05,steps=300", 0.03),
    ("mala", "step=0.3,steps=150", 0.0),
    ("annealed", "step=0.002,steps_per_level=60", 0.07),
    ("tempering", "step=0.05,steps_per_level=40", 0.04),
    ("euler-maruyama", "steps=500", 0.05),
    ("euler-maruyama", "steps=500,denoise=true", 0.05),
    ("euler-maruyama", "steps=500,sde=vp", 0.03),
    ("euler-maruyama", "steps=500,sde=subvp", 0.05),
    ("reverse-diffusion", "steps=500", 0.03),
    ("reverse-diffusion", "steps=500,sde=vp,denoise=true", 0.05),
    ("ancestral", "steps=500", 0.03),
    ("ancestral", "steps=500,sde=vp", 0.03),
    ("ddim", "steps=400", 0.04),
    ("ddim", "steps=400,sde=vp,eta=0.5", 0.04),
    ("predictor-corrector", "steps=500", 0.05),
    ("predictor-corrector", "steps=500,sde=vp", 0.05),
    ("ode-euler", "steps=500,sde=vp", 0.03),
    ("heun", "steps=40", 0.02),
    ("rk45", "", 0.002),
    ("edm", "steps=80", 0.03),
];

#[test]
fn every_sampler_is_among_those_whose_law_is_tested() {
    for entry in SAMPLERS {
        assert!(RUNS.iter().any(|run| run.0 == entry.name), "{}", entry.name);
        assert!(SELF_TESTS.iter().any(|test| test.sampler == entry.name), "{}", entry.name);
    }
}

/// 3,000 particles, seed 1: three sigma of a mean are 3 √(v/n), of the variance over both coordinates 3 v/√n.
#[test]
fn every_sampler_gives_a_gaussian_its_mean_and_variance() {
    let data = gaussian();
    for (sampler, given, bias) in RUNS {
        let (plan, x) = particles(sampler, &format!("{given},start=centred"), &data, 1);
        let (mean, covariance) = support::moments(&x);
        let found = 0.5 * (covariance[0][0] + covariance[1][1]);
        let (truth, n) = (VARIANCE + plan.final_sigma().powi(2), f64::from(PARTICLES));
        let [std, shrunk] = plan.prior().unwrap_or([SCALE.sigma_max, 1.0]);
        let known = |i: usize| chain(&plan, MEAN[i], [shrunk * MEAN[i], std * std]);
        let expected = known(0).map_or(truth, |[_, variance]| variance);
        let slack = if known(0).is_some() { 0.0 } else { bias };
        assert!((expected / truth - 1.0).abs() <= bias, "{sampler} {given}: the chain ends at {expected}, not {truth}");
        let off = found / expected - 1.0;
        assert!(off.abs() < slack + 3.0 / n.sqrt(), "{sampler} {given}: variance off by {off} of {expected}");
        for i in 0..2 {
            let centre = known(i).map_or(MEAN[i], |[mean, _]| mean);
            assert!((centre - MEAN[i]).abs() < 0.01, "{sampler} {given}: the chain is centred at {centre}");
            let off = mean[i] - centre;
            assert!(off.abs() < 3.0 * (expected / n).sqrt(), "{sampler} {given}: mean off by {off}");
        }
        assert!(covariance[0][1].abs() < 3.0 * expected / n.sqrt(), "{sampler} {given}: {covariance:?}");
    }
}

/// Three far modes: 3 √(w(1 − w)/3000) ≤ .028 for chance, and .015 for the discretisation and for N(E x, 30² I) not being
/// p_30 (the mode farthest from the mean is 5 away: its weight is bent by terms of (5/30)²/2).
/// Samplers of one noise level cannot cross: they start at the data, and must keep them. Tempering forgets the weights.
#[test]
fn every_sampler_gives_three_gaussians_their_weights() {
    let modes = [(0.5, [4.0, 0.0]), (0.3, [-3.0, 3.0]), (0.2, [0.0, -4.0])];
    let data = GaussianMixture::new(&modes.map(|(w, m)| Component::round(w, m, 0.6))).expect("a legal mixture");
    for (sampler, given, _) in RUNS {
        let start = if ["langevin", "mala"].contains(&sampler) { "data" } else { "centred" };
        let (plan, x) = particles(sampler, &format!("{given},start={start}"), &data, 2);
        let shares = mode_shares(&data, plan.final_sigma(), &x);
        assert!(shares.off_mode < 0.01, "{sampler} {given}: {} off mode", shares.off_mode);
        if sampler == "tempering" {
            assert!(shares.weights[0] < 0.45, "heat keeps no weights: {:?}", shares.weights);
            continue;
        }
        for (found, (weight, _)) in shares.weights.iter().zip(modes) {
            assert!((found - weight).abs() < 0.043, "{sampler} {given}: {:?}", shares.weights);
        }
    }
}

/// The list behind `doctor`, but for the runs of 3,000 evaluations and more, which take too long here.
#[test]
fn every_short_self_test_passes() {
    let pool = Pool::per_core();
    let long = ["steps=10000", "steps_per_level=300", "steps_per_level=1000"];
    for test in SELF_TESTS.iter().filter(|test| !long.iter().any(|long| test.settings.contains(long))) {
        // Two seeds, to save time: .009, so that .03 is still three sigma.
        let outcome = SelfTest { seeds: 2, ..*test }.run(&pool).expect("legal settings");
        assert!(outcome.passed, "{test:?}: {outcome:?}");
    }
}

#[test]
fn a_self_test_fails_where_the_figure_is_off() {
    let mut test = SELF_TESTS[3];
    test.expected += 2.0 * test.tolerance + 0.03;
    assert!(!test.run(&Pool::per_core()).expect("legal settings").passed);
    test.settings = "nonsense=1";
    assert!(test.run(&Pool::per_core()).is_err());
}

/// At α = 1.5 v Langevin's chain ends at v/(1 − α/4v) = 1.6 v; accept and reject keep v. Three sigma, 3,000 particles.
#[test]
fn accept_and_reject_keep_the_law_where_plain_langevin_bends_it() {
    let (data, v) = (gaussian(), VARIANCE + 0.25);
    let settings = format!("step={},steps=100,sigma=0.5,start=data", 1.5 * v);
    let variance = |sampler: &str| {
        let (mean, covariance) = support::moments(&particles(sampler, &settings, &data, 3).1);
        assert!((mean[0] - MEAN[0]).abs() < 0.05, "{sampler}");
        0.5 * (covariance[0][0] + covariance[1][1]) / v
    };
    let (langevin, mala) = (variance("langevin"), variance("mala"));
    assert!((langevin - 1.6).abs() < 3.0 * 1.6 / 3000f64.sqrt(), "{langevin}");
    assert!((mala - 1.0).abs() < 3.0 / 3000f64.sqrt(), "{mala}");
}

/// Share of accepted proposals against the same rule in double precision, on points and noise from another generator.
/// Both are shares of 3,000: three sigma of the difference are at most 3 √(2 · .25/3000) = .039.
#[test]
fn the_share_of_accepted_proposals_is_right() {
    let (data, v) = (gaussian(), VARIANCE + 0.25);
    let alpha = 1.5 * v;
    let mut plan = Plan::towards(0.5);
    plan.push(Update::metropolis(alpha, 0.5));
    let start = Start::Data { sigma: 0.5 }.draw(&data, &Noise::new(4), PARTICLES);
    let mut run = Run::new(plan, Noise::new(5), 2, start.clone());
    run.advance(&data, 1, &Pool::per_core());
    let moved = run.positions().chunks(2).zip(start.chunks(2)).filter(|(y, x)| y != x).count();
    let mut dice = support::Dice::new(11);
    let mut normal =
        || (-2.0 * dice.between(1e-12, 1.0).ln()).sqrt() * (std::f64::consts::TAU * dice.between(0.0, 1.0)).cos();
    let mut expected = 0.0;
    for _ in 0..PARTICLES {
        // In y = x − μ: s = −y/v, and all terms are squares.
        let x = [v.sqrt() * normal(), v.sqrt() * normal()];
        let y = x.map(|x| x * (1.0 - 0.5 * alpha / v) + alpha.sqrt() * normal());
        let log_p = |x: [f64; 2]| -(x[0] * x[0] + x[1] * x[1]) / (2.0 * v);
        let log_q = |to: [f64; 2], from: [f64; 2]| {
            -(0..2).map(|i| (to[i] - from[i] * (1.0 - 0.5 * alpha / v)).powi(2)).sum::<f64>() / (2.0 * alpha)
        };
        expected += (log_p(y) + log_q(x, y) - log_p(x) - log_q(y, x)).exp().min(1.0);
    }
    let share = |count: f64| count / f64::from(PARTICLES);
    let moved = share(f64::from(u32::try_from(moved).expect("a count")));
    assert!((moved - share(expected)).abs() < 0.039, "{moved} {}", share(expected));
    assert!((0.3..0.95).contains(&moved), "the step is neither tiny nor hopeless: {moved}");
    assert!(data.has_density(0.5));
}
