//! The network on the graphics adapter against the numbers of diffusers on PyTorch. On a machine without any adapter each test
//! says so and passes: nothing can be compared there.

use scorescope::gpu::{Context, Kernels, Precision};
use scorescope::unet::{Folder, ModelError, UnetGpu};

use super::agreement::difference;
use super::folder::{Model, models};

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
    let folder = Folder::find(folder.path()).expect("it was written");
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
            let mut network = network(&model, &kernels, precision).unwrap();
            let mut found = vec![f32::NAN; model.plan().shape(model.plan().output).len()];
            network.forward(&model.image(), model.shape, model.timestep, &mut found).unwrap();
            let error = difference(&model, &found);
            eprintln!("{}, {precision}: {error:e}", model.name);
            assert!(error < tolerance, "{}, {precision}: {error:e}", model.name);
        }
    }
}
