//! Samplers of noising processes against the formulas of their papers, update by update.

use scorescope::distributions::{Component, GaussianMixture};
use scorescope::noise::{Noise, Purpose};
use scorescope::samplers::{self, Plan, Run, Scale, Serial, Settings, Start, Update, Value};
use scorescope::schedules::{LinearBeta, Sde, VarianceExploding, VariancePreserving};
use scorescope::score::Score;

const SCALE: Scale = Scale { sigma_max: 50.0, sigma_min: 0.01, levels: 10 };

fn set(sampler: &str, given: &str) -> (Settings, Plan) {
    let entry = samplers::find(sampler).expect("it is listed");
    let pairs = given.split(',').filter_map(|part| part.split_once('='));
    let settings = entry.settings(&SCALE, pairs.map(|(name, value)| (name, Value::parse(value)))).expect("legal");
    let plan = (entry.build)(&settings).expect("they fit together").plan();
    (settings, plan)
}

fn plan(sampler: &str, given: &str) -> Plan {
    set(sampler, given).1
}

fn vp() -> VariancePreserving {
    VariancePreserving { beta: LinearBeta::new(0.1, 20.0).expect("legal") }
}

/// a, b, c, σ and k of an update of the first form.
fn parts(update: &Update) -> [f64; 5] {
    let Update::Affine { a, b, c, sigma, scale } = *update else { panic!("{update} is not affine") };
    [a, b, c, sigma, scale].map(f64::from)
}

#[track_caller]
fn assert_parts(update: &Update, expected: [f64; 5]) {
    for (found, expected) in parts(update).into_iter().zip(expected) {
        // Coefficients are rounded to single precision once: 6e-8; differences of them lose a digit.
        assert!((found - expected).abs() <= 2e-6 * (1.0 + expected.abs()), "{update}: {found} is not {expected}");
    }
}

/// σ_i of the discrete process, from the largest to the smallest, then 0: score_sde_pytorch, `VESDE`. Its last time is 1e-5
/// and not 0: at most 1e-5 ln(5000) = 8.5e-5 of σ.
fn ve_levels(n: usize) -> Vec<f64> {
    let ve = VarianceExploding::new(0.01, 50.0).expect("legal");
    ve.times(n - 1).into_iter().map(|t| ve.std(t)).chain([0.0]).collect()
}

#[test]
fn reverse_diffusion_takes_the_steps_of_score_sde() {
    let sigmas = ve_levels(10);
    let plan = plan("reverse-diffusion", "steps=10");
    assert_eq!((plan.updates().len(), plan.nfe()), (10, 10));
    for (update, pair) in plan.updates().iter().zip(sigmas.windows(2)) {
        let g2 = pair[0] * pair[0] - pair[1] * pair[1];
        assert_parts(update, [1.0, g2, g2.sqrt(), pair[0], 1.0]);
    }
    assert!((plan.final_sigma() / 0.01 - 1.0).abs() < 1e-4);
    let quiet = self::plan("reverse-diffusion", "steps=10,denoise=true");
    assert_eq!(quiet.updates()[..9], plan.updates()[..9]);
    assert!(parts(&quiet.updates()[9])[2].to_bits() == 0 && quiet.final_sigma().to_bits() == 0);
}

/// x (2 − √α) + β ∇log p + √β z, α = 1 − β: `VPSDE.discretize` and `ReverseDiffusionPredictor`.
#[test]
fn reverse_diffusion_of_vp_takes_the_steps_of_score_sde() {
    let bars: Vec<_> = vp().times(19).into_iter().map(|t| vp().mean_factor(t).powi(2)).chain([1.0]).collect();
    for (update, pair) in plan("reverse-diffusion", "sde=vp,steps=20").updates().iter().zip(bars.windows(2)) {
        let (beta, root) = (1.0 - pair[0] / pair[1], pair[0].sqrt());
        let sigma = ((1.0 - pair[0]) / pair[0]).sqrt();
        assert_parts(update, [2.0 - (1.0 - beta).sqrt(), beta / root, beta.sqrt(), sigma, 1.0 / root]);
    }
}

/// x + ½ α β s + √α z with α = α_0/β: β from 0.01 to 1 in three levels is 0.01, 0.1, 1.
#[test]
fn tempering_warms_the_noise_and_leaves_the_pull() {
    let plan = plan("tempering", "levels=3,steps_per_level=2,step=0.2,sigma=0.5");
    assert_eq!(plan.updates().len(), 6);
    for (updates, beta) in plan.updates().chunks(2).zip([0.01, 0.1, 1.0]) {
        updates.iter().for_each(|update| assert_parts(update, [1.0, 0.1, (0.2f64 / beta).sqrt(), 0.5, 1.0]));
    }
}

#[test]
fn mala_proposes_langevins_step() {
    let plan = plan("mala", "step=0.25,steps=3,sigma=0.5");
    assert_eq!((plan.updates(), plan.nfe()), (&[Update::Metropolis { step: 0.25, sigma: 0.5 }; 3][..], 6));
    assert!(plan.wants_density());
}

#[test]
fn ancestral_steps_are_those_of_score_sde() {
    let sigmas = ve_levels(10);
    for (update, pair) in plan("ancestral", "steps=10").updates().iter().zip(sigmas.windows(2)) {
        let [now, next] = [pair[0] * pair[0], pair[1] * pair[1]];
        assert_parts(update, [1.0, now - next, (next * (now - next) / now).sqrt(), pair[0], 1.0]);
    }
}

/// DDPM's own letters: x' = (x − β/√(1 − ᾱ) ε̂)/√α + √β̃ z, β̃ = β (1 − ᾱ')/(1 − ᾱ), ε̂ = −√(1 − ᾱ) ∇log p(x), and
/// ∇log p(x) = s(x/√ᾱ, √((1 − ᾱ)/ᾱ))/√ᾱ.
#[test]
fn ancestral_sampling_of_vp_is_ddpm() {
    let n = 50;
    let bars: Vec<_> = vp().times(n - 1).into_iter().map(|t| vp().mean_factor(t).powi(2)).chain([1.0]).collect();
    let plan = plan("ancestral", "sde=vp,steps=50");
    assert_eq!(plan.updates().len(), n);
    for (update, pair) in plan.updates().iter().zip(bars.windows(2)) {
        let [bar, bar_next] = [pair[0], pair[1]];
        let alpha = bar / bar_next;
        let (beta, root) = (1.0 - alpha, bar.sqrt());
        let posterior = beta * (1.0 - bar_next) / (1.0 - bar);
        let b = beta / alpha.sqrt() / root;
        let expected = [1.0 / alpha.sqrt(), b, posterior.sqrt(), ((1.0 - bar) / bar).sqrt(), 1.0 / root];
        assert_parts(update, expected);
    }
}

#[test]
fn ddim_with_all_its_noise_is_ancestral() {
    for sde in ["ve", "vp", "subvp"] {
        let (ddim, ancestral) =
            (plan("ddim", &format!("eta=1,steps=30,sde={sde}")), plan("ancestral", &format!("steps=30,sde={sde}")));
        for (update, expected) in ddim.updates().iter().zip(ancestral.updates()) {
            assert_parts(update, parts(expected));
        }
    }
}

/// η = 0 on VP, as the exponential integrator writes it: x' = (a'/a) x − b' (e^h − 1) ε̂, h = λ' − λ, λ = ln(a/b)
/// (Lu et al. 2022, DPM-Solver-1). On VE that is Euler's step in σ.
#[test]
fn ddim_without_noise_is_the_exponential_integrator() {
    let times = vp().times(29);
    for (update, pair) in plan("ddim", "sde=vp,steps=30").updates().iter().zip(times.windows(2)) {
        let [[a, b], [a_next, b_next]] = [pair[0], pair[1]].map(|t| [vp().mean_factor(t), vp().std(t)]);
        let h = (a_next / b_next).ln() - (a / b).ln();
        let of_score = b_next * h.exp_m1() * b / a;
        assert_parts(update, [a_next / a, of_score, 0.0, b / a, 1.0 / a]);
    }
    for (update, pair) in plan("ddim", "steps=30").updates().iter().zip(ve_levels(30).windows(2)) {
        assert_parts(update, [1.0, pair[0] * (pair[0] - pair[1]), 0.0, pair[0], 1.0]);
    }
}

/// f, g and ∇log p_t in t, one step of length h: x − [f x − g² ∇log p] h + g √h z, and half the pull for the flow.
#[test]
fn small_steps_of_time_follow_the_reverse_process_and_its_flow() {
    let n = 20;
    let times = vp().times(n);
    let (random, flow) = (plan("euler-maruyama", "sde=vp,steps=20"), plan("ode-euler", "sde=vp,steps=20"));
    assert_eq!((random.updates().len(), flow.updates().len()), (n, n));
    for (i, (random, flow)) in random.updates().iter().zip(flow.updates()).enumerate() {
        let (t, h) = (times[i], times[i] - times[i + 1]);
        let beta = 0.1 + t * 19.9;
        let (a, b) = (vp().mean_factor(t), vp().std(t));
        assert_parts(random, [1.0 + 0.5 * beta * h, beta * h / a, (beta * h).sqrt(), b / a, 1.0 / a]);
        assert_parts(flow, [1.0 + 0.5 * beta * h, 0.5 * beta * h / a, 0.0, b / a, 1.0 / a]);
    }
    let sigma = vp().std(1e-3) / vp().mean_factor(1e-3);
    assert!((random.final_sigma() - sigma).abs() < 1e-9);
}

/// The last step (x + b² ∇log p)/a on one Gaussian is the mean of the data given x, as conditioning two Gaussians gives it.
#[test]
fn denoising_gives_the_mean_of_the_data_given_x() {
    let (mean, v) = ([2.0f32, -1.0], 0.64f64);
    let data = GaussianMixture::new(&[Component::round(1.0, mean.map(f64::from), v.sqrt())]).expect("a legal mixture");
    let with = plan("euler-maruyama", "sde=vp,steps=5,denoise=true,beta_min=100,beta_max=100");
    let mut last = Plan::towards(0.0);
    last.push(*with.updates().last().expect("a last update"));
    let mut run = Run::new(last, Noise::new(1), 2, vec![1.0, 0.5]);
    run.advance(&data, 1, &Serial);
    // β = 100: at t = 1e-3 the data have shrunk to 0.951.
    let strong = VariancePreserving { beta: LinearBeta::new(100.0, 100.0).expect("legal") };
    let (a, b2) = (strong.mean_factor(1e-3), strong.std(1e-3).powi(2));
    for (i, x) in [(0, 1.0), (1, 0.5)] {
        let (found, m) = (f64::from(run.positions()[i]), f64::from(mean[i]));
        let expected = m + a * v / (a * a * v + b2) * (x - a * m);
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn without_noise_the_seed_decides_nothing_but_the_start() {
    let data = GaussianMixture::new(&[Component::round(1.0, [1.0, 0.0], 1.0)]).expect("a legal mixture");
    for (sampler, given) in
        [("ddim", "eta=0"), ("ddim", "eta=0,sde=vp"), ("ode-euler", ""), ("heun", ""), ("rk45", ""), ("edm", "churn=0")]
    {
        let end = |seed| {
            let mut run = Run::new(plan(sampler, given), Noise::new(seed), 2, vec![3.0, -4.0, 20.0, 1.0]);
            run.advance(&data, usize::MAX, &Serial);
            run.positions().to_vec()
        };
        assert_eq!(end(1), end(2), "{sampler} {given}");
    }
}

/// ε = 2 α (r ‖z‖/‖∇log p‖)², norms averaged over all particles, computed here from the score and the noise themselves.
#[test]
fn the_correctors_step_follows_its_rule() {
    let modes = [Component::round(0.8, [5.0, 5.0], 1.0), Component::round(0.2, [-5.0, -5.0], 1.0)];
    let data = GaussianMixture::new(&modes).expect("a legal mixture");
    let (noise, n) = (Noise::new(8), 1500u32);
    for (alpha, [shrunk, std]) in [(1.0, [1.0, 3.0]), (0.7, [0.5, 0.8])] {
        let start = Start::Box { half_width: 8.0 }.draw(&data, &noise, n);
        let mut plan = Plan::towards(1.0);
        plan.push(Update::corrector(0.16, alpha, [shrunk, std]));
        let mut run = Run::new(plan, noise, 2, start.clone());
        run.advance(&data, 1, &Serial);
        #[expect(clippy::cast_possible_truncation, reason = "the score is asked in single precision")]
        let (factor, sigma) = (1.0 / shrunk as f32, (std / shrunk) as f32);
        let mut s = vec![0.0; start.len()];
        data.score(&start.iter().map(|x| factor * x).collect::<Vec<_>>(), sigma, &mut s);
        let score: Vec<_> = s.iter().map(|s| f64::from(*s) / shrunk).collect();
        let mut z = vec![0.0f32; start.len()];
        (0..n).zip(z.chunks_mut(2)).for_each(|(i, z)| noise.normal(Purpose::Sampler, i, 0, z));
        let z: Vec<_> = z.into_iter().map(f64::from).collect();
        let mean_norm = |v: &[f64]| v.chunks(2).map(|v| v[0].hypot(v[1])).sum::<f64>() / f64::from(n);
        let epsilon = 2.0 * alpha * (0.16 * mean_norm(&z) / mean_norm(&score)).powi(2);
        for (i, x) in start.iter().enumerate() {
            let expected = f64::from(*x) + epsilon * score[i] + (2.0 * epsilon).sqrt() * z[i];
            let found = f64::from(run.positions()[i]);
            assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{i}: {found} {expected}");
        }
    }
}

/// First the corrector, then the predictor, at the same level.
#[test]
fn a_corrector_comes_before_each_predictor() {
    let (both, predictor) = (plan("predictor-corrector", "steps=7"), plan("reverse-diffusion", "steps=7"));
    assert_eq!((both.updates().len(), both.nfe()), (14, 14));
    for (pair, predictor) in both.updates().chunks(2).zip(predictor.updates()) {
        assert!(matches!(pair[0], Update::Corrector { .. }) && pair[1] == *predictor);
        assert!((pair[0].sigma() - predictor.sigma()).abs() < f32::EPSILON);
    }
    let shrinking = plan("predictor-corrector", "steps=7,sde=vp");
    let times = vp().times(6);
    for (i, pair) in shrinking.updates().chunks(2).take(6).enumerate() {
        let Update::Corrector { alpha, .. } = pair[0] else { panic!("the corrector comes first") };
        let expected = (vp().mean_factor(times[i]) / vp().mean_factor(times[i + 1])).powi(2);
        assert!((f64::from(alpha) - expected).abs() < 1e-6, "{alpha} {expected}");
    }
}

/// Where all scores are 0 the rule has no answer; the particles stay, and stay numbers.
#[test]
fn a_corrector_without_any_score_moves_nothing() {
    struct Flat;
    impl Score for Flat {
        fn score(&self, _: &[f32], _: f32, out: &mut [f32]) {
            out.fill(0.0);
        }
    }
    let mut plan = Plan::towards(1.0);
    plan.push(Update::corrector(0.16, 1.0, [1.0, 1.0]));
    let mut run = Run::new(plan, Noise::new(1), 2, vec![1.0, 2.0]);
    run.advance(&Flat, 1, &Serial);
    assert_eq!(run.positions(), [1.0, 2.0]);
}

/// A process that shrinks data has a prior of its own: σ near 1, and its centre shrunk as the data are.
#[test]
fn a_shrinking_process_starts_from_its_own_prior() {
    for sampler in ["euler-maruyama", "reverse-diffusion", "ancestral", "ddim", "predictor-corrector", "ode-euler"] {
        let (settings, plan) = set(sampler, "sde=vp,start=centred");
        let Start::Centred { sigma, mean_factor } = Start::of(&settings, &plan) else { panic!("another start") };
        assert!((sigma - vp().std(1.0)).abs() < 1e-12 && (mean_factor - vp().mean_factor(1.0)).abs() < 1e-12);
        let (settings, plan) = set(sampler, "sigma_max=30");
        let Start::Prior { sigma } = Start::of(&settings, &plan) else { panic!("another start") };
        assert!((sigma - 30.0).abs() < 1e-9, "{sampler}: {sigma}");
    }
}

#[test]
fn noise_levels_in_the_wrong_order_are_refused() {
    for sampler in [
        "euler-maruyama",
        "reverse-diffusion",
        "ancestral",
        "ddim",
        "predictor-corrector",
        "ode-euler",
        "heun",
        "rk45",
        "edm",
    ] {
        let entry = samplers::find(sampler).expect("it is listed");
        let given = [("sigma_max", Value::Number(0.001))];
        let settings = entry.settings(&SCALE, given).expect("legal alone");
        let error = (entry.build)(&settings).err().expect("the two do not fit together").to_string();
        assert!(error.contains(sampler) && error.contains("sigma_max = 0.001"), "{error}");
    }
}
