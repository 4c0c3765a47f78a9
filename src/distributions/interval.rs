//! A uniform stretch blurred by a Gaussian: its log density and slope on a line, right however far away.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use libm::{erf, erfc};

/// ½ ln 2π
pub const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;

/// Half-widths below this are stretches so short beside the blur that φ is e^{−mt} over them, to h²/6 < 1e-11.
const NARROW: f64 = 5e-6;

/// From here on erfcx is its asymptotic series; below it, e^{x²} erfc(x) holds to x² ulp.
const ASYMPTOTIC: f64 = 25.0;

/// f(m) = [Φ(m + h) − Φ(m − h)] / 2h, the density at m of a stretch [−h, h] blurred by N(0, 1): log f(m) and its slope.
///
/// All three are in units of the blur, h > 0. Outside the stretch both Φ stand on e^{−(m−h)²/2}, which is taken out, so
/// that nothing underflows: Φ(−x) = ½ e^{−x²/2} erfcx(x/√2).
pub fn log_blurred_stretch(m: f64, h: f64) -> (f64, f64) {
    let (side, m) = (1f64.copysign(m), m.abs());
    let (near, far) = (m - h, m + h);
    // 1 − φ(far)/φ(near)
    let drop = -(-2.0 * m * h).exp_m1();
    let (log_f, slope) = if h < NARROW {
        let (log_mean, langevin) = log_sinhc(m * h);
        (-0.5 * m * m - HALF_LN_TAU + log_mean, h * langevin - m)
    } else if near >= 0.0 {
        let tail = erfcx(near * FRAC_1_SQRT_2) - (1.0 - drop) * erfcx(far * FRAC_1_SQRT_2);
        (-0.5 * near * near + (tail / (4.0 * h)).ln(), -drop * (2.0 / PI).sqrt() / tail)
    } else {
        let mass = 0.5 * (erf(far * FRAC_1_SQRT_2) + erf(-near * FRAC_1_SQRT_2));
        ((mass / (2.0 * h)).ln(), -drop * (-0.5 * near * near - HALF_LN_TAU).exp() / mass)
    };
    (log_f, side * slope)
}

/// erfcx(x) = e^{x²} erfc(x) for x ≥ 0. Series: Abramowitz & Stegun 7.1.23, whose next term is below 1e-16 from 25 on.
fn erfcx(x: f64) -> f64 {
    if x < ASYMPTOTIC {
        return (x * x).exp() * erfc(x);
    }
    let t = 0.5 / (x * x);
    let series = 1.0 - t * (1.0 - 3.0 * t * (1.0 - 5.0 * t * (1.0 - 7.0 * t * (1.0 - 9.0 * t))));
    series / (x * PI.sqrt())
}

/// log(sinh y / y) and its derivative coth y − 1/y (Langevin's function), for y ≥ 0.
fn log_sinhc(y: f64) -> (f64, f64) {
    if y < 1e-2 {
        let y2 = y * y;
        return (y2 / 6.0 - y2 * y2 / 180.0, y / 3.0 - y * y2 / 45.0);
    }
    let fall = (-2.0 * y).exp();
    (y + (-(-2.0 * y).exp_m1() / (2.0 * y)).ln(), (1.0 + fall) / (1.0 - fall) - 1.0 / y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath, 40 digits: erfcx(x) = exp(x^2)*erfc(x).
    #[test]
    fn erfcx_is_right_on_both_sides_of_its_seam() {
        for (x, expected) in ERFCX {
            let found = erfcx(x);
            assert!((found / expected - 1.0).abs() < 2e-13, "erfcx({x}) = {found}, not {expected}");
        }
    }

    /// mpmath, 60 digits: log((ncdf(m+h)-ncdf(m-h))/(2*h)) and its derivative.
    #[test]
    fn the_blurred_stretch_is_right_inside_outside_and_far_away() {
        for (m, h, log_f, slope) in STRETCHES {
            let (found, s) = log_blurred_stretch(m, h);
            assert!((found - log_f).abs() < 1e-9 * log_f.abs().max(1.0), "m = {m}, h = {h}: {found}, not {log_f}");
            assert!((s - slope).abs() < 1e-9 * slope.abs(), "m = {m}, h = {h}: slope {s}, not {slope}");
            let (mirrored, t) = log_blurred_stretch(-m, h);
            assert!(mirrored.to_bits() == found.to_bits() && t.to_bits() == (-s).to_bits(), "m = −{m}");
        }
    }

    const ERFCX: [(f64, f64); 9] = [
        (0.0, 1.0),
        (0.5, 0.615_690_344_192_925_87),
        (5.0, 0.110_704_637_733_068_63),
        (20.0, 0.028_174_348_741_051_319),
        (24.9, 0.022_639_987_776_049_506),
        (25.0, 0.022_549_572_432_641_359),
        (30.0, 0.018_795_888_861_416_751),
        (1000.0, 0.000_564_189_301_453_387_65),
        (100_000_000.0, 5.641_895_835_477_562_6e-9),
    ];

    const STRETCHES: [(f64, f64, f64, f64); 14] = [
        (0.3, 2.0, -1.443_171_185_788_846_7, -0.069_568_449_486_369_345),
        (1.0, 0.5, -1.419_932_482_156_626_3, -0.920_644_605_222_035_32),
        (5.0, 1.0, -11.053_279_818_471_104, -4.225_546_931_806_197_6),
        (0.5, 0.001, -1.043_938_658_204_667_5, -0.499_999_833_333_358_33),
        (40.0, 0.01, -800.892_429_677_856_26, -39.998_680_692_830_309),
        (100.0, 1e-05, -5000.918_938_366_554_7, -99.999_999_996_666_667),
        (100.0, 4e-06, -5000.918_938_506_540_7, -99.999_999_999_466_667),
        (1000.0, 0.01, -499_993.914_711_808_79, -999.991_000_007_958_83),
        (100.0, 3.0, -4711.785_515_233_931_8, -97.010_307_088_148_742),
        (3.0, 3.0, -2.484_906_651_761_175_6, -0.797_884_550_225_465_74),
        (1_000_000.0, 4e-06, -499_999_999_998.998_72, -999_999.999_996_997_32),
        (100_000.0, 20.0, -4_998_000_216.120_543_4, -99_980.000_010_002),
        (0.001, 8.0, -2.772_588_722_239_782_5, -8.083_715_917_502_482_8e-17),
        (30.0, 36.0, -4.276_666_120_002_643, -6.075_882_855_817_676_4e-9),
    ];
}
