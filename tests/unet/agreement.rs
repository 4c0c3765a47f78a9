//! The network's answers against those of diffusers on PyTorch.

use std::sync::Arc;

use scorescope::learning::UnetCpu;
use scorescope::session::Pool;
use scorescope::unet::Folder;

use super::folder::{Model, here, models};

/// How far the answer is from PyTorch's: the largest difference over the largest number.
fn error(model: &Model, folder: &std::path::Path, threads: usize) -> f32 {
    let folder = Folder::find(folder).expect("it was written");
    let config = folder.config().expect("it was written");
    let weights = folder.weights(&config).expect("they were written");
    let network = UnetCpu::new(config, weights, Arc::new(Pool::of(threads))).expect("the weights fit");
    let (plan, image) = (model.plan(), model.image());
    let mut found = vec![f32::NAN; plan.shape(plan.output).len()];
    network.forward(&image, model.shape, model.timestep, &mut found).expect("the network can be computed");
    difference(model, &found)
}

/// The largest difference to PyTorch's numbers over the largest of these.
pub fn difference(model: &Model, found: &[f32]) -> f32 {
    let expected = read(&here().join(format!("{}.npy", model.name)));
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
    let differences = found.iter().zip(&expected).map(|(found, expected)| (found - expected).abs());
    let differences = differences.map(|of| if of.is_nan() { f32::INFINITY } else { of });
    differences.fold(0.0, f32::max) / largest
}

/// The numbers of a NumPy file.
pub fn read(path: &std::path::Path) -> Vec<f32> {
    let file = std::fs::File::open(path).expect("the file is there");
    npyz::NpyFile::new(file).expect("it is NumPy's").into_vec::<f32>().expect("it is single precision")
}

/// Networks of every kind of block, embedding, resampling and normalisation, in single and half precision, on one, two and
/// three threads. Sums of a thousand products in single precision differ by 1e-6 or 1e-5 by their order.
#[test]
fn every_network_answers_as_diffusers_does() {
    for (i, model) in models().iter().enumerate() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        model.write(folder.path(), str::to_owned);
        let error = error(model, folder.path(), 1 + i % 3);
        assert!(error < 2e-5, "{}: {error:e}", model.name);
    }
}

/// Files from before 2023 say query, key, value and proj_attn; pipelines keep the network in a folder of its own.
#[test]
fn old_names_and_a_pipelines_folder_are_understood() {
    let models = models();
    for model in models.iter().filter(|model| ["no-middle", "ncsnpp"].contains(&&*model.name)) {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        std::fs::create_dir(folder.path().join("unet")).expect("there is room for a folder");
        let new = ["to_q", "to_k", "to_v", "to_out.0", "time_proj.weight"];
        let old = ["query", "key", "value", "proj_attn", "time_proj.W"];
        let rename = |name: &str| new.iter().zip(old).fold(name.to_owned(), |name, (new, old)| name.replace(new, old));
        model.write(&folder.path().join("unet"), rename);
        let error = error(model, folder.path(), 2);
        assert!(error < 2e-5, "{}: {error:e}", model.name);
    }
}
