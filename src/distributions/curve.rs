//! A curve: line segments of one thickness, each uniform along its length.

use rand::RngExt;
use rand_distr::StandardNormal;

use super::choice::{self, Choice};
use super::curve_kernel::CurveKernel;
use super::error::{checked_point, checked_width};
use super::interval::{HALF_LN_TAU, log_blurred_stretch};
use super::log_sum::{self, Blur, Primitive};
use super::{DataError, Distribution, Point};
use crate::noise::Generator;

/// p_σ(x) = Σ_k π_k N(v_k; 0, s²) [Φ(u_k/s) − Φ((u_k − ℓ_k)/s)] / ℓ_k,   s² = τ² + σ²
///
/// u_k and v_k: x along and across segment k, u measured from its beginning; ℓ_k its length.
#[derive(Clone, Debug)]
pub struct Curve {
    segments: Vec<Segment>,
    choice: Choice,
    thickness: f64,
    kernel: CurveKernel,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    weight: f64,
    /// log π
    log_weight: f64,
    /// log π/ℓ
    log_line_density: f64,
    middle: Point,
    /// Unit vector along the segment.
    along: Point,
    half: f64,
}

impl Segment {
    /// x along the segment, measured from its middle, and across it.
    fn local(&self, x: Point) -> Point {
        let [dx, dy] = [x[0] - self.middle[0], x[1] - self.middle[1]];
        let [cos, sin] = self.along;
        [dx * cos + dy * sin, dy * cos - dx * sin]
    }

    fn at(&self, u: f64) -> Point {
        [self.middle[0] + u * self.along[0], self.middle[1] + u * self.along[1]]
    }
}

impl Primitive for Segment {
    fn distance_squared(&self, x: Point) -> f64 {
        let [u, v] = self.local(x);
        let beyond = (u.abs() - self.half).max(0.0);
        beyond * beyond + v * v
    }

    fn bound(&self, distance_squared: f64, Blur { s, log_s }: Blur) -> f64 {
        self.log_line_density - HALF_LN_TAU - log_s - 0.5 * distance_squared / (s * s)
    }

    fn log_density_and_score(&self, x: Point, Blur { s, log_s }: Blur) -> (f64, Point) {
        let [u, v] = self.local(x).map(|offset| offset / s);
        let (log_along, slope) = log_blurred_stretch(u, self.half / s);
        let ([cos, sin], [su, sv]) = (self.along, [slope / s, -v / s]);
        let log_density = self.log_weight + log_along - 0.5 * v * v - HALF_LN_TAU - 2.0 * log_s;
        (log_density, [su * cos - sv * sin, su * sin + sv * cos])
    }
}

impl Curve {
    /// One or more polylines (`strokes`), uniform by length; `thickness` is τ. Points that repeat are passed over.
    ///
    /// # Errors
    /// No two points that differ, a coordinate or thickness out of bounds; numbers count the points of all strokes.
    pub fn new(strokes: &[Vec<Point>], thickness: f64) -> Result<Self, DataError> {
        let mut counted = 0;
        for point in strokes.iter().flatten() {
            counted += 1;
            checked_point(counted, *point)?;
        }
        let pairs = strokes.iter().flat_map(|stroke| stroke.windows(2));
        Self::weighted(pairs.map(|ends| (length(ends[0], ends[1]), ends[0], ends[1])), thickness)
    }

    /// Segments (weight, beginning, end) of any weights. Those without length are passed over.
    ///
    /// # Errors
    /// As [`Self::new`], and weights that are below 0 or sum to no finite positive number.
    pub fn weighted(
        segments: impl IntoIterator<Item = (f64, Point, Point)>,
        thickness: f64,
    ) -> Result<Self, DataError> {
        let thickness = checked_width(thickness)?;
        let mut kept = Vec::new();
        for (index, (weight, a, b)) in (1..).zip(segments) {
            let (a, b) = (checked_point(index, a)?, checked_point(index, b)?);
            if length(a, b) > 0.0 {
                kept.push((weight, a, b));
            }
        }
        if kept.is_empty() {
            return Err(DataError::NoLength);
        }
        let choice = Choice::of(kept.iter().map(|(weight, ..)| *weight))?;
        let segment = |(i, (_, a, b)): (usize, &(f64, Point, Point))| {
            let (weight, length) = (choice.weight(i), length(*a, *b));
            Segment {
                weight,
                log_weight: weight.ln(),
                log_line_density: weight.ln() - length.ln(),
                middle: [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])],
                along: [(b[0] - a[0]) / length, (b[1] - a[1]) / length],
                half: 0.5 * length,
            }
        };
        let segments: Vec<_> = kept.iter().enumerate().map(segment).collect();
        let mut kernel = CurveKernel::default();
        for Segment { log_weight, middle, along, half, .. } in &segments {
            kernel.push(*log_weight, *middle, *along, *half);
        }
        Ok(Self { segments, choice, thickness, kernel })
    }

    /// The polyline through γ(t) at `pieces` + 1 equal steps of t from `from` to `to`, uniform in t.
    ///
    /// # Errors
    /// As [`Self::weighted`].
    pub fn traced(
        gamma: impl Fn(f64) -> Point,
        [from, to]: [f64; 2],
        pieces: u32,
        thickness: f64,
    ) -> Result<Self, DataError> {
        let at = |i: u32| gamma(from + (to - from) * f64::from(i) / f64::from(pieces));
        Self::weighted((0..pieces).map(|i| (1.0, at(i), at(i + 1))), thickness)
    }

    /// The segments for single precision.
    pub(super) const fn kernel(&self) -> &CurveKernel {
        &self.kernel
    }

    fn parts(&self) -> impl Iterator<Item = (f64, Point, f64)> + Clone {
        let across = 2.0 * self.thickness * self.thickness;
        self.segments.iter().map(move |segment| (segment.weight, segment.middle, segment.half.powi(2) / 3.0 + across))
    }
}

fn length(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

impl Distribution for Curve {
    fn score_batch(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        self.kernel.score(self, self.thickness, x, sigma, out);
    }

    fn log_density_and_score(&self, x: Point, sigma: f64) -> (f64, Point) {
        log_sum::sum(&self.segments, x, Blur::of(self.thickness, sigma))
    }

    fn draw(&self, generator: &mut Generator, sigma: f64) -> Point {
        let segment = &self.segments[self.choice.choose(generator.random())];
        let along = segment.half * (2.0 * generator.random::<f64>() - 1.0);
        let s = self.thickness.hypot(sigma);
        segment.at(along).map(|x| x + s * generator.sample::<f64, _>(StandardNormal))
    }

    fn distance(&self, x: Point, sigma: f64) -> f64 {
        log_sum::nearest(&self.segments, x) / self.thickness.hypot(sigma)
    }

    fn mean(&self) -> Point {
        choice::mean_and_std(self.parts()).0
    }

    fn std(&self) -> f64 {
        choice::mean_and_std(self.parts()).1
    }

    fn width(&self) -> f64 {
        self.thickness
    }

    fn bounds(&self) -> [Point; 2] {
        let ends = self.segments.iter().flat_map(|segment| [segment.at(-segment.half), segment.at(segment.half)]);
        choice::bounds(ends, 3.0 * self.thickness)
    }
}
