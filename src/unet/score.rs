//! A U-Net as a score: every sampler runs on images as it runs on points, with d = c·h·w.

use std::sync::{Mutex, PoisonError};

use super::{ModelError, Noising};
use crate::gpu::KernelTime;
use crate::score::Score;

/// Whatever runs a U-Net.
pub trait Network: Send + Sync {
    /// The network's answer to images `x`, shape (n, c, h, w) with `[n, h, w]`, at one timestep.
    ///
    /// # Errors
    /// A size or a timestep that it does not take, or a device that does not answer.
    fn answer(&self, x: &[f32], size: [usize; 3], timestep: f32, out: &mut [f32]) -> Result<(), ModelError>;

    /// How long each kernel of a call for `[n, h, w]` takes, in order; nothing where nothing but the whole call has a clock.
    ///
    /// # Errors
    /// As [`Self::answer`].
    fn time(&self, size: [usize; 3]) -> Result<Vec<KernelTime>, ModelError> {
        let _ = size;
        Ok(Vec::new())
    }
}

/// A network, the noise it was trained with, and the size of its images.
pub struct UnetScore {
    network: Box<dyn Network>,
    noising: Noising,
    /// Channels, rows and columns.
    shape: [usize; 3],
    /// Images in one call.
    at_once: usize,
    trouble: Mutex<Option<ModelError>>,
}

impl UnetScore {
    /// Images have `shape` (c, h, w); the network sees at most `at_once` of them in a call.
    #[must_use]
    pub fn new(network: Box<dyn Network>, noising: Noising, shape: [usize; 3], at_once: usize) -> Self {
        Self { network, noising, shape, at_once: at_once.max(1), trouble: Mutex::default() }
    }

    /// The noise it was trained with.
    #[must_use]
    pub const fn noising(&self) -> &Noising {
        &self.noising
    }

    /// Channels, rows and columns of an image.
    #[must_use]
    pub const fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Numbers of an image, d.
    #[must_use]
    pub const fn dim(&self) -> usize {
        self.shape[0] * self.shape[1] * self.shape[2]
    }

    /// Images in one call of the network, at most.
    #[must_use]
    pub const fn at_once(&self) -> usize {
        self.at_once
    }

    /// How long each kernel takes for `images` images, or as many as are in one call: see [`Network::time`].
    ///
    /// # Errors
    /// As [`Network::answer`].
    pub fn time(&self, images: usize) -> Result<Vec<KernelTime>, ModelError> {
        let [_, h, w] = self.shape;
        self.network.time([images.min(self.at_once), h, w])
    }

    /// What went wrong since it was last asked: a score cannot refuse, so its answer was then no number.
    pub fn trouble(&self) -> Option<ModelError> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    fn answer(&self, x: &[f32], sigma: f64, out: &mut [f32]) -> Result<(), ModelError> {
        let ([_, h, w], shown) = (self.shape, self.noising.shown(sigma) as f32);
        let seen: Vec<f32> = x.iter().map(|x| shown * x).collect();
        self.network.answer(&seen, [x.len() / self.dim(), h, w], self.noising.timestep(sigma) as f32, out)?;
        let [of_x, of_answer] = self.noising.score_of(sigma).map(|factor| factor as f32);
        out.iter_mut().zip(x).for_each(|(out, x)| *out = of_x * x + of_answer * *out);
        Ok(())
    }
}

impl Score for UnetScore {
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        let some = self.at_once * self.dim();
        for (x, out) in x.chunks(some).zip(out.chunks_mut(some)) {
            if let Err(error) = self.answer(x, sigma.into(), out) {
                out.fill(f32::NAN);
                self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "timesteps are whole and small"
)]
mod tests {
    use super::*;
    use crate::unet::{UnetConfig, noising::Prediction};

    /// The best answer there is to images from N(0, v) in every pixel, with ᾱ of diffusers' linear schedule.
    struct Best(Prediction, f64);

    impl Network for Best {
        fn answer(&self, x: &[f32], _: [usize; 3], timestep: f32, out: &mut [f32]) -> Result<(), ModelError> {
            let Self(prediction, v) = *self;
            if timestep < 0.0 {
                return Err(ModelError::Input("no such timestep".to_owned()));
            }
            let kept: f64 =
                (0..=timestep.round() as usize).map(|t| 1.0 - (1e-4 + t as f64 * (0.02 - 1e-4) / 999.0)).product();
            for (out, x) in out.iter_mut().zip(x) {
                let x = f64::from(*x);
                // E[z | x_t] and E[x_0 | x_t] of x_t = √ᾱ x_0 + √(1 − ᾱ) z
                let whole = kept * v + 1.0 - kept;
                let (z, x_0) = ((1.0 - kept).sqrt() * x / whole, kept.sqrt() * v * x / whole);
                *out = match prediction {
                    Prediction::Epsilon => z,
                    Prediction::Sample => x_0,
                    Prediction::VPrediction => kept.sqrt() * z - (1.0 - kept).sqrt() * x_0,
                } as f32;
            }
            Ok(())
        }
    }

    fn config(time_embedding: &str) -> UnetConfig {
        let json = format!(
            r#"{{"time_embedding_type": "{time_embedding}", "block_out_channels": [32], "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"]}}"#
        );
        UnetConfig::from_json(&json).expect("a configuration")
    }

    /// s = −x/(v + σ²) at the σ of a timestep, whatever the network answers. 2e-4: f32 after a division by σ ≥ .01.
    #[test]
    fn every_prediction_is_read_as_the_same_score() {
        for (name, prediction) in [
            ("epsilon", Prediction::Epsilon),
            ("sample", Prediction::Sample),
            ("v_prediction", Prediction::VPrediction),
        ] {
            let json =
                format!(r#"{{"_class_name": "DDPMScheduler", "clip_sample": true, "prediction_type": "{name}"}}"#);
            let noising = Noising::read(Some(&json), &config("positional")).expect("a schedule");
            let v = 0.25;
            for t in [0.0, 3.0, 250.0, 999.0] {
                let sigma = match &noising {
                    Noising::Preserving { log_sigmas, .. } => log_sigmas[t as usize].exp(),
                    _ => panic!("it preserves"),
                };
                assert!((noising.timestep(sigma) - t).abs() < 1e-6);
                let score = UnetScore::new(Box::new(Best(prediction, v)), noising.clone(), [1, 2, 2], 2);
                let x: Vec<f32> = (0..20).map(|i| 0.3 * (i as f32 - 9.5)).collect();
                let mut s = vec![0.0; 20];
                score.score(&x, sigma as f32, &mut s);
                for (x, s) in x.iter().zip(s) {
                    let exact = -f64::from(*x) / (v + sigma * sigma);
                    assert!(
                        (f64::from(s) - exact).abs() < 2e-4 * (1.0 + exact.abs()),
                        "{name} at {t}: {s}, not {exact}"
                    );
                }
            }
        }
    }

    /// The linear schedule's ends, from diffusers 0.39: `DDPMScheduler().alphas_cumprod` is .9999 at 0 and 4.0358e-5 at 999.
    #[test]
    fn sigmas_are_those_of_the_schedule() {
        let noising = Noising::read(None, &config("positional")).expect("a schedule");
        let [least, most] = noising.sigmas();
        let expected = [1e-4f64 / 0.9999, (1.0 - 4.0358e-5) / 4.0358e-5].map(f64::sqrt);
        assert!((least / expected[0] - 1.0).abs() < 1e-9 && (most / expected[1] - 1.0).abs() < 1e-4, "{least} {most}");
        assert!((noising.timestep(1e-5), noising.timestep(1e6)) == (0.0, 999.0), "beyond its ends the nearest");
        let between = noising.timestep((least.ln() * 0.5 + 0.5 * (least * 2f64.sqrt()).ln()).exp());
        assert!((0.0..1.0).contains(&between), "{between}");
        let noising = Noising::read(Some(r#"{"sigma_max": 50}"#), &config("fourier")).expect("its σ");
        assert_eq!((noising.sigmas(), noising.range()), ([0.01, 50.0], [0.0, 1.0]));
        for (json, why) in [
            (r#"{"beta_end": 2}"#, "0 < β < 1"),
            (r#"{"num_train_timesteps": 1}"#, "expected from 2"),
            (r#"{"beta_schedule": "sigmoid"}"#, "sigmoid"),
            ("[", "EOF"),
        ] {
            let error = Noising::read(Some(json), &config("positional")).expect_err(json);
            assert!(error.contains(why), "{json}: {error}");
        }
    }

    /// diffusers 0.42 in float64, images of one number 1.7 to which the network answers .3:
    /// ```python
    /// s = EDMEulerScheduler(sigma_min=.002, sigma_max=80, sigma_data=.5)
    /// for sigma in (.05, 2., 60.):
    ///     print(s.precondition_inputs(x, sigma), s.precondition_noise(sigma), s.precondition_outputs(x, F, sigma))
    /// ```
    /// The last is the denoiser, D = x + σ² s. 1e-6 of numbers of order one; σ² = 3600 takes s to D.
    #[test]
    fn a_preconditioned_network_is_read_as_diffusers_does() {
        let json = r#"{"_class_name": "EDMEulerScheduler", "sigma_data": 0.5}"#;
        let noising = Noising::read(Some(json), &config("positional")).expect("a schedule");
        assert_eq!((noising.sigmas(), noising.range()), ([0.002, 80.0], [-1.0, 1.0]));
        for (sigma, seen, timestep, denoised) in [
            (0.05, 3.383_126_446_713_963_5, -0.748_933_068_388_497_7, 1.698_093_874_684_832_9),
            (2.0, 0.824_621_125_123_532, 0.173_286_795_139_986_32, 0.245_521_375_021_799_77),
            (60.0, 0.028_332_349_588_273_464, 1.023_586_140_555_525, 0.150_112_839_295_740_7),
        ] {
            let [of_x, of_answer] = noising.score_of(sigma);
            let found = [
                1.7 * noising.shown(sigma),
                noising.timestep(sigma),
                1.7 + sigma * sigma * (1.7 * of_x + 0.3 * of_answer),
            ];
            for (found, expected) in found.into_iter().zip([seen, timestep, denoised]) {
                assert!((found - expected).abs() < 1e-6, "at {sigma}: {found}, not {expected}");
            }
        }
        for wrong in [r#""sigma_data": 0"#, r#""sigma_max": 0.001"#, r#""prediction_type": "v_prediction""#] {
            let json = format!(r#"{{"_class_name": "EDMEulerScheduler", {wrong}}}"#);
            assert!(Noising::read(Some(&json), &config("positional")).is_err(), "{wrong}");
        }
    }

    /// Of a DDPM it is z itself; of every network, what is read as the noise's own score, −z/σ.
    #[test]
    fn training_asks_for_what_is_read_as_the_noise() {
        let (x_0, z) = (0.3, -1.2);
        for json in [
            r#"{"prediction_type": "epsilon"}"#,
            r#"{"prediction_type": "sample"}"#,
            r#"{"prediction_type": "v_prediction"}"#,
            r#"{"_class_name": "EDMEulerScheduler"}"#,
        ] {
            let noising = Noising::read(Some(json), &config("positional")).expect("a schedule");
            for sigma in [0.02, 1.0, 40.0] {
                let x = x_0 + sigma * z;
                let ([a, b], [of_x, of_answer]) = (noising.target_of(sigma), noising.score_of(sigma));
                let answer = a * x + b * x_0;
                assert!((of_x * x + of_answer * answer + z / sigma).abs() < 1e-9 / sigma, "{json} at {sigma}");
                assert!(!json.contains("epsilon") || (answer - z).abs() < 1e-9, "{answer}");
            }
        }
    }

    #[test]
    fn what_fails_is_told_and_is_no_number() {
        struct Silent;
        impl Network for Silent {
            fn answer(&self, _: &[f32], _: [usize; 3], _: f32, _: &mut [f32]) -> Result<(), ModelError> {
                Err(ModelError::Input("nobody there".to_owned()))
            }
        }
        let noising = Noising::read(None, &config("positional")).expect("a schedule");
        let score = UnetScore::new(Box::new(Silent), noising, [1, 1, 1], 1);
        let mut s = [0.0; 3];
        score.score(&[1.0; 3], 1.0, &mut s);
        assert!(s.iter().all(|s| s.is_nan()));
        assert!(
            score.trouble().is_some_and(|why| why.to_string().contains("nobody there")) && score.trouble().is_none()
        );
    }
}
