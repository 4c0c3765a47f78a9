//! The field worker: evaluates what is drawn behind the particles, always for the newest request.

use std::sync::Arc;
use std::time::Duration;

use super::command::{FieldRequest, Heat};
use super::frames::{FieldFrame, PointsFrame};
use super::layers::{Contours, Lattice, Lic, streamlines};
use super::order::{Extras, MOST_DATA_POINTS, Order, ProbeRequest, StripRequest};
use super::probe::ProbeFrame;
use super::scores::{Scores, root_mean_square};
use super::worker::{Trouble, Work};
use super::{FIELDS, Latest};
use crate::distributions::{Distribution, Point, PointCloud};
use crate::noise::{Noise, Purpose};
use crate::scenario::{Scenario, View};
use crate::score::Score;

/// Colour cells per axis of a curl: each costs four scores.
const CURL_CELLS: usize = 64;

pub struct Field {
    data: Arc<dyn Distribution>,
    draft: Option<(u64, Arc<dyn Distribution>)>,
    noise: Noise,
    latest: Arc<Latest>,
    pending: [Option<(FieldRequest, Extras)>; FIELDS],
    probe: Option<ProbeRequest>,
    strip: Option<(StripRequest, Vec<Arc<FieldFrame>>)>,
    points: Option<Arc<PointsFrame>>,
    /// The memorising score, and how many points it knows.
    cloud: Option<(u16, Arc<PointCloud>)>,
}

impl Field {
    pub fn new(scenario: &Scenario, seed: u64, latest: Arc<Latest>) -> Self {
        let (data, noise) = (Arc::clone(&scenario.data), Noise::new(seed));
        let pending = [None; FIELDS];
        Self { data, draft: None, noise, latest, pending, probe: None, strip: None, points: None, cloud: None }
    }

    /// Calls `work` with the scores as they are now.
    fn with_scores<T>(&mut self, memorising: Option<u16>, work: impl FnOnce(&Scores<'_>) -> T) -> T {
        let cloud = memorising.and_then(|count| self.cloud(count));
        let network = self.latest.network.get();
        let learned = network.as_ref().map(|network| &*network.score as &dyn Score);
        let exact = self.draft.as_ref().map_or(&*self.data, |(_, draft)| &**draft);
        work(&Scores { learned, exact, memorising: cloud.as_deref() })
    }

    /// Data points, drawn when they are first asked for.
    fn points(&mut self) -> Arc<PointsFrame> {
        let Self { points, data, noise, latest, .. } = self;
        Arc::clone(points.get_or_insert_with(|| {
            let mut x = vec![0.0; 2 * usize::from(MOST_DATA_POINTS)];
            let mut z = x.clone();
            data.sample(noise, 0.0, 0, &mut x);
            noise.normals(Purpose::Training, 0, 0, 2, &mut z);
            latest.points.put(PointsFrame { x: x.clone(), z: z.clone() });
            Arc::new(PointsFrame { x, z })
        }))
    }

    fn cloud(&mut self, count: u16) -> Option<Arc<PointCloud>> {
        if self.cloud.as_ref().is_none_or(|(known, _)| *known != count) {
            let points = self.points();
            let points: Vec<Point> =
                points.x.chunks_exact(2).take(count.into()).map(|x| [x[0].into(), x[1].into()]).collect();
            self.cloud = PointCloud::new(&points, None, 0.0).ok().map(|cloud| (count, Arc::new(cloud)));
        }
        self.cloud.as_ref().map(|(_, cloud)| Arc::clone(cloud))
    }

    fn evaluate(&mut self, request: FieldRequest, extras: Extras) -> FieldFrame {
        if extras.points {
            self.points();
        }
        self.with_scores(extras.memorising, |scores| evaluate(request, extras, scores))
    }

    /// The next picture of the strip; true where there are more to come.
    fn advance_strip(&mut self) -> bool {
        let Some((request, mut done)) = self.strip.take() else { return false };
        if let Some(sigma) = request.sigmas.get(done.len()) {
            let StripRequest { view, source, cells, arrows, network_version, .. } = request;
            let field = FieldRequest { view, sigma: *sigma, source, arrows, cells, network_version };
            let extras = Extras { memorising: request.memorising, ..Extras::default() };
            done.push(Arc::new(self.evaluate(field, extras)));
        }
        if done.len() < request.sigmas.len() {
            self.strip = Some((request, done));
            return true;
        }
        self.latest.strip.put(done);
        false
    }
}

fn evaluate(request: FieldRequest, extras: Extras, scores: &Scores<'_>) -> FieldFrame {
    let FieldRequest { view, sigma, source, arrows, cells, .. } = request;
    let vectors = |n| scores.vectors(source, &centres(&view, n), sigma);
    let shows = if extras.curl { Heat::Curl } else { extras.memorising.map_or(request.heat(), |_| Heat::LogDensity) };
    let wants_lattice = shows == Heat::Error || extras.lic[0] > 0 || extras.streamlines[0] > 0;
    let at_cells = if wants_lattice { vectors(cells) } else { Vec::new() };
    let density = if extras.contours || shows == Heat::LogDensity {
        log_density(scores.density(), &view, cells, sigma)
    } else {
        Vec::new()
    };
    let contours = if extras.contours { Contours::of(&density, &view, cells) } else { Contours::default() };
    let (heat, heat_cells) = match shows {
        Heat::LogDensity => (density, cells),
        Heat::Error => (around(&lengths(&at_cells, sigma), cells), cells),
        Heat::Curl => (scores.curl(source, &centres(&view, [CURL_CELLS; 2]), sigma), [CURL_CELLS; 2]),
    };
    let lattice = Some(Lattice { view, cells, vectors: &at_cells }).filter(|lattice| !lattice.vectors.is_empty());
    FieldFrame {
        request,
        extras,
        arrows: vectors(arrows),
        shows,
        cells: heat_cells,
        rms_curl: if shows == Heat::Curl { root_mean_square(&heat) } else { None },
        heat: heat.into(),
        contours,
        streamlines: lattice
            .as_ref()
            .filter(|_| extras.streamlines[0] > 0)
            .map_or_else(Vec::new, |lattice| streamlines(lattice, extras.streamlines)),
        lic: lattice.filter(|_| extras.lic[0] > 0).map(|lattice| Arc::new(Lic::of(&lattice, extras.lic))),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "colours need no double precision")]
fn log_density(data: &dyn Distribution, view: &View, cells: [usize; 2], sigma: f32) -> Vec<f32> {
    view.centres(cells).map(|x| data.log_density_and_score(x, sigma.into()).0 as f32).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32")]
fn centres(view: &View, n: [usize; 2]) -> Vec<f32> {
    view.centres(n).flat_map(|x| x.map(|x| x as f32)).collect()
}

/// σ‖s‖ of each vector.
fn lengths(s: &[f32], sigma: f32) -> Vec<f32> {
    s.chunks_exact(2).map(|s| sigma * s[0].hypot(s[1])).collect()
}

/// √ mean v² over each cell and its neighbours, weighted 1, 2, 1 along each axis: where the exact score turns within less
/// than a cell, as between far modes, single values say nothing.
fn around(values: &[f32], [columns, rows]: [usize; 2]) -> Vec<f32> {
    let squares: Vec<f32> = values.iter().map(|value| value * value).collect();
    let mean = |squares: &[f32], i: usize, n: usize, at: &dyn Fn(usize) -> usize| {
        let [low, high] = [i.saturating_sub(1), (i + 1).min(n - 1)].map(|i| squares[at(i)]);
        0.25 * low + 0.5 * squares[at(i)] + 0.25 * high
    };
    let cell = |i: usize| (i % columns, i / columns);
    let across: Vec<f32> = (0..squares.len())
        .map(cell)
        .map(|(column, row)| mean(&squares, column, columns, &|column| row * columns + column))
        .collect();
    let both = (0..squares.len()).map(cell);
    both.map(|(column, row)| mean(&across, row, rows, &|row| row * columns + column).sqrt()).collect()
}

impl Work for Field {
    type Command = Order;

    fn obey(&mut self, order: Order) -> Result<(), Trouble> {
        match order {
            Order::Show(index, request, extras) => {
                if let Some(pending) = self.pending.get_mut(index) {
                    *pending = Some((request, extras));
                }
            }
            Order::Draft(draft) => self.draft = draft,
            Order::Probe(request) => self.probe = Some(request),
            Order::Strip(request) => self.strip = Some((request, Vec::new())),
        }
        Ok(())
    }

    fn advance(&mut self, frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        if let Some(request) = self.probe.take() {
            let probe = self.with_scores(request.memorising, |scores| ProbeFrame::of(request, scores));
            self.latest.probe.put(probe);
        }
        for index in 0..FIELDS {
            if let Some((request, extras)) = self.pending[index].take() {
                let field = self.evaluate(request, extras);
                self.latest.fields[index].put(field);
            }
        }
        // Small pictures wait for everything else; in virtual time nobody waits for them.
        while self.advance_strip() {
            if frame.is_none() {
                return Ok(Some(Duration::ZERO));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One value among zeros spreads as 1, 2, 1 by 1, 2, 1; at an edge the cell stands for its missing neighbour.
    #[test]
    fn neighbours_share_their_squares() {
        let mut values = vec![0.0; 20];
        (values[6], values[19]) = (4.0, 8.0);
        let means = around(&values, [5, 4]);
        for (cell, expected) in [(6, 16.0 * 0.25), (5, 16.0 * 0.125), (0, 1.0), (2, 1.0), (3, 0.0), (19, 64.0 * 0.5625)]
        {
            assert!((means[cell] - f32::sqrt(expected)).abs() < 1e-6, "{cell}: {}", means[cell]);
        }
        assert!(around(&[3.0; 20], [5, 4]).iter().all(|mean| (mean - 3.0).abs() < 1e-6));
        assert!(around(&[], [0, 0]).is_empty());
    }
}
