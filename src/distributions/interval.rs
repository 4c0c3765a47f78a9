//! A uniform stretch blurred by a Gaussian: its log density and slope on a line, right however far away.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use libm::{erf, erfc};

/// ½ ln 2π
pub const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;

/// Half-widths below this are stretches so short beside the blur that φ is e^{−mt} over them, to h²/6 < 1e-11.
const NARROW: f64 = 5e-6;

/// Half-widths up to this, not too far out, are done by a series without erfc: most pieces of a curve in much noise.
const SHORT: f64 = 0.25;

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
    let (log_f, slope) = if h <= SHORT && m * h <= 0.5 {
        let (mean, change) = hermite_series(m, h * h);
        (-0.5 * m * m - HALF_LN_TAU + mean.ln(), change / mean - m)
    } else if h < NARROW {
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

/// The mean of φ(m − t)/φ(m) over |t| ≤ h, and its slope: Σ_k He_2k(m) h^2k / (2k + 1)!, as φ^(2k) = He_2k φ and
/// He_n' = n He_(n−1). The first term left out, k = 5, is below 1e-10 where h ≤ ¼ and mh ≤ ½.
fn hermite_series(m: f64, h2: f64) -> (f64, f64) {
    let m2 = m * m;
    let even = [m2 - 1.0, (m2 - 6.0) * m2 + 3.0, ((m2 - 15.0) * m2 + 45.0) * m2 - 15.0];
    let odd = [1.0, m2 - 3.0, (m2 - 10.0) * m2 + 15.0, ((m2 - 21.0) * m2 + 105.0) * m2 - 105.0];
    let he8 = (((m2 - 28.0) * m2 + 210.0) * m2 - 420.0) * m2 + 105.0;
    let mean = even[0] / 6.0 + h2 * (even[1] / 120.0 + h2 * (even[2] / 5040.0 + h2 * he8 / 362_880.0));
    let change = odd[0] / 3.0 + h2 * (odd[1] / 30.0 + h2 * (odd[2] / 840.0 + h2 * odd[3] / 45360.0));
    (1.0 + h2 * mean, m * h2 * change)
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
        (0.5, 0.615_690_344_192_925_9),
        (5.0, 0.110_704_637_733_068_63),
        (20.0, 0.028_174_348_741_051_32),
        (24.9, 0.022_639_987_776_049_506),
        (25.0, 0.022_549_572_432_641_36),
        (30.0, 0.018_795_888_861_416_75),
        (1000.0, 0.000_564_189_301_453_387_6),
        (100_000_000.0, 5.641_895_835_477_562e-9),
    ];

    const STRETCHES: [(f64, f64, f64, f64); 20] = [
        (0.3, 2.0, -1.443_171_185_788_846_7, -0.069_568_449_486_369_34),
        (1.0, 0.5, -1.419_932_482_156_626_4, -0.920_644_605_222_035_3),
        (5.0, 1.0, -11.053_279_818_471_104, -4.225_546_931_806_198),
        (0.5, 0.001, -1.043_938_658_204_667_5, -0.499_999_833_333_358_35),
        (40.0, 0.01, -800.892_429_677_856_3, -39.998_680_692_830_305),
        (100.0, 1.0e-5, -5_000.918_938_366_554, -99.999_999_996_666_67),
        (100.0, 4.0e-6, -5_000.918_938_506_541, -99.999_999_999_466_67),
        (1000.0, 0.01, -499_993.914_711_808_8, -999.991_000_007_958_9),
        (100.0, 3.0, -4_711.785_515_233_932, -97.010_307_088_148_74),
        (3.0, 3.0, -2.484_906_651_761_175_8, -0.797_884_550_225_465_8),
        (1_000_000.0, 4.0e-6, -499_999_999_998.998_7, -999_999.999_996_997_3),
        (100_000.0, 20.0, -4_998_000_216.120_543_5, -99_980.000_010_002),
        (0.001, 8.0, -2.772_588_722_239_782_5, -8.083_715_917_502_482e-17),
        (30.0, 36.0, -4.276_666_120_002_643, -6.075_882_855_817_676e-9),
        (0.1, 0.25, -0.934_208_584_390_856_1, -0.097_934_060_647_651_16),
        (1.9, 0.25, -2.697_292_454_438_787, -1.861_314_844_265_567),
        (2.1, 0.25, -3.089_161_176_595_564_7, -2.057_378_652_849_511),
        (8.0, 0.06, -32.881_447_093_972_25, -7.990_548_705_112_809_5),
        (60.0, 0.008, -1_800.880_840_191_522, -59.998_739_249_558_96),
        (0.01, 0.26, -0.930_203_417_546_279_7, -0.009_776_691_203_010_229),
    ];
}
