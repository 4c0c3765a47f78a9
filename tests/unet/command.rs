//! `scorescope images info` and `images eval` as a person runs them.

use std::fs;

use serde_json::{Value, json};

use super::folder::{here, model};
use super::program::{Folder, json};

/// A folder with a model and its images as NumPy writes them.
pub fn prepared(name: &str) -> Folder {
    let (folder, model) = (Folder::new(), model(name));
    fs::create_dir(folder.path("model")).expect("there is room for a folder");
    model.write(&folder.path("model"), str::to_owned);
    let [n, h, w] = model.shape;
    write_npy(&folder, "x.npy", [n, model.config().in_channels, h, w], &model.image());
    folder
}

pub fn write_npy(folder: &Folder, name: &str, shape: [usize; 4], numbers: &[f32]) {
    let [n, c, h, w] = shape;
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {c}, {h}, {w}), }}");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len() + 1).expect("it is short").to_le_bytes());
    bytes.extend(header.bytes().chain([b'\n']));
    bytes.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
    folder.write(name, bytes);
}

/// The file begins as PyTorch's own does, shape and all, and its numbers are PyTorch's.
#[test]
fn eval_writes_the_answer_as_numpy_does() {
    let folder = prepared("one-level");
    let eval = "images eval --model model --input x.npy --timestep 3.5 --device cpu --out y.npy";
    let summary = json(&folder.succeeds(&eval.split(' ').collect::<Vec<_>>()));
    assert_eq!((&summary["device"], &summary["shape"]), (&json!("cpu"), &json!([3, 2, 5, 7])));
    let numbers = |path| {
        let file = npyz::NpyFile::new(fs::File::open(path).expect("it is there")).expect("it is NumPy's");
        (file.shape().to_vec(), file.into_vec::<f32>().expect("it is single precision"))
    };
    let (shape, found) = numbers(folder.path("y.npy"));
    let (expected_shape, expected) = numbers(here().join("one-level.npy"));
    assert_eq!(shape, expected_shape);
    let far = found.iter().zip(&expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max);
    assert!(far < 2e-5, "{far}");
}

#[test]
fn what_eval_cannot_do_is_a_sentence_and_leaves_no_file() {
    let folder = prepared("one-level");
    write_npy(&folder, "two-channels.npy", [1, 2, 5, 7], &[0.0; 70]);
    write_npy(&folder, "nan.npy", [1, 1, 5, 7], &[f32::NAN; 35]);
    write_npy(&folder, "short.npy", [1, 1, 5, 7], &[0.0; 34]);
    write_npy(&folder, "none.npy", [0, 1, 5, 7], &[]);
    write_npy(&folder, "huge.npy", [1, 1, 1 << 40, 1 << 20], &[]);
    folder.write("text.npy", "no numbers");
    for (arguments, code, expected) in [
        ("--input absent.npy --timestep 1", 1, "Check the path"),
        ("--input model --timestep 1", 2, "no file"),
        ("--input text.npy --timestep 1", 2, "magic"),
        ("--input nan.npy --timestep 1", 2, "number 0 is NaN"),
        ("--input short.npy --timestep 1", 2, "cut short"),
        ("--input huge.npy --timestep 1", 2, "cut short"),
        ("--input none.npy --timestep 1", 2, "at least one"),
        ("--input two-channels.npy --timestep 1", 2, "2 channels"),
        ("--input x.npy --timestep nan", 2, "finite"),
        ("--input x.npy --timestep 1 --model absent", 1, "does not exist"),
    ] {
        let mut line = vec!["images", "eval", "--out", "y.npy"];
        line.extend(arguments.split(' '));
        if !arguments.contains("--model") {
            line.extend(["--model", "model"]);
        }
        let stderr = folder.fails(&line, code);
        assert!(stderr.contains(expected), "{arguments}: {stderr}");
    }
    assert!(!folder.path("y.npy").exists());
    let config = folder.path("model/config.json").display().to_string();
    let onto_itself = ["images", "eval", "--model", "model", "--input", "x.npy", "--timestep", "1", "--out", &config];
    assert!(folder.fails(&onto_itself, 2).contains("also an input"));
}

/// Totals are the sums of the rows, in the table and in JSON; the size may be another than the network's own.
#[test]
fn info_prints_every_call_and_their_sums() {
    let folder = prepared("cifar10");
    let found = json(&folder.succeeds(&["images", "info", "--model", "model", "--json", "--batch", "2"]));
    assert_eq!((&found["input"], &found["output"]), (&json!([2, 3, 32, 32]), &json!([2, 3, 32, 32])));
    assert_eq!(found["parameters"], 565_315);
    let calls = found["calls"].as_array().expect("there are calls");
    let sum = |key: &str| calls.iter().map(|call| call[key].as_u64().expect("a count")).sum::<u64>();
    assert_eq!((&found["flop"], &found["bytes"]), (&json!(sum("flop")), &json!(sum("bytes"))));
    let first = calls.iter().find(|call| call["layer"] == "conv_in").expect("the network begins with it");
    assert_eq!(first["flop"], 2 * 3 * 9 * 2 * 16 * 32 * 32);
    let table = folder.succeeds(&["images", "info", "--model", "model", "--size", "16x8"]);
    assert_eq!(table.lines().count(), calls.len() + 5);
    assert!(table.contains("from [1, 3, 8, 16] to [1, 3, 8, 16]"));
    let wrong = folder.fails(&["images", "info", "--model", "model", "--size", "12x16"], 2);
    assert!(wrong.contains("multiples of 8"), "{wrong}");
    let config: Value = model("one-level").config;
    folder.write("model/config.json", config.to_string());
    assert!(folder.fails(&["images", "info", "--model", "model"], 2).contains("--size"));
}
