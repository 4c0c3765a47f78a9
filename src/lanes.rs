//! Elementary functions as straight-line arithmetic: loops over lanes that call them become SIMD, and give the same
//! bits on every machine.
//! Polynomials: Moshier's Cephes library, single precision (expf.c, logf.c, sinf.c).

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

/// Particles that are worked on side by side: the lanes of the widest registers.
pub const LANES: usize = 16;

/// One number per lane.
pub type Lanes<T> = [T; LANES];

/// 1.5 · 2²³: added to a small number it rounds it to a whole one, which then stands in the lowest bits of the sum; taken
/// away again it leaves the whole number. (A cast to an integer would check for overflow, lane by lane.)
pub const ROUNDER: f32 = 12_582_912.0;

/// e^x to 2e-7 relative, for x ≤ 88; below −87 it is 0 or next to it.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_66;
    let p = p * r + 0.5;
    let y = p * r * r + r + 1.0;
    // −126 ≤ n ≤ 127 goes to the exponent.
    f32::from_bits(y.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// ln x to 2e-7 relative, for positive normal x.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    // x = m 2^e with √½ ≤ m < √2
    let above = x.to_bits().wrapping_sub(ROOT_HALF);
    #[expect(clippy::cast_possible_wrap, clippy::cast_precision_loss, reason = "an exponent, between −127 and 128")]
    let e = ((above as i32) >> 23) as f32;
    let f = f32::from_bits((above & 0x007f_ffff) + ROOT_HALF) - 1.0;
    let z = f * f;
    let p = 7.037_683_6e-2;
    let p = p * f - 0.115_146_1;
    let p = p * f + 0.116_769_99;
    let p = p * f - 0.124_201_41;
    let p = p * f + 0.142_493_23;
    let p = p * f - 0.166_680_58;
    let p = p * f + 0.200_007_15;
    let p = p * f - 0.249_999_94;
    let p = p * f + 0.333_333_3;
    let y = p * f * z - e * 2.121_944_4e-4 - 0.5 * z;
    f + y + e * 0.693_359_4
}

/// e^{z²/2} erfc(z/√2) to 4e-7 relative, for z ≥ 0: twice the tail of the normal distribution over e^{−z²/2}.
///
/// t P(2t − 1), t = 4/(4 + z); P: Chebyshev interpolation in 40 digits (mpmath), cut off after degree 9 at 1.1e-7.
#[inline(always)]
pub fn erfcx_normal(z: f32) -> f32 {
    let t = 4.0 / (4.0 + z);
    let w = 2.0 * t - 1.0;
    let p = 7.866_028e-5;
    let p = p * w + 6.466_284e-5;
    let p = p * w - 7.818_934_4e-4;
    let p = p * w - 1.738_083_9e-3;
    let p = p * w + 3.756_115_7e-3;
    let p = p * w + 3.019_764_8e-2;
    let p = p * w + 9.326_336e-2;
    let p = p * w + 0.193_568_78;
    let p = p * w + 0.303_948_2;
    let p = p * w + 0.377_642_57;
    p * t
}

/// (sin 2πt, cos 2πt) to 2e-7, for t in [0, 1].
#[inline(always)]
pub fn sin_cos_turns(t: f32) -> (f32, f32) {
    let shifted = 4.0 * t + ROUNDER;
    let x = (t - 0.25 * (shifted - ROUNDER)) * std::f32::consts::TAU;
    let z = x * x;
    let sin = ((-1.951_529_6e-4 * z + 8.332_161e-3) * z - 0.166_666_55) * z * x + x;
    let cos = ((2.443_315_7e-5 * z - 1.388_731_6e-3) * z + 4.166_664_6e-2) * z * z - 0.5 * z + 1.0;
    let quadrant = shifted.to_bits();
    let (s, c) = if quadrant & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let s = if quadrant & 2 == 0 { s } else { -s };
    let c = if (quadrant + 1) & 2 == 0 { c } else { -c };
    (s, c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_possible_truncation, reason = "single precision is what is tested")]
    /// Against double precision, on 100,000 points each; the bound is a little over two units in the last place.
    #[test]
    fn each_function_is_right_to_the_last_bits() {
        for i in 0..100_000u32 {
            let x = -87.0 + f64::from(i) * 175e-5;
            let (single, exact) = (exp(x as f32), f64::from(x as f32).exp());
            assert!((f64::from(single) / exact - 1.0).abs() < 3e-7, "exp {x}");
            let u = (f64::from(i) + 0.5) / 100_000.0;
            let (single, exact) = (ln(u as f32), f64::from(u as f32).ln());
            assert!((f64::from(single) - exact).abs() < 3e-7 * exact.abs().max(1e-2), "ln {u}");
            let (sin, cos) = sin_cos_turns(u as f32);
            let (exact_sin, exact_cos) = (std::f64::consts::TAU * f64::from(u as f32)).sin_cos();
            assert!((f64::from(sin) - exact_sin).abs() < 3e-7 && (f64::from(cos) - exact_cos).abs() < 3e-7, "turn {u}");
        }
    }

    /// Against libm in double precision up to where e^{z²/2} overflows, then against the asymptotic series (Abramowitz &
    /// Stegun 7.1.23), whose next term is below 1e-13: 100,000 points from 1e-4 to 1e6, and 0. The fit alone misses 1.1e-7.
    #[expect(clippy::cast_possible_truncation, reason = "single precision is what is tested")]
    #[test]
    fn erfcx_is_right_to_the_last_bits() {
        for i in 0..100_000u32 {
            let z = if i == 0 { 0.0 } else { 10f64.powf(f64::from(i) * 1e-4 - 4.0) as f32 };
            let (x, t) = (f64::from(z), f64::from(z).powi(-2));
            let expected = if z < 37.0 {
                (0.5 * x * x).exp() * libm::erfc(x * std::f64::consts::FRAC_1_SQRT_2)
            } else {
                (1.0 - t * (1.0 - 3.0 * t * (1.0 - 5.0 * t))) / (x * std::f64::consts::FRAC_PI_2.sqrt())
            };
            let found = f64::from(erfcx_normal(z));
            assert!((found / expected - 1.0).abs() < 4e-7, "erfcx_normal({z}) = {found}, not {expected}");
        }
    }

    #[test]
    fn ln_takes_the_whole_range_of_normal_numbers() {
        for x in [f32::MIN_POSITIVE, 1e-30, 0.5, 0.7, 1.0, 1.5, 3.0, 1e30, f32::MAX] {
            assert!((f64::from(ln(x)) - f64::from(x).ln()).abs() <= 3e-7 * f64::from(x).ln().abs(), "{x}");
        }
        assert!(exp(-1000.0) < 2e-38 && exp(f32::NEG_INFINITY) >= 0.0);
    }
}
