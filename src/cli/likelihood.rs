//! `scorescope likelihood`: log p of points under a score, by the probability-flow ODE.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::{ScenarioArgument, input, interrupt, output};
use crate::learning::Embedding;
use crate::metrics::{Prior, Trace, ode_log_likelihood};
use crate::noise::Noise;
use crate::score::Score;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// A trained model; without it the exact score
    #[arg(long, value_name = "M.safetensors")]
    model: Option<PathBuf>,
    /// Points to evaluate: CSV with x,y
    #[arg(long, value_name = "P.csv")]
    points: PathBuf,
    /// Estimate the divergence from one random direction per point, by this seed, instead of exactly
    #[arg(long, value_name = "K")]
    hutchinson: Option<u64>,
    /// Where the table goes: x,y,log_p,nfe. log_p is that of the scenario's smallest σ, in nats
    #[arg(long, value_name = "F.csv")]
    out: PathBuf,
}

/// Noise so many times as wide as the data leaves less than 1e-3 nats of them.
const FAR: f64 = 40.0;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "scores are asked in f32; counts are small"
)]
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let scenario = arguments.scenario.load()?;
    let points = input::read_points(&arguments.points)?;
    let model = input::read_model_of(arguments.model.as_deref(), &scenario)?;
    if let (Some(path), Some(Embedding::None)) =
        (&arguments.model, model.as_ref().map(|model| model.config().embedding))
    {
        let why = "it has one field for every σ (embedding = none), and a likelihood follows the score from σ to σ. \
                   Give a model that was trained with an embedding";
        return Err(Failure::wrong_use(format!("{} is not used", path.display()), why));
    }
    let inputs = [Some(&*arguments.points), arguments.model.as_deref(), Some(arguments.scenario.path())];
    output::check(&arguments.out, &inputs)?;
    let (data, ladder) = (&*scenario.data, &scenario.ladder);
    // The exact score is known at any σ; a network up to the largest σ of the scenario.
    let (score, sigma_max): (&dyn Score, f64) = match &model {
        Some(model) => (model, ladder.max()),
        None => (data, ladder.max().max(FAR * data.std())),
    };
    // At the largest σ the data are a Gaussian to within (d/σ)²; it has their mean and their variance beside the noise.
    let prior = Prior { mean: &data.mean(), std: sigma_max.hypot(data.std()) };
    let trace = arguments.hutchinson.map_or(Trace::Exact, |seed| Trace::Hutchinson(Noise::new(seed)));
    let x: Vec<f32> = points.iter().flatten().map(|x| *x as f32).collect();
    let check = || interrupt::check("The likelihood");
    let found = ode_log_likelihood(score, &prior, &x, [ladder.min(), sigma_max], trace, check)?;
    let rows = points.iter().zip(&found.log_p);
    let rows = rows.map(|(x, log_p)| [x[0], x[1], *log_p, found.nfe as f64].map(Some).to_vec());
    output::write_csv(&arguments.out, &["x", "y", "log_p", "nfe"], rows)
}
