//! A uniform stretch blurred by a Gaussian, in single precision and many at a time: [`super::interval`]'s faster twin.

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use crate::lanes::{LANES, Lanes, erfcx_normal, exp};

/// 1/√2π
const PHI_0: f32 = 0.398_942_3;

/// ½ ln 2π
const HALF_LN_TAU: f32 = 0.918_938_5;

/// Half-widths up to this are done by the series, where also mh is at most [`NEAR`]: the first term left out, k = 4, is then
/// below 2e-7.
const SHORT: f32 = 0.35;

/// Where mh is beyond this, e^{−2mh} is so small that the two edges no longer cancel.
const NEAR: f32 = 0.7;

/// Beyond this, −ln of it, an edge does not exist: next to the greatest it is below 1e-34.
const UNFELT: f32 = 78.0;

/// f(m) = [Φ(m + h) − Φ(m − h)] / 2h and its slope outwards, −f'(|m|), at as many m as there are lanes. Both are
/// divided by the bound of f, min(1/2h, φ(0)), and stand on e^(−exponent), which is taken out.
pub struct Stretches {
    pub exponent: Lanes<f32>,
    pub value: Lanes<f32>,
    pub fall: Lanes<f32>,
    /// By how many roundings `fall` may be off.
    pub unsure: Lanes<f32>,
}

/// The same in one lane.
#[derive(Clone, Copy)]
struct Stretch {
    exponent: f32,
    value: f32,
    fall: f32,
    unsure: f32,
}

/// ln of the bound of f: min(1/2h, φ(0)), from ln 2h.
#[inline(always)]
pub fn log_bound(log_length: f32) -> f32 {
    (-log_length).min(-HALF_LN_TAU)
}

impl Stretches {
    /// At m with |m| − h = `near`.
    #[inline(always)]
    pub fn at(near: &Lanes<f32>, h: f32) -> Self {
        let zero = [0.0; LANES];
        let mut found = Self { exponent: zero, value: zero, fall: zero, unsure: zero };
        if h > SHORT {
            for (lane, near) in near.iter().enumerate() {
                found.set(lane, by_edges(*near, h));
            }
            return found;
        }
        let series = Series::of(h);
        // Not `any`, which leaves off at the first and so goes one by one.
        let mut far = false;
        near.iter().for_each(|near| far |= (near + h) * h > NEAR);
        if far {
            for (lane, near) in near.iter().enumerate() {
                let (short, long) = (series.at(near + h), by_edges(*near, h));
                found.set(lane, short.unless((near + h) * h > NEAR, long));
            }
        } else {
            for (lane, near) in near.iter().enumerate() {
                found.set(lane, series.at(near + h));
            }
        }
        found
    }

    #[inline(always)]
    const fn set(&mut self, lane: usize, Stretch { exponent, value, fall, unsure }: Stretch) {
        (self.exponent[lane], self.value[lane]) = (exponent, value);
        (self.fall[lane], self.unsure[lane]) = (fall, unsure);
    }
}

impl Stretch {
    #[inline(always)]
    const fn unless(self, other: bool, than: Self) -> Self {
        Self {
            exponent: if other { than.exponent } else { self.exponent },
            value: if other { than.value } else { self.value },
            fall: if other { than.fall } else { self.fall },
            unsure: if other { than.unsure } else { self.unsure },
        }
    }
}

/// From the distances to both edges. Outside, both Φ stand on e^{−(m−h)²/2}; inside, what is beyond each edge is taken off 1.
#[inline(always)]
fn by_edges(near: f32, h: f32) -> Stretch {
    let (m, far) = (near + h, near + 2.0 * h);
    let outside = near > 0.0;
    let half_square = 0.5 * near * near;
    let drop = exp(-2.0 * m * h);
    // φ(near)/φ(0) is taken out where it would vanish, and kept where the distance is 0.
    let edge = if outside { 1.0 } else { exp(-half_square) };
    let edge = if half_square > UNFELT && !outside { 0.0 } else { edge };
    let (tail, beyond) = (erfcx_normal(near.abs()), drop * erfcx_normal(far));
    let mass = if outside { 0.5 * (tail - beyond) } else { 1.0 - 0.5 * edge * (tail + beyond) };
    // (1/2h) / min(1/2h, φ(0))
    let scale = (0.5 / (PHI_0 * h)).max(1.0);
    let slope = PHI_0 * edge * scale;
    // Inside, an edge d away that is rounded by ε d changes φ by ε d².
    let closeness = if outside { 1.0 } else { 1.0 + 2.0 * half_square };
    Stretch {
        exponent: if outside { half_square } else { 0.0 },
        value: scale * mass,
        fall: slope * (1.0 - drop),
        unsure: slope * (1.0 + drop) * closeness,
    }
}

/// The mean of φ(m − t)/φ(m) over |t| ≤ h, as [`super::interval`] has it: Σ_k He_2k(m) h^2k / (2k + 1)!, in powers of m².
struct Series {
    value: [f32; 4],
    /// −f′/mφ: the value less 2 d/d(m²) of it.
    fall: [f32; 4],
}

impl Series {
    #[inline(always)]
    fn of(h: f32) -> Self {
        let h2 = h * h;
        let (a, b, c) = (h2 * (1.0 / 6.0), h2 * h2 * (1.0 / 120.0), h2 * h2 * h2 * (1.0 / 5040.0));
        let value = [1.0 - a + 3.0 * b - 15.0 * c, a - 6.0 * b + 45.0 * c, b - 15.0 * c, c];
        Self { value, fall: [value[0] - 2.0 * value[1], value[1] - 4.0 * value[2], value[2] - 6.0 * c, c] }
    }

    #[inline(always)]
    fn at(&self, m: f32) -> Stretch {
        let m2 = m * m;
        let sum = |c: &[f32; 4]| c[0] + m2 * (c[1] + m2 * (c[2] + m2 * c[3]));
        Stretch { exponent: 0.5 * m2, value: sum(&self.value), fall: m * sum(&self.fall), unsure: 1.0 + m }
    }
}

#[cfg(test)]
mod tests {
    use super::super::interval::log_blurred_stretch;
    use super::*;

    /// 33 half-widths from 1e-5 to 1e3, 321 distances each from the middle to 30 beyond the edge, against double precision.
    /// Rounding of a distance changes φ by its exponent times 6e-8; a few units in the last place are the polynomials'.
    #[test]
    fn stretches_in_lanes_are_those_in_double_precision() {
        for i in 0..33u8 {
            let h = 10f32.powf(f32::from(i) / 4.0 - 5.0);
            let log_length = (2.0 * h).ln();
            for j in 0..321u16 {
                let t = f32::from(j) / 320.0;
                let near = if j % 2 == 0 { 30.0 * t * t } else { -h.min(12.0 * t * t) };
                let found = Stretches::at(&[near; LANES], h);
                let (h, near) = (f64::from(h), f64::from(near));
                let (log_f, slope) = log_blurred_stretch(near + h, h);
                let exponent = f64::from(found.exponent[0]);
                let value = (log_f + exponent - f64::from(log_bound(log_length))).exp();
                let off = (f64::from(found.value[0]) / value - 1.0).abs();
                assert!(off < 1.5e-6 + 2e-7 * exponent, "h = {h}, near = {near}: {}, not {value}", found.value[0]);
                let fall = -slope * value;
                let off = (f64::from(found.fall[0]) - fall).abs();
                let tolerance = 1.5e-6 * fall + 2e-7 * f64::from(found.unsure[0]) + 1e-34;
                assert!(
                    off < tolerance + 2e-7 * exponent * fall,
                    "h = {h}, near = {near}: {}, not {fall}",
                    found.fall[0]
                );
            }
        }
    }
}
