//! Schedules against numbers that Python gave, and NCSNv2's rules against independent forms.

mod support;

use scorescope::schedules::ncsnv2::{LastLevel, NoValue, first_level, overlap, ratio};
use scorescope::schedules::{
    Cosine, Karras, Ladder, LadderError, LinearBeta, SCHEDULES, Sde, SubVariancePreserving, Transition,
    VarianceExploding, VariancePreserving,
};
use support::Dice;

#[track_caller]
fn assert_close(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
}

/// Python: [(80**(1/7) + i/17*(.002**(1/7) - 80**(1/7)))**7 for i in (0, 1, 5, 9, 17)]
#[test]
fn karras_levels_are_the_papers() {
    let levels = Karras::new(80.0, 0.002, 7.0, 18).expect("legal").levels_to_zero();
    assert_eq!(levels.len(), 19);
    for (i, expected) in
        [(0, 80.0), (1, 57.585_984_721_248_16), (5, 12.910_082_380_757_32), (9, 1.923_339_837_040_051_8), (17, 0.002)]
    {
        assert_close(levels[i], expected, 1e-12);
    }
    assert!(levels[18].to_bits() == 0);
    assert!(levels.windows(2).all(|pair| pair[1] < pair[0]));
}

#[test]
fn what_are_no_karras_levels_is_refused() {
    assert!(matches!(Karras::new(1.0, 2.0, 7.0, 3), Err(LadderError::Range { .. })));
    assert!(matches!(Karras::new(f64::NAN, 1.0, 7.0, 3), Err(LadderError::Range { .. })));
    assert!(matches!(Karras::new(2.0, 1.0, 0.0, 3), Err(LadderError::Rho { .. })));
    assert!(matches!(Karras::new(2.0, 1.0, f64::NAN, 3), Err(LadderError::Rho { .. })));
    assert_eq!(Karras::new(2.0, 1.0, 7.0, 0), Err(LadderError::NoLevels));
    assert!(matches!(VarianceExploding::new(2.0, 1.0), Err(LadderError::Range { .. })));
    assert!(LinearBeta::new(0.0, 1.0).is_none() && LinearBeta::new(1.0, f64::INFINITY).is_none());
}

/// Python: .01*5000**.3 and (.01*5000**.3)**2*2*log(5000)
#[test]
fn ve_is_a_geometric_ladder_in_continuous_time() {
    let ve = VarianceExploding::new(0.01, 50.0).expect("legal");
    assert_close(ve.std(0.0), 0.01, 1e-12);
    assert_close(ve.std(0.3), 0.128_733_329_354_522_36, 1e-12);
    assert_close(ve.std(1.0), 50.0, 1e-12);
    assert_close(ve.diffusion_squared(0.3), 0.282_298_451_897_503_1, 1e-12);
    let ladder = Ladder::geometric(50.0, 0.01, 11).expect("legal");
    for (i, sigma) in (0u8..).zip(ladder.levels()) {
        assert_close(ve.sigma(1.0 - f64::from(i) / 10.0), sigma, 1e-12);
    }
}

/// Python: exp(-.25*t*t*19.9 - .5*t*.1), sqrt(1 - exp(-B)), 1 - exp(-B), (.1 + 19.9*t)*(1 - exp(-2*B)),
/// B = .1*t + .5*t*t*19.9
#[test]
fn vp_and_sub_vp_are_those_of_score_sde() {
    let beta = LinearBeta::new(0.1, 20.0).expect("legal");
    let (vp, sub) = (VariancePreserving { beta }, SubVariancePreserving { beta });
    for [t, a, b, sub_b, sub_g2] in [
        [
            1e-3,
            0.999_945_026_511_097_6,
            0.010_485_416_335_095_232,
            1.099_439_557_202_819_1e-4,
            2.636_311_126_968_081_8e-5,
        ],
        [0.3, 0.629_550_000_336_448_8, 0.776_959_971_347_544_5, 0.603_666_797_076_377_2, 5.116_524_353_220_035_5],
        [1.0, 0.006_571_586_494_929_619, 0.999_978_406_892_338_6, 0.999_956_814_250_939_6, 19.999_999_962_699_82],
    ] {
        assert_close(vp.mean_factor(t), a, 1e-9);
        assert_close(vp.std(t), b, 1e-9);
        assert_close(sub.mean_factor(t), a, 1e-9);
        assert_close(sub.std(t), sub_b, 1e-9);
        assert_close(sub.diffusion_squared(t), sub_g2, 1e-9);
        assert_close(vp.diffusion_squared(t), 0.1 + 19.9 * t, 1e-12);
    }
}

/// Whatever the process: a' = f a and (b²)' = 2 f b² + g², by central differences of width 1e-5 (error about 1e-7).
#[test]
fn every_process_solves_its_own_equation() {
    let beta = LinearBeta::new(0.1, 20.0).expect("legal");
    let ve = VarianceExploding::new(0.01, 50.0).expect("legal");
    let all: [&dyn Sde; 3] = [&ve, &VariancePreserving { beta }, &SubVariancePreserving { beta }];
    let mut dice = Dice::new(7);
    for sde in all {
        for _ in 0..50 {
            let (t, h) = (dice.between(0.01, 0.99), 1e-5);
            let slope = |of: &dyn Fn(f64) -> f64| (of(t + h) - of(t - h)) / (2.0 * h);
            let variance = sde.std(t).powi(2);
            assert!((slope(&|t| sde.mean_factor(t)) - sde.drift(t) * sde.mean_factor(t)).abs() < 1e-5);
            let expected = 2.0 * sde.drift(t) * variance + sde.diffusion_squared(t);
            assert!((slope(&|t| sde.std(t).powi(2)) - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{t}");
        }
        let times = sde.times(4);
        assert_eq!((times.len(), times[0].to_bits()), (5, 1f64.to_bits()));
        assert_close(times[4], sde.end(), 1e-9);
    }
}

/// Going over a time in between is the same as going at once: α and β compose.
#[test]
fn transitions_compose() {
    let beta = LinearBeta::new(0.1, 20.0).expect("legal");
    let vp = VariancePreserving { beta };
    let [early, middle, late] = [0.2, 0.5, 0.9].map(|t| [vp.mean_factor(t), vp.std(t)]);
    let (first, second, both) =
        (Transition::between(early, middle), Transition::between(middle, late), Transition::between(early, late));
    assert_close(first.alpha * second.alpha, both.alpha, 1e-12);
    assert_close(second.alpha * first.beta + second.beta, both.beta, 1e-12);
    assert_close(both.alpha, 1.0 - both.beta, 1e-12);
}

/// Python: f(t)/f(0), f = lambda t: cos((t + .008)/1.008*pi/2)**2
#[test]
fn the_cosine_schedule_is_the_papers() {
    let cosine = Cosine::default();
    for (t, expected) in
        [(0.0, 1.0), (0.25, 0.847_012_161_326_904_7), (0.5, 0.493_843_590_440_637_75), (0.75, 0.144_272_102_385_735_8)]
    {
        assert_close(cosine.alpha_bar(t), expected, 1e-12);
        assert_close(cosine.mean_factor(t).powi(2) + cosine.std(t).powi(2), 1.0, 1e-12);
    }
    let betas = cosine.betas(4);
    assert_eq!(betas.len(), 4);
    assert_close(betas[0], 0.152_987_838_673_095_3, 1e-12);
    assert_close(betas[3], 0.999, 1e-12);
}

#[test]
fn the_first_level_is_the_largest_distance() {
    let square = [[0.0, 0.0], [3.0, 0.0], [3.0, 4.0], [0.0, 4.0], [1.0, 1.0]];
    assert_close(first_level(&square).expect("a pair"), 5.0, 1e-12);
    assert_eq!(first_level(&square[..1]), Err(NoValue::NoPair { points: 1 }));
    assert_eq!(first_level(&[[f64::NAN, 0.0], [1.0, 1.0]]), Err(NoValue::NoPair { points: 1 }));
}

/// Python, with math.erfc and bisection: the root of Φ(√(2D)(γ−1)+3γ) − Φ(√(2D)(γ−1)−3γ) = .5 in (1, 100).
#[test]
fn the_ratio_solves_its_rule_from_five_dimensions_on() {
    let roots = [(5, 19.486_832_980_505_092), (10, 3.037_855_260_454_429), (784, 1.081_971_737_802_958_5)];
    for (dimensions, expected) in roots.into_iter().chain([(3072, 1.039_796_416_505_656_6)]) {
        let gamma = ratio(dimensions).expect("a root");
        assert_close(gamma, expected, 1e-9);
        assert_close(overlap(dimensions, gamma), 0.5, 1e-6);
    }
    assert_close(overlap(2, 1.5), 0.999_767_351_931_402, 1e-12);
    assert_close(overlap(3072, 1.04), 0.493_877_724_509_906_97, 1e-9);
}

/// In the plane the overlap never comes near ½, whatever γ is.
#[test]
fn the_ratio_has_no_value_in_the_plane_and_says_why() {
    for dimensions in 1..5 {
        let error = ratio(dimensions).expect_err("there is no root");
        assert_eq!(error, NoValue::TooFewDimensions { dimensions });
        assert!(error.to_string().contains("5 dimensions"), "{error}");
        assert!((1..10_000u16).all(|i| overlap(dimensions, 1.0 + f64::from(i) / 100.0) > 0.9));
    }
}

/// NCSNv2's own choice for CIFAR-10 is ε = 6.2e-6 at σ 50 → .01, L 232, T 5. Python, by grid over ε: the least value
/// 1.055_474_5 at 6.184e-6; at 6.2e-6 it is 1.055_474_624_940_647_7.
#[test]
fn the_step_of_the_last_level_is_the_papers() {
    let level = LastLevel { steps: 5, ratio: 5000f64.powf(1.0 / 231.0), sigma: 0.01 };
    assert_close(level.variance(6.2e-6).expect("legal"), 1.055_474_624_940_647_7, 1e-12);
    assert_close(level.step().expect("legal"), 6.184e-6, 1e-3);
    let toy = LastLevel { steps: 100, ratio: 20f64.powf(1.0 / 9.0), sigma: 1.0 };
    assert_close(toy.step().expect("legal"), 0.029_180_3, 1e-4);
    assert_close(toy.variance(toy.step().expect("legal")).expect("legal"), 1.017_299_068, 1e-8);
    for epsilon in [0.0, -1.0, 2.0, f64::NAN] {
        assert_eq!(toy.variance(epsilon), Err(NoValue::OutOfRange), "{epsilon}");
    }
}

/// The rule's closed form against the chain it sums up: v ← (1 − ε/σ²)² v + 2ε, T times, from γ² σ².
#[test]
fn the_rule_of_the_step_is_the_variance_of_its_chain() {
    let mut dice = Dice::new(3);
    for steps in 1..40 {
        let (sigma, ratio) = (dice.log_between(0.01, 10.0), dice.between(1.0, 3.0));
        let epsilon = sigma * sigma * dice.between(0.001, 1.5);
        let start = ratio * ratio * sigma * sigma;
        let chain = (0..steps).fold(start, |v, _| (1.0 - epsilon / (sigma * sigma)).powi(2) * v + 2.0 * epsilon);
        let rule = LastLevel { steps, ratio, sigma }.variance(epsilon).expect("legal");
        assert_close(rule, chain / (sigma * sigma), 1e-9);
    }
}

#[test]
fn every_schedule_explains_itself() {
    for name in ["geometric", "karras", "ve", "vp", "subvp", "cosine"] {
        assert_eq!(SCHEDULES.iter().filter(|schedule| schedule.name == name).count(), 1, "{name}");
    }
    for schedule in SCHEDULES {
        for text in [schedule.description, schedule.formula, schedule.source] {
            assert!(!text.is_empty(), "{}", schedule.name);
        }
    }
}
