//! What the Field tab asks of the field worker beyond arrows and colours.

use std::sync::Arc;

use super::command::{FieldRequest, Source};
use crate::distributions::Distribution;
use crate::scenario::View;

/// Most data points that are drawn, and that the memorising score knows.
pub const MOST_DATA_POINTS: u16 = 1000;

/// What a field holds besides arrows and colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// In place of the request's source: the exact score of so many data points alone, which only memorises.
    pub memorising: Option<u16>,
    /// Colours show σ² (∂x s_y − ∂y s_x) of the source.
    pub curl: bool,
    /// Lines of equal log p.
    pub contours: bool,
    /// Cells of the streamlines' mask; 0 for none.
    pub streamlines: [usize; 2],
    /// Pixels of the line integral convolution; 0 for none.
    pub lic: [usize; 2],
    /// Data points are wanted in [`super::Latest::points`].
    pub points: bool,
    /// The number of the draft that the answer must at least know; 0 for the session's own data.
    pub draft: u64,
}

/// One place, looked at closely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeRequest {
    /// x
    pub x: [f64; 2],
    /// σ
    pub sigma: f32,
    /// As [`Extras::memorising`].
    pub memorising: Option<u16>,
    /// As [`FieldRequest::network_version`].
    pub network_version: u64,
    /// As [`Extras::draft`].
    pub draft: u64,
}

/// Small pictures of the field across σ.
#[derive(Clone, Debug, PartialEq)]
pub struct StripRequest {
    /// What all of them show.
    pub view: View,
    /// The σ of each.
    pub sigmas: Vec<f32>,
    /// Whose arrows.
    pub source: Source,
    /// As [`Extras::memorising`].
    pub memorising: Option<u16>,
    /// Colour cells per axis.
    pub cells: [usize; 2],
    /// Arrows per axis.
    pub arrows: [usize; 2],
    /// As [`FieldRequest::network_version`].
    pub network_version: u64,
}

/// What the field worker is told.
pub enum Order {
    /// A field for a slot.
    Show(usize, FieldRequest, Extras),
    /// Data being edited, with a number, which the exact score follows; `None`: the session's own again.
    Draft(Option<(u64, Arc<dyn Distribution>)>),
    /// One place.
    Probe(ProbeRequest),
    /// The strip.
    Strip(StripRequest),
}

/// Whether what is shown needs a network.
#[must_use]
pub const fn is_about_network(source: Source, memorising: Option<u16>) -> bool {
    memorising.is_none() && !matches!(source, Source::Exact)
}
