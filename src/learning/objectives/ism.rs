//! Implicit score matching: no truth and no noise asked for, but the trace of the score's slope.

use candle_core::{Result, Tensor};

use super::{Answer, Directions, Example, Objective, dot};
use crate::learning::reference::{Batch, ReferenceMlp};

/// tr ∇s(x, σ) + ½‖s(x, σ)‖²
pub const ISM: Objective = Objective {
    name: "ism",
    description: "Implicit score matching with the exact trace: E λ(σ) [tr ∇s(x, σ) + ½‖s(x, σ)‖²]",
    paper: "Hyvärinen 2005, Theorem 1, Eq. 3",
    directions: Directions::Axes,
    wants_exact: false,
    loss,
    reference,
};

fn loss(_: &Example, answer: &Answer) -> (f32, Answer) {
    let Answer { score, slopes: [along_x, along_y] } = *answer;
    let gradient = Answer { score, slopes: [[1.0, 0.0], [0.0, 1.0]] };
    (along_x[0] + along_y[1] + 0.5 * dot(score, score), gradient)
}

fn reference(net: &ReferenceMlp, batch: &Batch) -> Result<Tensor> {
    let (score, along_x) = net.score_and_slope(&batch.x, &batch.axis(0)?, &batch.sigma)?;
    let (_, along_y) = net.score_and_slope(&batch.x, &batch.axis(1)?, &batch.sigma)?;
    let trace = (along_x.narrow(1, 0, 1)? + along_y.narrow(1, 1, 1)?)?.squeeze(1)?;
    trace + (score.sqr()?.sum(1)? * 0.5)?
}
