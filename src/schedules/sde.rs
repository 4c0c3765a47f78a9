//! What the noising processes have in common: data at t = 0, nothing but noise at t = 1.
//! Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations", Eq. 5, 6 and 13.

/// dx = f(t) x dt + g(t) dw,   x(t) | x(0) ~ N(a(t) x(0), b(t)² I)
///
/// The reverse process has the drift f x − g² ∇log p_t, the probability-flow ODE f x − ½ g² ∇log p_t.
pub trait Sde: Send + Sync {
    /// a(t), the factor by which the data have shrunk.
    fn mean_factor(&self, t: f64) -> f64;

    /// b(t), the standard deviation of the noise, in units of x.
    fn std(&self, t: f64) -> f64;

    /// f(t), the factor of x in the drift.
    fn drift(&self, t: f64) -> f64;

    /// g(t)², in squared units of x.
    fn diffusion_squared(&self, t: f64) -> f64;

    /// The time at which the reverse process stops, just above 0.
    fn end(&self) -> f64;

    /// b / a: the noise level of x(t) in units of data that have not shrunk, as our s(x, σ) counts it.
    fn sigma(&self, t: f64) -> f64 {
        self.std(t) / self.mean_factor(t)
    }

    /// `n` equal steps of time from 1 down to the end: n + 1 times.
    #[expect(clippy::cast_precision_loss, reason = "step counts stay far below 2^52")]
    fn times(&self, n: usize) -> Vec<f64> {
        let last = n.max(1) as f64;
        (0..=n).map(|i| 1.0 + i as f64 / last * (self.end() - 1.0)).collect()
    }
}

/// The forward process from one time to a later one: x_i = √α x_{i−1} + √β z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// α
    pub alpha: f64,
    /// β, in squared units of x.
    pub beta: f64,
}

impl Transition {
    /// √α = a_i / a_{i−1},   β = b_i² − α b_{i−1}²
    ///
    /// `early` and `late` hold (a, b) of the two times; data without noise are (1, 0). For the variance-exploding process
    /// this is Song et al. 2021, Eq. 8, for the variance-preserving one α = 1 − β, Eq. 10, with β of the step's whole length:
    /// it stays below 1 however few the steps are.
    #[must_use]
    pub fn between(early: [f64; 2], late: [f64; 2]) -> Self {
        let alpha = (late[0] / early[0]).powi(2);
        Self { alpha, beta: (late[1] * late[1] - alpha * early[1] * early[1]).max(0.0) }
    }
}
