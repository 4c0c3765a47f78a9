//! `scorescope images train` as a person runs it.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::program::{Folder, json};

/// Cats of 8 × 8 pixels and a network of a few thousand weights.
const SMALL: &str = "images train --data cats:50 --size 8 --channels 8,16 --attention 4 --batch 3 --warm-up 1 --seed 2 --save-every 1 --sheet-every 1000000";

fn words(command: &str) -> Vec<&str> {
    command.split(' ').collect()
}

/// Killed without a word at whatever step, a training goes on to the same bytes as one that was left alone.
#[test]
fn a_killed_training_goes_on_to_the_same_numbers() {
    let folder = Folder::new();
    let endless = format!("{SMALL} --steps 1000000 --out killed");
    let mut program = folder
        .command(&words(&endless))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let (begun, weights) = (Instant::now(), folder.path("killed/diffusion_pytorch_model.safetensors"));
    while !weights.exists() {
        assert!(begun.elapsed() < Duration::from_secs(50), "no step was made");
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(100));
    program.kill().expect("it can be killed");
    program.wait().expect("it has ended");
    // How far it came, its own answer says.
    let behind = folder.fails(&words("images train --resume --steps 1 --out killed"), 2);
    let made = behind.split(' ').find_map(|word| word.parse::<u32>().ok()).expect("a number of steps");
    let steps = made + 2;
    let resumed = json(&folder.succeeds(&words(&format!("images train --resume --steps {steps} --out killed"))));
    let whole = json(&folder.succeeds(&words(&format!("{SMALL} --steps {steps} --out whole"))));
    assert_eq!([&resumed["steps"], &whole["steps"]], [&json!(steps); 2]);
    for name in ["training.safetensors", "diffusion_pytorch_model.safetensors", "config.json", "scheduler_config.json"]
    {
        let [killed, whole] = ["killed", "whole"].map(|of| fs::read(folder.path(of).join(name)).expect("it is there"));
        assert!(killed == whole, "{name} is another one after {made} steps");
    }
    let [killed, whole] =
        ["killed", "whole"].map(|of| fs::read(folder.path(of).join(format!("samples/{steps:07}.png"))));
    assert!(killed.expect("a sheet") == whole.expect("a sheet"));
}

/// What is written is a model like those of the hub, in either form; weights in half precision take half the room.
#[test]
fn what_was_trained_is_a_model() {
    let folder = Folder::new();
    for (form, class) in [("edm", "EDMEulerScheduler"), ("vp", "DDPMScheduler")] {
        folder.succeeds(&words(&format!("{SMALL} --form {form} --steps 2 --half --out {form}")));
        let scheduler = fs::read(folder.path(form).join("scheduler_config.json")).expect("it is there");
        let scheduler: Value = serde_json::from_slice(&scheduler).expect("it is JSON");
        assert_eq!(scheduler["_class_name"], class);
        let info = json(&folder.succeeds(&words(&format!("images info --model {form} --json"))));
        let parameters = info["parameters"].as_u64().expect("a number");
        let file = fs::metadata(folder.path(form).join("diffusion_pytorch_model.safetensors")).expect("it is there");
        assert!(file.len() > 2 * parameters && file.len() < 4 * parameters, "{} bytes", file.len());
        let sampler = "images sample --device cpu --sampler heun,steps=2 --count 2 --out x.npy --model";
        let summary = json(&folder.succeeds(&words(&format!("{sampler} {form}"))));
        assert_eq!(summary["shape"], json!([2, 3, 8, 8]));
    }
}

#[test]
fn what_cannot_be_trained_is_a_sentence_and_loses_nothing() {
    let folder = Folder::new();
    folder.succeeds(&words(&format!("{SMALL} --steps 1 --out done")));
    folder.write("config.json", r#"{"block_out_channels": [8], "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"], "wings": 2}"#);
    folder.write("broken.json", "{");
    fs::create_dir_all(folder.path("cut")).expect("a folder");
    let state = fs::read(folder.path("done/training.safetensors")).expect("it is there");
    folder.write("cut/training.safetensors", &state[..state.len() / 2]);
    for (arguments, code, expected) in [
        ("--data cats --out done", 2, "which would be lost"),
        ("--data nowhere --out new", 1, "nowhere"),
        ("--data cats:0 --out new", 1, "cats:0"),
        ("--data cats --size 24 --out new", 1, "24"),
        ("--data cats --config config.json --out new", 2, "wings"),
        ("--data cats --config broken.json --out new", 2, "broken.json"),
        ("--data cats --config absent.json --out new", 1, "Check the path"),
        ("--data cats --channels 8,16,9 --attention 1 --learning-rate 0 --out new", 2, "above 0"),
        ("--data cats --ema 1 --out new", 2, "--ema"),
        ("--data cats --ln-sigma 1 --out new", 2, "two numbers"),
        ("--data cats --ln-sigma 0,-1 --out new", 2, "--ln-sigma"),
        ("--data cats --out config.json", 1, "config.json"),
        ("--resume --steps 9 --out new", 1, "Check --out"),
        ("--resume --steps 9 --out cut", 1, "cut"),
        ("--resume --seed 3 --out done", 2, "cannot be used"),
        ("--out new", 2, "--data"),
    ] {
        let stderr = folder.fails(&words(&format!("images train {arguments}")), code);
        assert!(stderr.contains(expected), "{arguments}: {stderr}");
        assert!(!folder.path("new").join("training.safetensors").exists(), "{arguments}");
    }
    assert!(fs::read(folder.path("done/training.safetensors")).expect("it is there") == state);
}
