//! `scorescope field`: a score at points or on a grid, as CSV.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::{ScenarioArgument, input, interrupt, output};
use crate::score::Score;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// A trained model; without it the exact score
    #[arg(long, value_name = "M.safetensors")]
    model: Option<PathBuf>,
    /// Standard deviation of the added noise
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    sigma: f64,
    /// Points to evaluate: CSV with x,y
    #[arg(long, value_name = "P.csv", required_unless_present = "grid", conflicts_with = "grid")]
    points: Option<PathBuf>,
    /// Evaluate on N × N points that span the scenario's view, row by row from its lower left corner
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    grid: Option<u16>,
    /// Where the table goes: x,y,log_p,score_x,score_y
    #[arg(long, value_name = "F.csv")]
    out: PathBuf,
}

/// Noise levels that mean something.
const SIGMAS: std::ops::RangeInclusive<f64> = 1e-6..=1e6;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let scenario = arguments.scenario.load()?;
    let sigma = arguments.sigma;
    if !(sigma == 0.0 || SIGMAS.contains(&sigma)) {
        let why = format!("expected 0, or a number from {:e} to {:e}", SIGMAS.start(), SIGMAS.end());
        return Err(Failure::wrong_use(format!("--sigma {sigma} is refused"), why));
    }
    let points = match (&arguments.points, arguments.grid) {
        (Some(path), _) => input::read_points(path)?,
        (None, n) => scenario.view.grid(n.unwrap_or(1).into()).collect(),
    };
    let inputs = [arguments.points.as_deref(), arguments.model.as_deref(), Some(arguments.scenario.path())];
    output::check(&arguments.out, &inputs)?;
    let header = ["x", "y", "log_p", "score_x", "score_y"];
    if let Some(model) = input::read_model_of(arguments.model.as_deref(), &scenario)? {
        if sigma <= 0.0 && !model.config().takes(0.0) {
            let why = "this learned score is known at sigma > 0 only";
            return Err(Failure::wrong_use(format!("--sigma {sigma} is refused"), why));
        }
        let scores = learned(&model, &points, sigma)?;
        let rows = points.iter().zip(scores).map(|(x, s)| vec![Some(x[0]), Some(x[1]), None, Some(s[0]), Some(s[1])]);
        return output::write_csv(&arguments.out, &header, rows);
    }
    if !scenario.data.has_density(sigma) {
        let why = "the data are points without width, so they have no score without noise. Take --sigma above 0";
        return Err(Failure::wrong_use(format!("--sigma {sigma} is refused"), why));
    }
    let rows = points.iter().map(|&x| {
        let (log_p, s) = scenario.data.log_density_and_score(x, sigma);
        [x[0], x[1], log_p, s[0], s[1]].map(Some).to_vec()
    });
    output::write_csv(&arguments.out, &header, rows)
}

#[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
fn learned(model: &dyn Score, points: &[[f64; 2]], sigma: f64) -> Result<Vec<[f64; 2]>, Failure> {
    let x: Vec<f32> = points.iter().flatten().map(|&x| x as f32).collect();
    let mut s = vec![0.0; x.len()];
    for (x, s) in x.chunks(8192).zip(s.chunks_mut(8192)) {
        interrupt::check("The field")?;
        model.score(x, sigma as f32, s);
    }
    Ok(s.chunks_exact(2).map(|s| [s[0].into(), s[1].into()]).collect())
}
