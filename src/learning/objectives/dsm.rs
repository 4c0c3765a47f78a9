//! Denoising score matching: the score of the noised data is learned from the noise.

use candle_core::{Result, Tensor};

use super::{Answer, Directions, Example, Objective, dot};
use crate::learning::reference::{Batch, ReferenceMlp};

/// ½‖s(x + σz, σ) + z/σ‖²
pub const DSM: Objective = Objective {
    name: "dsm",
    description: "Denoising score matching: E λ(σ) ½‖s(x + σz, σ) + z/σ‖²",
    paper: "Vincent 2011, \"A connection between score matching and denoising autoencoders\"; over many σ: Song & Ermon 2019, Eq. 6",
    directions: Directions::None,
    wants_exact: false,
    loss,
    reference,
};

fn loss(example: &Example, answer: &Answer) -> (f32, Answer) {
    let r = [0, 1].map(|i| answer.score[i] + example.z[i] / example.sigma);
    (0.5 * dot(r, r), Answer { score: r, ..Answer::default() })
}

fn reference(net: &ReferenceMlp, batch: &Batch) -> Result<Tensor> {
    let r = (net.score(&batch.x, &batch.sigma)? + batch.z.broadcast_div(&batch.sigma)?)?;
    r.sqr()?.sum(1)? * 0.5
}
