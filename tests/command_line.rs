//! The program as scripts use it: exact forms, exit codes, the same bytes for the same seed.

mod program;

use std::fs;
use std::path::Path;

use program::{Folder, cells, json, lines};
use serde_json::Value;

const SAMPLE: [&str; 9] =
    ["sample", "--scenario", "ncsn-toy", "--sampler", "annealed", "--particles", "1280", "--seed", "3"];

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn sample_ends_with_one_json_object() {
    let folder = Folder::new();
    let summary = json(&folder.succeeds(&SAMPLE));
    let expected = [
        "energy_distance",
        "mmd",
        "mode_weight_errors",
        "mode_weights",
        "nfe",
        "nll",
        "off_mode",
        "particles",
        "sampler",
        "seconds",
        "seed",
        "sliced_wasserstein",
        "true_weights",
    ];
    assert_eq!(keys(&summary), expected);
    assert_eq!(summary["sampler"], "annealed");
    assert_eq!(summary["nfe"], 1000);
    assert_eq!(summary["true_weights"], serde_json::json!([0.8, 0.2]));
    assert!(number(&summary["seconds"]) >= 0.0 && number(&summary["sliced_wasserstein"]) > 0.0);
    // The entropy of the toy at σ = 1 is 3.338 nats (1 + ln 2π and that of the weights): particles with nearly the right
    // law lie near it. n = 1280, −log p of one particle has a standard deviation of about 1.2: three sigma are .1.
    assert!((number(&summary["nll"]) - 3.338).abs() < 0.1, "{summary}");
}

/// The two numbers the class comes for. 1,280 particles, one seed: sd .011 to .014; .04 is about three sigma.
#[test]
fn langevin_misses_the_share_of_the_heavy_mode_and_annealing_reaches_it() {
    let folder = Folder::new();
    let long = "annealed,levels=10,steps_per_level=100,step=0.1,sigma_max=20,sigma_min=1,start=box,box=8";
    for (sampler, expected, nfe) in [("langevin", 0.510, 1000), (long, 0.781, 1000), ("langevin,steps=50", 0.510, 50)] {
        let mut arguments = SAMPLE;
        arguments[4] = sampler;
        let summary = json(&folder.succeeds(&arguments));
        let share = number(&summary["mode_weights"][0]);
        assert!((share - expected).abs() < 0.04, "{sampler}: {share}, expected {expected}");
        assert_eq!(summary["nfe"], nfe, "{sampler}");
    }
}

#[test]
fn the_same_seed_gives_the_same_particles_on_any_number_of_threads() {
    let folder = Folder::new();
    let file = |more: &[&str]| {
        folder.succeeds(&with(&with(&SAMPLE, &["--out", "p.csv"]), more));
        fs::read(folder.path("p.csv")).expect("the particles")
    };
    let once = file(&[]);
    assert_eq!(once, file(&[]));
    for threads in ["1", "2", "8"] {
        assert!(once == file(&["--threads", threads]), "{threads} threads");
    }
    let rows = cells(&folder.path("p.csv"), &["x", "y"]);
    assert_eq!(rows.len(), 1280);
    assert!(rows.iter().flatten().all(|cell| cell.is_some_and(f64::is_finite)));
    let other = with(&SAMPLE[..8], &["4", "--out", "q.csv"]);
    folder.succeeds(&other);
    assert_ne!(once, fs::read(folder.path("q.csv")).expect("the particles"), "another seed");
}

/// One mode of weight w, mean μ, variance v = std² + σ²: s = −(x − μ)/v, log p = −ln 2πv − |x − μ|²/2v. To 1e-12, the
/// rounding of doubles; far from the other mode (200 units) nothing else is left.
#[test]
fn field_gives_the_closed_form_at_the_points_asked_for() {
    let folder = Folder::new();
    let one =
        "version = 1\n[data]\nkind = \"gaussian-mixture\"\ncomponents = [{ weight = 1, mean = [3, -1], std = 0.6 }]\n";
    folder.write("one.toml", one);
    folder.write("p.csv", "x,y\n3,-1\n\n 0.5 , 2\n-40,1e1\n");
    let arguments = ["field", "--scenario", "one.toml", "--sigma", "0.8", "--points", "p.csv", "--out", "f.csv"];
    folder.succeeds(&arguments);
    let rows = cells(&folder.path("f.csv"), &["x", "y", "log_p", "score_x", "score_y"]);
    let points = [[3.0, -1.0], [0.5, 2.0], [-40.0, 10.0]];
    assert_eq!(rows.len(), points.len());
    for (row, x) in rows.iter().zip(points) {
        let ([u, v], s2) = ([x[0] - 3.0, x[1] + 1.0], 1.0);
        let log_p = -(std::f64::consts::TAU * s2).ln() - (u * u + v * v) / (2.0 * s2);
        for (found, expected) in row.iter().zip([x[0], x[1], log_p, -u / s2, -v / s2]) {
            let found = found.expect("a value");
            assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} {expected} at {x:?}");
        }
    }
    let once = fs::read(folder.path("f.csv")).expect("the table");
    folder.succeeds(&arguments);
    assert_eq!(once, fs::read(folder.path("f.csv")).expect("the table"));
}

#[test]
fn field_reads_points_by_the_names_of_its_columns() {
    let folder = Folder::new();
    let base = ["field", "--scenario", "ncsn-toy", "--sigma", "1", "--out", "f.csv", "--points", "p.csv"];
    for text in ["1,2\n3,4\n", "x,y\n1,2\n3,4\n", "name,Y,X\na,2,1\nb,4,3\n", "1,2\r\n3,4\r\n", "\n1,2\n\n3,4"] {
        folder.write("p.csv", text);
        folder.succeeds(&base);
        let rows = cells(&folder.path("f.csv"), &["x", "y", "log_p", "score_x", "score_y"]);
        let points: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
        assert_eq!(points, [(Some(1.0), Some(2.0)), (Some(3.0), Some(4.0))], "{text:?}");
    }
}

#[test]
fn a_grid_goes_row_by_row_from_the_lower_left_corner_with_its_corners() {
    let folder = Folder::new();
    folder.succeeds(&["field", "--scenario", "ncsn-toy", "--sigma", "2", "--grid", "3", "--out", "g.csv"]);
    let rows = cells(&folder.path("g.csv"), &["x", "y", "log_p", "score_x", "score_y"]);
    let points: Vec<[f64; 2]> = rows.iter().map(|row| [row[0].expect("x"), row[1].expect("y")]).collect();
    let expected = [-10.0, 0.0, 10.0].map(|y| [-10.0, 0.0, 10.0].map(|x| [x, y])).concat();
    assert_eq!(points, expected, "the view of the toy is [-10, 10]²");
}

#[test]
fn train_writes_a_model_that_field_and_sample_take() {
    let folder = Folder::new();
    let train = ["train", "--scenario", "ncsn-toy", "--steps", "20", "--seed", "5", "--out", "m.safetensors"];
    let summary = json(&folder.succeeds(&train));
    assert_eq!((&summary["steps"], &summary["seed"]), (&Value::from(20), &Value::from(5)));
    assert!(number(&summary["loss"]).is_finite());
    let errors = summary["score_error"].as_array().expect("one entry per noise level");
    assert_eq!(errors.len(), 10);
    assert!(errors.iter().all(|entry| number(&entry["sigma"]) > 0.0 && number(&entry["error"]) > 0.0));
    let model = ["--model", "m.safetensors"];
    folder
        .succeeds(&with(&["field", "--scenario", "ncsn-toy", "--sigma", "1", "--grid", "2", "--out", "f.csv"], &model));
    let rows = cells(&folder.path("f.csv"), &["x", "y", "log_p", "score_x", "score_y"]);
    assert!(rows.iter().all(|row| row[2].is_none() && row[3].is_some() && row[4].is_some()), "no log p of a network");
    let mut sample = SAMPLE;
    sample[4] = "annealed,steps_per_level=2";
    assert_eq!(json(&folder.succeeds(&with(&sample, &model)))["nfe"], 20);
}

#[test]
fn training_gives_the_same_bytes_for_the_same_seed() {
    let folder = Folder::new();
    let bytes = |seed: &str| {
        let out = ["--seed", seed, "--out", "m.safetensors"];
        folder.succeeds(&with(&["train", "--scenario", "ncsn-toy", "--steps", "30"], &out));
        fs::read(folder.path("m.safetensors")).expect("a model")
    };
    let once = bytes("1");
    assert!(once == bytes("1"), "the same seed, other bytes");
    assert!(once != bytes("2"), "another seed, the same bytes");
}

#[test]
fn a_new_file_replaces_an_old_one() {
    let folder = Folder::new();
    folder.write("g.csv", "old");
    folder.succeeds(&["field", "--scenario", "ncsn-toy", "--sigma", "1", "--grid", "2", "--out", "g.csv"]);
    assert_eq!(lines(&folder.path("g.csv")).len(), 5);
    assert_eq!(folder.names(), ["g.csv"]);
}

#[test]
fn help_and_version_are_no_failure() {
    let folder = Folder::new();
    for arguments in [&["--help"][..], &["--version"], &["help", "train"], &["sample", "--help"]] {
        assert!(!folder.succeeds(arguments).is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_path_in_another_folder_is_written_there() {
    let folder = Folder::new();
    fs::create_dir(folder.path("deep")).expect("a folder");
    folder.succeeds(&["field", "--scenario", "two-modes", "--sigma", "0", "--grid", "2", "--out", "deep/g.csv"]);
    assert!(Path::new(&folder.path("deep/g.csv")).exists());
}

/// log p by the ODE, of the exact score at σ_min = 1, against the closed form in `field`; what the prior leaves is (d/σ_max)².
#[test]
fn likelihood_agrees_with_the_closed_form() {
    let folder = Folder::new();
    folder.write("points.csv", "x,y\n5,5\n4,6.5\n-5,-4\n0,0\n");
    let scenario = ["--scenario", "ncsn-toy", "--points", "points.csv", "--out"];
    folder.succeeds(&[&["likelihood"], &scenario[..], &["l.csv"]].concat());
    folder.succeeds(&[&["field", "--sigma", "1"], &scenario[..], &["f.csv"]].concat());
    let table = |name: &str| -> Vec<Vec<f64>> {
        let text = std::fs::read_to_string(folder.path(name)).expect("a table");
        let row = |line: &str| line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        text.lines().skip(1).map(row).collect()
    };
    let (found, exact) = (table("l.csv"), table("f.csv"));
    assert_eq!(found.len(), 4);
    for (found, exact) in found.iter().zip(&exact) {
        assert_eq!(found[..2], exact[..2]);
        assert!((found[2] - exact[2]).abs() < 0.02, "{found:?} {exact:?}");
        assert!(found[3] > 0.0 && found[3].fract() == 0.0);
    }
}
