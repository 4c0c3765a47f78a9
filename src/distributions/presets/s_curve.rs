//! The S-curve, seen from its end, as in scikit-learn's `make_s_curve`: two three-quarter circles.

use std::f64::consts::PI;
use std::sync::Arc;

use super::{Preset, ladder, real, thickness};
use crate::distributions::Curve;

/// r (sin t, sign(t) (cos t − 1)),   t uniform in [−1.5π, 1.5π]
pub(super) const PRESET: Preset = Preset {
    name: "s-curve",
    title: "S-curve",
    description: "Two open circles, one above the other, joined to an S.",
    parameters: &[real("radius", "Radius of each circle, in units of x", [0.5, 10.0], 2.0), thickness(0.1)],
    noise: ladder(10.0, 0.05, 10),
    build: |numbers| {
        let r = numbers.number("radius");
        let curve = |t: f64| [r * t.sin(), r * t.signum() * (t.cos() - 1.0)];
        Ok(Arc::new(Curve::traced(curve, [-1.5 * PI, 1.5 * PI], 96, numbers.number("thickness"))?))
    },
};
