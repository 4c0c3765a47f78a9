//! The forms of `[data]`: one file for each kind.

mod boxes;
mod curve;
mod image;
mod mixture;
mod points;
mod preset;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;

pub use boxes::BoxesForm;
pub use curve::CurveForm;
pub use image::ImageForm;
pub use mixture::MixtureForm;
pub use points::PointsForm;
pub use preset::PresetForm;

use super::knob::Refusal;
use super::number::{Coordinate, Pair};
use crate::distributions::presets::SuggestedNoise;
use crate::distributions::{DataError, Distribution, Point};

/// Every kind there is, for messages.
pub const KINDS: &str = "'gaussian-mixture', 'curve', 'boxes', 'points', 'image' or 'preset'";

/// Most components, lines or boxes: what a score is a sum over must be summed in time for the next frame.
const MOST_PRIMITIVES: usize = 20_000;

/// How much the view is larger than the data, where it is left out.
const ROOM: f64 = 1.25;

/// One kind of `[data]`.
pub trait DataForm: DeserializeOwned {
    /// The data it describes.
    fn build(&self, place: &Place) -> Result<Data, Refusal>;
}

/// Where a form stands.
pub struct Place<'a> {
    /// The folder of the scenario file, from which files are named.
    pub folder: &'a Path,
    /// The section's bytes in the text.
    pub whole: Range<usize>,
}

impl Place<'_> {
    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }
}

/// Data, and what suits them where the scenario leaves it out.
pub struct Data {
    pub distribution: Arc<dyn Distribution>,
    pub noise: SuggestedNoise,
    /// Lower left and upper right corner of the view.
    pub frame: [Point; 2],
}

impl Data {
    /// A view with some room around the data, and a ladder for data of a few units.
    fn of(distribution: Arc<dyn Distribution>) -> Self {
        let [min, max] = distribution.bounds();
        let half = 0.5 * ROOM * (max[0] - min[0]).max(max[1] - min[1]);
        let half = if half > 0.0 { half } else { 1.0 };
        let centre = [0, 1].map(|axis| f64::midpoint(min[axis], max[axis]));
        let frame = [centre.map(|x| x - half), centre.map(|x| x + half)];
        Self { distribution, noise: SuggestedNoise { sigma_max: 20.0, sigma_min: 0.1, levels: 10 }, frame }
    }
}

/// A point in a list, with its place.
type PointForm = Spanned<Pair<Coordinate>>;

fn point(form: &PointForm) -> Point {
    form.get_ref().0.map(|x| x.0)
}

/// The refusal of the entry that the error names, or else of the `whole`.
fn refusal(error: &DataError, entry: impl Fn(usize) -> Option<Range<usize>>, whole: Range<usize>) -> Refusal {
    Refusal::new(error.index().and_then(|index| entry(index - 1)).unwrap_or(whole), error)
}

/// Refuses a list that is too long.
fn checked_count(count: usize, most: usize, things: &str, whole: Range<usize>) -> Result<(), Refusal> {
    if count > most {
        return Err(Refusal::new(whole, format!("there are {count} {things}; the most is {most}")));
    }
    Ok(())
}
