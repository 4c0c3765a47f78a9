//! `kind = "boxes"`: weighted boxes, uniform inside.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{Data, DataForm, MOST_PRIMITIVES, Place, checked_count, refusal};
use crate::distributions::{Boxes, WeightedBox};
use crate::scenario::knob::Refusal;
use crate::scenario::number::{Coordinate, Pair, Positive, Width};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxesForm {
    #[serde(rename = "kind")]
    _kind: String,
    boxes: Spanned<Vec<Spanned<BoxForm>>>,
    #[serde(default)]
    softness: Width,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoxForm {
    #[serde(default = "one")]
    weight: Positive,
    min: Pair<Coordinate>,
    max: Pair<Coordinate>,
}

const fn one() -> Positive {
    Positive(1.0)
}

impl DataForm for BoxesForm {
    fn build(&self, _place: &Place) -> Result<Data, Refusal> {
        let (whole, forms) = (self.boxes.span(), self.boxes.get_ref());
        checked_count(forms.len(), MOST_PRIMITIVES, "boxes", whole.clone())?;
        let one = |form: &Spanned<BoxForm>| {
            let BoxForm { weight, min, max } = form.get_ref();
            WeightedBox { weight: weight.0, min: min.0.map(|x| x.0), max: max.0.map(|x| x.0) }
        };
        let boxes = Boxes::new(&forms.iter().map(one).collect::<Vec<_>>(), self.softness.0);
        let boxes = boxes.map_err(|error| refusal(&error, |i| forms.get(i).map(Spanned::span), whole))?;
        Ok(Data::of(Arc::new(boxes)))
    }
}
