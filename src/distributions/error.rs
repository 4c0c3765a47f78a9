//! Why a list of primitives is no distribution.

use thiserror::Error;

use super::Point;

/// Coordinates and widths beyond this are refused, in units of x: their squares, and whatever is drawn, stay finite.
pub const FARTHEST: f64 = 1e6;

/// What is wrong with a list of primitives. `index` counts from 1.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DataError {
    /// Nothing in the list.
    #[error("there is nothing here: give at least one")]
    Empty,
    /// A weight that is no number of at least 0.
    #[error("number {index}: weight {weight} is refused; weights are at least 0 and their sum is finite")]
    Weight {
        /// Which.
        index: usize,
        /// What was given.
        weight: f64,
    },
    /// All weights are 0.
    #[error("all weights are 0: give at least one that is greater")]
    NoWeight,
    /// A point out of bounds.
    #[error("number {index}: [{}, {}] is refused; expected finite coordinates within ±{FARTHEST}", point[0], point[1])]
    Point {
        /// Which.
        index: usize,
        /// What was given.
        point: Point,
    },
    /// A thickness, softness or bandwidth out of bounds.
    #[error("a width of {0} is refused; expected a number from 0 to {FARTHEST}")]
    Width(f64),
    /// A line without length.
    #[error("a line needs two points that differ: where all are one point, take kind = \"points\"")]
    NoLength,
    /// Components that are no mixture.
    #[error(transparent)]
    Mixture(#[from] super::MixtureError),
    /// A box without area.
    #[error("number {index}: a box needs min below max on both axes")]
    NoArea {
        /// Which.
        index: usize,
    },
}

impl DataError {
    /// Which entry is meant, from 1.
    #[must_use]
    pub const fn index(&self) -> Option<usize> {
        match self {
            Self::Weight { index, .. } | Self::Point { index, .. } | Self::NoArea { index } => Some(*index),
            _ => None,
        }
    }
}

/// Refuses a width that is no number from 0 to [`FARTHEST`].
pub fn checked_width(width: f64) -> Result<f64, DataError> {
    if (0.0..=FARTHEST).contains(&width) { Ok(width) } else { Err(DataError::Width(width)) }
}

/// Refuses a point with a coordinate beyond [`FARTHEST`], or one that is no number.
pub fn checked_point(index: usize, point: Point) -> Result<Point, DataError> {
    let fits = point.iter().all(|x| x.abs() <= FARTHEST);
    if fits { Ok(point) } else { Err(DataError::Point { index, point }) }
}
