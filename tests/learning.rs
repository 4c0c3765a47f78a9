//! Training and model files through the public door: a network learns, seeds decide, and no bad file becomes a model.

mod support;

use std::sync::OnceLock;

use scorescope::learning::{CheckpointError, LearningError, ScoreMlp, SigmaLaw, Trainer, TrainingConfig};
use scorescope::samplers::Serial;
use scorescope::score::Score;
use support::learning::{config, error, trained, trainer};

/// An untrained network has an error of about the mean square of the truth, E‖σ s*‖², which is of order 1 here; a tenth of
/// it after 400 steps is far from both, for each of three seeds.
#[test]
fn training_brings_the_network_near_the_exact_score() {
    for seed in 1..=3 {
        let before = error(&trainer(config(), seed).network());
        let after = error(&trained(400, config(), seed).network());
        assert!(before > 0.5 && after < 0.1 * before, "seed {seed}: {before} before, {after} after");
    }
}

#[test]
fn training_on_the_levels_alone_learns_too() {
    let levels = TrainingConfig { sigmas: SigmaLaw::Levels, ..config() };
    let (before, after) = (error(&trainer(config(), 1).network()), error(&trained(400, levels, 1).network()));
    assert!(after < 0.1 * before, "{before} before, {after} after");
}

fn bytes(trainer: &Trainer) -> Vec<u8> {
    trainer.network().to_bytes().expect("a model file")
}

#[test]
fn the_seed_decides_every_weight() {
    let once = bytes(&trained(20, config(), 7));
    assert!(once == bytes(&trained(20, config(), 7)), "the same seed, other weights");
    assert!(once != bytes(&trained(20, config(), 8)), "another seed, the same weights");
    assert!(once != bytes(&trained(21, config(), 7)), "another step, the same weights");
    assert!(bytes(&trainer(config(), 7)) == bytes(&trainer(config(), 7)), "first weights");
}

#[test]
fn a_network_handed_out_does_not_change_with_later_steps() {
    let mut trainer = trained(5, config(), 1);
    let network = trainer.network();
    let before = network.to_bytes().expect("a model file");
    assert_eq!(trainer.steps(), 5);
    trainer.step(&Serial).expect("a step");
    assert_eq!(trainer.steps(), 6);
    assert!(before == network.to_bytes().expect("a model file"));
    assert!(before != bytes(&trainer));
}

/// Weights of 1e30 after one step: the next loss overflows f32. The average before it is what the error leaves.
#[test]
fn an_absurd_learning_rate_ends_in_an_error_that_names_it() {
    let mut trainer = trainer(TrainingConfig { learning_rate: 1e30, ..config() }, 1);
    let error = (0..5).find_map(|_| trainer.step(&Serial).err()).expect("it cannot go well");
    let message = error.to_string();
    let LearningError::Diverged { step, loss, learning_rate } = error else { panic!("{message}") };
    assert!(step == trainer.steps() && !loss.is_finite() && learning_rate > 1e29, "{message}");
    assert!(message.contains("a learning rate of 1e30"), "{message}");
    assert!(trainer.step(&Serial).is_err(), "it stays diverged");
}

#[test]
fn weights_that_are_no_numbers_are_not_written() {
    let mut trainer = trainer(TrainingConfig { learning_rate: 1e300, ..config() }, 1);
    trainer.step(&Serial).expect("the first loss is finite");
    assert!(matches!(trainer.network().to_bytes(), Err(CheckpointError::NotFinite(_))));
}

#[test]
fn a_model_file_gives_back_the_same_network() {
    let network = trained(10, config(), 3).network();
    let file = network.to_bytes().expect("a model file");
    let again = ScoreMlp::from_bytes(&file).expect("its own file");
    assert_eq!(again.config(), network.config());
    assert!(file == again.to_bytes().expect("a model file"), "the same bytes");
    let x: Vec<f32> = (0..200u8).map(|i| f32::from(i) * 0.05 - 5.0).collect();
    for sigma in [0.01, 0.5, 5.0, 100.0] {
        let (mut one, mut other) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        network.score(&x, sigma, &mut one);
        again.score(&x, sigma, &mut other);
        assert!(one.iter().zip(&other).all(|(a, b)| a.to_bits() == b.to_bits()), "σ = {sigma}");
    }
}

/// The file of an untrained network: a length, a header in JSON, the numbers.
fn file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| bytes(&trainer(config(), 1)))
}

/// The file with a part of its header replaced; the header's length follows.
fn file_with(part: &str, by: &str) -> Vec<u8> {
    let length = usize::from_le_bytes(file()[..8].try_into().expect("eight bytes"));
    let header = std::str::from_utf8(&file()[8..8 + length]).expect("JSON");
    assert!(header.contains(part), "'{part}' is not in {header}");
    let header = header.replacen(part, by, 1);
    [&header.len().to_le_bytes(), header.as_bytes(), &file()[8 + length..]].concat()
}

fn refusal(bytes: &[u8]) -> CheckpointError {
    ScoreMlp::from_bytes(bytes).expect_err("it is no model")
}

#[test]
fn files_that_are_cut_short_or_no_safetensors_are_refused() {
    for length in [0, 1, 7, 8, 9, 100, file().len() / 2, file().len() - 1] {
        assert!(matches!(refusal(&file()[..length]), CheckpointError::File(_)), "{length} bytes");
    }
    let longer = [file(), &[0]].concat();
    assert!(matches!(refusal(&longer), CheckpointError::File(_)));
    let claims_100_gb = [&100_000_000_000u64.to_le_bytes(), &file()[8..]].concat();
    assert!(matches!(refusal(&claims_100_gb), CheckpointError::File(_)));
    assert!(matches!(refusal(&[0xff; 64]), CheckpointError::File(_)));
}

#[test]
fn headers_of_others_or_out_of_range_are_refused() {
    assert!(matches!(refusal(&file_with("\"scorescope\"", "\"someone\"")), CheckpointError::Foreign));
    let rows = [
        ("\\\"format\\\":1", "\\\"format\\\":2", "format 2 is not 1"),
        ("\\\"format\\\":1", "\\\"format\\\":\\\"one\\\"", "invalid type"),
        ("\\\"width\\\":32,", "", "missing field `width`"),
        ("\\\"width\\\":32", "\\\"depth\\\":1,\\\"width\\\":32", "unknown field `depth`"),
        ("\\\"width\\\":32", "\\\"width\\\":0", "no network of this program"),
        ("\\\"width\\\":32", "\\\"width\\\":1000000000", "no network of this program"),
        ("\\\"hidden\\\":2", "\\\"hidden\\\":0", "no network of this program"),
        ("\\\"hidden\\\":2", "\\\"hidden\\\":1000000000", "no network of this program"),
        ("[2.0,-1.0]", "[2.0,1e60]", "no network of this program"),
    ];
    for (part, by, expected) in rows {
        let error = refusal(&file_with(part, by));
        assert!(matches!(error, CheckpointError::Header(_)), "{by}: {error}");
        assert!(error.to_string().contains(expected), "{by}: no '{expected}' in: {error}");
    }
}

#[test]
fn tensors_that_do_not_fit_the_header_are_refused_by_name() {
    let missing = refusal(&file_with("\"layers.1.bias\"", "\"layers.7.bias\""));
    assert!(matches!(&missing, CheckpointError::Missing(name) if name == "layers.1.bias"), "{missing}");
    let narrow = refusal(&file_with("\\\"width\\\":32", "\\\"width\\\":16"));
    assert_eq!(
        narrow.to_string(),
        "tensor 'layers.0.weight' has shape [32, 3] F32, and the header's network wants [16, 3] F32"
    );
    let whole = refusal(&file_with("\"dtype\":\"F32\",\"shape\":[32]", "\"dtype\":\"I32\",\"shape\":[32]"));
    assert!(matches!(&whole, CheckpointError::Shape { name, .. } if name == "layers.0.bias"), "{whole}");
}

#[test]
fn weights_that_are_no_numbers_are_refused_by_name() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut bytes = file().to_vec();
        let last = bytes.len() - 4;
        bytes[last..].copy_from_slice(&bad.to_le_bytes());
        let error = refusal(&bytes);
        assert!(matches!(&error, CheckpointError::NotFinite(name) if name.starts_with("layers.")), "{error}");
    }
}
