//! `shaders/kernels/attention.wgsl` in plain Rust: keys pass by one after the other, without tiles.

/// Σ_k p_qk v_k with p = softmax(⟨q, k⟩ / √d), of one head: Q, K, V of shape (d, tokens).
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "channels are few")]
pub fn head(query: &[f32], key: &[f32], value: &[f32], tokens: usize) -> Vec<f32> {
    let channels = query.len() / tokens;
    let scale = (channels as f32).sqrt().recip();
    let mut out = vec![0.0; query.len()];
    for q in 0..tokens {
        let (mut greatest, mut sum, mut mixed) = (-3.0e38_f32, 0.0, vec![0.0; channels]);
        for k in 0..tokens {
            let s = scale * (0..channels).map(|c| query[c * tokens + q] * key[c * tokens + k]).sum::<f32>();
            // What was summed so far shrinks where this score is the greatest.
            let before = greatest;
            greatest = greatest.max(s);
            let (shrink, share) = ((before - greatest).exp(), (s - greatest).exp());
            sum = sum * shrink + share;
            mixed.iter_mut().enumerate().for_each(|(c, m)| *m = *m * shrink + share * value[c * tokens + k]);
        }
        (0..channels).for_each(|c| out[c * tokens + q] = mixed[c] / sum);
    }
    out
}
