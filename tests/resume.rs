//! A training's file: it goes on as if it had never stopped, and no bad file changes a training.

mod support;

use safetensors::SafeTensors;
use scorescope::learning::{Activation, CheckpointError, MlpConfig, Rate, ScoreMlp, Trainer, TrainingConfig};
use support::Dice;
use support::learning::{config, network, run, trained, trainer_of, whole};

/// Everything that remembers steps: warm-up, a falling rate, clipping, decay, averages.
fn full() -> TrainingConfig {
    let rate = Rate { warm_up: 10, cosine: Some(60) };
    TrainingConfig { rate, clip: Some(0.3), weight_decay: 0.01, ..config() }
}

#[test]
fn a_resumed_training_is_the_uninterrupted_one() {
    let uninterrupted = whole(&trained(60, full(), 1));
    for stop in [1, 7, 30, 59] {
        let file = whole(&trained(stop, full(), 1));
        // Of another seed, and with steps of its own: nothing of either may stay.
        let mut resumed = trained(3, full(), 2);
        resumed.resume(&file).expect("its own file");
        assert_eq!((resumed.steps(), resumed.seed()), (stop, 1));
        assert!(file == whole(&resumed), "the same file again");
        assert!(uninterrupted == whole(&run(resumed, 60 - stop)), "stopped after {stop} steps");
    }
}

/// Numbers in the header are decimal: of none of thirty trainings is the last digit lost. Seeds 1 to 30.
#[test]
fn a_file_read_and_written_is_the_same_file() {
    let small = |seed| trainer_of(MlpConfig { width: 16, hidden: 1, ..network() }, full(), seed);
    for seed in 1..=30 {
        let (file, mut again) = (whole(&run(small(seed), 3)), small(0));
        again.resume(&file).expect("its own file");
        assert!(file == whole(&again), "seed {seed}");
    }
}

#[test]
fn a_restored_snapshot_is_the_uninterrupted_training() {
    let mut trainer = trained(20, full(), 3);
    let (snapshot, at_20) = (trainer.snapshot(), whole(&trainer));
    assert_eq!(snapshot.steps(), 20);
    let at_40 = whole(&run(trained(20, full(), 3), 20));
    trainer = run(trainer, 20);
    assert!(at_40 == whole(&trainer));
    trainer.restore(&snapshot).expect("its own");
    assert!(at_20 == whole(&trainer));
    assert!(at_40 == whole(&run(trainer, 20)));
}

#[test]
fn a_snapshot_of_another_shape_is_refused() {
    let mut trainer = trained(5, full(), 4);
    let (before, other) = (whole(&trainer), trainer_of(MlpConfig { width: 16, ..network() }, full(), 4));
    assert!(trainer.restore(&other.snapshot()).is_err());
    assert!(before == whole(&trainer));
}

/// The file of a training is a model as well, with the same average.
#[test]
fn the_file_of_a_training_is_a_model_too() {
    let trainer = trained(15, full(), 5);
    let model = ScoreMlp::from_bytes(&whole(&trainer)).expect("a model");
    let bytes = |model: &ScoreMlp| model.to_bytes().expect("a model file");
    assert!(bytes(&model) == bytes(&trainer.network()) && bytes(&model) != bytes(&trainer.raw_network()));
}

/// Refuses the file, and is afterwards as it was; gives the reason.
fn refusal(trainer: &mut Trainer, bytes: &[u8]) -> CheckpointError {
    let before = whole(trainer);
    let error = trainer.resume(bytes).expect_err("no training to go on with");
    assert!(before == whole(trainer), "{error}, and the trainer has changed");
    error
}

/// Where each tensor's numbers stand in a file.
fn places(bytes: &[u8]) -> Vec<(String, std::ops::Range<usize>)> {
    let file = SafeTensors::deserialize(bytes).expect("safetensors");
    let place = |(name, view): (String, safetensors::tensor::TensorView<'_>)| {
        let begin = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
        (name, begin..begin + view.data().len())
    };
    file.tensors().into_iter().map(place).collect()
}

/// The file with its header changed; the header's length follows.
fn with_header(bytes: &[u8], part: &str, by: &str) -> Vec<u8> {
    let length = usize::from_le_bytes(bytes[..8].try_into().expect("eight bytes"));
    let header = std::str::from_utf8(&bytes[8..8 + length]).expect("JSON");
    assert!(header.contains(part), "'{part}' is not in {header}");
    let header = header.replacen(part, by, 1);
    [&header.len().to_le_bytes(), header.as_bytes(), &bytes[8 + length..]].concat()
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let (file, mut trainer) = (whole(&trained(2, full(), 6)), trained(1, full(), 7));
    let header = 8 + usize::from_le_bytes(file[..8].try_into().expect("eight bytes"));
    let ends = places(&file).into_iter().flat_map(|(_, place)| [place.start, place.end - 1, place.end]);
    let lengths = [0, 1, 7, 8, 9, header / 2, header - 1, header, header + 1].into_iter().chain(ends);
    for length in lengths.filter(|length| *length < file.len()) {
        assert!(matches!(refusal(&mut trainer, &file[..length]), CheckpointError::File(_)), "{length} bytes");
    }
    assert!(matches!(refusal(&mut trainer, &[&file[..], &[0]].concat()), CheckpointError::File(_)));
}

#[test]
fn files_that_hold_no_training_of_this_network_are_refused_with_the_reason() {
    let (file, mut trainer) = (whole(&trained(2, full(), 6)), trained(1, full(), 7));
    let huge = [&100_000_000_000u64.to_le_bytes(), &file[8..]].concat();
    let model = trained(2, full(), 6).network().to_bytes().expect("a model file");
    let narrow = whole(&trainer_of(MlpConfig { width: 16, ..network() }, full(), 6));
    let soft = whole(&trainer_of(MlpConfig { activation: Activation::Softplus, ..network() }, full(), 6));
    let elsewhere = whole(&trainer_of(MlpConfig { scale: 3.0, ..network() }, full(), 6));
    let rows: [(Vec<u8>, &str); 15] = [
        (huge, "no complete safetensors file"),
        (b"\x02\0\0\0\0\0\0\0{}".to_vec(), "no Scorescope model"),
        (with_header(&file, "\"scorescope\"", "\"somebody\""), "no Scorescope model"),
        (model, "holds no training to go on with"),
        (narrow, "its network is not the one asked for (width is 16, not 32)"),
        (soft, "activation is \"softplus\", not \"silu\""),
        (elsewhere, "scale is 3.0, not"),
        (with_header(&file, "\\\"steps\\\":2", "\\\"steps\\\":-2"), "its header cannot be used"),
        (with_header(&file, "\\\"steps\\\":2", "\\\"steps\\\":18446744073709551615"), "no training comes to step"),
        (with_header(&file, "\\\"updates\\\":2", "\\\"updates\\\":4294967295"), "no training comes to step"),
        (with_header(&file, "\\\"sum\\\":", "\\\"sum\\\":-"), "no training comes to step"),
        (with_header(&file, ",\\\"seed\\\":6", ""), "its header cannot be used"),
        (
            with_header(&file, "\"adam.m.layers.1.bias\"", "\"adam.m.layers.7.bias\""),
            "'adam.m.layers.1.bias' is missing",
        ),
        (
            with_header(&file, "\"weights.layers.0.bias\"", "\"weights.layers.9.bias\""),
            "'weights.layers.0.bias' is missing",
        ),
        (with_header(&file, "\\\"format\\\":1", "\\\"format\\\":2"), "format 2 is not 1"),
    ];
    for (bytes, expected) in rows {
        let error = refusal(&mut trainer, &bytes).to_string();
        assert!(error.contains(expected), "no '{expected}' in: {error}");
    }
}

#[test]
fn numbers_that_no_training_has_are_refused_by_name() {
    let (file, mut trainer) = (whole(&trained(2, full(), 6)), trained(1, full(), 7));
    for (name, place) in places(&file) {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut spoiled = file.clone();
            spoiled[place.start..place.start + 4].copy_from_slice(&bad.to_le_bytes());
            let error = refusal(&mut trainer, &spoiled);
            assert!(matches!(&error, CheckpointError::NotFinite(found) if *found == name), "{name}: {error}");
        }
        if name.starts_with("adam.v.") {
            let mut spoiled = file.clone();
            spoiled[place.end - 4..place.end].copy_from_slice(&(-1e-3f32).to_le_bytes());
            assert!(refusal(&mut trainer, &spoiled).to_string().contains("below 0"), "{name}");
        }
    }
}

/// 3,000 headers with one byte changed, seed 1: each is refused without a trace, or leads to a training that goes on.
#[test]
fn no_spoiled_header_does_harm() {
    let small = || trainer_of(MlpConfig { width: 16, hidden: 1, ..network() }, full(), 8);
    let (file, mut dice, mut refused) = (whole(&run(small(), 2)), Dice::new(1), 0);
    let header = 8 + usize::from_le_bytes(file[..8].try_into().expect("eight bytes"));
    let (mut trainer, untouched) = (small(), whole(&small()));
    for _ in 0..3000 {
        let mut spoiled = file.clone();
        let (at, by) = (dice.below(header), dice.below(256));
        spoiled[at] = u8::try_from(by).expect("a byte");
        if trainer.resume(&spoiled).is_ok() {
            trainer = run(trainer, 1);
            assert!(trainer.network().to_bytes().is_ok(), "byte {at} as {by}");
            trainer = small();
        } else {
            refused += 1;
            assert!(untouched == whole(&trainer), "byte {at} as {by}");
        }
    }
    assert!(refused > 2000, "{refused}");
}
