//! The U-Nets that `bench unet` measures, with random weights: those of the PyTorch script that measures the same work.

use crate::cli::failure::Failure;
use crate::noise::{Noise, Purpose};
use crate::unet::{Plan, UnetConfig, Weights};

/// A network, the side of its images, and the batches that it is measured with.
pub struct Case {
    pub name: &'static str,
    pub side: usize,
    pub batches: &'static [usize],
    blocks: &'static str,
}

/// The timestep of every forward.
pub const TIMESTEP: f32 = 500.0;

pub const CASES: [Case; 3] = [
    Case {
        name: "cifar10-32",
        side: 32,
        batches: &[1, 16],
        blocks: r#""block_out_channels": [128, 256, 256, 256],
            "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"],
            "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"]"#,
    },
    Case {
        name: "cats-64",
        side: 64,
        batches: &[16],
        blocks: r#""block_out_channels": [64, 128, 192, 256],
            "down_block_types": ["DownBlock2D", "DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
            "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D", "UpBlock2D"]"#,
    },
    Case {
        name: "celebahq-256",
        side: 256,
        batches: &[1],
        blocks: r#""block_out_channels": [128, 128, 256, 256, 512, 512],
            "down_block_types": ["DownBlock2D", "DownBlock2D", "DownBlock2D", "DownBlock2D", "AttnDownBlock2D", "DownBlock2D"],
            "up_block_types": ["UpBlock2D", "AttnUpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D"]"#,
    },
];

const COMMON: &str = r#""act_fn": "silu", "attention_head_dim": null, "center_input_sample": false, "downsample_padding": 0,
    "flip_sin_to_cos": false, "freq_shift": 1, "in_channels": 3, "out_channels": 3, "layers_per_block": 2,
    "mid_block_scale_factor": 1, "norm_eps": 1e-6, "norm_num_groups": 32, "time_embedding_type": "positional""#;

impl Case {
    pub fn config(&self) -> Result<UnetConfig, Failure> {
        let failed = |error| Failure::failed("The bench cannot run", error);
        UnetConfig::from_json(&format!("{{{COMMON}, {}}}", self.blocks)).map_err(failed)
    }

    pub fn plan(&self, batch: usize) -> Result<Plan, Failure> {
        let failed = |error| Failure::failed("The bench cannot run", error);
        Plan::new(&self.config()?, batch, [self.side; 2]).map_err(failed)
    }

    /// Images of the same noise, however many they are.
    pub fn images(&self, batch: usize) -> Result<Vec<f32>, Failure> {
        let plan = self.plan(1)?;
        let length = plan.shape(plan.input).len();
        let mut images = vec![0.0; batch * length];
        Noise::new(1).normals(Purpose::Start, 0, 0, length, &mut images);
        Ok(images)
    }

    /// Normal numbers, of a width that keeps the size of what goes through them.
    pub fn weights(&self) -> Result<Weights, Failure> {
        let parameters = self.plan(1)?.parameters;
        let random = parameters.iter().zip(0..).map(|(parameter, index)| {
            #[expect(clippy::cast_precision_loss, reason = "a width, not a count")]
            let width = (parameter.shape[1..].iter().product::<usize>() as f32).sqrt().recip();
            let mut numbers = vec![0.0; parameter.len()];
            Noise::new(0).normals(Purpose::Weights, index, 0, parameter.len().max(1), &mut numbers);
            numbers.iter_mut().for_each(|x| *x *= width);
            numbers
        });
        Ok(Weights::new(random.collect()))
    }
}
