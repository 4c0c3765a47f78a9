//! Models by the hub's names, against a hub of our own on this machine.

use std::process::Output;
use std::time::{Duration, Instant};

use super::program::{Folder, json};
use super::server::{Hub, WEIGHTS, files, sha256};

/// The program, with this hub and a cache in the test's folder.
fn ask(folder: &Folder, hub: &str, model: &str) -> Output {
    let mut command = folder.command(&["images", "info", "--model", model, "--json", "--size", "8x8"]);
    command.env("HF_ENDPOINT", hub).env("HF_HOME", folder.path("hub")).env("HOME", folder.path("."));
    command.output().expect("the program starts")
}

fn said(output: &Output, code: i32) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    stderr
}

#[test]
fn a_model_is_fetched_once_and_then_needs_no_hub() {
    let folder = Folder::new();
    let files = files(sha256);
    let (weights, name) = files[WEIGHTS].clone();
    // A fetch that was interrupted: half of the weights are there.
    let blobs = folder.path("hub/hub/models--somebody--model/blobs");
    std::fs::create_dir_all(&blobs).expect("a folder");
    std::fs::write(blobs.join(format!("{name}.part")), &weights[..weights.len() / 2]).expect("half a file");
    let hub = Hub::serve(files);
    let first = ask(&folder, &hub.address, "somebody/model");
    said(&first, 0);
    assert!(json(&String::from_utf8_lossy(&first.stdout))["parameters"].as_u64().is_some_and(|n| n > 0));
    assert!(std::fs::read(blobs.join(&name)).expect("the weights") == weights, "the other half was added");
    assert_eq!(hub.asked(WEIGHTS), [weights.len() / 2], "and nothing but that was asked for");
    // Nobody listens at port 9 of this machine.
    let again = ask(&folder, "http://127.0.0.1:9", "somebody/model");
    said(&again, 0);
    assert_eq!(again.stdout, first.stdout);
}

#[test]
fn what_a_hub_cannot_give_is_said() {
    let folder = Folder::new();
    let begun = Instant::now();
    let offline = said(&ask(&folder, "http://127.0.0.1:9", "somebody/model"), 1);
    assert!(offline.contains("somebody/model") && offline.contains("out of reach"), "{offline}");
    assert!(begun.elapsed() < Duration::from_secs(20) && offline.lines().count() == 1, "{offline}");
    let hub = Hub::serve(files(sha256));
    let unknown = said(&ask(&folder, &hub.address, "nobody/nothing"), 1);
    assert!(unknown.contains("no model of this name") && unknown.contains("spelling"), "{unknown}");
    let other = said(&ask(&folder, &hub.address, "somebody/else"), 1);
    assert!(other.contains("no config.json"), "{other}");
    let wrong = Hub::serve(files(|_| sha256(b"other bytes")));
    for _ in 0..2 {
        let damaged = said(&ask(&folder, &wrong.address, "somebody/model"), 1);
        assert!(damaged.contains("checksum") && damaged.contains("Try again"), "{damaged}");
    }
    // Neither a folder nor a name.
    assert!(said(&ask(&folder, &hub.address, "some/where/else"), 1).contains("does not exist"));
}
