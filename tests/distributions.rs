//! Every preset and every form of data: density, score and samples belong together, at every noise level.

mod support;

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::sync::Arc;

use scorescope::distributions::{Distribution, PRESETS, Pixels, Point};
use scorescope::metrics::{each_cell, entropy, negative_log_likelihood};
use scorescope::noise::Noise;
use scorescope::scenario::Scenario;
use support::Dice;

const SIGMAS: [f64; 4] = [0.01, 0.1, 1.0, 10.0];

/// One scenario of every form that needs no file beside it.
const FORMS: &[(&str, &str)] = &[
    (
        "mixture",
        "kind = \"gaussian-mixture\"\ncomponents = [{ weight = 0.3, mean = [1, 2], std = 0.0 }, \
         { weight = 0.7, mean = [-2, 0], cov = [[1, 0.6], [0.6, 0.5]] }]",
    ),
    ("curve", "kind = \"curve\"\npoints = [[0, 0], [1, 2], [3, 1]]\nclosed = true\nthickness = 0.02"),
    ("strokes", "kind = \"curve\"\nstrokes = [[[0, 0], [0, 3]], [[1, 0], [1, 0], [2, 1.5]]]\nthickness = 0"),
    (
        "boxes",
        "kind = \"boxes\"\nboxes = [{ min = [0, 0], max = [1, 1] }, { weight = 3, min = [2, -1], max = [2.2, 3] }]",
    ),
    ("points", "kind = \"points\"\npoints = [[0, 0], [1, 1], [-2, 0.5], [0, 0]]\nbandwidth = 0.05"),
];

/// Every preset with its defaults, every form, and an image of 3 × 2 grey pixels.
fn all() -> Vec<(String, Arc<dyn Distribution>)> {
    let presets = PRESETS.iter().map(|preset| {
        let data = preset.distribution(&preset.defaults()).expect(preset.name);
        (preset.name.to_owned(), data)
    });
    let forms = FORMS.iter().map(|(name, data)| {
        let scenario = Scenario::parse(&format!("version = 1\n[data]\n{data}\n"), name).expect(name);
        ((*name).to_owned(), scenario.data)
    });
    let pixels = Pixels::new(&[1.0, 0.0, 0.2, 0.5, 0.0, 0.0], 3, 0.7).expect("legal pixels");
    presets.chain(forms).chain([("pixels".to_owned(), Arc::new(pixels) as Arc<dyn Distribution>)]).collect()
}

/// s = √(τ² + σ²): the least width of anything at this noise.
fn blur(data: &dyn Distribution, sigma: f64) -> f64 {
    data.width().hypot(sigma)
}

fn drawn(data: &dyn Distribution, sigma: f64, count: u32, seed: u64) -> Vec<Point> {
    let mut x = vec![0.0; 2 * count as usize];
    data.sample(&Noise::new(seed), sigma, 0, &mut x);
    x.chunks_exact(2).map(|x| [x[0].into(), x[1].into()]).collect()
}

/// The midpoint rule with cells of ¾ s: its own error is below 1e-12; 1e-3 is what the program promises, and what is
/// left by the data's rounding is far below, so that 1e-6 is asked.
#[test]
fn densities_integrate_to_one() {
    for (name, data) in all() {
        for sigma in SIGMAS {
            let mut mass = 0.0;
            each_cell(&*data, sigma, |x, side| mass += data.log_density_and_score(x, sigma).0.exp() * side * side)
                .expect("it has a density");
            assert!((mass - 1.0).abs() < 1e-6, "{name}, σ = {sigma}: {mass}");
        }
    }
}

/// 60 points for each σ, seed 1: drawn from p_σ, and moved by up to 30 s. Central differences of step h = 1e-4 s: the
/// rounding of log p (at most 1e3 in size) leaves 1e-13 / h = 1e-9 / s, the curvature h² p‴ / 6 = 1e-8 / s where slopes
/// turn within s; where far primitives meet, slopes of up to 30 / s turn within s / 30: 30³ h² / 6 s³ = 5e-5 / s.
#[test]
fn scores_are_gradients_of_log_densities() {
    let mut dice = Dice::new(1);
    for (name, data) in all() {
        for sigma in SIGMAS {
            let (s, h) = (blur(&*data, sigma), 1e-4 * blur(&*data, sigma));
            for point in drawn(&*data, sigma, 60, 1) {
                let (reach, angle) = (dice.between(0.0, 30.0) * s, dice.between(0.0, TAU));
                let x = [point[0] + reach * angle.cos(), point[1] + reach * angle.sin()];
                let (_, score) = data.log_density_and_score(x, sigma);
                let log_p = |dx: f64, dy: f64| data.log_density_and_score([x[0] + dx, x[1] + dy], sigma).0;
                let slope = [log_p(h, 0.0) - log_p(-h, 0.0), log_p(0.0, h) - log_p(0.0, -h)].map(|d| d / (2.0 * h));
                let off = (slope[0] - score[0]).hypot(slope[1] - score[1]);
                let tolerance = 1e-4 * (score[0].hypot(score[1]) + 1.0 / s);
                assert!(off <= tolerance, "{name}, σ = {sigma}, {x:?}: {score:?}, slopes {slope:?}");
            }
        }
    }
}

/// χ² of n = 20,000 points, seed 2, on about 24 × 24 bins whose masses come from quadrature; bins that expect
/// fewer than 10 are thrown together. With k bins χ² is k − 1 ± √(2(k − 1)): three sigma.
#[test]
fn samples_fall_where_the_density_is() {
    let count = 20_000u32;
    for (name, data) in all() {
        for sigma in SIGMAS {
            let [min, max] = data.bounds();
            let extent = (max[0] - min[0]).max(max[1] - min[1]) + 4.0 * sigma;
            let side = 0.75 * blur(&*data, sigma);
            let bin_side = side * (extent / 24.0 / side).ceil();
            let bin = |x: Point| x.map(|x| format!("{:.0}", (x / bin_side).floor()));
            let mut expected = BTreeMap::new();
            each_cell(&*data, sigma, |x, side| {
                *expected.entry(bin(x)).or_insert(0.0) += cell_mass(&*data, sigma, x, side) * f64::from(count);
            })
            .expect("it has a density");
            let mut found: BTreeMap<_, f64> = BTreeMap::new();
            for x in drawn(&*data, sigma, count, 2) {
                *found.entry(bin(x)).or_default() += 1.0;
            }
            let (chi2, freedom) = chi_squared(&expected, &mut found);
            assert!(chi2 < freedom + 3.0 * (2.0 * freedom).sqrt(), "{name}, σ = {sigma}: χ² = {chi2}, {freedom} free");
        }
    }
}

/// The mass of one cell by Gauss–Legendre quadrature, 2 × 2 points, to (side/s)⁴ p⁗/4320 p, a thousandth: the midpoint
/// rule is right for the whole plane alone.
fn cell_mass(data: &dyn Distribution, sigma: f64, centre: Point, side: f64) -> f64 {
    let node = 0.5 * side / 3f64.sqrt();
    let density = |u: f64, v: f64| data.log_density_and_score([centre[0] + u, centre[1] + v], sigma).0.exp();
    let sum = density(-node, -node) + density(-node, node) + density(node, -node) + density(node, node);
    0.25 * sum * side * side
}

/// χ² and its degrees of freedom; what lies in no bin, or in a small one, is one bin.
fn chi_squared<K: Ord>(expected: &BTreeMap<K, f64>, found: &mut BTreeMap<K, f64>) -> (f64, f64) {
    let (mut rest, mut chi2, mut freedom) = (0.0, 0.0, 0.0);
    for (bin, expected) in expected {
        if *expected < 10.0 {
            rest += expected;
        } else {
            chi2 += (found.remove(bin).unwrap_or(0.0) - expected).powi(2) / expected;
            freedom += 1.0;
        }
    }
    let left: f64 = found.values().sum();
    // The rest may be next to nothing: ten more than expected is then what one point too many costs.
    (chi2 + (left - rest).powi(2) / rest.max(10.0), freedom)
}

/// Promise of the score in f32: finite at 100 σ from the data, for σ from 1e-3 to 100, in eight directions.
#[test]
fn scores_are_finite_a_hundred_sigma_away() {
    for (name, data) in all() {
        for sigma in [1e-3f32, 1e-2, 0.1, 1.0, 10.0, 100.0] {
            for point in drawn(&*data, 0.0, 4, 3) {
                for k in 0..8u8 {
                    let (sin, cos) = (TAU * f64::from(k) / 8.0).sin_cos();
                    let away = 100.0 * f64::from(sigma);
                    let x = [point[0] + away * cos, point[1] + away * sin];
                    assert_right_far_away(&name, &*data, x, sigma);
                }
            }
        }
    }
}

/// Finite, and no longer than the pull of the farthest data over s².
#[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32")]
fn assert_right_far_away(name: &str, data: &dyn Distribution, x: Point, sigma: f32) {
    let mut s = [0.0f32; 2];
    data.score(&x.map(|x| x as f32), sigma, &mut s);
    assert!(s.iter().all(|s| s.is_finite()), "{name}, σ = {sigma}, {x:?}: {s:?}");
    let sigma = f64::from(sigma);
    let log_p = data.log_density_and_score(x, sigma).0;
    assert!(log_p.is_finite(), "{name}, σ = {sigma}, {x:?}: log p = {log_p}");
    let [min, max] = data.bounds();
    let farthest = [0, 1].map(|i| (x[i] - min[i]).abs().max((x[i] - max[i]).abs()));
    let most = 1.01 * farthest[0].hypot(farthest[1]) / blur(data, sigma).powi(2);
    assert!(f64::from(s[0]).hypot(s[1].into()) <= most, "{name}, σ = {sigma}, {x:?}: {s:?} is longer than {most}");
}

#[test]
fn a_sample_is_the_same_in_any_split() {
    for (name, data) in all() {
        let draw = |seed, first, count: usize| {
            let mut x = vec![0.0; 2 * count];
            data.sample(&Noise::new(seed), 0.3, first, &mut x);
            x
        };
        let whole = draw(1, 0, 100);
        let parts = [draw(1, 0, 37), draw(1, 37, 1), draw(1, 38, 62)].concat();
        assert_eq!(whole, parts, "{name}");
        assert_ne!(whole, draw(2, 0, 100), "{name}");
    }
}

/// n = 20,000, seed 4: three sigma of the mean, and of a variance of four times that of a normal.
#[test]
fn mean_spread_modes_and_bounds_are_those_of_the_samples() {
    let count = 20_000u32;
    for (name, data) in all() {
        let x = drawn(&*data, 0.0, count, 4);
        let n = f64::from(count);
        let mean = [0, 1].map(|i| x.iter().map(|x| x[i]).sum::<f64>() / n);
        let square = |x: &Point| (x[0] - mean[0]).powi(2) + (x[1] - mean[1]).powi(2);
        let variance = 0.5 * x.iter().map(square).sum::<f64>() / n;
        let (m, std) = (data.mean(), data.std());
        for i in 0..2 {
            assert!((mean[i] - m[i]).abs() < 3.0 * 1.5 * std / n.sqrt(), "{name}: mean {m:?}, of the sample {mean:?}");
        }
        let tolerance = 3.0 * 2.0 * std * std * (2.0 / n).sqrt();
        assert!((variance - std * std).abs() < tolerance, "{name}: std {std}, variance of the sample {variance}");
        let [min, max] = data.bounds();
        let outside = x.iter().filter(|x| (0..2).any(|i| x[i] < min[i] - 1e-6 || x[i] > max[i] + 1e-6)).count();
        assert!(outside < 200, "{name}: {outside} of {count} are out of {min:?} … {max:?}");
        let off = x.iter().filter(|x| data.distance(**x, 0.1) > 4.0).count();
        assert!(off < 20, "{name}: {off} of {count} are off the data");
        let weights = data.mode_weights();
        assert!(weights.is_empty() || (weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{name}: {weights:?}");
        assert_eq!(data.nearest_mode(x[0], 0.1).is_none(), weights.is_empty(), "{name}");
    }
}

/// NLL of n = 20,000 right samples, seed 5, is the entropy; −log p of these data has a variance below 4: three sigma.
#[test]
fn right_samples_have_the_entropy_of_the_data() {
    for (name, data) in all() {
        for sigma in [0.1, 1.0] {
            let mut x = vec![0.0; 40_000];
            data.sample(&Noise::new(5), sigma, 0, &mut x);
            let nll = negative_log_likelihood(&*data, sigma, &x).expect("it has a density");
            let entropy = entropy(&*data, sigma).expect("it has a density");
            assert!((nll - entropy).abs() < 3.0 * 2.0 / 20_000f64.sqrt(), "{name}, σ = {sigma}: {nll}, not {entropy}");
        }
    }
}

#[test]
fn presets_have_names_words_and_parameters_whose_ends_are_legal() {
    for preset in PRESETS {
        assert!(preset.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        assert!(preset.description.ends_with(['.', '?']) && !preset.title.is_empty(), "{}", preset.name);
        for parameter in preset.parameters {
            for number in [parameter.min, parameter.default, parameter.max] {
                let mut numbers = preset.defaults();
                preset.set(&mut numbers, parameter.name, number).expect(parameter.name);
                let data = preset.distribution(&numbers).expect(parameter.name);
                let (log_p, s) = data.log_density_and_score([0.3, -0.7], 0.5);
                let finite = log_p.is_finite() && s.iter().all(|s| s.is_finite());
                assert!(finite, "{}: {} = {number}: {log_p} {s:?}", preset.name, parameter.name);
            }
            for number in [parameter.min - 1.0, parameter.max * 2.0 + 1.0, f64::NAN, f64::INFINITY] {
                let error = preset.set(&mut preset.defaults(), parameter.name, number).expect_err("out of range");
                assert!(error.to_string().contains("number from"), "{error}");
            }
        }
        let mut names: Vec<_> = preset.parameters.iter().map(|parameter| parameter.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), preset.parameters.len(), "{}", preset.name);
    }
}
