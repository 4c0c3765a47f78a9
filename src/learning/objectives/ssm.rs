//! Sliced score matching: the trace is replaced by its value along a random direction.

use candle_core::{Result, Tensor};

use super::{Answer, Directions, Example, Objective, dot};
use crate::learning::reference::{Batch, ReferenceMlp};

/// vᵀ∇s(x, σ) v + ½(vᵀs(x, σ))²,   v ~ N(0, I)
pub const SSM: Objective = Objective {
    name: "ssm",
    description: "Sliced score matching: E λ(σ) [vᵀ∇s(x, σ) v + ½(vᵀs(x, σ))²], v ~ N(0, I)",
    paper: "Song, Garg, Shi & Ermon 2019, \"Sliced score matching: a scalable approach to density and score estimation\"",
    directions: Directions::Projection,
    wants_exact: false,
    loss,
    reference,
};

fn loss(&Example { v, .. }: &Example, answer: &Answer) -> (f32, Answer) {
    let Answer { score, slopes: [along_v, _] } = *answer;
    let projected = dot(v, score);
    let gradient = Answer { score: v.map(|v| projected * v), slopes: [v, [0.0; 2]] };
    (dot(v, along_v) + 0.5 * projected * projected, gradient)
}

fn reference(net: &ReferenceMlp, batch: &Batch) -> Result<Tensor> {
    let (score, along_v) = net.score_and_slope(&batch.x, &batch.v, &batch.sigma)?;
    (&batch.v * along_v)?.sum(1)? + ((&batch.v * score)?.sum(1)?.sqr()? * 0.5)?
}
