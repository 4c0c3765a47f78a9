//! A hub on this machine with one small model, somebody/model: it answers as huggingface.co does.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::folder::model;

/// Each file, and the name that the hub gives its bytes.
pub type Files = BTreeMap<&'static str, (Vec<u8>, String)>;

/// The largest of them.
pub const WEIGHTS: &str = "unet/diffusion_pytorch_model.safetensors";

/// Serves for as long as the test runs.
pub struct Hub {
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    files: Files,
    /// Whether whoever asks for a file from its beginning has to wait for its second half.
    slow: bool,
    /// What was asked for, from which byte on.
    asked: Mutex<Vec<(String, usize)>>,
}

impl Hub {
    pub fn serve(files: Files) -> Self {
        Self::start(files, false)
    }

    /// The second half of each file comes in drops, unless it is asked for alone.
    #[allow(dead_code, reason = "only the window waits")]
    pub fn serve_slowly(files: Files) -> Self {
        Self::start(files, true)
    }

    fn start(files: Files, slow: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let shared = Arc::new(Shared { files, slow, asked: Mutex::default() });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&served);
                std::thread::spawn(move || shared.answer(&stream));
            }
        });
        Self { address, shared }
    }

    /// Where each request for a file began.
    pub fn asked(&self, file: &str) -> Vec<usize> {
        let asked = self.shared.asked.lock().expect("nobody panicked");
        asked.iter().filter(|(other, _)| other == file).map(|(_, from)| *from).collect()
    }
}

impl Shared {
    /// One request: a range of one file.
    fn answer(&self, mut stream: &TcpStream) {
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
        let file = path.strip_prefix("/somebody/model/resolve/main/").unwrap_or_default();
        let Some((bytes, name)) = self.files.get(file) else {
            // Whoever is nobody here might be somebody who hides.
            let why = if path.starts_with("/somebody/") { "404 Not Found" } else { "401 Unauthorized" };
            let _ = stream
                .write_all(format!("HTTP/1.1 {why}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes());
            return;
        };
        let some = &bytes[from..to.map_or(bytes.len(), |to| to + 1).min(bytes.len())];
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\nETag: \"{name}\"\r\nX-Repo-Commit: c0ffee\r\nContent-Range: bytes {from}-{}/{}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            from + some.len().max(1) - 1,
            bytes.len(),
            some.len()
        );
        // A request for one byte asks what there is.
        let whole = to.is_none();
        if whole {
            self.asked.lock().expect("nobody panicked").push((file.to_owned(), from));
        }
        let (at_once, drops) = some.split_at(if self.slow && whole && from == 0 { some.len() / 2 } else { some.len() });
        let mut written = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(at_once));
        for drop in drops.chunks(64) {
            std::thread::sleep(Duration::from_millis(20));
            // A program that has gone away is not this server's trouble.
            written = written.and_then(|()| stream.write_all(drop));
            if written.is_err() {
                return;
            }
        }
    }
}

/// The files of a small model; large ones are named by what `sum` makes of their bytes.
pub fn files(sum: impl Fn(&[u8]) -> String) -> Files {
    let folder = tempfile::tempdir().expect("a folder for the test");
    model("no-middle").write(folder.path(), str::to_owned);
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("it was written");
    let weights = read("diffusion_pytorch_model.safetensors");
    let name = sum(&weights);
    BTreeMap::from([("unet/config.json", (read("config.json"), "an-etag".to_owned())), (WEIGHTS, (weights, name))])
}

pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let hex = "0123456789abcdef".as_bytes();
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(hex[usize::from(digit)])).collect()
}
