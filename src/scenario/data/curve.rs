//! `kind = "curve"`: one polyline (`points`) or several (`strokes`), as drawn with a pen.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{Data, DataForm, MOST_PRIMITIVES, Place, PointForm, checked_count, point, refusal};
use crate::distributions::{Curve, Point};
use crate::scenario::knob::Refusal;
use crate::scenario::number::Width;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurveForm {
    #[serde(rename = "kind")]
    _kind: String,
    points: Option<Spanned<Vec<PointForm>>>,
    strokes: Option<Spanned<Vec<Vec<PointForm>>>>,
    /// Whether each stroke returns to its beginning.
    #[serde(default)]
    closed: bool,
    #[serde(default = "thin")]
    thickness: Width,
}

const fn thin() -> Width {
    Width(0.05)
}

impl DataForm for CurveForm {
    fn build(&self, place: &Place) -> Result<Data, Refusal> {
        let (whole, strokes): (_, Vec<&[PointForm]>) = match (&self.points, &self.strokes) {
            (Some(points), None) => (points.span(), vec![points.get_ref()]),
            (None, Some(strokes)) => (strokes.span(), strokes.get_ref().iter().map(Vec::as_slice).collect()),
            _ => return Err(Refusal::new(place.whole.clone(), "a curve: give either points or strokes")),
        };
        checked_count(strokes.iter().map(|stroke| stroke.len()).sum(), MOST_PRIMITIVES, "points", whole.clone())?;
        let line = |stroke: &&[PointForm]| -> Vec<Point> {
            let back = stroke.first().filter(|_| self.closed);
            stroke.iter().chain(back).map(point).collect()
        };
        let curve = Curve::new(&strokes.iter().map(line).collect::<Vec<_>>(), self.thickness.0);
        let curve = curve.map_err(|error| refusal(&error, |_| None, whole))?;
        Ok(Data::of(Arc::new(curve)))
    }
}
