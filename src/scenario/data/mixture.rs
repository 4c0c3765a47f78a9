//! `kind = "gaussian-mixture"`: a list of components, each with a round or a full covariance.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{Data, DataForm, MOST_PRIMITIVES, Place};
use crate::distributions::{Component, GaussianMixture};
use crate::scenario::knob::Refusal;
use crate::scenario::number::{Coordinate, Finite, Pair, Positive, Width};

/// How far the weights of a mixture may be from summing to 1: room for thirds written with three digits.
const WEIGHT_SUM_TOLERANCE: f64 = 5e-3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MixtureForm {
    #[serde(rename = "kind")]
    _kind: String,
    components: Spanned<Vec<Spanned<ComponentForm>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentForm {
    weight: Positive,
    mean: Pair<Coordinate>,
    std: Option<Width>,
    cov: Option<Pair<Pair<Finite>>>,
}

impl ComponentForm {
    fn component(&self) -> Option<Component> {
        let (weight, mean) = (self.weight.0, self.mean.0.map(|m| m.0));
        match (self.std, self.cov) {
            (Some(std), None) => Some(Component::round(weight, mean, std.0)),
            (None, Some(cov)) => Some(Component { weight, mean, covariance: cov.0.map(|row| row.0.map(|v| v.0)) }),
            _ => None,
        }
    }
}

impl DataForm for MixtureForm {
    fn build(&self, _place: &Place) -> Result<Data, Refusal> {
        let (whole, forms) = (self.components.span(), self.components.get_ref());
        if forms.len() > MOST_PRIMITIVES {
            let count = forms.len();
            return Err(Refusal::new(whole, format!("{count} components; the most is {MOST_PRIMITIVES}")));
        }
        let component = |(index, form): (usize, &Spanned<ComponentForm>)| {
            let refused = || Refusal::new(form.span(), format!("component {index}: give either std or cov"));
            form.get_ref().component().ok_or_else(refused)
        };
        let components = (1..).zip(forms).map(component).collect::<Result<Vec<_>, _>>()?;
        let sum: f64 = components.iter().map(|c| c.weight).sum();
        if !components.is_empty() && (sum - 1.0).abs() > WEIGHT_SUM_TOLERANCE {
            return Err(Refusal::new(whole, format!("the weights of the components sum to {sum}; make them sum to 1")));
        }
        let mixture = GaussianMixture::new(&components).map_err(|error| {
            let form = error.index().and_then(|index| forms.get(index - 1));
            Refusal::new(form.map_or(whole, Spanned::span), error)
        })?;
        Ok(Data { frame: [[-8.0; 2], [8.0; 2]], ..Data::of(Arc::new(mixture)) })
    }
}
