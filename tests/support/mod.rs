//! What several test files share: a generator of their own, and moments of a cloud.
#![allow(dead_code, reason = "each test file takes the part it needs")]

pub mod learning;

/// Vigna's splitmix64, so that fresh inputs do not come from the code under test.
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n as u64).expect("below n")
    }

    /// Uniform in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        let unit = f64::from(u32::try_from(self.bits() >> 32).expect("32 bits")) / 4_294_967_296.0;
        low + (high - low) * unit
    }

    /// With a uniform logarithm.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }
}

/// Mean and covariance of points of shape (n, 2).
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub fn moments(x: &[f32]) -> ([f64; 2], [[f64; 2]; 2]) {
    let n = (x.len() / 2) as f64;
    let points = || x.chunks_exact(2).map(|x| [f64::from(x[0]), f64::from(x[1])]);
    let mean = [0, 1].map(|i| points().map(|x| x[i]).sum::<f64>() / n);
    let product = |i: usize, j: usize| points().map(|x| (x[i] - mean[i]) * (x[j] - mean[j])).sum::<f64>() / n;
    (mean, [[product(0, 0), product(0, 1)], [product(1, 0), product(1, 1)]])
}
