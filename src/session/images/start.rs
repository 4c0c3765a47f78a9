//! Where images start: at noise, between the noises of two seeds, or at a painting under noise.

use std::sync::Arc;

use crate::noise::{Noise, Purpose};
use crate::samplers::{Plan, Update};

/// Where the images of a run start.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ImageStart {
    /// σ_max z, with z of the seed.
    #[default]
    Noise,
    /// σ_max z, with z on the way from that of the seed to that of another one, see [`slerp`].
    Between {
        /// The image of both seeds whose noise it is.
        image: usize,
        /// The other seed.
        to: u64,
    },
    /// A part of an image is known, and the sampler fills the rest.
    Fill(Arc<Painting>),
    /// An image under noise of the sampler's largest σ: x = x_0 + σ_max z. Meng et al. 2022, "SDEdit", Algorithm 1.
    Edit(Arc<Painting>),
}

/// An image, and which of its pixels are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Painting {
    /// x_0 in units of the model's images, shape (c, h, w).
    pub image: Vec<f32>,
    /// Shape (h, w).
    pub known: Vec<bool>,
}

/// z(t) = [sin((1 − t) ω) z_0 + sin(t ω) z_1] / sin ω,   cos ω = z_0·z_1 / ‖z_0‖ ‖z_1‖
///
/// As far from the origin as noise is, where a straight line would come too near. Shoemake 1985; for images Song, Meng & Ermon 2021,
/// "Denoising Diffusion Implicit Models", section 5.3.
#[must_use]
pub fn slerp(z_0: &[f32], z_1: &[f32], t: f64) -> Vec<f32> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let omega = (dot(z_0, z_1) / (dot(z_0, z_0) * dot(z_1, z_1)).sqrt()).clamp(-1.0, 1.0).acos();
    // Of one seed with itself there is no way to go.
    let [a, b] =
        if omega.sin() > 1e-6 { [1.0 - t, t].map(|share| (share * omega).sin() / omega.sin()) } else { [1.0 - t, t] };
    #[expect(clippy::cast_possible_truncation, reason = "images are f32")]
    let between = |(z_0, z_1): (&f32, &f32)| (a * f64::from(*z_0) + b * f64::from(*z_1)) as f32;
    z_0.iter().zip(z_1).map(between).collect()
}

impl ImageStart {
    /// `count` images of `dim` numbers at the start of a plan whose prior has the standard deviation `sigma`, shape (n, d), in
    /// the sampler's own units.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "images are f32, and few")]
    pub(super) fn draw(&self, seed: u64, plan: &Plan, sigma: f64, [count, dim]: [usize; 2]) -> Vec<f32> {
        let (mut z, noise) = (vec![0.0; count * dim], Noise::new(seed));
        noise.normals(Purpose::Start, 0, 0, dim, &mut z);
        if let Self::Between { image, to } = self {
            let index = u32::try_from(*image).unwrap_or(0);
            let (mut z_0, mut z_1) = (vec![0.0; dim], vec![0.0; dim]);
            noise.normal(Purpose::Start, index, 0, &mut z_0);
            Noise::new(*to).normal(Purpose::Start, index, 0, &mut z_1);
            let last = (count - 1).max(1) as f64;
            z = (0..count).flat_map(|i| slerp(&z_0, &z_1, i as f64 / last)).collect();
        }
        z.iter_mut().for_each(|z| *z *= sigma as f32);
        if let Self::Edit(painting) = self {
            let shrunk = plan.prior().map_or(1.0, |[_, factor]| factor as f32);
            let known = painting.image.iter().cycle();
            z.iter_mut().zip(known).for_each(|(x, known)| *x += shrunk * known);
        }
        z
    }

    /// Puts what is known in its place before an update: x = (x_0 + σ z)/k there, with z anew for each update; after the
    /// last update, `None`, x = x_0. Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential Equations",
    /// section 5 and appendix I.2; without the resampling of Lugmayr et al. 2022, "RePaint".
    pub(super) fn keep_known(&self, next: Option<&Update>, seed: u64, step: usize, x: &mut [f32]) {
        let Self::Fill(painting) = self else { return };
        let Painting { image, known } = &**painting;
        let [sigma, scale] = next.map_or([0.0, 1.0], |next| [next.sigma(), next.scale()]);
        let (pixels, mut z) = (known.len(), vec![0.0; x.len()]);
        let step = u32::try_from(step).unwrap_or(u32::MAX);
        Noise::new(seed).normals(Purpose::Known, 0, step, image.len(), &mut z);
        for (i, (x, z)) in x.iter_mut().zip(z).enumerate() {
            if known[i % pixels] {
                *x = (image[i % image.len()] + sigma * z) / scale;
            }
        }
    }
}
