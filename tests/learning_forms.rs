//! The sections [model] and [training]: defaults, every field, and every refusal with its line and what was expected.

use scorescope::learning::{Activation, Embedding, MlpConfig, OBJECTIVES, Parameterisation, Rate, SigmaLaw};
use scorescope::scenario::{Scenario, ScenarioError};

const DATA: &str =
    "version = 1\n[data]\nkind = \"gaussian-mixture\"\ncomponents = [{ weight = 1, mean = [3, -1], std = 2 }]\n";

fn parse(sections: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse(&format!("{DATA}{sections}"), "lesson.toml")
}

fn read(sections: &str) -> Scenario {
    parse(sections).unwrap_or_else(|error| panic!("{error}, in\n{sections}"))
}

/// Refused at `line`, counted from the first one after the data, with every part in the reason.
fn assert_refused(sections: &str, line: usize, expected: &[&str]) {
    let Err(error) = parse(sections) else { panic!("this was read as a scenario:\n{sections}") };
    assert_eq!(error.place.map(|place| place.0), Some(4 + line), "{sections}: {error}");
    assert!(error.to_string().starts_with(&format!("lesson.toml, line {}, column ", 4 + line)), "{error}");
    for expected in expected {
        assert!(error.reason.contains(expected), "{sections}: no '{expected}' in: {error}");
    }
}

#[test]
fn what_is_left_out_takes_its_default() {
    for sections in ["", "[model]\n[training]\n"] {
        let Scenario { data, model, training, training_steps, ladder, .. } = read(sections);
        let expected = MlpConfig {
            width: 64,
            hidden: 3,
            activation: Activation::Silu,
            embedding: Embedding::LnSigma,
            parameterisation: Parameterisation::Ncsnv2,
            energy: false,
            centre: [3.0, -1.0],
            scale: 2.0,
        };
        assert_eq!(model, expected);
        assert_eq!((data.mean(), data.std().to_bits()), ([3.0, -1.0], 2.0f64.to_bits()));
        assert_eq!((training.objective.name, training.batch, training_steps), ("dsm", 256, 10_000));
        assert_eq!((training.sigmas, training.weighting.to_bits()), (SigmaLaw::LogUniform, 2.0f32.to_bits()));
        assert_eq!((training.learning_rate.to_bits(), training.ema.to_bits()), (1e-3f64.to_bits(), 0.999f64.to_bits()));
        assert_eq!((training.rate, training.clip, training.weight_decay.to_bits()), (Rate::default(), None, 0));
        assert_eq!(training.ladder, ladder);
    }
}

#[test]
fn every_field_arrives() {
    let model = "[model]\nwidth = 100\nhidden = 6\nactivation = \"gelu\"\nembedding = \"fourier\"\nparameterisation = \"edm\"\nenergy = true\n";
    let training = "[training]\nobjective = \"esm\"\nsteps = 77\nbatch = 32\nlearning_rate = 0.5\nwarm_up = 9\nschedule = \"cosine\"\nweight_decay = 0.25\nclip = 2\nema = 0\nsigmas = \"levels\"\nweighting = 1\n";
    let Scenario { model, training, training_steps, .. } = read(&format!("{model}{training}"));
    assert_eq!((model.width, model.hidden, model.energy), (100, 6, true));
    let kinds = (Activation::Gelu, Embedding::Fourier, Parameterisation::Edm);
    assert_eq!((model.activation, model.embedding, model.parameterisation), kinds);
    assert_eq!((training.objective.name, training_steps, training.batch), ("esm", 77, 32));
    // A cosine falls over the training's own steps.
    assert_eq!(training.rate, Rate { warm_up: 9, cosine: Some(77) });
    let reals = [training.learning_rate, training.weight_decay, training.ema, training.weighting.into()];
    assert_eq!(reals.map(f64::to_bits), [0.5f64, 0.25, 0.0, 1.0].map(f64::to_bits));
    assert_eq!((training.clip, training.sigmas), (Some(2.0), SigmaLaw::Levels));
}

#[test]
fn every_name_of_every_list_is_read() {
    for objective in OBJECTIVES {
        let training = read(&format!("[training]\nobjective = \"{}\"\n", objective.name)).training;
        assert_eq!(training.objective, *objective);
    }
    for name in ["silu", "softplus", "tanh", "gelu"] {
        read(&format!("[model]\nactivation = \"{name}\"\n"));
    }
    for name in ["ln-sigma", "fourier", "none"] {
        read(&format!("[model]\nembedding = \"{name}\"\n"));
    }
    for name in ["ncsnv2", "epsilon", "edm", "plain"] {
        read(&format!("[model]\nparameterisation = \"{name}\"\n"));
    }
}

#[test]
fn one_sigma_has_no_weight_unless_it_is_given() {
    let one = read("[training]\nsigma = 0.5\n").training;
    assert_eq!((one.sigmas, one.weighting.to_bits()), (SigmaLaw::Single(0.5), 0.0f32.to_bits()));
    assert_eq!(read("[training]\nsigma = 0.5\nweighting = 2\n").training.weighting.to_bits(), 2.0f32.to_bits());
    assert_eq!(read("[training]\nsigmas = \"levels\"\n").training.weighting.to_bits(), 2.0f32.to_bits());
}

#[test]
fn unknown_names_are_refused_with_those_there_are() {
    let model = |line: &str, expected: &[&str]| assert_refused(&format!("[model]\n{line}\n"), 2, expected);
    model("activation = \"relu\"", &["`relu`", "`silu`", "`softplus`", "`tanh`", "`gelu`"]);
    model("embedding = \"sinus\"", &["`sinus`", "`ln-sigma`", "`fourier`", "`none`"]);
    model("parameterisation = \"score\"", &["`score`", "`ncsnv2`", "`epsilon`", "`edm`", "`plain`"]);
    model("depth = 3", &["`depth`", "`width`", "`activation`", "`energy`"]);
    let training = |line: &str, expected: &[&str]| assert_refused(&format!("[training]\n{line}\n"), 2, expected);
    training("objective = \"mle\"", &["'mle'", "expected one of dsm, ism, ssm, ssm-vr, esm"]);
    training("schedule = \"linear\"", &["`linear`", "`constant`", "`cosine`"]);
    training("sigmas = \"uniform\"", &["`uniform`", "`levels`", "`log-uniform`"]);
    training("rate = 3", &["`rate`", "`learning_rate`", "`warm_up`", "`clip`"]);
}

#[test]
fn values_out_of_range_are_refused() {
    let rows: [(&str, &[&str]); 21] = [
        ("width = 15", &["expected a whole number from 16 to 512", "15"]),
        ("width = 513", &["expected a whole number from 16 to 512", "513"]),
        ("hidden = 7", &["expected a whole number from 1 to 6", "7"]),
        ("energy = 1", &["integer `1`", "expected a boolean"]),
        ("activation = 3", &["expected a word in quotes"]),
        ("batch = 31", &["expected a whole number from 32 to 8192", "31"]),
        ("batch = 8193", &["expected a whole number from 32 to 8192", "8193"]),
        ("steps = 10000001", &["expected a whole number from 1 to 10000000", "10000001"]),
        ("learning_rate = inf", &["expected a number greater than 0", "inf"]),
        ("warm_up = -1", &["expected a whole number from 0", "-1"]),
        ("warm_up = 1.5", &["expected a whole number", "1.5"]),
        ("weight_decay = 1", &["expected a number from 0 to below 1", "1"]),
        ("weight_decay = nan", &["expected a number from 0 to below 1", "NaN"]),
        ("clip = 0", &["expected a number greater than 0", "0"]),
        ("clip = \"none\"", &["string \"none\"", "expected a number"]),
        ("ema = -0.1", &["expected a number from 0 to below 1", "-0.1"]),
        ("sigma = -1", &["expected a number of at least 0", "-1"]),
        ("sigma = 1e-9", &["expected 0, or a number from 0.0001 to 10000"]),
        ("sigma = 1e5", &["expected 0, or a number from 0.0001 to 10000", "100000"]),
        ("weighting = 5", &["expected a number from -4 to 4", "5"]),
        ("weighting = nan", &["expected a finite number", "NaN"]),
    ];
    for (line, expected) in rows {
        let key = line.split(' ').next().expect("a key");
        let model = ["width", "hidden", "energy", "activation"].contains(&key);
        assert_refused(&format!("[{}]\n{line}\n", if model { "model" } else { "training" }), 2, expected);
    }
}

const PLAIN: &str = "[model]\nparameterisation = \"plain\"\nembedding = \"none\"\n";

/// What is legal by itself and does not fit together is refused where the training begins.
#[test]
fn what_does_not_fit_together_is_refused() {
    for name in ["ism", "ssm", "ssm-vr"] {
        let text = format!("[model]\nenergy = true\n[training]\nobjective = \"{name}\"\n");
        assert_refused(&text, 3, &[name, "energy network", "Take dsm or esm, or energy = false"]);
    }
    assert_refused("[training]\nsigmas = \"levels\"\nsigma = 1\n", 1, &["contradict each other", "leave one"]);
    let zero = |model: &str, more: &str| format!("{model}[training]\nsigma = 0\n{more}\n");
    for name in ["dsm", "esm"] {
        let text = zero(PLAIN, &format!("objective = \"{name}\""));
        assert_refused(&text, 4, &[name, "wants noise", "Take sigma > 0"]);
    }
    assert_refused(&zero(PLAIN, "objective = \"ism\"\nweighting = 2"), 4, &["0 at sigma = 0", "Take weighting = 0"]);
    for model in ["", "[model]\nparameterisation = \"plain\"\n", "[model]\nembedding = \"none\"\n"] {
        let line = 1 + model.lines().count();
        let expected = ["parameterisation = \"plain\" and embedding = \"none\"", "at sigma = 0"];
        assert_refused(&zero(model, "objective = \"ssm\""), line, &expected);
    }
    assert_eq!(read(&zero(PLAIN, "objective = \"ssm\"")).training.sigmas, SigmaLaw::Single(0.0));
}

/// Points have no score of their own, and implicit score matching on them falls without end.
#[test]
fn data_without_width_are_not_learned_without_noise() {
    let points = DATA.replace("std = 2", "std = 0");
    let text = format!("{points}{PLAIN}[training]\nobjective = \"ism\"\nsigma = 0\n");
    let error = Scenario::parse(&text, "lesson.toml").err().expect("no score at sigma = 0");
    assert!(error.reason.contains("no width") && error.reason.contains("Take sigma > 0"), "{error}");
    assert_eq!(error.place.map(|place| place.0), Some(8));
}

#[test]
fn changes_in_one_line_change_what_they_name() {
    let scenario = read("[training]\nsigma = 0.5\nschedule = \"cosine\"\nsteps = 50\n");
    let changed = scenario.with_learning("width=32, activation=tanh", "objective=ism,learning_rate=.5,steps=90");
    let Scenario { model, training, training_steps, .. } = changed.expect("they fit");
    assert_eq!((model.width, model.hidden, model.activation), (32, 3, Activation::Tanh));
    assert_eq!((training.objective.name, training.learning_rate.to_bits()), ("ism", 0.5f64.to_bits()));
    // The cosine goes with the steps; one σ stays, and its weight.
    assert_eq!((training_steps, training.rate.cosine), (90, Some(90)));
    assert_eq!((training.sigmas, training.weighting.to_bits()), (SigmaLaw::Single(0.5), 0.0f32.to_bits()));
    let many = scenario.with_learning("", "sigmas=levels").expect("they fit").training;
    assert_eq!((many.sigmas, many.weighting.to_bits()), (SigmaLaw::Levels, 2.0f32.to_bits()));
    let same = scenario.with_learning("", "").expect("nothing is asked for");
    assert!(same.training == scenario.training && same.model == scenario.model);
}

#[test]
fn changes_that_cannot_be_meant_are_refused_by_name() {
    let scenario = read("");
    let rows: [(&str, &str, &[&str]); 9] = [
        ("", "batch=1", &["--training batch=1: ", "expected a whole number from 32 to 8192"]),
        ("", "steps=9,batch=1", &["--training batch=1: "]),
        ("width", "", &["--model width: expected key=value"]),
        ("width=wide", "", &["--model width=wide: ", "string \"wide\""]),
        ("", "batch=64,batch=128", &["--training batch=128: 'batch' is given twice"]),
        ("", "objectiv=dsm", &["--training objectiv=dsm: unknown field `objectiv`", "`objective`"]),
        ("energy=true", "objective=ism", &["--training objective=ism: ", "energy network"]),
        ("", "sigma=1,sigmas=levels", &["contradict each other"]),
        ("", "clip=nan", &["--training clip=nan: expected a number greater than 0", "found NaN"]),
    ];
    for (model, training, expected) in rows {
        let error = scenario.with_learning(model, training).err().expect("it cannot be meant").to_string();
        for expected in expected {
            assert!(error.contains(expected), "{model} {training}: no '{expected}' in: {error}");
        }
    }
    let ism = read("[training]\nobjective = \"ism\"\n");
    let error = ism.with_learning("energy=true", "").err().expect("no such slopes").to_string();
    assert!(error.starts_with("--model energy=true: objective 'ism'"), "{error}");
}
