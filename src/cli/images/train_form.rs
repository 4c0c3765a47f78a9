//! The network that `images train` makes where nobody gives one, and the noise it is trained with: diffusers' own files.

use serde_json::{Value, json};

use super::train::NoiseForm;

/// How large the network is.
pub struct Shape<'a> {
    /// Channels, rows and columns of the images.
    pub images: [usize; 3],
    /// Channels of each level, from the image down.
    pub channels: &'a [usize],
    /// Residual blocks of a level.
    pub layers: usize,
    /// Sides of the levels that have attention.
    pub attention: &'a [usize],
}

impl Shape<'_> {
    /// config.json
    pub fn config(&self) -> Value {
        let Self { images: [c, h, w], channels, layers, attention } = *self;
        let attends = |level: usize| attention.contains(&(h.min(w) >> level));
        let types = |plain: &'static str, attending: &'static str| -> Vec<&str> {
            (0..channels.len()).map(|level| if attends(level) { attending } else { plain }).collect()
        };
        let mut up = types("UpBlock2D", "AttnUpBlock2D");
        up.reverse();
        // The most groups, at most 32, that divide every level's channels.
        let groups = (1..=32).rev().find(|groups| channels.iter().all(|channels| channels % groups == 0));
        json!({
            "_class_name": "UNet2DModel",
            "sample_size": [h, w],
            "in_channels": c,
            "out_channels": c,
            "time_embedding_type": "positional",
            "freq_shift": 1,
            "flip_sin_to_cos": false,
            "block_out_channels": channels,
            "layers_per_block": layers,
            "down_block_types": types("DownBlock2D", "AttnDownBlock2D"),
            "up_block_types": up,
            "downsample_padding": 1,
            "act_fn": "silu",
            "attention_head_dim": null,
            "add_attention": attends(channels.len() - 1),
            "norm_num_groups": groups.unwrap_or(1),
            "norm_eps": 1e-5,
        })
    }
}

impl NoiseForm {
    /// `scheduler_config.json`
    pub fn scheduler(self) -> Value {
        match self {
            Self::Edm => json!({
                "_class_name": "EDMEulerScheduler",
                "sigma_min": 0.002,
                "sigma_max": 80.0,
                "sigma_data": 0.5,
                "prediction_type": "epsilon",
            }),
            Self::Vp => json!({
                "_class_name": "DDPMScheduler",
                "num_train_timesteps": 1000,
                "beta_schedule": "linear",
                "beta_start": 1e-4,
                "beta_end": 0.02,
                "prediction_type": "epsilon",
            }),
        }
    }
}
