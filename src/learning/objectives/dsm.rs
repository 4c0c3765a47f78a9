//! Denoising score matching over many noise levels.
//! Vincent 2011, Eq. 11; weighted as in Song & Ermon 2019, Eq. 6, λ(σ) = σ².

use candle_core::{Result, Tensor};

use crate::learning::ScoreMlp;

/// E λ(σ) ½‖s(x + σz, σ) + z/σ‖²,   λ = σ²,   which is E ½‖σ s + z‖²
///
/// `x` and `z`: shape (n, 2); `sigma`: shape (n, 1). Returns a scalar, without unit.
pub fn dsm(net: &ScoreMlp, x: &Tensor, sigma: &Tensor, z: &Tensor) -> Result<Tensor> {
    let noisy = (x + z.broadcast_mul(sigma)?)?;
    let residual = (net.sigma_times_score(&noisy, sigma)? + z)?;
    residual.sqr()?.sum(1)?.mean(0)? * 0.5
}
