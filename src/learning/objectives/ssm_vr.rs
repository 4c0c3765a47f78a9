//! Sliced score matching with reduced variance: the square is taken whole, since E (vᵀs)² = ‖s‖² is known.

use candle_core::{Result, Tensor};

use super::{Answer, Directions, Example, Objective, dot};
use crate::learning::reference::{Batch, ReferenceMlp};

/// vᵀ∇s(x, σ) v + ½‖s(x, σ)‖²,   v ~ N(0, I)
pub const SSM_VR: Objective = Objective {
    name: "ssm-vr",
    description: "Sliced score matching with reduced variance: E λ(σ) [vᵀ∇s(x, σ) v + ½‖s(x, σ)‖²], v ~ N(0, I)",
    paper: "Song, Garg, Shi & Ermon 2019, SSM-VR; in this form Song & Ermon 2019, Eq. 3",
    directions: Directions::Projection,
    wants_exact: false,
    loss,
    reference,
};

fn loss(&Example { v, .. }: &Example, answer: &Answer) -> (f32, Answer) {
    let Answer { score, slopes: [along_v, _] } = *answer;
    (dot(v, along_v) + 0.5 * dot(score, score), Answer { score, slopes: [v, [0.0; 2]] })
}

fn reference(net: &ReferenceMlp, batch: &Batch) -> Result<Tensor> {
    let (score, along_v) = net.score_and_slope(&batch.x, &batch.v, &batch.sigma)?;
    (&batch.v * along_v)?.sum(1)? + (score.sqr()?.sum(1)? * 0.5)?
}
