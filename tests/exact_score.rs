//! The exact score and density of Gaussian mixtures against a second computation that is written another way.

mod support;

use std::f64::consts::TAU;

use scorescope::distributions::{Component, Distribution, GaussianMixture, MixtureError, Point};
use scorescope::noise::Noise;
use scorescope::score::Score;
use support::Dice;

/// log p_σ(x) and ∇ log p_σ(x): the 2 × 2 inverse and determinant written out, a plain log-sum-exp over a list.
fn independent(components: &[Component], x: Point, sigma: f64) -> (f64, Point) {
    let total: f64 = components.iter().map(|c| c.weight).sum();
    let terms: Vec<(f64, Point)> = components
        .iter()
        .map(|c| {
            let [[a, b], [_, d]] = c.covariance;
            let (a, d) = (a + sigma * sigma, d + sigma * sigma);
            let det = a * d - b * b;
            let (u, v) = (x[0] - c.mean[0], x[1] - c.mean[1]);
            let pull = [(d * u - b * v) / det, (a * v - b * u) / det];
            let log = (c.weight / total).ln() - TAU.ln() - 0.5 * det.ln() - 0.5 * (u * pull[0] + v * pull[1]);
            (log, [-pull[0], -pull[1]])
        })
        .collect();
    let greatest = terms.iter().map(|t| t.0).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = terms.iter().map(|t| (t.0 - greatest).exp()).sum();
    let mix = |axis: usize| terms.iter().map(|t| (t.0 - greatest).exp() / sum * t.1[axis]).sum();
    (greatest + sum.ln(), [mix(0), mix(1)])
}

/// One to six components: point masses, round ones and full covariances in turn.
fn random_mixture(dice: &mut Dice) -> Vec<Component> {
    let count = 1 + dice.below(6);
    (0..count).map(|_| random_component(dice)).collect()
}

fn random_component(dice: &mut Dice) -> Component {
    let (weight, mean) = (dice.between(0.05, 1.0), [dice.between(-8.0, 8.0), dice.between(-8.0, 8.0)]);
    match dice.below(3) {
        0 => Component::round(weight, mean, 0.0),
        1 => Component::round(weight, mean, dice.log_between(1e-2, 3.0)),
        _ => {
            let (l, m, n) = (dice.log_between(0.05, 2.0), dice.between(-1.0, 1.0), dice.log_between(0.05, 2.0));
            Component { weight, mean, covariance: [[l * l, l * m], [l * m, m * m + n * n]] }
        }
    }
}

fn built(components: &[Component]) -> GaussianMixture {
    GaussianMixture::new(components).expect("a legal mixture")
}

/// 1e-4 relative to the length of the score is what the program promises; f32 in and out leaves about 1e-7.
#[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32")]
fn assert_agrees(components: &[Component], x: Point, sigma: f64) {
    let (x, sigma) = (x.map(|x| x as f32), sigma as f32);
    let mixture = built(components);
    let mut s = [0.0f32; 2];
    mixture.score(&x, sigma, &mut s);
    let (x, sigma) = (x.map(f64::from), f64::from(sigma));
    let (log_p, expected) = independent(components, x, sigma);
    let found = mixture.log_density_and_score(x, sigma).0;
    let length = expected[0].hypot(expected[1]);
    let off = (f64::from(s[0]) - expected[0]).hypot(f64::from(s[1]) - expected[1]);
    assert!(off <= 1e-4 * length, "score at {x:?}, σ = {sigma}: {s:?}, independently {expected:?}\n{components:?}");
    let tolerance = 1e-4 * log_p.abs().max(1e-3);
    assert!((found - log_p).abs() <= tolerance, "log p at {x:?}, σ = {sigma}: {found}, independently {log_p}");
}

/// 300 mixtures × 12 σ × 5 points, seed 1: among the modes, within 3σ of a mode, and 50σ from it.
#[test]
fn score_and_log_density_agree_with_an_independent_computation() {
    let mut dice = Dice::new(1);
    for _ in 0..300 {
        let components = random_mixture(&mut dice);
        for _ in 0..12 {
            let sigma = dice.log_between(1e-3, 100.0);
            for far in [0.0, 1.0, 3.0, 50.0] {
                let mean = components[dice.below(components.len())].mean;
                let angle = dice.between(0.0, TAU);
                let x = [mean[0] + far * sigma * angle.cos(), mean[1] + far * sigma * angle.sin()];
                // At the very middle of a lone mode the score is 0 and nothing is relative to it.
                if far > 0.0 || components.len() > 1 {
                    assert_agrees(&components, x, sigma);
                }
            }
            assert_agrees(&components, [dice.between(-10.0, 10.0), dice.between(-10.0, 10.0)], sigma);
        }
    }
}

/// The corners of the promise, all at once: σ = 1e-3 and 100, 50σ and 100σ away, a thousand units away.
#[test]
fn the_score_is_finite_however_far_away() {
    let components = [
        Component::round(0.8, [5.0, 5.0], 0.0),
        Component::round(0.2, [-5.0, -5.0], 1e-3),
        random_component(&mut Dice::new(2)),
    ];
    for sigma in [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0] {
        for away in [50.0 * sigma, 100.0 * sigma, 1e3, 1e6] {
            for direction in [[1.0, 0.0], [-1.0, 0.0], [0.0, -1.0], [0.6, 0.8]] {
                assert_agrees(&components, [5.0 + away * direction[0], 5.0 + away * direction[1]], sigma);
            }
        }
    }
}

/// 300 mixtures, seed 3. Central differences of step h = 1e-5 σ, and tolerance 1e-5 / σ: the rounding of log p (about 1e3
/// in size) leaves 1e-8 / σ, the curvature where modes 23 apart meet h² (23 / σ²)³ / 60, at most 4e-7 at σ = 0.5.
#[test]
fn the_score_is_the_gradient_of_the_log_density() {
    let mut dice = Dice::new(3);
    for _ in 0..300 {
        let (components, sigma) = (random_mixture(&mut dice), dice.log_between(0.5, 20.0));
        let (mixture, x) = (built(&components), [dice.between(-8.0, 8.0), dice.between(-8.0, 8.0)]);
        let (h, (_, s)) = (1e-5 * sigma, mixture.log_density_and_score(x, sigma));
        for axis in 0..2 {
            let log_p = |shift: f64| {
                let mut x = x;
                x[axis] += shift;
                mixture.log_density_and_score(x, sigma).0
            };
            let slope = (log_p(h) - log_p(-h)) / (2.0 * h);
            assert!((slope - s[axis]).abs() < 1e-5 / sigma, "{slope} {} at {x:?}, σ = {sigma}", s[axis]);
        }
    }
}

/// Midpoint rule, 600 × 600 cells over ±30: the narrowest noised mode (0.3) spans six cells, so the rule is exact to
/// far below 1e-3, and no mode reaches within 5 of its widths of the edge.
#[test]
fn the_density_integrates_to_one() {
    let mut dice = Dice::new(4);
    for _ in 0..4 {
        let components = random_mixture(&mut dice);
        let (mixture, sigma) = (built(&components), dice.between(0.3, 2.0));
        let cell = 60.0 / 600.0;
        let at = |i: u32| -30.0 + (f64::from(i) + 0.5) * cell;
        let density = |i| (0..600).map(|j| mixture.log_density_and_score([at(i), at(j)], sigma).0.exp()).sum::<f64>();
        let mass = (0..600).map(density).sum::<f64>() * cell * cell;
        assert!((mass - 1.0).abs() < 1e-3, "{mass} for {components:?}, σ = {sigma}");
    }
}

/// n = 100,000 points of one Gaussian, seeds 1 to 3: entry (i, j) of the covariance S = Σ + σ²I of a sample has variance
/// (S_ii S_jj + S_ij²)/n, the mean S_ii/n; three sigma of each.
#[test]
fn noised_samples_have_the_noised_covariance() {
    let n = 100_000u32;
    let (mean, covariance, sigma) = ([3.0, -1.0], [[1.0, 0.6], [0.6, 0.5]], 0.7);
    let mixture = built(&[Component { weight: 1.0, mean, covariance }]);
    let expected = [[1.49, 0.6], [0.6, 0.99]];
    for seed in 1..=3 {
        let mut x = vec![0.0; 2 * n as usize];
        mixture.sample(&Noise::new(seed), sigma, 0, &mut x);
        let (m, s) = support::moments(&x);
        for i in 0..2 {
            assert!((m[i] - mean[i]).abs() < 3.0 * (expected[i][i] / f64::from(n)).sqrt(), "seed {seed}: mean {m:?}");
            for j in 0..2 {
                let variance = (expected[i][i] * expected[j][j] + expected[i][j] * expected[i][j]) / f64::from(n);
                assert!((s[i][j] - expected[i][j]).abs() < 3.0 * variance.sqrt(), "seed {seed}: covariance {s:?}");
            }
        }
    }
}

/// n = 100,000, seed 5: a share w of points has variance w(1 − w)/n; three sigma.
#[test]
fn samples_fall_on_each_mode_by_its_weight() {
    let n = 100_000u32;
    let weights = [0.5, 0.3, 0.15, 0.05];
    let components: Vec<Component> =
        (0u8..).zip(weights).map(|(i, w)| Component::round(w, [20.0 * f64::from(i), 0.0], 1.0)).collect();
    let mut x = vec![0.0; 2 * n as usize];
    built(&components).sample(&Noise::new(5), 0.0, 0, &mut x);
    for (component, weight) in components.iter().zip(weights) {
        let near = x.chunks(2).filter(|x| (f64::from(x[0]) - component.mean[0]).abs() < 10.0).count();
        let share = f64::from(u32::try_from(near).expect("a small count")) / f64::from(n);
        assert!((share - weight).abs() < 3.0 * (weight * (1.0 - weight) / f64::from(n)).sqrt(), "{share} {weight}");
    }
}

#[test]
fn a_point_is_a_function_of_seed_and_number() {
    let mixture = built(&random_mixture(&mut Dice::new(6)));
    let draw = |seed, first| {
        let mut x = vec![0.0; 8];
        mixture.sample(&Noise::new(seed), 0.4, first, &mut x);
        x
    };
    assert_eq!(draw(1, 0)[4..], draw(1, 2)[..4], "points 2 and 3 are the same wherever the batch begins");
    assert_ne!(draw(1, 0), draw(2, 0));
    assert_eq!(draw(1, u32::MAX - 1)[4..], draw(1, 0)[..4], "numbers wrap around after 2^32 points");
}

/// Mean and spread by hand: Σ π μ, and half the trace of the covariance of the whole.
#[test]
fn mean_spread_weights_and_nearest_mode_are_those_of_the_list() {
    let mixture = built(&[Component::round(4.0, [5.0, 5.0], 0.0), Component::round(1.0, [-5.0, -5.0], 1.0)]);
    assert_eq!(mixture.mode_weights(), [0.8, 0.2], "weights are normalised");
    let mean = mixture.mean();
    assert!((mean[0] - 3.0).abs() < 1e-12 && (mean[1] - 3.0).abs() < 1e-12, "{mean:?}");
    // Per axis: 0.8 · 2² + 0.2 · 8² between the modes, 0.2 · 1² within.
    assert!((mixture.std() - (16.0f64 + 0.2).sqrt()).abs() < 1e-12, "{}", mixture.std());
    let (mode, distance) = mixture.nearest_mode([-5.0, 1.0], 1.0).expect("it has modes");
    assert_eq!(mode, 1);
    assert!((distance - 6.0 / 2.0f64.sqrt()).abs() < 1e-12, "{distance}");
}

#[test]
fn only_modes_with_width_in_every_direction_have_a_density_without_noise() {
    let line = Component { weight: 1.0, mean: [0.0; 2], covariance: [[1.0, 1.0], [1.0, 1.0]] };
    let slanted = Component { weight: 1.0, mean: [0.0; 2], covariance: [[0.01, 0.03], [0.03, 0.09]] };
    for flat in [Component::round(1.0, [0.0; 2], 0.0), line, slanted] {
        let mixture = built(&[Component::round(1.0, [1.0; 2], 1.0), flat]);
        assert!(!mixture.has_density(0.0), "{flat:?}");
        assert!(mixture.has_density(1e-3), "{flat:?}");
    }
    let mut dice = Dice::new(7);
    for _ in 0..200 {
        let (u, v) = (dice.between(-3.0, 3.0), dice.between(-3.0, 3.0));
        let line = Component { weight: 1.0, mean: [0.0; 2], covariance: [[u * u, u * v], [u * v, v * v]] };
        assert!(!built(&[line]).has_density(0.0), "a line along {u}, {v}");
    }
    assert!(built(&[Component::round(1.0, [0.0; 2], 1e-6)]).has_density(0.0));
}

#[test]
fn what_is_no_mixture_is_refused() {
    let good = Component::round(1.0, [0.0; 2], 1.0);
    assert_eq!(GaussianMixture::new(&[]).err(), Some(MixtureError::Empty));
    for weight in [0.0, -0.2, f64::NAN, f64::INFINITY] {
        let error = GaussianMixture::new(&[good, Component { weight, ..good }]).expect_err("a bad weight");
        assert!(matches!(error, MixtureError::Weight { index: 2, .. }), "{weight}: {error}");
        assert!(error.to_string().contains("component 2"), "{error}");
    }
    for mean in [[f64::NAN, 0.0], [0.0, f64::INFINITY]] {
        let error = GaussianMixture::new(&[Component { mean, ..good }]).expect_err("a bad mean");
        assert!(matches!(error, MixtureError::Mean { index: 1, .. }), "{mean:?}: {error}");
    }
    let no_covariances = [
        [[1.0, 2.0], [2.0, 1.0]],
        [[-1.0, 0.0], [0.0, 1.0]],
        [[1.0, 0.5], [0.4, 1.0]],
        [[0.0, 1.0], [1.0, 0.0]],
        [[f64::NAN, 0.0], [0.0, 1.0]],
        [[1.0, 0.0], [0.0, f64::INFINITY]],
    ];
    for covariance in no_covariances {
        let error = GaussianMixture::new(&[Component { covariance, ..good }]).expect_err("a bad covariance");
        assert!(matches!(error, MixtureError::Covariance { index: 1, .. }), "{covariance:?}: {error}");
    }
}
