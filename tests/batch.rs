//! Scores of batches in single precision against those of the same distributions point by point in double precision.

mod support;

use std::f64::consts::TAU;

use scorescope::distributions::{Blend, Boxes, Curve, Distribution, PRESETS, Pixels, Point, PointCloud, WeightedBox};
use scorescope::noise::Noise;
use support::Dice;

/// 1e-4 of the score's length is what the program promises of single precision. Deep inside a box the score is e^(−d²/2s²)/s:
/// double precision passes over boxes worth less than e^−60 = 1e-26, whose pull is at most some hundred 1/s.
fn assert_right(name: &str, data: &dyn Distribution, x: &[f32], sigma: f32) {
    let mut found = vec![f32::NAN; x.len()];
    data.score(x, sigma, &mut found);
    let blur = data.width().hypot(sigma.into());
    for (x, found) in x.chunks_exact(2).zip(found.chunks_exact(2)) {
        let (_, s) = data.log_density_and_score([x[0].into(), x[1].into()], sigma.into());
        let off = (f64::from(found[0]) - s[0]).hypot(f64::from(found[1]) - s[1]);
        assert!(off <= 1e-4 * s[0].hypot(s[1]) + 1e-24 / blur, "{name}, σ = {sigma}, {x:?}: {found:?}, not {s:?}");
    }
}

/// Points around some of `places`: on them, in the flank, and as far as the promise goes; and some anywhere.
#[expect(clippy::cast_possible_truncation, reason = "particles are f32")]
fn around(dice: &mut Dice, places: &[Point], s: f64, count: usize) -> Vec<f32> {
    let one = |dice: &mut Dice| {
        let near = places[dice.below(places.len())];
        let far = [0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0][dice.below(7)] * s * dice.between(0.5, 1.0);
        let angle = dice.between(0.0, TAU);
        let anywhere = [near[0] + dice.between(-10.0, 10.0), near[1] + dice.between(-10.0, 10.0)];
        if dice.below(5) == 0 { anywhere } else { [near[0] + far * angle.cos(), near[1] + far * angle.sin()] }
    };
    (0..count).flat_map(|_| one(dice)).map(|x| x as f32).collect()
}

/// Straight lines of steps from 1e-4 to 1, smooth arcs and zigzags, from the origin or far from it.
fn stroke(dice: &mut Dice) -> Vec<Point> {
    let origin = [0.0, 10.0, 3e3][dice.below(3)];
    let (mut at, mut heading) = ([origin + dice.between(-3.0, 3.0), -origin], dice.between(0.0, TAU));
    let (step, turn) = (dice.log_between(1e-4, 1.0), [0.0, 0.1, 2.0][dice.below(3)]);
    let count = 2 + dice.below(60);
    let mut points = vec![at];
    for _ in 1..count {
        heading += turn * dice.between(-0.5, 1.0);
        let length = step * dice.between(0.2, 1.0);
        at = [at[0] + length * heading.cos(), at[1] + length * heading.sin()];
        points.push(at);
    }
    points
}

/// 400 curves of one or two strokes, 4 σ each, 50 points each, seed 1.
#[test]
fn curves_in_lanes_are_those_in_double_precision() {
    let mut dice = Dice::new(1);
    for round in 0..400 {
        let tau = [0.0, 1e-3, 0.1][dice.below(3)];
        let strokes: Vec<_> = (0..=dice.below(2)).map(|_| stroke(&mut dice)).collect();
        let curve = Curve::new(&strokes, tau).expect("a legal curve");
        for _ in 0..4 {
            let sigma = dice.log_between(1e-3, 100.0);
            let x = around(&mut dice, &strokes.concat(), tau.hypot(sigma), 50);
            assert_right(&format!("curve {round}, τ = {tau}"), &curve, &x, single(sigma));
        }
    }
}

/// 100 blends of three curves with weights from 1e-9 to 1, equally thick or not, 4 σ each, 50 points each, seed 2.
#[test]
fn blends_of_curves_in_lanes_are_those_in_double_precision() {
    let mut dice = Dice::new(2);
    for round in 0..100 {
        let strokes: Vec<_> = (0..3).map(|_| stroke(&mut dice)).collect();
        let unequal = dice.below(4) == 0;
        let part = |(i, stroke): (u8, &Vec<Point>)| {
            let tau = if unequal { 0.05 * f64::from(i) } else { 0.02 };
            let curve = Curve::new(std::slice::from_ref(stroke), tau).expect("a legal curve");
            (dice.log_between(1e-9, 1.0), curve)
        };
        let blend = Blend::of_curves((0..).zip(&strokes).map(part).collect()).expect("a legal blend");
        for _ in 0..4 {
            let sigma = dice.log_between(1e-3, 100.0);
            let x = around(&mut dice, &strokes.concat(), 0.02f64.hypot(sigma), 50);
            assert_right(&format!("blend {round}"), &blend, &x, single(sigma));
        }
    }
}

/// 400 lists of up to 20 boxes with sides from 1e-4 to 5, some beside one another, 4 σ each, 50 points each, seed 3.
#[test]
fn boxes_in_lanes_are_those_in_double_precision() {
    let mut dice = Dice::new(3);
    for round in 0..400 {
        let softness = [0.0, 1e-3, 0.1][dice.below(3)];
        let origin = [0.0, 10.0, 3e3][dice.below(3)];
        let (mut list, mut corners): (Vec<WeightedBox>, Vec<Point>) = (Vec::new(), Vec::new());
        for _ in 0..=dice.below(20) {
            let free = [origin + dice.between(-3.0, 3.0), dice.between(-3.0, 3.0)];
            let min = if dice.below(3) == 0 { corners.last().copied().unwrap_or(free) } else { free };
            let max = [min[0] + dice.log_between(1e-4, 5.0), min[1] + dice.log_between(1e-4, 5.0)];
            list.push(WeightedBox { weight: dice.log_between(1e-4, 1.0), min, max });
            corners.extend([min, [f64::midpoint(min[0], max[0]), f64::midpoint(min[1], max[1])], max]);
        }
        let boxes = Boxes::new(&list, softness).expect("legal boxes");
        for _ in 0..4 {
            let sigma = dice.log_between(1e-3, 100.0);
            let x = around(&mut dice, &corners, softness.hypot(sigma), 50);
            assert_right(&format!("boxes {round}, softness {softness}"), &boxes, &x, single(sigma));
        }
    }
}

/// 300 clouds of up to 60 points, some of them heaps, weights from 1e-6 to 1, 4 σ each, 50 points each, seed 6.
#[test]
fn clouds_in_lanes_are_those_in_double_precision() {
    let mut dice = Dice::new(6);
    for round in 0..300 {
        let tau = [0.0, 1e-3, 0.1][dice.below(3)];
        let (origin, spread) = ([0.0, 10.0, 3e3][dice.below(3)], dice.log_between(1e-3, 5.0));
        let one = |dice: &mut Dice| [origin + dice.between(-spread, spread), -origin + dice.between(-spread, spread)];
        let points: Vec<Point> = (0..=dice.below(60)).map(|_| one(&mut dice)).collect();
        let weights: Vec<f64> = points.iter().map(|_| dice.log_between(1e-6, 1.0)).collect();
        let cloud = PointCloud::new(&points, Some(&weights), tau).expect("a legal cloud");
        for _ in 0..4 {
            let sigma = dice.log_between(1e-3, 100.0);
            let x = around(&mut dice, &points, tau.hypot(sigma), 50);
            assert_right(&format!("cloud {round}, τ = {tau}"), &cloud, &x, single(sigma));
        }
    }
}

/// Every preset at its defaults and an image, 1000 points of p_σ for 8 σ, seed 4.
#[test]
fn presets_are_right_where_particles_are() {
    let mut dice = Dice::new(4);
    let darkness: Vec<f64> = (0..24 * 17).map(|_| dice.between(-1.0, 1.0).max(0.0)).collect();
    let image = Pixels::new(&darkness, 24, 0.3).expect("a legal image");
    let presets = PRESETS.iter().map(|preset| {
        let data = preset.distribution(&preset.defaults()).expect(preset.name);
        (preset.name, data)
    });
    for (name, data) in presets.chain([("image", std::sync::Arc::new(image) as _)]) {
        for sigma in [1e-3f32, 0.01, 0.1, 0.3, 1.0, 3.0, 20.0, 100.0] {
            let mut x = vec![0.0; 2000];
            data.sample(&Noise::new(4), sigma.into(), 0, &mut x);
            assert_right(name, &*data, &x, sigma);
        }
    }
}

/// However a batch is cut, each point has the same score to the last bit: 83 points in one, in pieces, and one by one.
#[test]
fn a_score_does_not_depend_on_its_neighbours() {
    for preset in PRESETS {
        let data = preset.distribution(&preset.defaults()).expect(preset.name);
        for sigma in [0.02f32, 0.3, 2.0] {
            let mut x = vec![0.0; 166];
            data.sample(&Noise::new(5), 3.0, 0, &mut x);
            let score = |pieces: usize| {
                let mut out = vec![0.0; x.len()];
                x.chunks(pieces).zip(out.chunks_mut(pieces)).for_each(|(x, out)| data.score(x, sigma, out));
                out.into_iter().map(f32::to_bits).collect::<Vec<_>>()
            };
            let whole = score(166);
            assert!(whole == score(2) && whole == score(50), "{}, σ = {sigma}", preset.name);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32")]
const fn single(sigma: f64) -> f32 {
    sigma as f32
}
