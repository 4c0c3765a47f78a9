//! How the images that a U-Net learned from were noised: what makes its answer a score. Ho, Jain & Abbeel 2020; Song et al. 2021.

use serde::Deserialize;

use super::{TimeEmbedding, UnetConfig};

/// The noise of a model's training, and what it answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Noising {
    /// x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) z on images in [−1, 1]: in units of x_0 the noise is σ_t = √((1 − ᾱ_t)/ᾱ_t).
    Preserving {
        /// ln σ_t of t = 0, 1, …
        log_sigmas: Vec<f64>,
        /// What the network answers.
        answers: Prediction,
    },
    /// x_0 + σ z on images in [0, 1]; the timestep is σ, and the network answers the score.
    Exploding {
        /// Smallest σ.
        sigma_min: f64,
        /// Largest σ.
        sigma_max: f64,
    },
    /// x_0 + σ z on images in [−1, 1]; the network answers F of D = c_skip x + c_out F(c_in x; ¼ ln σ): Karras et al. 2022,
    /// table 1.
    Preconditioned {
        /// Smallest σ.
        sigma_min: f64,
        /// Largest σ.
        sigma_max: f64,
        /// σ_data, the images' own standard deviation.
        sigma_data: f64,
    },
}

/// What a network under [`Noising::Preserving`] answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    /// ε̂, the noise z
    #[default]
    Epsilon,
    /// The image x_0
    Sample,
    /// √ᾱ z − √(1 − ᾱ) x_0: Salimans & Ho 2022
    VPrediction,
}

/// What scheduler_config.json says of the training; the rest of it is about samplers, and ours have their own knobs.
#[derive(Deserialize)]
#[serde(default)]
struct Form {
    #[serde(rename = "_class_name")]
    class: Option<String>,
    beta_schedule: BetaSchedule,
    beta_start: f64,
    beta_end: f64,
    num_train_timesteps: usize,
    prediction_type: Prediction,
    sigma_min: Option<f64>,
    sigma_max: Option<f64>,
    sigma_data: f64,
}

/// diffusers' defaults.
impl Default for Form {
    fn default() -> Self {
        Self {
            class: None,
            beta_schedule: BetaSchedule::Linear,
            beta_start: 1e-4,
            beta_end: 0.02,
            num_train_timesteps: 1000,
            prediction_type: Prediction::Epsilon,
            sigma_min: None,
            sigma_max: None,
            sigma_data: 0.5,
        }
    }
}

#[derive(Deserialize)]
enum BetaSchedule {
    /// β_t linear
    #[serde(rename = "linear")]
    Linear,
    /// √β_t linear
    #[serde(rename = "scaled_linear")]
    ScaledLinear,
    /// ᾱ_t along a cosine: Nichol & Dhariwal 2021
    #[serde(rename = "squaredcos_cap_v2")]
    Cosine,
}

/// Most timesteps that are believed.
const MOST_STEPS: usize = 100_000;

impl Noising {
    /// Reads scheduler_config.json; without one, what diffusers' schedulers have by default.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn read(json: Option<&str>, config: &UnetConfig) -> Result<Self, String> {
        let form = json.map_or_else(|| Ok(Form::default()), serde_json::from_str).map_err(|error| error.to_string())?;
        let answers = form.prediction_type;
        if config.time_embedding == TimeEmbedding::Fourier {
            let [sigma_min, sigma_max] = form.sigmas([0.01, 1348.0])?;
            return Ok(Self::Exploding { sigma_min, sigma_max });
        }
        if form.class.as_deref().is_some_and(|class| class.starts_with("EDM")) {
            let ([sigma_min, sigma_max], sigma_data) = (form.sigmas([0.002, 80.0])?, form.sigma_data);
            let right = answers == Prediction::Epsilon && sigma_data > 0.0 && sigma_data.is_finite();
            let noise = Self::Preconditioned { sigma_min, sigma_max, sigma_data };
            return right.then_some(noise).ok_or_else(|| {
                "expected sigma_data above 0 and, of the preconditioned networks, a prediction_type of \"epsilon\""
                    .to_owned()
            });
        }
        let betas = form.betas()?;
        let log_sigmas = betas.iter().scan(1.0, |kept, beta| {
            *kept *= 1.0 - beta;
            Some(0.5 * ((1.0 - *kept) / *kept).ln())
        });
        Ok(Self::Preserving { log_sigmas: log_sigmas.collect(), answers })
    }

    /// Smallest and largest σ that the network has seen, in units of its images.
    #[must_use]
    pub fn sigmas(&self) -> [f64; 2] {
        match self {
            Self::Preserving { log_sigmas, .. } => {
                [log_sigmas.first(), log_sigmas.last()].map(|log| log.copied().unwrap_or(0.0).exp())
            }
            Self::Exploding { sigma_min, sigma_max } | Self::Preconditioned { sigma_min, sigma_max, .. } => {
                [*sigma_min, *sigma_max]
            }
        }
    }

    /// The darkest and the brightest that an image has.
    #[must_use]
    pub const fn range(&self) -> [f32; 2] {
        match self {
            Self::Preserving { .. } | Self::Preconditioned { .. } => [-1.0, 1.0],
            Self::Exploding { .. } => [0.0, 1.0],
        }
    }

    /// The timestep at which the network has seen σ; between two, along ln σ.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "thousands of steps")]
    pub fn timestep(&self, sigma: f64) -> f64 {
        let log_sigmas = match self {
            Self::Preserving { log_sigmas, .. } => log_sigmas,
            Self::Exploding { .. } => return sigma,
            Self::Preconditioned { .. } => return 0.25 * sigma.ln(),
        };
        let (log, last) = (sigma.ln(), log_sigmas.len() - 1);
        let after = log_sigmas.partition_point(|known| *known < log).clamp(1, last.max(1));
        let [below, above] = [after - 1, after.min(last)].map(|t| log_sigmas[t]);
        let part = if above > below { ((log - below) / (above - below)).clamp(0.0, 1.0) } else { 0.0 };
        (after - 1) as f64 + part
    }

    /// What the network is shown of x, as a factor: a DDPM saw x_t, whose variance stays that of the image.
    #[must_use]
    pub fn shown(&self, sigma: f64) -> f64 {
        match self {
            Self::Preserving { .. } => 1.0 / 1f64.hypot(sigma),
            Self::Exploding { .. } => 1.0,
            Self::Preconditioned { sigma_data, .. } => 1.0 / sigma_data.hypot(sigma),
        }
    }

    /// (a, b) of the score s = a x + b (the network's answer).
    ///
    /// Of ε̂: s = −ε̂/σ. Of x̂_0: s = (x̂_0 − x)/σ². Of v, with x_0 = √ᾱ x_t − √(1 − ᾱ) v, √ᾱ = 1/√(1 + σ²) and x_t = √ᾱ x:
    /// s = −x/(1 + σ²) − v/(σ √(1 + σ²)). Of F, from s = (D − x)/σ²: s = −x/(σ² + σ_data²) + F σ_data/(σ √(σ² + σ_data²)).
    #[must_use]
    pub fn score_of(&self, sigma: f64) -> [f64; 2] {
        match self {
            Self::Exploding { .. } => [0.0, 1.0],
            Self::Preserving { answers: Prediction::Epsilon, .. } => [0.0, -1.0 / sigma],
            Self::Preserving { answers: Prediction::Sample, .. } => [-1.0 / (sigma * sigma), 1.0 / (sigma * sigma)],
            Self::Preserving { answers: Prediction::VPrediction, .. } => {
                let whole = 1f64.hypot(sigma);
                [-1.0 / (whole * whole), -1.0 / (sigma * whole)]
            }
            Self::Preconditioned { sigma_data, .. } => {
                let whole = sigma_data.hypot(sigma);
                [-1.0 / (whole * whole), sigma_data / (sigma * whole)]
            }
        }
    }

    /// (a, b) of the answer a x + b x_0 that training asks for at x = x_0 + σ z: the one that is read as the score
    /// (x_0 − x)/σ² of the noise itself. Vincent 2011.
    ///
    /// Of a DDPM it is z, so that the mean of squares is Ho, Jain & Abbeel's simple loss; of a preconditioned network it is F,
    /// and the mean of squares is Karras et al.'s loss with λ = 1/c_out².
    #[must_use]
    pub fn target_of(&self, sigma: f64) -> [f64; 2] {
        let ([of_x, of_answer], variance) = (self.score_of(sigma), sigma * sigma);
        [(-1.0 / variance - of_x) / of_answer, 1.0 / (variance * of_answer)]
    }
}

impl Form {
    /// σ_min and σ_max, with their defaults.
    fn sigmas(&self, [least, most]: [f64; 2]) -> Result<[f64; 2], String> {
        let [least, most] = [self.sigma_min.unwrap_or(least), self.sigma_max.unwrap_or(most)];
        let right = 0.0 < least && least < most && most.is_finite();
        if right { Ok([least, most]) } else { Err("expected 0 < sigma_min < sigma_max".to_owned()) }
    }

    /// β_t of t = 0, 1, …
    #[expect(clippy::cast_precision_loss, reason = "thousands of steps")]
    fn betas(&self) -> Result<Vec<f64>, String> {
        let Self { beta_start: start, beta_end: end, num_train_timesteps: steps, .. } = *self;
        if !(2..=MOST_STEPS).contains(&steps) {
            return Err(format!("num_train_timesteps is {steps}; expected from 2 to {MOST_STEPS}"));
        }
        let along = |a: f64, b: f64| move |t: usize| a + (b - a) * t as f64 / (steps - 1) as f64;
        // ᾱ of Nichol & Dhariwal's eq. 17, β at most .999
        let kept = |t: usize| ((t as f64 / steps as f64 + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2).cos().powi(2);
        let betas: Vec<f64> = match self.beta_schedule {
            BetaSchedule::Linear => (0..steps).map(along(start, end)).collect(),
            BetaSchedule::ScaledLinear => {
                (0..steps).map(along(start.sqrt(), end.sqrt())).map(|root| root * root).collect()
            }
            BetaSchedule::Cosine => (0..steps).map(|t| (1.0 - kept(t + 1) / kept(t)).min(0.999)).collect(),
        };
        let right = betas.iter().all(|beta| 0.0 < *beta && *beta < 1.0);
        if right {
            Ok(betas)
        } else {
            Err("beta_start and beta_end are no part of the noise: expected 0 < β < 1".to_owned())
        }
    }
}
