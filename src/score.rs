//! The one call every score answers: the exact mixture, the trained network, and whatever comes later.

/// s(x, σ) = ∇ₓ log p_σ(x),  p_σ = p_data * N(0, σ²I)
///
/// Truth and network are interchangeable in every picture, sampler and metric because both answer this call.
pub trait Score: Send + Sync {
    /// Writes the score of every point of a flat batch.
    ///
    /// `x` and `out`: shape (n, d), row-major, the same length. `sigma`: standard deviation of the added noise,
    /// in the units of `x`. The result is in inverse units of `x`.
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]);

    /// Writes ∇s(x, σ) v for every point: how the score changes along `v`.
    ///
    /// `x`, `v` and `out`: shape (n, d). By central differences where nothing better is known, right to about 1e-3.
    fn jacobian_vector(&self, x: &[f32], v: &[f32], sigma: f32, out: &mut [f32]) {
        let h = 1e-2 * sigma;
        let moved = |h: f32| -> Vec<f32> { x.iter().zip(v).map(|(x, v)| x + h * v).collect() };
        let mut behind = vec![0.0; x.len()];
        self.score(&moved(h), sigma, out);
        self.score(&moved(-h), sigma, &mut behind);
        out.iter_mut().zip(behind).for_each(|(ahead, behind)| *ahead = (*ahead - behind) / (2.0 * h));
    }

    /// Writes log p_σ of every point, in nats, where the density is known; returns whether it is.
    ///
    /// `x`: shape (n, d); `out`: shape (n). A network knows only the slope of the landscape, not its height.
    fn log_density(&self, x: &[f32], sigma: f32, out: &mut [f32]) -> bool {
        let _ = (x, sigma, out);
        false
    }
}
