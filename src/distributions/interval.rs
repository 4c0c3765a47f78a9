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
        (0.5, 0.61569034419292587),
        (5.0, 0.11070463773306863),
        (20.0, 0.028174348741051319),
        (24.9, 0.022639987776049506),
        (25.0, 0.022549572432641359),
        (30.0, 0.018795888861416751),
        (1000.0, 0.00056418930145338765),
        (100000000.0, 5.6418958354775626e-9),
    ];

    const STRETCHES: [(f64, f64, f64, f64); 14] = [
        (0.3, 2.0, -1.4431711857888467, -0.069568449486369345),
        (1.0, 0.5, -1.4199324821566263, -0.92064460522203532),
        (5.0, 1.0, -11.053279818471104, -4.2255469318061976),
        (0.5, 0.001, -1.0439386582046675, -0.49999983333335833),
        (40.0, 0.01, -800.89242967785626, -39.998680692830309),
        (100.0, 1e-05, -5000.9189383665547, -99.999999996666667),
        (100.0, 4e-06, -5000.9189385065407, -99.999999999466667),
        (1000.0, 0.01, -499993.91471180879, -999.99100000795883),
        (100.0, 3.0, -4711.7855152339318, -97.010307088148742),
        (3.0, 3.0, -2.4849066517611756, -0.79788455022546574),
        (1000000.0, 4e-06, -499999999998.99872, -999999.99999699732),
        (100000.0, 20.0, -4998000216.1205434, -99980.000010002),
        (0.001, 8.0, -2.7725887222397825, -8.0837159175024828e-17),
        (30.0, 36.0, -4.276666120002643, -6.0758828558176764e-9),
    ];
}
