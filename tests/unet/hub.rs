//! Models by the hub's names, against a hub of our own on this machine: it answers as huggingface.co does.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::folder::models;
use super::program::{Folder, json};

/// A file and the name that the hub gives its bytes.
type Files = BTreeMap<&'static str, (Vec<u8>, String)>;

/// Serves the files of `somebody/model` for as long as the test runs; returns its address.
fn serve(files: Files) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("its address"));
    let files = Arc::new(files);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            std::thread::spawn(move || answer(&stream, &files));
        }
    });
    address
}

/// One request: a range of one file.
fn answer(stream: &TcpStream, files: &Files) {
    let (mut path, mut from, mut to) = (String::new(), 0, None);
    for line in BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("GET ") {
            rest.split(' ').next().unwrap_or_default().clone_into(&mut path);
        }
        if let Some((_, range)) = line.to_ascii_lowercase().split_once("range: bytes=") {
            let (first, last) = range.split_once('-').expect("a range");
            (from, to) = (first.parse().expect("a number"), last.parse::<usize>().ok());
        }
    }
    let mut stream = stream;
    let Some((bytes, name)) = path.strip_prefix("/somebody/model/resolve/main/").and_then(|file| files.get(file))
    else {
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let some = &bytes[from..to.map_or(bytes.len(), |to| to + 1).min(bytes.len())];
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nETag: \"{name}\"\r\nX-Repo-Commit: c0ffee\r\nContent-Range: bytes {from}-{}/{}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        from + some.len().max(1) - 1,
        bytes.len(),
        some.len()
    );
    // A program that has gone away is not this server's trouble.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(some));
}

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

/// The files of a small model; large ones are named by their SHA-256, `wrong` or not.
fn files(sum: impl Fn(&[u8]) -> String) -> Files {
    let models = models();
    let model = models.iter().find(|model| model.name == "no-middle").expect("it is listed");
    let folder = Folder::new();
    model.write(&folder.path("."), str::to_owned);
    let read = |name: &str| std::fs::read(folder.path(name)).expect("it was written");
    let weights = read("diffusion_pytorch_model.safetensors");
    let name = sum(&weights);
    BTreeMap::from([
        ("unet/config.json", (read("config.json"), "an-etag".to_owned())),
        ("unet/diffusion_pytorch_model.safetensors", (weights, name)),
    ])
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let hex = "0123456789abcdef".as_bytes();
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(hex[usize::from(digit)])).collect()
}

#[test]
fn a_model_is_fetched_once_and_then_needs_no_hub() {
    let folder = Folder::new();
    let files = files(sha256);
    let (weights, name) = files["unet/diffusion_pytorch_model.safetensors"].clone();
    // A fetch that was interrupted: half of the weights are there.
    let blobs = folder.path("hub/hub/models--somebody--model/blobs");
    std::fs::create_dir_all(&blobs).expect("a folder");
    std::fs::write(blobs.join(format!("{name}.sync.part")), &weights[..weights.len() / 2]).expect("half a file");
    let hub = serve(files);
    let first = ask(&folder, &hub, "somebody/model");
    said(&first, 0);
    assert!(json(&String::from_utf8_lossy(&first.stdout))["parameters"].as_u64().is_some_and(|n| n > 0));
    assert!(std::fs::read(blobs.join(&name)).expect("the weights") == weights, "the other half was added");
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
    let hub = serve(files(sha256));
    let unknown = said(&ask(&folder, &hub, "nobody/nothing"), 1);
    assert!(unknown.contains("no config.json"), "{unknown}");
    let wrong = serve(files(|_| sha256(b"other bytes")));
    for _ in 0..2 {
        let damaged = said(&ask(&folder, &wrong, "somebody/model"), 1);
        assert!(damaged.contains("checksum") && damaged.contains("Try again"), "{damaged}");
    }
    // Neither a folder nor a name.
    assert!(said(&ask(&folder, &hub, "some/where/else"), 1).contains("does not exist"));
}
