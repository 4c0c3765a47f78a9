//! The truth that a pane is measured against: drawn once, so that every pane and every moment has the same one.

use std::sync::Arc;

use crate::distributions::Distribution;
use crate::metrics::{Membership, ModeShares, Slices, memberships, truth_points};
use crate::noise::{Noise, Purpose};
use crate::scenario::View;

/// Most particles whose sliced Wasserstein distance is taken: the first ones.
const COMPARED: u32 = 4096;
/// Samples of the truth from which the distance of a perfect sampler is known.
const PERFECT: u32 = 4;

/// Streams of draws, apart from that of particles which start at the data, 0.
const TRUTH: u32 = 0x7001;
const PLACES: u32 = 0x7003;
const PERFECT_SAMPLERS: u32 = 0x7010;

/// Draws from which the places of the modes are taken.
const DRAWS: u32 = 4000;

/// A particle farther from the middle of the view than this many of its longer sides has left for good.
const LOST_BEYOND: f64 = 10.0;

/// Points of p_σ, in the order in which particles are compared with them.
pub struct Truth {
    slices: Option<Slices>,
    floor: Option<f64>,
}

impl Truth {
    /// For the first of `particles` particles.
    pub fn new(data: &dyn Distribution, sigma: f64, particles: u32, noise: &Noise) -> Self {
        let particles = COMPARED.min(particles);
        let draw = |n: u32, stream| -> Vec<f32> {
            #[expect(clippy::cast_possible_truncation, reason = "particles are f32")]
            draws(data, sigma, noise, n, stream).flatten().map(|x| x as f32).collect()
        };
        let n = particles as usize;
        // A multiple of some thousands.
        let slices = u32::try_from(truth_points(n)).ok().and_then(|many| Slices::of(&draw(many, TRUTH), n));
        let squared = |slices: &Slices| -> Option<f64> {
            (0..PERFECT).map(|i| Some(slices.distance(&draw(particles, PERFECT_SAMPLERS + i))?.powi(2))).sum()
        };
        let floor = slices.as_ref().and_then(squared).map(|sum| (sum / f64::from(PERFECT)).sqrt());
        Self { slices, floor }
    }
}

/// p_σ at the end of one plan.
pub struct Yardstick {
    data: Arc<dyn Distribution>,
    sigma: f64,
    modes: usize,
    /// The mode of the greatest weight.
    heaviest: usize,
    view: View,
    truth: Arc<Truth>,
}

/// What is measured of particles.
#[derive(Clone)]
pub struct Measured {
    pub members: Vec<Membership>,
    pub shares: ModeShares,
    /// Particles that are not finite, or far out of the picture.
    pub lost: usize,
}

impl Yardstick {
    pub fn new(data: &Arc<dyn Distribution>, sigma: f64, truth: Arc<Truth>, view: &View) -> Self {
        let weights = data.mode_weights();
        let heaviest = (0..weights.len()).max_by(|a, b| weights[*a].total_cmp(&weights[*b])).unwrap_or(0);
        Self { data: Arc::clone(data), sigma, modes: weights.len(), heaviest, view: *view, truth }
    }

    /// The distance that a perfect sampler has: root mean square of some independent samples of the truth.
    pub fn floor(&self) -> Option<f64> {
        self.truth.floor
    }

    pub fn measure(&self, x: &[f32]) -> Measured {
        let members = memberships(&*self.data, self.sigma, x);
        let shares = ModeShares::of(&members, self.modes);
        Measured { members, shares, lost: self.lost(x) }
    }

    /// Sliced Wasserstein distance of the first particles from the truth; `None` where one of them is not finite.
    pub fn distance(&self, x: &[f32]) -> Option<f64> {
        self.truth.slices.as_ref()?.distance(&x[..x.len().min(2 * COMPARED as usize)])
    }

    /// The share of the heaviest mode, where there are modes.
    pub fn heaviest(&self, shares: &ModeShares) -> Option<f64> {
        shares.weights.get(self.heaviest).copied()
    }

    fn lost(&self, x: &[f32]) -> usize {
        let View { min, max, .. } = self.view;
        let reach = LOST_BEYOND * (max[0] - min[0]).max(max[1] - min[1]);
        let near = |x: f32, axis: usize| (f64::from(x) - 0.5 * (min[axis] + max[axis])).abs() <= reach;
        x.chunks_exact(2).filter(|x| !(near(x[0], 0) && near(x[1], 1))).count()
    }
}

/// Points of p_σ: each a function of the seed, its number and the stream.
fn draws(data: &dyn Distribution, sigma: f64, noise: &Noise, n: u32, stream: u32) -> impl Iterator<Item = [f64; 2]> {
    (0..n).map(move |i| data.draw(&mut noise.generator(Purpose::Data, i, stream), sigma))
}

/// Where each mode is marked: at the mean of its draws, or, where that is not on the data, at the draw nearest to it.
pub fn mode_centres(data: &dyn Distribution, noise: &Noise) -> Vec<[f64; 2]> {
    let modes = data.mode_weights().len();
    if modes == 0 {
        return Vec::new();
    }
    let sigma = 1e-3 * data.std();
    let mut by_mode = vec![Vec::new(); modes];
    for x in draws(data, sigma, noise, DRAWS, PLACES) {
        if let Some((mode, _)) = data.nearest_mode(x, sigma) {
            by_mode[mode].push(x);
        }
    }
    by_mode.iter().enumerate().filter_map(|(mode, draws)| centre(data, mode, sigma, draws)).collect()
}

fn centre(data: &dyn Distribution, mode: usize, sigma: f64, points: &[[f64; 2]]) -> Option<[f64; 2]> {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand draws")]
    let mean = [0, 1].map(|axis| points.iter().map(|x| x[axis]).sum::<f64>() / points.len() as f64);
    let off = |x: &[f64; 2]| (x[0] - mean[0]).hypot(x[1] - mean[1]);
    let within = data.nearest_mode(mean, sigma).is_some_and(|(nearest, distance)| nearest == mode && distance < 1.0);
    if within && !points.is_empty() {
        return Some(mean);
    }
    points.iter().copied().min_by(|a, b| off(a).total_cmp(&off(b)))
}
