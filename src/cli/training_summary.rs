//! What a training came to: the last line of `train`.

use serde::Serialize;

use crate::learning::{Embedding, SigmaLaw, Trainer};
use crate::metrics::{DecadeError, ScoreError, rms_curl, score_error, score_error_by_density};
use crate::noise::Noise;
use crate::scenario::Scenario;
use crate::schedules::Ladder;

/// Points per noise level on which the error is measured: σ²E‖s−s*‖² is then known to a few per cent.
const ERROR_POINTS: usize = 4096;
/// Noise levels, from the largest to the smallest, at which the error is measured.
const ERROR_LEVELS: usize = 10;
/// Seed of the points on which the error is measured: always the same, never those of the training.
const ERROR_SEED: u64 = 0x5c07_e5c0;
/// Points along each side of the view on which the error by density is measured.
const GRID: usize = 128;

#[derive(Serialize)]
pub struct Summary {
    steps: usize,
    loss: f64,
    seconds: f64,
    steps_per_s: f64,
    objective: &'static str,
    parameters: usize,
    /// By noise level, where the data are.
    score_error: Vec<ScoreError>,
    /// At the smallest noise trained on, over the whole view.
    score_error_by_density: ByDensity,
    /// By noise level: how far the field is from a gradient.
    curl: Vec<Curl>,
    seed: u64,
}

#[derive(Serialize)]
struct ByDensity {
    sigma: f64,
    decades: Vec<DecadeError>,
}

/// σ² √E(∂ₓs_y − ∂_y s_x)² under p_σ, without unit.
#[derive(Serialize)]
struct Curl {
    sigma: f64,
    curl: f64,
}

impl Summary {
    /// Measures the network's averaged weights against the truth.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "step counts; scores are f32")]
    pub fn of(scenario: &Scenario, trainer: &Trainer, first: usize, loss: f64, seconds: f64) -> Self {
        let (data, network, noise) = (&*scenario.data, trainer.network(), Noise::new(ERROR_SEED));
        let sigmas = sigmas(scenario);
        // At σ = 0 the weight σ² leaves nothing to compare.
        let noisy = || sigmas.iter().copied().filter(|sigma| *sigma > 0.0);
        let curl = |sigma: f64| {
            let mut x = vec![0.0; 2 * ERROR_POINTS];
            data.sample(&noise, sigma, 0, &mut x);
            Curl { sigma, curl: sigma * sigma * rms_curl(&network, sigma as f32, &x) }
        };
        let least = sigmas.last().copied().unwrap_or(0.0);
        let grid: Vec<f32> = scenario.view.grid(GRID).flatten().map(|x| x as f32).collect();
        let decades =
            if data.has_density(least) { score_error_by_density(&network, data, least, &grid) } else { Vec::new() };
        let steps = trainer.steps();
        Self {
            steps,
            loss,
            seconds,
            steps_per_s: (steps - first) as f64 / seconds,
            objective: trainer.config().objective.name,
            parameters: network.parameter_count(),
            score_error: score_error(&network, data, noisy(), ERROR_POINTS, &noise),
            score_error_by_density: ByDensity { sigma: least, decades },
            curl: noisy().map(curl).collect(),
            seed: trainer.seed(),
        }
    }
}

/// The noise that the network was trained on, greatest first.
fn sigmas(scenario: &Scenario) -> Vec<f64> {
    let (Scenario { ladder, training, model, .. }, levels) = (scenario, ERROR_LEVELS);
    match training.sigmas {
        SigmaLaw::Single(sigma) => vec![sigma.into()],
        // One field for every σ is right at none of them in particular; at the smallest it is asked for most.
        _ if model.embedding == Embedding::None => vec![ladder.min()],
        _ => Ladder::geometric(ladder.max(), ladder.min(), levels)
            .map_or_else(|_| vec![ladder.min()], |l| l.levels().collect()),
    }
}
