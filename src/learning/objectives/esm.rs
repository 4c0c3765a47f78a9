//! Explicit score matching: where the exact score is known, as it is of every toy here.

use candle_core::{Result, Tensor};

use super::{Answer, Directions, Example, Objective, dot};
use crate::learning::reference::{Batch, ReferenceMlp};

/// ½‖s(x, σ) − s*(x, σ)‖²
pub const ESM: Objective = Objective {
    name: "esm",
    description: "Explicit score matching against the exact score: E λ(σ) ½‖s(x, σ) − s*(x, σ)‖²",
    paper: "Hyvärinen 2005, Eq. 2; the name: Vincent 2011",
    directions: Directions::None,
    wants_exact: true,
    loss,
    reference,
};

fn loss(example: &Example, answer: &Answer) -> (f32, Answer) {
    let r = [0, 1].map(|i| answer.score[i] - example.exact[i]);
    (0.5 * dot(r, r), Answer { score: r, ..Answer::default() })
}

fn reference(net: &ReferenceMlp, batch: &Batch) -> Result<Tensor> {
    (net.score(&batch.x, &batch.sigma)? - &batch.exact)?.sqr()?.sum(1)? * 0.5
}
