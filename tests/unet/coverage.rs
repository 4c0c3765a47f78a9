//! `scorescope images coverage` as a person runs it: cats as they are, and what a network of nothing draws.

use scorescope::gallery::{Cats, Gallery};
use scorescope::learning::UnetState;
use serde_json::{Value, json};

use super::command::{prepared, write_npy};
use super::folder::model;
use super::program::json;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Thirty cats of the split's order, the first ten of which were trained on: ten in a training of ten are known, of which
/// chance knows next to none; all thirty are cats, and as far from held-out ones as fresh ones are.
#[test]
fn true_cats_are_cats_and_those_trained_on_are_known() {
    let (folder, cats) = (prepared("one-level"), Cats::new(32, 0, 10).expect("cats"));
    let mut images = vec![0.0; 30 * 3072];
    images.chunks_exact_mut(3072).enumerate().for_each(|(place, image)| cats.image(place, image));
    write_npy(&folder, "cats.npy", [30, 3, 32, 32], &images);
    let line = ["images", "coverage", "--input", "cats.npy", "--train-split", "10", "--out", "cats.png"];
    let found = json(&folder.succeeds(&line));
    assert_eq!((&found["shape"], &found["valid"]["share"]), (&json!([30, 3, 32, 32]), &json!(1.0)));
    let memorised = &found["memorised"];
    assert!(number(&found["distance"]) < 1e-4 && number(&found["nearest_trained"][1]) < 1e-6, "{found}");
    // Cats that look like one of the ten: each has a twin by fur or ten by a hidden mouth, now and then.
    assert!((number(&memorised["rate"]["share"]) - 1.0 / 3.0).abs() < 1e-9, "{memorised}");
    assert!((10.0..=200.0).contains(&(number(&memorised["expected"]) * 360_000.0)), "{memorised}");
    let layers = found["layers"].as_array().expect("layers");
    let counts = layers.iter().map(|layer| {
        let parts = layer["parts"].as_array().expect("parts");
        (parts.len(), parts.iter().map(|part| part["count"].as_u64().expect("a count")).sum::<u64>())
    });
    let counts: Vec<_> = counts.collect();
    assert_eq!(counts.iter().map(|(parts, _)| *parts).collect::<Vec<_>>(), [15, 9, 15, 10, 16]);
    assert!([0, 1, 2, 4].iter().all(|layer| counts[*layer].1 == 30) && counts[3].1 < 31, "{counts:?}");
    let [here, fresh] = ["sliced_wasserstein", "sliced_wasserstein_of_truth"].map(|key| number(&found[key]));
    assert!(here < 1.5 * fresh && fresh < 1.5 * here, "{here} {fresh}");
    assert!(found["nfe"].is_null() && folder.path("cats.png").exists());
}

/// A network that was never trained draws no cat; and its distance from the truth says so, too. What it was to be trained on
/// stands in its folder.
#[test]
fn what_an_untrained_network_draws_is_no_cat() {
    let folder = prepared("cifar10");
    let line = "images coverage --model model --sampler ode-euler,steps=2 --count 4 --device cpu";
    let line: Vec<_> = line.split(' ').collect();
    let training = |data: &str| {
        let state = UnetState::fresh(&model("cifar10").config(), 0).expect("weights");
        folder.write("model/training.safetensors", state.to_bytes(&json!({ "data": data })).expect("a file"));
    };
    training("photographs");
    assert!(folder.fails(&line, 2).contains("it was trained on photographs"));
    training("cats:50");
    let found = json(&folder.succeeds(&line));
    assert_eq!((&found["valid"]["share"], &found["nfe"]), (&json!(0.0), &json!(2)));
    assert_eq!((&found["memorised"]["trained_on"], &found["memorised"]["rate"]), (&json!(50), &Value::Null));
    let [here, fresh] = ["sliced_wasserstein", "sliced_wasserstein_of_truth"].map(|key| number(&found[key]));
    assert!(here > 2.0 * fresh, "{here} {fresh}");
}

#[test]
fn what_cannot_be_judged_is_a_sentence() {
    let folder = prepared("one-level");
    write_npy(&folder, "grey.npy", [1, 1, 32, 32], &[0.0; 1024]);
    write_npy(&folder, "small.npy", [1, 3, 16, 16], &[0.0; 768]);
    for (arguments, expected) in [
        ("", "--model <DIR|NAME>"),
        ("--model model", "--sampler"),
        ("--input grey.npy", "judged in colour"),
        ("--input small.npy", "squares of 32"),
        ("--input x.npy --count 3", "cannot be used with"),
        ("--input x.npy --train-split 0", "1..=360000"),
    ] {
        let mut line = vec!["images", "coverage"];
        line.extend(arguments.split(' ').filter(|word| !word.is_empty()));
        let stderr = folder.fails(&line, 2);
        assert!(stderr.contains(expected), "{arguments}: {stderr}");
    }
}
