//! How far particles, or a score, are from the truth.

mod coverage;
mod curl;
mod entropy;
mod likelihood;
mod mode_weights;
mod nearest_image;
mod ode_likelihood;
mod quadrature;
mod score_error;
mod sliced_wasserstein;
mod two_sample;

pub use coverage::{ChiSquare, Rate, chi_square_tail};
pub use curl::{curl, rms_curl};
pub use entropy::entropy;
pub use likelihood::negative_log_likelihood;
pub use mode_weights::{Membership, ModeShares, OFF_MODE_DISTANCE, memberships, mode_shares};
pub use nearest_image::{Nearest, nearest_images};
pub use ode_likelihood::{LogLikelihood, Prior, Trace, ode_log_likelihood};
pub use quadrature::each_cell;
pub use score_error::{DecadeError, LOWEST_DECADE, ScoreError, score_error, score_error_by_density};
pub use sliced_wasserstein::{Slices, sliced_wasserstein, sliced_wasserstein_of_images, truth_points};
pub use two_sample::{energy_distance, maximum_mean_discrepancy};

/// What is known of a metric.
pub struct Entry {
    /// Its name in JSON, or in docs.
    pub name: &'static str,
    /// What it measures, in one sentence.
    pub description: &'static str,
    /// Its unit.
    pub unit: &'static str,
}

/// Every metric there is.
pub const METRICS: &[Entry] = &[
    Entry {
        name: "mode_weights",
        description: "Share of the particles nearest to each mode (Mahalanobis), with its binomial standard error",
        unit: "1",
    },
    Entry {
        name: "off_mode",
        description: "Share of the particles farther than 4 standard deviations from every mode",
        unit: "1",
    },
    Entry {
        name: "sliced_wasserstein",
        description: "2-Wasserstein distance of projections, averaged over directions",
        unit: "x",
    },
    Entry {
        name: "energy_distance",
        description: "Energy distance, squared: mean distance between clouds beyond that within them",
        unit: "x",
    },
    Entry { name: "mmd", description: "Maximum mean discrepancy, squared, with a Gaussian kernel", unit: "1" },
    Entry {
        name: "score_error",
        description: "σ²E‖s − s*‖² where the data are, by noise level and by decade of the density",
        unit: "1",
    },
    Entry {
        name: "curl",
        description: "σ² √E(∂ₓs_y − ∂_y s_x)² where the data are: 0 for the score of any density or energy",
        unit: "1",
    },
    Entry {
        name: "coverage",
        description: "Share of the images with each part, against how often it is there, by chi-square of each layer",
        unit: "1",
    },
    Entry {
        name: "memorised",
        description: "Share of the images that are among those trained on, against that of fresh draws",
        unit: "1",
    },
    Entry { name: "nll", description: "Mean negative log-likelihood of the particles under the truth", unit: "nats" },
    Entry {
        name: "log_p",
        description: "Log-likelihood of points under a score, by the probability-flow ODE",
        unit: "nats",
    },
];

/// The points of a flat f32 batch of shape (n, 2), in double precision.
fn points(x: &[f32]) -> impl ExactSizeIterator<Item = [f64; 2]> + '_ {
    x.chunks_exact(2).map(|x| [f64::from(x[0]), f64::from(x[1])])
}

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
const fn real(count: usize) -> f64 {
    count as f64
}
