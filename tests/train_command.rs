//! `train` as scripts use it: overrides, going on, saving on the way, its summary, and what it refuses.

mod program;

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use program::{Folder, json};
use scorescope::learning::Trainer;
use scorescope::samplers::Serial;
use scorescope::scenario::Scenario;
use serde_json::Value;

/// A small network on the toy, so that a test takes a moment.
const SMALL: [&str; 7] = ["train", "--scenario", "ncsn-toy", "--model", "width=16,hidden=1", "--training", "batch=32"];

fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SMALL[..], more].concat()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn list<'a>(summary: &'a Value, key: &str) -> &'a [Value] {
    summary[key].as_array().unwrap_or_else(|| panic!("{key} is no list: {summary}"))
}

#[test]
fn the_summary_says_what_came_of_it() {
    let folder = Folder::new();
    let summary = json(&folder.succeeds(&small(&["--steps", "20", "--seed", "5", "--out", "m"])));
    let expected = [
        "curl",
        "loss",
        "objective",
        "parameters",
        "score_error",
        "score_error_by_density",
        "seconds",
        "seed",
        "steps",
        "steps_per_s",
    ];
    assert_eq!(keys(&summary), expected);
    // 3 → 16 → 2, with biases.
    assert_eq!((&summary["parameters"], &summary["objective"]), (&(4 * 16 + 17 * 2).into(), &"dsm".into()));
    assert_eq!((&summary["steps"], &summary["seed"]), (&20.into(), &5.into()));
    let speed = number(&summary["steps_per_s"]) * number(&summary["seconds"]);
    assert!((speed - 20.0).abs() < 1e-6 && number(&summary["loss"]).is_finite(), "{summary}");
    for (key, value) in [("score_error", "error"), ("curl", "curl")] {
        let entries = list(&summary, key);
        assert_eq!(entries.len(), 10);
        let sigmas: Vec<f64> = entries.iter().map(|entry| number(&entry["sigma"])).collect();
        assert!((sigmas[0] - 20.0).abs() < 1e-9 && (sigmas[9] - 1.0).abs() < 1e-9, "{sigmas:?}");
        assert!(sigmas.is_sorted_by(|a, b| a > b), "{sigmas:?}");
        assert!(entries.iter().all(|entry| number(&entry[value]) > 0.0), "{key}");
    }
    let decades = list(&summary["score_error_by_density"], "decades");
    assert_eq!(number(&summary["score_error_by_density"]["sigma"]).to_bits(), 1.0f64.to_bits());
    assert!(decades.is_sorted_by(|a, b| number(&a["decade"]) > number(&b["decade"])));
    // A grid of 128 × 128 over the view.
    assert_eq!(decades.iter().map(|decade| number(&decade["count"])).sum::<f64>().to_bits(), 16384.0f64.to_bits());
    assert!(decades.iter().all(|decade| number(&decade["rms"]) > 0.0));
}

/// An energy is a gradient: no curl, but for the rounding of single precision.
#[test]
fn changes_to_model_and_training_are_obeyed() {
    let folder = Folder::new();
    let run = |model: &str, training: &str| {
        let arguments = ["train", "--model", model, "--training", training, "--seed", "1", "--out", "m"];
        json(&folder.succeeds(&arguments))
    };
    let energy = run("width=16,hidden=1,energy=true,activation=softplus", "objective=esm,batch=32,steps=9");
    assert_eq!((&energy["objective"], &energy["steps"]), (&"esm".into(), &9.into()));
    // One answer instead of two.
    assert_eq!(energy["parameters"], 4 * 16 + 17);
    assert!(list(&energy, "curl").iter().all(|entry| number(&entry["curl"]) < 1e-2), "{}", energy["curl"]);
    let free = run("width=16,hidden=1,activation=softplus", "objective=esm,batch=32,steps=9");
    assert!(list(&free, "curl").iter().any(|entry| number(&entry["curl"]) > 2e-2), "{}", free["curl"]);
    let one = run("width=16,hidden=1", "sigma=2,batch=32,steps=9");
    assert_eq!(list(&one, "score_error").len(), 1);
    assert_eq!(number(&one["score_error"][0]["sigma"]).to_bits(), 2.0f64.to_bits());
    // --steps has the last word.
    let steps = folder.succeeds(&small(&["--training", "batch=32,steps=9", "--steps", "3", "--out", "m"][2..]));
    assert_eq!(json(&steps)["steps"], 3);
}

#[test]
fn what_is_resumed_is_what_was_never_interrupted() {
    let folder = Folder::new();
    let training = "batch=32,schedule=cosine,warm_up=5,clip=0.5,weight_decay=0.01,steps=40";
    let base = ["train", "--model", "width=16,hidden=1", "--training", training];
    let run = |more: &[&str]| json(&folder.succeeds(&[&base[..], more].concat()));
    let file = |name: &str| fs::read(folder.path(name)).expect("a model");
    run(&["--seed", "7", "--out", "whole"]);
    // The cosine falls over the steps in all, so an interruption is a file saved on the way, and not fewer steps.
    let every = [&base[..], &["--seed", "7", "--save-every", "15", "--out", "part"]].concat();
    folder.succeeds(&every);
    assert!(file("whole") == file("part"), "saving on the way changes nothing");
    let constant = |more: &[&str]| json(&folder.succeeds(&small(more)));
    constant(&["--steps", "40", "--seed", "7", "--out", "once"]);
    constant(&["--steps", "25", "--seed", "7", "--out", "first"]);
    assert!(file("once") != file("first"));
    let summary = constant(&["--steps", "40", "--resume", "first", "--out", "second"]);
    assert_eq!((&summary["steps"], &summary["seed"]), (&40.into(), &7.into()), "its own seed holds");
    assert!(file("once") == file("second"));
    constant(&["--steps", "40", "--resume", "first", "--out", "first"]);
    assert!(file("once") == file("first"), "in place");
}

fn wait_for_model(folder: &Folder) {
    let begun = Instant::now();
    while !folder.path("m").exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing was saved");
        sleep(Duration::from_millis(5));
    }
}

/// Killed without warning, as by a power cut: what was saved last is whole, and goes on to the same bytes.
#[test]
fn a_killed_training_goes_on_from_what_was_saved() {
    let folder = Folder::new();
    let training = ["train", "--model", "width=16,hidden=1", "--training", "batch=32,schedule=cosine,steps=60000"];
    let start = [&training[..], &["--save-every", "100", "--out", "m"]].concat();
    let mut program = folder.command(&start).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    wait_for_model(&folder);
    program.kill().expect("it can be stopped");
    program.wait().expect("it has ended");
    let saved = fs::read(folder.path("m")).expect("what was saved");
    let header = String::from_utf8_lossy(&saved[8..400]).into_owned();
    let steps = header.split("\\\"steps\\\":").nth(1).and_then(|rest| rest.split(',').next()).expect("its steps");
    let steps: usize = steps.parse().expect("a number");
    assert!(steps > 0 && steps.is_multiple_of(100), "{steps}");
    // Five steps more under the same cosine, whose length the scenario says and --steps would change.
    let config = Scenario::load("ncsn-toy")
        .and_then(|toy| toy.with_learning("width=16,hidden=1", "batch=32,schedule=cosine,steps=60000"))
        .expect("they fit");
    let fresh = || {
        let Scenario { data, model, training, .. } = config.clone();
        Trainer::new(data, model, training, 0).expect("a trainer")
    };
    let (mut once, mut resumed) = (fresh(), fresh());
    (0..steps).for_each(|_| assert!(once.step(&Serial).is_ok()));
    resumed.resume(&saved).expect("what was saved is whole");
    (0..5).for_each(|_| assert!(once.step(&Serial).is_ok()));
    (0..5).for_each(|_| assert!(resumed.step(&Serial).is_ok()));
    assert!(once.to_bytes().expect("a file") == resumed.to_bytes().expect("a file"));
}

/// Fails with one sentence that holds every part, writes nothing, and leaves what was there.
fn assert_refused(folder: &Folder, arguments: &[&str], code: i32, parts: &[&str]) {
    folder.write("out", "old");
    let (before, stderr) = (folder.names(), folder.fails(arguments, code));
    assert!(stderr.starts_with("error: ") && stderr.lines().count() == 1, "{arguments:?}: {stderr}");
    for part in parts {
        assert!(stderr.contains(part), "{arguments:?}: no '{part}' in: {stderr}");
    }
    assert_eq!((folder.names(), fs::read(folder.path("out")).expect("it is there")), (before, b"old".to_vec()));
}

#[test]
fn changes_that_cannot_be_meant_are_wrong_use() {
    let folder = Folder::new();
    let rows: [(&str, &str, &[&str]); 8] = [
        ("width", "", &["--model width", "expected key=value"]),
        ("width=3", "", &["--model width=3", "expected a whole number from 16 to 512"]),
        ("colour=3", "", &["--model colour=3", "unknown field `colour`", "`width`"]),
        ("activation=relu", "", &["--model activation=relu", "`softplus`"]),
        ("", "objective=mle", &["'mle'", "expected one of dsm, ism, ssm, ssm-vr, esm"]),
        ("energy=true", "objective=ssm", &["energy network", "Take dsm or esm"]),
        ("parameterisation=plain,embedding=none", "objective=ism,sigma=0", &["no width", "Take sigma > 0"]),
        ("", "sigma=0", &["'dsm' wants noise", "Take sigma > 0"]),
    ];
    for (model, training, expected) in rows {
        let arguments = ["train", "--model", model, "--training", training, "--steps", "1", "--out", "out"];
        assert_refused(&folder, &arguments, 2, &[&["The training is refused"], expected].concat());
    }
    for arguments in [
        &["train", "--resume", "m", "--seed", "1", "--out", "out"][..],
        &["train", "--save-every", "0", "--out", "out"],
        &["train", "--save-every", "often", "--out", "out"],
    ] {
        assert!(folder.fails(arguments, 2).starts_with("error: "), "{arguments:?}");
    }
}

#[test]
fn files_that_cannot_be_gone_on_with_are_refused() {
    let folder = Folder::new();
    folder.succeeds(&small(&["--steps", "20", "--out", "m"]));
    let file = fs::read(folder.path("m")).expect("a model");
    let resume = |name: &'static str| small(&["--steps", "40", "--resume", name, "--out", "out"]);
    folder.write("cut", &file[..file.len() - 1]);
    folder.write("empty", "");
    folder.write("words", "width = 16");
    for (name, expected) in [("cut", "no complete safetensors"), ("empty", "no complete"), ("words", "no complete")] {
        assert_refused(&folder, &resume(name), 1, &[name, expected, "'scorescope train' wrote"]);
    }
    assert_refused(&folder, &resume("missing"), 1, &["missing", "No such file", "Check the path"]);
    let wide = ["train", "--model", "width=32,hidden=1", "--steps", "40", "--resume", "m", "--out", "out"];
    assert_refused(&folder, &wide, 2, &["not the one asked for", "width is 16, not 32", "Give the --model"]);
    let done = small(&["--steps", "20", "--resume", "m", "--out", "out"]);
    assert_refused(&folder, &done, 2, &["has made 20 steps, and 20 in all are asked for", "Give more with --steps"]);
}

#[test]
fn a_divergence_says_what_to_lower() {
    let folder = Folder::new();
    let arguments = ["train", "--training", "learning_rate=1e30,batch=32", "--steps", "50", "--out", "out"];
    assert_refused(&folder, &arguments, 1, &["diverged at step", "Lower learning_rate"]);
}

/// A rate that rises without end ruins what went well at first: the last good state is written, and it is that of a training
/// that was asked for no more.
#[test]
fn a_divergence_keeps_what_was_well() {
    let folder = Folder::new();
    let rising = "batch=32,learning_rate=10000,warm_up=100000";
    let start = |steps, out| [&SMALL[..5], &["--training", rising, "--steps", steps, "--out", out]].concat();
    let stderr = folder.fails(&start("100000", "m"), 1);
    assert!(stderr.contains("diverged at step"), "{stderr}");
    let kept = "m holds its first 100 steps. Go on with --resume m and a lower learning_rate";
    assert!(stderr.contains(kept), "{stderr}");
    folder.succeeds(&start("100", "whole"));
    let file = |name: &str| fs::read(folder.path(name)).expect("a model");
    assert!(file("m") == file("whole"));
}

/// With Ctrl-C nothing is lost, and the message says how to go on.
#[cfg(unix)]
#[test]
fn an_interrupted_training_says_where_to_go_on() {
    let folder = Folder::new();
    let start = small(&["--steps", "10000000", "--save-every", "50", "--out", "m"]);
    let program = folder.command(&start).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_for_model(&folder);
    let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", program.id())]).status();
    assert!(sent.expect("a shell").success());
    let output = program::finish(program);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("interrupted") && stderr.contains("Go on with --resume m"), "{stderr}");
    // What was made since it was last saved is in the file, too.
    let made = stderr.split("its first ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a number of steps");
    let header = fs::read(folder.path("m")).expect("a model")[..400].to_vec();
    assert!(String::from_utf8_lossy(&header).contains(&format!("\\\"steps\\\":{made},")), "{stderr}");
    assert_eq!(folder.names(), ["m"]);
    let model = ["field", "--sigma", "1", "--grid", "2", "--model", "m", "--out", "f"];
    folder.succeeds(&model);
}

/// Figure 2 of Song & Ermon 2019 after some of its steps, larger ones: rms error of the score by the data's density. Two
/// seeds gave .23 and 4.6 to 5.0; after all 10,000 steps of the scenario three gave .05 and 4.3.
#[test]
fn sliced_score_matching_is_right_only_where_the_data_are() {
    let folder = Folder::new();
    let brisk = "steps=250,learning_rate=0.003,ema=0.95";
    let arguments = ["train", "--scenario", "ncsn-fig2", "--training", brisk, "--seed", "1", "--out", "m"];
    let summary = json(&folder.succeeds(&arguments));
    assert_eq!((&summary["objective"], &summary["score_error"]), (&"ssm".into(), &serde_json::json!([])));
    let by_density = &summary["score_error_by_density"];
    assert_eq!(number(&by_density["sigma"]).to_bits(), 0);
    let rms = |chosen: fn(f64) -> bool| {
        let decades = by_density["decades"].as_array().expect("a list");
        let decades = decades.iter().filter(|entry| chosen(number(&entry["decade"])));
        let sums = decades.fold([0.0, 0.0], |[sum, count], entry| {
            let n = number(&entry["count"]);
            [sum + n * number(&entry["rms"]).powi(2), count + n]
        });
        (sums[0] / sums[1]).sqrt()
    };
    let (dense, empty) = (rms(|decade| decade >= -2.0), rms(|decade| decade < -8.0));
    assert!(dense < 0.35 && empty > 3.0, "{dense} and {empty}");
    // One field for every σ, and 0 is one of them.
    let field = |sigma| {
        folder.succeeds(&[
            "field",
            "--scenario",
            "ncsn-fig2",
            "--sigma",
            sigma,
            "--grid",
            "3",
            "--model",
            "m",
            "--out",
            "f",
        ]);
        fs::read(folder.path("f")).expect("a table")
    };
    assert!(field("0") == field("3"));
    let sample = ["sample", "--scenario", "ncsn-fig2", "--model", "m", "--particles", "9", "--seed", "1", "--sampler"];
    assert_eq!(json(&folder.succeeds(&[&sample[..], &["langevin,steps=5"]].concat()))["nfe"], 5);
}

#[test]
fn the_list_of_objectives_is_that_of_the_program() {
    let folder = Folder::new();
    let entries = json(&folder.succeeds(&["list", "objectives", "--json"]));
    let names: Vec<&str> =
        entries.as_array().expect("a list").iter().filter_map(|entry| entry["name"].as_str()).collect();
    assert_eq!(names, ["dsm", "ism", "ssm", "ssm-vr", "esm"]);
    let table = folder.succeeds(&["list", "objectives"]);
    for (name, paper) in [("dsm", "Vincent 2011"), ("ism", "Hyvärinen 2005"), ("ssm-vr", "Song, Garg, Shi & Ermon")] {
        assert!(table.contains(name) && table.contains(paper), "{table}");
    }
}

/// The last step too is judged by the loss after it: what it ruined is not written.
#[test]
fn a_training_whose_last_step_ruined_it_fails_and_writes_nothing() {
    for rate in ["10", "1e30"] {
        let folder = Folder::new();
        let training = format!("learning_rate={rate}");
        let arguments =
            ["train", "--scenario", "ncsn-toy", "--training", &training, "--steps", "1", "--out", "m.safetensors"];
        let output = folder.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{rate}");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains("diverged at step 1") && message.contains("Lower learning_rate"), "{message}");
        assert!(!folder.path("m.safetensors").exists(), "{rate}");
    }
}
