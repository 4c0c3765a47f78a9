//! The swiss roll of Marsland 2009, seen from its end, as in scikit-learn's `make_swiss_roll`.

use std::f64::consts::PI;
use std::sync::Arc;

use super::{Preset, ladder, real, thickness};
use crate::distributions::Curve;

/// q t (cos t, sin t),   t uniform in [1.5π, 4.5π]: denser inside than outside
pub(super) const PRESET: Preset = Preset {
    name: "swiss-roll",
    title: "Swiss roll",
    description: "A rolled-up sheet from its end, denser inside: what a sampler has to unroll.",
    parameters: &[real("radius", "Radius of the outer end, in units of x", [0.5, 10.0], 4.5), thickness(0.1)],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let q = numbers.number("radius") / (4.5 * PI);
        let roll = |t: f64| [q * t * t.cos(), q * t * t.sin()];
        Ok(Arc::new(Curve::traced(roll, [1.5 * PI, 4.5 * PI], 96, numbers.number("thickness"))?))
    },
};
