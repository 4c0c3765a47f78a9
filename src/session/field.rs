//! The field worker: evaluates what is drawn behind the particles, always for the newest request.

use std::sync::Arc;
use std::time::Duration;

use super::command::{FieldRequest, Heat, Source};
use super::frames::FieldFrame;
use super::worker::{Trouble, Work};
use super::{FIELDS, Latest};
use crate::distributions::Distribution;
use crate::scenario::Scenario;
use crate::score::Score;

pub struct Field {
    data: Arc<dyn Distribution>,
    latest: Arc<Latest>,
    pending: [Option<FieldRequest>; FIELDS],
}

impl Field {
    pub fn new(scenario: &Scenario, latest: Arc<Latest>) -> Self {
        Self { data: Arc::clone(&scenario.data), latest, pending: [None; FIELDS] }
    }

    fn evaluate(&self, request: FieldRequest) -> FieldFrame {
        let network = self.latest.network.get();
        let learned = network.as_ref().map(|network| &*network.score as &dyn Score);
        let arrows = self.vectors(&request, learned, request.arrows);
        let heat = match request.heat() {
            Heat::LogDensity => self.log_density(&request),
            Heat::Error => lengths(&self.vectors(&request, learned, request.cells), request.sigma),
        };
        FieldFrame { request, arrows, heat: heat.into() }
    }

    /// The vectors of the request's source at the centres of n × m cells; none where there is no network yet.
    fn vectors(&self, request: &FieldRequest, learned: Option<&dyn Score>, n: [usize; 2]) -> Vec<f32> {
        let x = centres(request, n);
        let of = |score: &dyn Score| {
            let mut s = vec![0.0; x.len()];
            score.score(&x, request.sigma, &mut s);
            s
        };
        match (request.source, learned) {
            (Source::Exact, _) => of(&*self.data),
            (_, None) => Vec::new(),
            (Source::Learned, Some(learned)) => of(learned),
            (Source::Difference, Some(learned)) => {
                of(learned).iter().zip(of(&*self.data)).map(|(learned, exact)| learned - exact).collect()
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "colours need no double precision")]
    fn log_density(&self, request: &FieldRequest) -> Vec<f32> {
        let log_density = |x| self.data.log_density_and_score(x, request.sigma.into()).0 as f32;
        request.view.centres(request.cells).map(log_density).collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "scores are asked in f32")]
fn centres(request: &FieldRequest, n: [usize; 2]) -> Vec<f32> {
    request.view.centres(n).flat_map(|x| x.map(|x| x as f32)).collect()
}

/// σ‖s‖ of each vector.
fn lengths(s: &[f32], sigma: f32) -> Vec<f32> {
    s.chunks_exact(2).map(|s| sigma * s[0].hypot(s[1])).collect()
}

impl Work for Field {
    type Command = (usize, FieldRequest);

    fn obey(&mut self, (index, request): (usize, FieldRequest)) -> Result<(), Trouble> {
        if let Some(pending) = self.pending.get_mut(index) {
            *pending = Some(request);
        }
        Ok(())
    }

    fn advance(&mut self, _frame: Option<Duration>) -> Result<Option<Duration>, Trouble> {
        for index in 0..FIELDS {
            if let Some(request) = self.pending[index].take() {
                self.latest.fields[index].put(self.evaluate(request));
            }
        }
        Ok(None)
    }
}
