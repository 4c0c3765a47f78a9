//! What is refused, and that the sentence names it.

use std::fs;
use std::sync::Arc;

use safetensors::tensor::Dtype;
use scorescope::learning::UnetCpu;
use scorescope::session::Pool;
use scorescope::unet::{Folder, ModelError, Plan, UnetConfig, Weights};
use serde_json::{Value, json};

use super::folder::{model, write_tensors};

/// The sentence of an error.
fn sentence<T>(result: Result<T, ModelError>) -> String {
    result.err().expect("it is refused").to_string()
}

fn with(key: &str, value: Value) -> String {
    let mut config = model("no-middle").config;
    config[key] = value;
    sentence(UnetConfig::from_json(&config.to_string()))
}

#[test]
fn a_configuration_is_refused_by_the_name_of_its_key() {
    for (key, value, expected) in [
        ("num_class_embeds", json!(10), "null"),
        ("class_embed_type", json!("timestep"), "null"),
        ("cross_attention_dim", json!(768), "unknown"),
        ("act_fn", json!("tanh"), "\"silu\" or \"swish\" or \"mish\" or \"gelu\" or \"relu\""),
        ("time_embedding_type", json!("learned"), "\"positional\" or \"fourier\""),
        ("resnet_time_scale_shift", json!("spatial"), "\"default\" or \"scale_shift\""),
        ("mid_block_type", json!("UNetMidBlock2DCrossAttn"), "\"UNetMidBlock2D\" or null"),
        ("down_block_types", json!(["DownBlock2D", "CrossAttnDownBlock2D"]), "AttnSkipDownBlock2D"),
        ("down_block_types", json!(["DownBlock2D"]), "2 levels"),
        ("up_block_types", json!("UpBlock2D"), "a list"),
        ("block_out_channels", json!([8, 0]), "whole numbers from 1"),
        ("block_out_channels", json!(vec![8; 1000]), "a list of 1 to 12"),
        ("downsample_padding", json!(2), "from 0 to 1"),
        ("downsample_type", json!("fir"), "\"conv\" or \"resnet\""),
        ("norm_eps", json!(0), "above 0"),
        ("layers_per_block", json!(2.5), "a whole number"),
        ("sample_size", json!([32, 32, 3]), "a whole number or two"),
        ("in_channels", json!(-3), "a whole number"),
        ("center_input_sample", json!("yes"), "true or false"),
        ("freq_shift", json!(4), "less than half"),
    ] {
        let sentence = with(key, value);
        assert!(sentence.contains(expected), "{key}: {sentence}");
        assert!(sentence.contains(key) || key == "down_block_types", "{key}: {sentence}");
    }
    let mut skip = model("ncsnpp").config;
    skip["in_channels"] = json!(1);
    assert!(sentence(UnetConfig::from_json(&skip.to_string())).contains("'in_channels'"));
    skip["in_channels"] = json!(3);
    skip["up_block_types"][3] = json!("UpBlock2D");
    assert!(sentence(UnetConfig::from_json(&skip.to_string())).contains("Skip blocks"));
}

#[test]
fn text_that_is_no_object_is_refused() {
    for text in ["", "[]", "{\"act_fn\": }", &"[".repeat(100_000), &"{\"a\":".repeat(100_000)] {
        assert!(sentence(UnetConfig::from_json(text)).starts_with("config.json is no JSON object"));
    }
}

#[test]
fn groups_and_heads_that_do_not_fit_name_their_layer() {
    for (key, value, expected) in [
        ("norm_num_groups", json!(3), "down_blocks.0.resnets.0.norm1 has 8 channels in 3 groups"),
        ("attention_head_dim", json!(17), "down_blocks.1.attentions.0 has 16 channels"),
    ] {
        let mut config = model("no-middle").config;
        config[key] = value;
        let config = UnetConfig::from_json(&config.to_string()).expect("each key is possible");
        assert!(sentence(Plan::new(&config, 1, [8, 8])).contains(expected));
    }
}

#[test]
fn images_and_timesteps_that_the_network_cannot_take_are_refused() {
    let (plain, fourier) = (model("cifar10"), model("ncsnpp"));
    for (n, size, expected) in [
        (1, [12, 16], "multiples of 8"),
        (1, [0, 8], "multiples of 8"),
        (0, [8, 8], "at least one"),
        (usize::MAX, [8, 8], "fewer"),
        (1, [1 << 40, 1 << 40], "smaller"),
    ] {
        assert!(sentence(Plan::new(&plain.config(), n, size)).contains(expected));
    }
    for (model, timestep, size, expected) in [
        (&plain, f32::NAN, [8, 8], "finite"),
        (&fourier, 0.0, [8, 8], "above 0"),
        (&fourier, f32::INFINITY, [8, 8], "finite"),
        (&plain, 1.0, [16, 8], "(1, 3, 16, 8)"),
    ] {
        let weights = Weights::new(model.weights());
        let network = UnetCpu::new(model.config(), weights, Arc::new(Pool::of(1))).expect("the weights fit");
        let (x, mut y) = (vec![0.0; 3 * 64], vec![0.0; 3 * 64]);
        let refused = sentence(network.forward(&x, [1, size[0], size[1]], timestep, &mut y));
        assert!(refused.contains(expected), "{refused}");
    }
}

/// Each damage to the weights is named by the tensor it hits.
#[test]
fn weights_that_do_not_fit_are_refused_by_the_name_of_the_tensor() {
    let model = model("no-middle");
    let (plan, weights) = (model.plan(), model.weights());
    let bytes = |numbers: &[f32]| numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let good: Vec<(String, Vec<usize>, Vec<u8>)> = (plan.parameters.iter().zip(&weights))
        .map(|(parameter, numbers)| (parameter.name.clone(), parameter.shape.clone(), bytes(numbers)))
        .collect();
    let name = &plan.parameters[7].name;
    let refused = |dtype, tensors: &[_]| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        fs::write(folder.path().join("config.json"), model.config.to_string()).expect("it is written");
        write_tensors(folder.path(), dtype, tensors);
        let folder = Folder::find(folder.path()).expect("it was written");
        sentence(folder.weights(&model.config()))
    };
    let mut missing = good.clone();
    missing.remove(7);
    assert_eq!(refused(Dtype::F32, &missing), format!("tensor '{name}' is missing from the weights"));
    let mut wrong = good.clone();
    wrong[7].1 = vec![1, wrong[7].2.len() / 4];
    assert!(refused(Dtype::F32, &wrong).starts_with(&format!("tensor '{name}' is F32 of shape [1, ")));
    assert!(refused(Dtype::I32, &good).contains("is I32 of shape"));
    let mut more = good.clone();
    more.push(("down_blocks.9.resnets.0.conv1.bias".to_owned(), vec![1], vec![0; 4]));
    assert!(
        refused(Dtype::F32, &more).starts_with("tensor 'down_blocks.9.resnets.0.conv1.bias' stands in the weights")
    );
    let mut poisoned = good.clone();
    poisoned[7].2[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(refused(Dtype::F32, &poisoned), format!("tensor '{name}' holds values that are not finite"));
}

/// What is no model's folder: each is a sentence with the path, and nothing large is read.
#[test]
fn folders_and_files_that_are_no_model_are_refused() {
    let model = model("no-middle");
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path();
    let found = |expected: &str| {
        let refused = sentence(Folder::find(path).and_then(|folder| folder.weights(&folder.config()?)));
        assert!(refused.contains(expected) && refused.contains(&path.display().to_string()), "{refused}");
    };
    found("there is no config.json");
    let config = path.join("config.json");
    fs::create_dir(&config).expect("it is made");
    found("it is a folder");
    fs::remove_dir(&config).expect("it is removed");
    fs::File::create(&config).and_then(|file| file.set_len(1 << 40)).expect("a sparse file is made");
    found("bytes");
    fs::write(&config, [0xff; 4]).expect("it is written");
    found("it is no text");
    fs::write(&config, model.config.to_string()).expect("it is written");
    found("there is none");
    fs::write(path.join("diffusion_pytorch_model.bin"), "").expect("it is written");
    found("save_pretrained");
    let weights = path.join("diffusion_pytorch_model.safetensors");
    fs::File::create(&weights).and_then(|file| file.set_len(1 << 40)).expect("a sparse file is made");
    found("can belong to this network");
    fs::remove_file(&weights).expect("it is removed");
    fs::create_dir(&weights).expect("it is made");
    found("it is a folder");
    fs::remove_dir(&weights).expect("it is removed");
    let refused = || sentence(Folder::find(path).and_then(|folder| folder.weights(&model.config())));
    // A header of 100 GB, a header cut short, data cut short.
    for bytes in [&(100_000_000_000u64).to_le_bytes()[..], &[9, 0, 0], &[]] {
        fs::write(&weights, bytes).expect("it is written");
        assert!(refused().contains("no complete safetensors file"), "{}", refused());
    }
    fs::remove_file(&weights).expect("it is removed");
    model.write(path, str::to_owned);
    let whole = fs::read(&weights).expect("it was written");
    fs::write(&weights, &whole[..whole.len() - 1]).expect("it is written");
    assert!(refused().contains("no complete safetensors file"), "{}", refused());
    let file = sentence(Folder::find(&weights).map(|_| ()));
    assert!(file.contains("it is a file"), "{file}");
}
