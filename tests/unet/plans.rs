//! Plans: what the published networks cost, and where values lie.

use scorescope::unet::plan::ValueId;
use scorescope::unet::{Plan, UnetConfig};
use serde_json::json;

use super::folder::models;

/// The plan of a published network for one image of its own size.
fn published(name: &str) -> Plan {
    let plain = |channels: &[usize], down: &[&str], up: &[&str]| {
        json!({
            "act_fn": "silu", "attention_head_dim": null, "block_out_channels": channels, "down_block_types": down,
            "downsample_padding": 0, "flip_sin_to_cos": false, "freq_shift": 1, "norm_eps": 1e-6, "up_block_types": up,
        })
    };
    let (size, config) = match name {
        "google/ddpm-cifar10-32" => (
            32,
            plain(
                &[128, 256, 256, 256],
                &["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"],
                &["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
            ),
        ),
        "google/ddpm-celebahq-256" => (
            256,
            plain(
                &[128, 128, 256, 256, 512, 512],
                &["DownBlock2D", "DownBlock2D", "DownBlock2D", "DownBlock2D", "AttnDownBlock2D", "DownBlock2D"],
                &["UpBlock2D", "AttnUpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D"],
            ),
        ),
        _ => {
            let mut down = vec!["SkipDownBlock2D"; 7];
            let mut up = vec!["SkipUpBlock2D"; 7];
            (down[4], up[2]) = ("AttnSkipDownBlock2D", "AttnSkipUpBlock2D");
            let mut config = plain(&[128, 128, 256, 256, 256, 256, 256], &down, &up);
            config["norm_num_groups"] = json!(null);
            config["mid_block_scale_factor"] = json!(std::f64::consts::SQRT_2);
            config["time_embedding_type"] = json!("fourier");
            (256, config)
        }
    };
    let config = UnetConfig::from_json(&config.to_string()).expect("it is published");
    Plan::new(&config, 1, [size; 2]).expect("it is its own size")
}

/// Parameters and GFLOP an image, counted by others: diffusers' `num_parameters` and PyTorch's `FlopCounterMode`.
#[test]
fn published_networks_have_their_published_sizes() {
    for (name, weights, gflop) in [
        ("google/ddpm-cifar10-32", 35_746_307, 12.4),
        ("google/ddpm-celebahq-256", 113_673_219, 497.0),
        ("google/ncsnpp-celebahq-256", 65_574_549, 533.0),
    ] {
        let plan = published(name);
        assert_eq!(plan.weights(), weights, "{name}");
        let found = 1e-9 * plan.cost().operations as f64;
        assert!((found / gflop - 1.0).abs() < 5e-3, "{name}: {found} GFLOP");
    }
}

/// No call writes into what it or a later call reads, every value fits its buffer, and all of it is not much more than
/// what is alive at the fullest moment.
#[test]
fn values_that_live_at_the_same_time_lie_in_different_buffers() {
    let plans = models().into_iter().map(|model| model.plan()).chain([published("google/ncsnpp-celebahq-256")]);
    for plan in plans {
        let memory = plan.memory();
        // From the call that writes it to the last that reads it.
        let mut lives = vec![(0, 0); plan.values.len()];
        for (at, layer) in (1..).zip(&plan.layers) {
            lives[layer.output.0] = (at, at);
            layer.call.operands().values.iter().for_each(|value| lives[value.0].1 = at);
        }
        lives[plan.output.0].1 = usize::MAX;
        let mut fullest = 0;
        for at in 0..=plan.layers.len() {
            let alive = (0..lives.len()).filter(|value| (lives[*value].0..=lives[*value].1).contains(&at));
            let alive: Vec<ValueId> = alive.map(ValueId).collect();
            for (i, value) in alive.iter().enumerate() {
                assert!(plan.shape(*value).len() <= memory.sizes[memory.buffer(*value).0]);
                assert!(alive[..i].iter().all(|other| memory.buffer(*other) != memory.buffer(*value)), "call {at}");
            }
            fullest = fullest.max(alive.iter().map(|value| plan.shape(*value).len()).sum());
        }
        assert!(memory.numbers() <= 2 * fullest, "{} numbers for {fullest}", memory.numbers());
    }
}
