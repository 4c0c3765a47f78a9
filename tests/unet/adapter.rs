//! The network on the graphics adapter against the numbers of diffusers on PyTorch. On a machine without any adapter each test
//! says so and passes: nothing can be compared there.

use scorescope::gpu::{Context, GpuError, Kernels, Precision};
use scorescope::unet::{self, ModelError, UnetGpu};

use super::agreement::{difference, read};
use super::command::prepared;
use super::folder::{Model, model, models};
use super::program::json;

/// The machine's adapter, or a line that says why the test does nothing.
fn kernels() -> Option<Kernels> {
    match Context::new() {
        Ok(context) => Some(Kernels::new(&context)),
        Err(error) => {
            eprintln!("NOT TESTED: {error}");
            None
        }
    }
}

fn network(model: &Model, kernels: &Kernels, precision: Precision) -> Result<UnetGpu, ModelError> {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    model.write(folder.path(), str::to_owned);
    let folder = unet::Folder::find(folder.path()).expect("it was written");
    let config = folder.config().expect("it was written");
    let weights = folder.weights(&config).expect("they were written");
    UnetGpu::new(config, &weights, kernels, precision)
}

/// Networks of every kind of block, embedding, resampling and normalisation. In single precision the adapter's sums differ
/// from PyTorch's by their order, as the processor's do; in half precision each of some hundred values on the way is off by
/// 2⁻¹¹, and errors of independent signs add up to 1e-2.
#[test]
fn every_network_answers_as_diffusers_does() {
    let Some(kernels) = kernels() else { return };
    for model in models() {
        for (precision, tolerance) in [(Precision::Single, 2e-5), (Precision::Half, 2e-2)] {
            if precision == Precision::Half && !kernels.context().has_half_precision() {
                eprintln!("NOT TESTED: {} has no half precision", kernels.context());
                continue;
            }
            let error = error(&model, &kernels, precision);
            assert!(error < tolerance, "{}, {precision}: {error:e}", model.name);
        }
    }
}

/// A graphics card has more to do at once than a small image gives it, so that sums are taken in parts there: the same here.
#[test]
fn networks_answer_the_same_where_sums_are_taken_in_parts() {
    let Some(kernels) = kernels() else { return };
    let kernels = Kernels::for_a_card(kernels.context());
    for name in ["cifar10", "ncsnpp"] {
        let error = error(&model(name), &kernels, Precision::Single);
        assert!(error < 2e-5, "{name}: {error:e}");
    }
}

/// How far the answer is from PyTorch's.
fn error(model: &Model, kernels: &Kernels, precision: Precision) -> f32 {
    let mut network = network(model, kernels, precision).expect("the network fits");
    let mut found = vec![f32::NAN; model.plan().shape(model.plan().output).len()];
    network.forward(&model.image(), model.shape, model.timestep, &mut found).expect("the adapter works");
    difference(model, &found)
}

/// Two sizes after each other and the first again: a recording leaves nothing behind, and is not confused with another.
#[test]
fn batches_of_several_sizes_are_taken_in_turn() {
    let Some(kernels) = kernels() else { return };
    let model = model("one-level");
    let [n, h, w] = model.shape;
    let mut network = network(&model, &kernels, Precision::Single).unwrap();
    let image = model.image();
    let mut first = vec![0.0; image.len() / model.config().in_channels * model.config().out_channels];
    network.forward(&image, [n, h, w], model.timestep, &mut first).unwrap();
    let mut other = vec![0.0; first.len() / n];
    network.forward(&image[..image.len() / n], [1, h, w], 7.0, &mut other).unwrap();
    let mut again = vec![0.0; first.len()];
    network.forward(&image, [n, h, w], model.timestep, &mut again).unwrap();
    assert!(difference(&model, &first) < 2e-5 && first == again);
    assert!(matches!(network.forward(&image, [n, h, w + 2], 7.0, &mut again), Err(ModelError::Input(_))));
    assert!(matches!(network.forward(&image, [n, h, w], f32::NAN, &mut again), Err(ModelError::Input(_))));
}

/// Known from the plan, before anything is asked of the driver; the network can be asked something smaller afterwards.
#[test]
fn what_does_not_fit_is_refused_with_what_it_needs() {
    let Some(kernels) = kernels() else { return };
    let model = model("one-level");
    let mut network = network(&model, &kernels, Precision::Single).unwrap();
    let n = 1 << 22;
    let needs = network.needs([n, 32, 32]).unwrap();
    // The image alone.
    assert!(needs.bytes() > 4 * (n as u64) * 3 * 32 * 32);
    let refused = network.prepare([n, 32, 32]).expect_err("a terabyte");
    let sentence = refused.to_string();
    assert!(matches!(refused, ModelError::NoRoom(_)), "{sentence}");
    assert!(sentence.contains("MiB for this batch") && sentence.ends_with("half precision, or the CPU"), "{sentence}");
    let full = needs.explain(GpuError::OutOfMemory).to_string();
    let mebibytes = format!("the network needs {} MiB for this batch", needs.bytes().div_ceil(1 << 20));
    assert!(full.starts_with(&mebibytes) && sentence.starts_with(&mebibytes), "{full}; {sentence}");
    network.prepare([1, 32, 32]).unwrap();
}

/// The command, as scripts call it: the answer is the library's, in both precisions; the processor has only one.
#[test]
fn the_command_answers_on_the_adapter() {
    let Some(_) = kernels() else { return };
    let model = model("one-level");
    let folder = prepared("one-level");
    let timestep = model.timestep.to_string();
    let eval = ["images", "eval", "--model", "model", "--input", "x.npy", "--timestep", &timestep, "--out", "y.npy"];
    for (dtype, tolerance) in [("f32", 2e-5), ("f16", 2e-2)] {
        let said = folder.succeeds(&[&eval[..], &["--device", "gpu", "--dtype", dtype]].concat());
        assert_eq!(json(&said)["device"], "gpu");
        let error = difference(&model, &read(&folder.path("y.npy")));
        assert!(error < tolerance, "{dtype}: {error:e}");
    }
    assert!(folder.fails(&[&eval[..], &["--dtype", "f16"]].concat(), 2).contains("Add --device gpu"));
}
