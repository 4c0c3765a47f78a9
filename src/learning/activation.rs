//! Activation functions with their first and second derivatives, which carry tangents and gradients through a layer.

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use multiversion::multiversion;
use multiversion::target::match_target;
use serde::{Deserialize, Serialize};

use crate::lanes::{LANES, ROUNDER, ln};

/// What a neuron makes of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// x g(x),   g(x) = 1/(1 + e^−x)   (Elfwing, Uchibe & Doya 2018)
    #[default]
    Silu,
    /// ln(1 + e^x), which NCSN's toy uses
    Softplus,
    /// tanh x
    Tanh,
    /// ½ x (1 + tanh(√(2/π)(x + 0.044715 x³)))   (Hendrycks & Gimpel 2016, the approximation by tanh)
    Gelu,
}

/// √(2/π) and the factor of x³.
const GELU: [f32; 2] = [0.797_884_6, 0.044_715];

impl Activation {
    /// Every one, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Silu, Self::Softplus, Self::Tanh, Self::Gelu];

    /// x ← φ(x). The length is a multiple of [`LANES`].
    pub(super) fn apply(self, x: &mut [f32]) {
        match self {
            Self::Silu => values_silu(x),
            Self::Softplus => values_softplus(x),
            Self::Tanh => values_tanh(x),
            Self::Gelu => values_gelu(x),
        }
    }

    /// x ← φ(x), slope ← φ'(x). The lengths are the same, a multiple of [`LANES`].
    pub(super) fn apply_with_slope(self, x: &mut [f32], slope: &mut [f32]) {
        match self {
            Self::Silu => slopes_silu(x, slope),
            Self::Softplus => slopes_softplus(x, slope),
            Self::Tanh => slopes_tanh(x, slope),
            Self::Gelu => slopes_gelu(x, slope),
        }
    }

    /// x ← φ(x), slope ← φ'(x), bend ← φ''(x). The lengths are the same, a multiple of [`LANES`].
    pub(super) fn apply_with_bend(self, x: &mut [f32], slope: &mut [f32], bend: &mut [f32]) {
        match self {
            Self::Silu => bends_silu(x, slope, bend),
            Self::Softplus => bends_softplus(x, slope, bend),
            Self::Tanh => bends_tanh(x, slope, bend),
            Self::Gelu => bends_gelu(x, slope, bend),
        }
    }
}

/// a b + c, rounded once where the processor can.
#[inline(always)]
fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// 1/(1 + e^−x), to 2e-7: [`crate::lanes::exp`] with its products fused, as here alone the time goes into it. The quotient is
/// Newton's, from an estimate out of the exponent's bits: a third of a division's time.
#[inline(always)]
fn sigmoid<const FUSED: bool>(x: f32) -> f32 {
    // Beyond ±80 it is 0 or 1.
    let d = 1.0 + exp::<FUSED>(-x.clamp(-80.0, 80.0));
    let mut r = f32::from_bits(0x7ef3_11c3_u32.wrapping_sub(d.to_bits()));
    for _ in 0..3 {
        r *= multiply_add::<FUSED>(-d, r, 2.0);
    }
    r
}

/// e^x for |x| ≤ 80.
#[inline(always)]
fn exp<const FUSED: bool>(x: f32) -> f32 {
    let shifted = multiply_add::<FUSED>(x, std::f32::consts::LOG2_E, ROUNDER);
    let n = shifted - ROUNDER;
    let r = multiply_add::<FUSED>(n, -0.693_359_4, x);
    let r = multiply_add::<FUSED>(n, 2.121_944_4e-4, r);
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5, 1.0, 1.0] {
        p = multiply_add::<FUSED>(p, r, coefficient);
    }
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[inline(always)]
fn silu<const FUSED: bool>(x: f32) -> (f32, f32, f32) {
    let g = sigmoid::<FUSED>(x);
    let value = x * g;
    let slope = multiply_add::<FUSED>(value, 1.0 - g, g);
    (value, slope, g * (1.0 - g) * (2.0 + x * (1.0 - 2.0 * g)))
}

#[inline(always)]
fn softplus<const FUSED: bool>(x: f32) -> (f32, f32, f32) {
    let g = sigmoid::<FUSED>(x);
    (0.5 * (x + x.abs()) + ln(1.0 + exp::<FUSED>(-x.abs().clamp(0.0, 80.0))), g, g * (1.0 - g))
}

#[inline(always)]
fn tanh<const FUSED: bool>(x: f32) -> (f32, f32, f32) {
    // By the smaller of the two shares, so that 1 − tanh² keeps its digits where tanh is near 1.
    let q = sigmoid::<FUSED>(-2.0 * x.abs());
    let (t, slope) = ((1.0 - 2.0 * q).copysign(x), 4.0 * q * (1.0 - q));
    (t, slope, -2.0 * t * slope)
}

#[inline(always)]
fn gelu<const FUSED: bool>(x: f32) -> (f32, f32, f32) {
    let [c, a] = GELU;
    let (u1, u2) = (c * (1.0 + 3.0 * a * x * x), 6.0 * c * a * x);
    let (t, t1, t2) = tanh::<FUSED>(c * x * (1.0 + a * x * x));
    (0.5 * x * (1.0 + t), 0.5 * (1.0 + t + x * t1 * u1), t1 * u1 + 0.5 * x * (t1 * u2 + t2 * u1 * u1))
}

/// The three loops over lanes of one function, compiled for each instruction set.
macro_rules! loops {
    ($function:ident, $values:ident, $slopes:ident, $bends:ident) => {
        #[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma", "aarch64+neon"))]
        fn $values(x: &mut [f32]) {
            match_target! {
                "x86_64+avx512f" => each_value(x, $function::<true>),
                "x86_64+fma" => each_value(x, $function::<true>),
                "aarch64+neon" => each_value(x, $function::<true>),
                _ => each_value(x, $function::<false>),
            }
        }

        #[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma", "aarch64+neon"))]
        fn $slopes(x: &mut [f32], slope: &mut [f32]) {
            match_target! {
                "x86_64+avx512f" => each_slope(x, slope, $function::<true>),
                "x86_64+fma" => each_slope(x, slope, $function::<true>),
                "aarch64+neon" => each_slope(x, slope, $function::<true>),
                _ => each_slope(x, slope, $function::<false>),
            }
        }

        #[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma", "aarch64+neon"))]
        fn $bends(x: &mut [f32], slope: &mut [f32], bend: &mut [f32]) {
            match_target! {
                "x86_64+avx512f" => each_bend(x, slope, bend, $function::<true>),
                "x86_64+fma" => each_bend(x, slope, bend, $function::<true>),
                "aarch64+neon" => each_bend(x, slope, bend, $function::<true>),
                _ => each_bend(x, slope, bend, $function::<false>),
            }
        }
    };
}

#[inline(always)]
fn each_value(x: &mut [f32], derivatives: impl Fn(f32) -> (f32, f32, f32)) {
    for x in x.as_chunks_mut::<LANES>().0 {
        for x in x {
            *x = derivatives(*x).0;
        }
    }
}

#[inline(always)]
fn each_slope(x: &mut [f32], slope: &mut [f32], derivatives: impl Fn(f32) -> (f32, f32, f32)) {
    for (x, slope) in x.as_chunks_mut::<LANES>().0.iter_mut().zip(slope.as_chunks_mut::<LANES>().0) {
        for (x, slope) in x.iter_mut().zip(slope) {
            (*x, *slope, _) = derivatives(*x);
        }
    }
}

#[inline(always)]
fn each_bend(x: &mut [f32], slope: &mut [f32], bend: &mut [f32], derivatives: impl Fn(f32) -> (f32, f32, f32)) {
    let (x, slope) = (x.as_chunks_mut::<LANES>().0, slope.as_chunks_mut::<LANES>().0);
    for ((x, slope), bend) in x.iter_mut().zip(slope).zip(bend.as_chunks_mut::<LANES>().0) {
        for ((x, slope), bend) in x.iter_mut().zip(slope).zip(bend) {
            (*x, *slope, *bend) = derivatives(*x);
        }
    }
}

loops!(silu, values_silu, slopes_silu, bends_silu);
loops!(softplus, values_softplus, slopes_softplus, bends_softplus);
loops!(tanh, values_tanh, slopes_tanh, bends_tanh);
loops!(gelu, values_gelu, slopes_gelu, bends_gelu);

#[cfg(test)]
mod tests {
    use super::*;

    /// PyTorch 2.15, float64:
    /// ```python
    /// for f in (F.silu, F.softplus, torch.tanh, lambda x: F.gelu(x, approximate="tanh")):
    ///     for v in (-3.0, -0.5, 0.0, 0.7, 4.0):
    ///         x = torch.tensor(v, dtype=torch.float64, requires_grad=True)
    ///         y = f(x); g, = torch.autograd.grad(y, x, create_graph=True); h, = torch.autograd.grad(g, x)
    ///         print(y.item(), g.item(), h.item())
    /// ```
    const EXPECTED: [[[f64; 3]; 5]; 4] = [
        [
            [-0.142_277_619_533, -0.088_104_106_015_2, -0.032_321_404_521],
            [-0.188_770_334_399, 0.260_038_812_697, 0.441_229_026_977],
            [0.0, 0.5, 0.5],
            [0.467_731_440_518, 0.823_386_783_473, 0.391_220_594_678],
            [3.928_055_160_15, 1.052_664_614_89, -0.032_783_931_287],
        ],
        [
            [0.048_587_351_573_7, 0.047_425_873_177_6, 0.045_176_659_730_9],
            [0.474_076_984_18, 0.377_540_668_798, 0.235_003_712_202],
            [std::f64::consts::LN_2, 0.5, 0.25],
            [1.103_186_048_89, 0.668_187_772_168, 0.221_712_873_293],
            [4.018_149_927_92, 0.982_013_790_038, 0.017_662_706_213_3],
        ],
        [
            [-0.995_054_753_687, 0.009_866_037_165_44, 0.019_634_494_363],
            [-0.462_117_157_26, 0.786_447_732_966, 0.726_861_981_384],
            [0.0, 1.0, -0.0],
            [0.604_367_777_117, 0.634_739_589_982, -0.767_232_310_092],
            [0.999_329_299_739, 0.001_340_950_683_03, -0.002_680_102_614_11],
        ],
        [
            [-0.003_637_392_081_77, -0.011_584_166_631, -0.031_767_658_886_1],
            [-0.154_285_990_175, 0.132_630_096_465, 0.615_506_895_116],
            [0.0, 0.5, 0.797_884_560_803],
            [0.530_570_134_705, 0.976_357_218_656, 0.470_862_926_845],
            [3.999_929_754_05, 1.000_335_123_2, -0.001_474_059_663_77],
        ],
    ];

    /// Tolerance 5e-7: a few units in the last place of a number of order one.
    #[test]
    fn each_function_and_its_derivatives_are_those_of_pytorch() {
        for (activation, expected) in Activation::ALL.into_iter().zip(EXPECTED) {
            let mut x = [0.0; LANES];
            x[..5].copy_from_slice(&[-3.0, -0.5, 0.0, 0.7, 4.0]);
            let (mut alone, mut pair) = (x, x);
            let (mut slope, mut bend) = ([0.0; LANES], [0.0; LANES]);
            activation.apply(&mut alone);
            activation.apply_with_slope(&mut pair, &mut slope);
            activation.apply_with_bend(&mut x, &mut slope, &mut bend);
            let bits = |values: [f32; LANES]| values.map(f32::to_bits);
            assert!(bits(alone) == bits(x) && bits(pair) == bits(x), "{activation:?}");
            for (at, expected) in expected.into_iter().enumerate() {
                for (found, expected) in [x[at], slope[at], bend[at]].into_iter().zip(expected) {
                    assert!((f64::from(found) - expected).abs() < 5e-7, "{activation:?}: {found}, not {expected}");
                }
            }
        }
    }

    /// A network that has gone wrong must not look right.
    #[test]
    fn what_is_no_number_stays_none() {
        for activation in Activation::ALL {
            let mut x = [f32::NAN; LANES];
            activation.apply(&mut x);
            assert!(x.iter().all(|x| x.is_nan()), "{activation:?}");
        }
    }

    #[test]
    fn far_out_nothing_overflows() {
        for activation in Activation::ALL {
            let mut x = [1e4; LANES];
            x[0] = -1e4;
            let (mut slope, mut bend) = ([0.0; LANES], [0.0; LANES]);
            activation.apply_with_bend(&mut x, &mut slope, &mut bend);
            assert!([x, slope, bend].as_flattened().iter().all(|v| v.is_finite()), "{activation:?}: {x:?}");
        }
    }
}
