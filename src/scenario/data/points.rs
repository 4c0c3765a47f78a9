//! `kind = "points"`: a point cloud, from a CSV file or a list.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{Data, DataForm, Place, PointForm, checked_count, point, refusal};
use crate::distributions::{Point, PointCloud};
use crate::scenario::knob::Refusal;
use crate::scenario::number::Width;
use crate::scenario::table::read_points;

/// Most points: each score is a sum over all of them.
const MOST_POINTS: usize = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsForm {
    #[serde(rename = "kind")]
    _kind: String,
    /// A CSV file, named from the scenario's folder.
    file: Option<Spanned<String>>,
    points: Option<Spanned<Vec<PointForm>>>,
    #[serde(default)]
    bandwidth: Width,
}

impl DataForm for PointsForm {
    fn build(&self, place: &Place) -> Result<Data, Refusal> {
        let (span, points): (_, Vec<Point>) = match (&self.file, &self.points) {
            (Some(file), None) => {
                let refused = |error| Refusal::new(file.span(), format!("{} gives no points: {error}", file.get_ref()));
                (file.span(), read_points(&place.path(file.get_ref()), MOST_POINTS).map_err(refused)?)
            }
            (None, Some(points)) => {
                checked_count(points.get_ref().len(), MOST_POINTS, "points", points.span())?;
                (points.span(), points.get_ref().iter().map(point).collect())
            }
            _ => return Err(Refusal::new(place.whole.clone(), "points: give either a file or points")),
        };
        let cloud = PointCloud::new(&points, None, self.bandwidth.0);
        Ok(Data::of(Arc::new(cloud.map_err(|error| refusal(&error, |_| None, span))?)))
    }
}
