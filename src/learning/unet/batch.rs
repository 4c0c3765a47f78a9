//! A batch of noisy images, and what the network should answer to them.

use crate::images::Gallery;
use crate::noise::{Noise, Purpose};
use crate::unet::Noising;

/// What batches are drawn from.
pub struct Source<'a> {
    pub images: &'a dyn Gallery,
    pub noising: &'a Noising,
    pub noise: Noise,
    /// Mean and standard deviation of ln σ, of a preconditioned network.
    pub ln_sigma: [f64; 2],
}

/// Noisy images, and what the network should answer to them.
pub struct Batch {
    /// As the network is shown them: (n, c, h, w).
    pub seen: Vec<f32>,
    pub timesteps: Vec<f32>,
    pub targets: Vec<f32>,
}

impl Source<'_> {
    /// The `count` images of a step: a function of seed and step number.
    pub fn batch(&self, step: u32, count: u32) -> Batch {
        let (dim, count) = (self.images.shape().iter().product::<usize>(), count as usize);
        let mut noisy = vec![0.0; count * dim];
        self.noise.normals(Purpose::Training, 0, step, dim, &mut noisy);
        let (mut clean, mut targets) = (vec![0.0; dim], vec![0.0; count * dim]);
        let mut timesteps = Vec::with_capacity(count);
        for ((x, target), index) in noisy.chunks_exact_mut(dim).zip(targets.chunks_exact_mut(dim)).zip(0..) {
            self.images.image(self.choose(index, step), &mut clean);
            let sigma = self.sigma(index, step);
            let ([of_x, of_clean], shown) = (self.noising.target_of(sigma), self.noising.shown(sigma));
            #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
            for ((x, target), clean) in x.iter_mut().zip(target).zip(&clean) {
                let (clean, noisy) = (f64::from(*clean), f64::from(*clean) + sigma * f64::from(*x));
                *target = (of_x * noisy + of_clean * clean) as f32;
                *x = (shown * noisy) as f32;
            }
            #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
            timesteps.push(self.noising.timestep(sigma) as f32);
        }
        Batch { seen: noisy, timesteps, targets }
    }

    /// Which image: each as often.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "image numbers are far below 2^52"
    )]
    fn choose(&self, index: u32, step: u32) -> usize {
        let mut two = [0.0; 2];
        self.noise.uniform(Purpose::Data, index, step, &mut two);
        // Two uniforms of 23 bits each, because one does not reach every image of a large set alike.
        let u = f64::from(two[0]) + (f64::from(two[1]) - 0.5) / f64::from(1 << 23);
        let count = self.images.len();
        ((u * count as f64).max(0.0) as usize).min(count - 1)
    }

    /// Of a preconditioned network ln σ is normal, of a DDPM every timestep as likely.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "thousands of timesteps"
    )]
    fn sigma(&self, index: u32, step: u32) -> f64 {
        let mut draw = [0.0];
        if let Noising::Preserving { log_sigmas, .. } = self.noising {
            self.noise.uniform(Purpose::Levels, index, step, &mut draw);
            let t = (f64::from(draw[0]) * log_sigmas.len() as f64) as usize;
            return log_sigmas[t.min(log_sigmas.len() - 1)].exp();
        }
        self.noise.normal(Purpose::Levels, index, step, &mut draw);
        let [mean, deviation] = self.ln_sigma;
        (mean + deviation * f64::from(draw[0])).exp()
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::unet::UnetConfig;

    /// Two images of 4 × 4 that are easily told apart.
    pub struct Two;

    impl Gallery for Two {
        fn name(&self) -> String {
            "two".to_owned()
        }

        fn shape(&self) -> [usize; 3] {
            [1, 4, 4]
        }

        fn len(&self) -> usize {
            2
        }

        fn image(&self, index: usize, out: &mut [f32]) {
            (0..16).zip(out).for_each(|(i, out)| *out = if (i / 4 + index).is_multiple_of(2) { 0.75 } else { -0.5 });
        }
    }

    pub const EDM: &str = r#"{"_class_name": "EDMEulerScheduler"}"#;

    fn of(scheduler: &str, count: u32) -> Batch {
        let network =
            r#"{"block_out_channels": [8], "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"]}"#;
        let config = UnetConfig::from_json(network).expect("a network");
        let noising = Noising::read(Some(scheduler), &config).expect("a noise");
        Source { images: &Two, noising: &noising, noise: Noise::new(5), ln_sigma: [-1.2, 1.2] }.batch(0, count)
    }

    /// What is seen and asked for, against Karras et al. 2022, table 1, and Ho, Jain & Abbeel 2020, algorithm 1, with x_0 and σ
    /// found from the batch itself: x_0 is one of the two images, σ stands in the timestep. n = 4096: ln σ has mean −1.2 ± 3 · 1.2/√n
    /// and standard deviation 1.2 ± 3 · 1.2/√(2n); each image comes in half of the cases ± 3 · ½/√n; timesteps of a DDPM are uniform.
    #[test]
    fn batches_are_those_of_the_papers() {
        let (n, mut two) = (4096, [vec![0.0; 16], vec![0.0; 16]]);
        two.iter_mut().zip(0..).for_each(|(image, index)| Two.image(index, image));
        let near =
            |found: f64, expected: f64, by: f64| assert!((found - expected).abs() < by, "{found}, not {expected}");
        let root = f64::from(n).sqrt();

        let Batch { seen, timesteps, targets } = of(EDM, n);
        let mut first = 0.0;
        let logs: Vec<f64> = timesteps.iter().map(|t| 4.0 * f64::from(*t)).collect();
        for ((seen, target), log) in seen.chunks_exact(16).zip(targets.chunks_exact(16)).zip(&logs) {
            let (sigma, data) = (log.exp(), 0.5);
            let whole = sigma.hypot(data);
            // D = c_skip x + c_out F, x = seen / c_in
            let denoised = |i: usize| {
                data * data / (whole * whole) * f64::from(seen[i]) * whole + sigma * data / whole * f64::from(target[i])
            };
            let which = usize::from((denoised(0) - f64::from(two[0][0])).abs() > 0.1);
            first += if which == 0 { 1.0 } else { 0.0 };
            (0..16).for_each(|i| near(denoised(i), two[which][i].into(), 1e-4));
        }
        let mean = logs.iter().sum::<f64>() / f64::from(n);
        let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / f64::from(n);
        near(mean, -1.2, 3.0 * 1.2 / root);
        near(variance.sqrt(), 1.2, 3.0 * 1.2 / (root * 2f64.sqrt()));
        near(first / f64::from(n), 0.5, 1.5 / root);

        let Batch { seen, timesteps, targets } = of("{}", n);
        let kept: Vec<f64> = (0..1000)
            .scan(1.0, |kept, t| {
                *kept *= 1.0 - (1e-4 + f64::from(t) * (0.02 - 1e-4) / 999.0);
                Some(*kept)
            })
            .collect();
        let mut moments = [0.0; 2];
        for ((seen, z), t) in seen.chunks_exact(16).zip(targets.chunks_exact(16)).zip(timesteps) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "timesteps are whole")]
            let kept = kept[t.round() as usize];
            let clean = |image: &[f32]| {
                let x_t = |i: usize| kept.sqrt() * f64::from(image[i]) + (1.0 - kept).sqrt() * f64::from(z[i]);
                (0..16).map(|i| (x_t(i) - f64::from(seen[i])).abs()).fold(0.0, f64::max)
            };
            assert!(two.iter().any(|image| clean(image) < 1e-4), "at {t}");
            moments[0] += z.iter().map(|z| f64::from(*z)).sum::<f64>();
            moments[1] += f64::from(t);
        }
        near(moments[0] / (16.0 * f64::from(n)), 0.0, 3.0 / (4.0 * root));
        near(moments[1] / f64::from(n), 499.5, 3.0 * 1000.0 / (12f64.sqrt() * root));
    }
}
