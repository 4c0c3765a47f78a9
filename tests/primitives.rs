//! Lines, boxes, points and pixels against brute quadrature: the convolution with the noise, done numerically.

mod support;

use std::f64::consts::TAU;
use std::sync::Arc;

use scorescope::distributions::{
    Blend, Boxes, Component, Curve, DataError, Distribution, GaussianMixture, MOST_PIXELS, Pixels, Point, PointCloud,
    WeightedBox,
};
use support::Dice;

/// Nodes and weights of Gauss–Legendre quadrature on [−1, 1], four points: Abramowitz & Stegun, table 25.4.
const NODES: [(f64, f64); 4] = [
    (-0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
    (-0.339_981_043_584_856_26, 0.652_145_154_862_546_1),
    (0.339_981_043_584_856_26, 0.652_145_154_862_546_1),
    (0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
];

/// Points of the segment with shares of its mass, in panels of s/30: over one, 100 s away, φ changes by e^3.3.
fn spread(a: Point, b: Point, s: f64) -> Vec<(f64, Point)> {
    let length = (b[0] - a[0]).hypot(b[1] - a[1]);
    let mut panels = 1u32;
    while length / f64::from(panels) > s / 30.0 {
        panels += 1;
    }
    let nodes = (0..panels).flat_map(|panel| NODES.map(|(node, weight)| (panel, node, weight)));
    nodes
        .map(|(panel, node, weight)| {
            let t = (f64::from(panel) + 0.5 * (1.0 + node)) / f64::from(panels);
            (0.5 * weight / f64::from(panels), [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])])
        })
        .collect()
}

/// log p and ∇ log p of weighted points blurred by s: a plain log-sum-exp over the list.
fn brute(points: &[(f64, Point)], x: Point, s: f64) -> (f64, Point) {
    let log = |(weight, y): &(f64, Point)| {
        weight.ln() - (TAU * s * s).ln() - 0.5 * ((x[0] - y[0]).powi(2) + (x[1] - y[1]).powi(2)) / (s * s)
    };
    let greatest = points.iter().map(log).fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = points.iter().map(|point| (log(point) - greatest).exp()).collect();
    let total: f64 = shares.iter().sum();
    let pull = |i: usize| {
        points.iter().zip(&shares).map(|((_, y), share)| share * (y[i] - x[i])).sum::<f64>() / total / (s * s)
    };
    (greatest + total.ln(), [pull(0), pull(1)])
}

/// A box as points on the product of two spreads, thinned to what is near enough to x to matter.
fn brute_box(WeightedBox { min, max, .. }: WeightedBox, x: Point, s: f64) -> (f64, Point) {
    let axis = |i: usize| {
        let line: Vec<_> = spread([min[i], 0.0], [max[i], 0.0], s);
        // On a line of its own, at height 0: what the height adds is taken off again.
        let (log_p, score) = brute(&line, [x[i], 0.0], s);
        (log_p + (TAU.sqrt() * s).ln(), score[0])
    };
    let ((log_x, score_x), (log_y, score_y)) = (axis(0), axis(1));
    (log_x + log_y, [score_x, score_y])
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn real(count: usize) -> f64 {
    count as f64
}

fn mixed(parts: &[(f64, (f64, Point))]) -> (f64, Point) {
    let greatest = parts.iter().map(|(w, part)| w.ln() + part.0).fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = parts.iter().map(|(w, part)| (w.ln() + part.0 - greatest).exp()).collect();
    let total: f64 = shares.iter().sum();
    let mix = |i: usize| parts.iter().zip(&shares).map(|((_, part), share)| share * part.1[i]).sum::<f64>() / total;
    (greatest + total.ln(), [mix(0), mix(1)])
}

/// 1e-4 of the score's length, and 1e-5 of 1/s where it vanishes; the same of log p.
#[expect(clippy::cast_possible_truncation, reason = "the trait speaks f32")]
fn assert_agrees(data: &dyn Distribution, x: Point, sigma: f64, s: f64, expected: (f64, Point)) {
    let (log_p, score) = data.log_density_and_score(x, sigma);
    let tolerance = 1e-4 * expected.0.abs().max(1e-2);
    assert!((log_p - expected.0).abs() <= tolerance, "log p at {x:?}, σ = {sigma}: {log_p}, not {}", expected.0);
    let length = expected.1[0].hypot(expected.1[1]);
    let off = (score[0] - expected.1[0]).hypot(score[1] - expected.1[1]);
    assert!(off <= 1e-4 * length + 1e-5 / s, "score at {x:?}, σ = {sigma}: {score:?}, not {:?}", expected.1);
    let mut single = [0.0f32; 2];
    data.score(&x.map(|x| x as f32), sigma as f32, &mut single);
    let (_, score) = data.log_density_and_score(x.map(|x| f64::from(x as f32)), f64::from(sigma as f32));
    let off = (f64::from(single[0]) - score[0]).hypot(f64::from(single[1]) - score[1]);
    assert!(off <= 1e-4 * score[0].hypot(score[1]) + 1e-30, "in f32: {single:?}, not {score:?}");
}

fn somewhere(dice: &mut Dice) -> Point {
    [dice.between(-3.0, 3.0), dice.between(-3.0, 3.0)]
}

/// A point some multiple of s from `near`: among the data, in the flank, and as far as the promise goes.
fn away(dice: &mut Dice, near: Point, s: f64) -> Point {
    let far = [0.0, 1.0, 5.0, 30.0, 100.0][dice.below(5)] * s;
    let angle = dice.between(0.0, TAU);
    [near[0] + far * angle.cos(), near[1] + far * angle.sin()]
}

/// 80 curves of one to four segments, 4 points each, seed 1.
#[test]
fn a_curve_is_its_convolution() {
    let mut dice = Dice::new(1);
    for _ in 0..80 {
        let (tau, sigma) = ([0.0, 0.1f64][dice.below(2)], dice.log_between(0.05, 30.0));
        let s = tau.hypot(sigma);
        let points: Vec<Point> = (0..2 + dice.below(4)).map(|_| somewhere(&mut dice)).collect();
        let curve = Curve::new(std::slice::from_ref(&points), tau).expect("a legal curve");
        let length = |ends: &[Point]| (ends[1][0] - ends[0][0]).hypot(ends[1][1] - ends[0][1]);
        let total: f64 = points.windows(2).map(length).sum();
        let weighted = |ends: &[Point]| {
            let share = length(ends) / total;
            spread(ends[0], ends[1], s).into_iter().map(move |(w, y)| (share * w, y)).collect::<Vec<_>>()
        };
        let nodes: Vec<_> = points.windows(2).flat_map(weighted).collect();
        for _ in 0..4 {
            let near = points[dice.below(points.len())];
            let x = away(&mut dice, near, s);
            assert_agrees(&curve, x, sigma, s, brute(&nodes, x, s));
        }
    }
}

/// 80 lists of one to four boxes, some of them slivers, 4 points each, seed 2.
#[test]
fn boxes_are_their_convolution() {
    let mut dice = Dice::new(2);
    for _ in 0..80 {
        let (tau, sigma) = ([0.0, 0.1f64][dice.below(2)], dice.log_between(0.05, 30.0));
        let s = tau.hypot(sigma);
        let one = |dice: &mut Dice| {
            let min = somewhere(dice);
            let size = [dice.log_between(1e-4, 3.0), dice.log_between(1e-4, 3.0)];
            WeightedBox { weight: dice.between(0.1, 1.0), min, max: [min[0] + size[0], min[1] + size[1]] }
        };
        let list: Vec<_> = (0..=dice.below(4)).map(|_| one(&mut dice)).collect();
        let boxes = Boxes::new(&list, tau).expect("legal boxes");
        let total: f64 = list.iter().map(|b| b.weight).sum();
        for _ in 0..4 {
            let near = list[dice.below(list.len())].max;
            let x = away(&mut dice, near, s);
            let parts: Vec<_> = list.iter().map(|b| (b.weight / total, brute_box(*b, x, s))).collect();
            assert_agrees(&boxes, x, sigma, s, mixed(&parts));
        }
    }
}

/// 100 clouds of up to 40 points with and without weights, seed 3.
#[test]
fn a_cloud_is_the_sum_of_its_points() {
    let mut dice = Dice::new(3);
    for round in 0..100 {
        let (tau, sigma) = (f64::from(round % 2) * 0.1, dice.log_between(1e-3, 100.0));
        let s = tau.hypot(sigma);
        let points: Vec<Point> = (0..=dice.below(40)).map(|_| somewhere(&mut dice)).collect();
        let weights: Vec<f64> =
            points.iter().map(|_| if round % 4 < 2 { 1.0 } else { dice.between(0.0, 1.0) }).collect();
        let given = (round % 4 >= 2).then_some(weights.as_slice());
        let cloud = PointCloud::new(&points, given, tau).expect("a legal cloud");
        let total: f64 = weights.iter().sum();
        let nodes: Vec<_> = weights.iter().zip(&points).map(|(w, y)| (w / total, *y)).collect();
        for _ in 0..5 {
            let near = points[dice.below(points.len())];
            let x = away(&mut dice, near, s);
            assert_agrees(&cloud, x, sigma, s, brute(&nodes, x, s));
        }
    }
}

/// 60 images, seed 4: the same as one box for each pixel, also 100 s from two corners with white between them.
#[test]
fn pixels_are_boxes() {
    let mut dice = Dice::new(4);
    for _ in 0..60 {
        let (columns, rows, side) = (1 + dice.below(9), 1 + dice.below(9), dice.log_between(0.01, 1.0));
        let mut darkness: Vec<f64> = (0..columns * rows).map(|_| dice.between(-1.0, 1.0).max(0.0)).collect();
        darkness[0] = 1.0;
        let pixels = Pixels::new(&darkness, columns, side).expect("legal pixels");
        let edge = |i: usize, n: usize| side * (real(i) - 0.5 * real(n));
        let one = |(i, weight): (usize, &f64)| {
            let (column, row) = (i % columns, i / columns);
            let min = [edge(column, columns), edge(row, rows)];
            WeightedBox { weight: *weight, min, max: [edge(column + 1, columns), edge(row + 1, rows)] }
        };
        let list: Vec<_> = darkness.iter().enumerate().filter(|(_, dark)| **dark > 0.0).map(one).collect();
        let boxes = Boxes::new(&list, 0.0).expect("legal boxes");
        assert_eq!(pixels.count(), list.len());
        for _ in 0..5 {
            let sigma = dice.log_between(1e-3, 100.0);
            let near = [list[0].min, list[list.len() - 1].max][dice.below(2)];
            let x = away(&mut dice, near, sigma);
            assert_agrees(&pixels, x, sigma, sigma, boxes.log_density_and_score(x, sigma));
        }
    }
}

/// A diagonal, seen from the white corner: nearest column and nearest row have no dark pixel in common, and from σ = 0.24
/// down the product of their shares is below the least normal double.
#[test]
fn pixels_across_a_white_corner_keep_their_digits() {
    let n = MOST_PIXELS;
    let diagonal: Vec<f64> = (0..n * n).map(|i| f64::from(u8::from(i % (n + 1) == 0))).collect();
    let pixels = Pixels::new(&diagonal, n, 0.1).expect("legal pixels");
    let edge = |i: usize| 0.1 * (real(i) - 0.5 * real(n));
    let one = |i: usize| WeightedBox { weight: 1.0, min: [edge(i); 2], max: [edge(i + 1); 2] };
    let boxes = Boxes::new(&(0..n).map(one).collect::<Vec<_>>(), 0.0).expect("legal boxes");
    for sigma in [0.05, 0.2, 0.234, 0.235, 0.2355, 0.236, 0.237, 0.24, 0.3, 1.0] {
        let x = [6.4, -6.4];
        assert_agrees(&pixels, x, sigma, sigma, boxes.log_density_and_score(x, sigma));
        let (log_p, expected) = (pixels.log_density_and_score(x, sigma).0, boxes.log_density_and_score(x, sigma).0);
        assert!((log_p - expected).abs() < 1e-6, "σ = {sigma}: {log_p}, not {expected}");
    }
}

#[test]
fn a_blend_is_the_weighted_sum_of_its_parts() {
    let line = Curve::new(&[vec![[0.0, 0.0], [2.0, 1.0]]], 0.1).expect("a legal curve");
    let mode = GaussianMixture::new(&[Component::round(1.0, [-2.0, 0.0], 0.5)]).expect("a legal mixture");
    let blend = Blend::new(vec![(3.0, Arc::new(line.clone())), (1.0, Arc::new(mode.clone()))]).expect("a legal blend");
    let mut dice = Dice::new(5);
    for _ in 0..100 {
        let (x, sigma) = (somewhere(&mut dice), dice.log_between(0.01, 10.0));
        let parts = [(0.75, line.log_density_and_score(x, sigma)), (0.25, mode.log_density_and_score(x, sigma))];
        let (found, expected) = (blend.log_density_and_score(x, sigma), mixed(&parts));
        assert!((found.0 - expected.0).abs() < 1e-9 * expected.0.abs().max(1.0), "{found:?} {expected:?}");
        for i in 0..2 {
            assert!((found.1[i] - expected.1[i]).abs() < 1e-9 * expected.1[i].abs().max(1.0), "{found:?} {expected:?}");
        }
    }
    assert_eq!(blend.mode_weights(), [0.75, 0.25]);
    assert_eq!(blend.nearest_mode([1.0, 0.6], 0.1).map(|nearest| nearest.0), Some(0));
    assert_eq!(blend.nearest_mode([-1.0, 0.0], 0.1).map(|nearest| nearest.0), Some(1));
}

/// 100,000 points, seed 6: what the loop passes over changes nothing.
#[test]
fn what_is_passed_over_in_a_large_cloud_changes_nothing() {
    let mut dice = Dice::new(6);
    let points: Vec<Point> = (0..100_000).map(|_| somewhere(&mut dice)).collect();
    let cloud = PointCloud::new(&points, None, 0.0).expect("a legal cloud");
    let nodes: Vec<_> = points.iter().map(|y| (1e-5, *y)).collect();
    for sigma in [0.003, 0.1, 10.0] {
        let x = somewhere(&mut dice);
        assert_agrees(&cloud, x, sigma, sigma, brute(&nodes, x, sigma));
    }
}

#[test]
fn what_is_no_distribution_is_refused() {
    let nan = f64::NAN;
    let unit = WeightedBox { weight: 1.0, min: [0.0; 2], max: [1.0; 2] };
    let boxes = |b: WeightedBox| Boxes::new(&[unit, b], 0.0).err();
    assert_eq!(Boxes::new(&[], 0.0).err(), Some(DataError::Empty));
    assert_eq!(boxes(WeightedBox { min: [1.0; 2], ..unit }), Some(DataError::NoArea { index: 2 }));
    assert_eq!(boxes(WeightedBox { max: [1.0, -1.0], ..unit }), Some(DataError::NoArea { index: 2 }));
    assert_eq!(boxes(WeightedBox { weight: -1.0, ..unit }), Some(DataError::Weight { index: 2, weight: -1.0 }));
    assert!(matches!(boxes(WeightedBox { weight: nan, ..unit }), Some(DataError::Weight { index: 2, .. })));
    assert!(matches!(boxes(WeightedBox { max: [1.0, 1e7], ..unit }), Some(DataError::Point { index: 2, .. })));
    assert_eq!(Boxes::new(&[WeightedBox { weight: 0.0, ..unit }], 0.0).err(), Some(DataError::NoWeight));
    for width in [-0.1, f64::INFINITY, 1e7] {
        assert_eq!(Boxes::new(&[unit], width).err(), Some(DataError::Width(width)));
        assert_eq!(PointCloud::new(&[[0.0; 2]], None, width).err(), Some(DataError::Width(width)));
        assert_eq!(Curve::new(&[vec![[0.0; 2], [1.0; 2]]], width).err(), Some(DataError::Width(width)));
    }
    for strokes in [vec![], vec![vec![]], vec![vec![[1.0; 2]]], vec![vec![[1.0; 2], [1.0; 2]]]] {
        assert_eq!(Curve::new(&strokes, 0.1).err(), Some(DataError::NoLength), "{strokes:?}");
    }
    let bad = Curve::new(&[vec![[0.0; 2], [1.0; 2]], vec![[nan, 0.0]]], 0.1).err();
    assert!(matches!(bad, Some(DataError::Point { index: 3, .. })), "{bad:?}");
    assert_eq!(PointCloud::new(&[], None, 0.1).err(), Some(DataError::Empty));
    assert!(PointCloud::new(&[[0.0; 2]], Some(&[]), 0.1).is_err());
    assert!(Pixels::new(&[], 0, 1.0).is_err() && Pixels::new(&[1.0; 5], 2, 1.0).is_err());
    assert!(Pixels::new(&[0.0; 4], 2, 1.0).is_err() && Pixels::new(&[1.0; 4], 2, 0.0).is_err());
    assert!(Pixels::new(&[1.0; 129], 129, 1.0).is_err());
    assert_eq!(Blend::new(vec![]).err(), Some(DataError::Empty));
}
