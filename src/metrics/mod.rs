//! How far particles, or a score, are from the truth.

mod entropy;
mod likelihood;
mod mode_weights;
mod quadrature;
mod score_error;
mod sliced_wasserstein;

pub use entropy::entropy;
pub use likelihood::negative_log_likelihood;
pub use mode_weights::{ModeShares, OFF_MODE_DISTANCE, mode_shares};
pub use quadrature::each_cell;
pub use score_error::{ScoreError, score_error};
pub use sliced_wasserstein::sliced_wasserstein;

/// The points of a flat f32 batch of shape (n, 2), in double precision.
fn points(x: &[f32]) -> impl ExactSizeIterator<Item = [f64; 2]> + '_ {
    x.chunks_exact(2).map(|x| [f64::from(x[0]), f64::from(x[1])])
}

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
const fn real(count: usize) -> f64 {
    count as f64
}
