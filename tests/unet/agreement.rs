//! The network's answers against those of diffusers on PyTorch.

use std::collections::BTreeMap;
use std::sync::Arc;

use scorescope::learning::UnetCpu;
use scorescope::session::Pool;
use scorescope::unet::{Folder, Weights};

use super::folder::{Model, here, model, models, uniform};

/// How far the answer is from PyTorch's: the largest difference over the largest number. Without threads, in candle's own
/// operations.
fn error(model: &Model, folder: &std::path::Path, threads: Option<usize>) -> f32 {
    let folder = Folder::find(folder).expect("it was written");
    let config = folder.config().expect("it was written");
    let weights = folder.weights(&config).expect("they were written");
    let network = match threads {
        Some(threads) => UnetCpu::new(config, weights, Arc::new(Pool::of(threads))),
        None => UnetCpu::by_candle(config, weights),
    };
    let network = network.expect("the weights fit");
    let (plan, image) = (model.plan(), model.image());
    let mut found = vec![f32::NAN; plan.shape(plan.output).len()];
    network.forward(&image, model.shape, model.timestep, &mut found).expect("the network can be computed");
    difference(model, &found)
}

/// The largest difference to PyTorch's numbers over the largest of these.
pub fn difference(model: &Model, found: &[f32]) -> f32 {
    difference_to(&model.name, found)
}

/// The same for a reference by its name.
pub fn difference_to(name: &str, found: &[f32]) -> f32 {
    let expected = read(&here().join(format!("{name}.npy")));
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
        for threads in [Some(1 + i % 3), None] {
            let error = error(model, folder.path(), threads);
            assert!(error < 2e-5, "{} on {threads:?} threads: {error:e}", model.name);
        }
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
        let error = error(model, folder.path(), Some(2));
        assert!(error < 2e-5, "{}: {error:e}", model.name);
    }
}

/// Of each parameter the gradient of Σ y g, each image at a timestep of its own: its scalar product with a direction, and its
/// norm, in units of that norm. Norms below a thousandth of the largest are those of sums that cancel (a key's bias moves
/// nothing), and count as that thousandth.
#[test]
fn gradients_by_every_weight_are_pytorchs() {
    let text = std::fs::read_to_string(here().join("gradients.json")).expect("the reference is there");
    let networks: BTreeMap<String, BTreeMap<String, [f64; 2]>> = serde_json::from_str(&text).expect("it has this form");
    for (name, expected) in networks {
        let model = model(&name);
        let plan = model.plan();
        let weights = || Weights::new(model.weights());
        let ours = UnetCpu::new(model.config(), weights(), Arc::new(Pool::of(2))).expect("the weights fit");
        let candles = UnetCpu::by_candle(model.config(), weights()).expect("the weights fit");
        let timesteps: Vec<f32> = (0..model.shape[0]).map(|i| model.timestep * (1.0 + 0.5 * i as f32)).collect();
        let g: Vec<f32> = uniform("g", plan.shape(plan.output).len()).map(|g| g as f32).collect();
        let largest = expected.values().fold(0.0f64, |largest, [_, norm]| largest.max(*norm));
        for (whose, network) in [("ours", ours), ("candle's", candles)] {
            let found = network
                .gradient(&model.image(), model.shape, &timesteps, |_| g.clone())
                .expect("the network can be computed");
            for (parameter, gradient) in plan.parameters.iter().zip(found) {
                let gradient: Vec<f64> = gradient.into_iter().map(f64::from).collect();
                let direction = uniform(&format!("along {}", parameter.name), gradient.len());
                let along: f64 = gradient.iter().zip(direction).map(|(gradient, u)| gradient * u).sum();
                let norm = gradient.iter().map(|x| x * x).sum::<f64>().sqrt();
                let [expected_along, expected_norm] = expected.get(&parameter.name).copied().unwrap_or_default();
                let unit = expected_norm.max(1e-3 * largest);
                let errors = [along - expected_along, norm - expected_norm].map(|error| error.abs() / unit);
                assert!(errors[0].max(errors[1]) < 1e-4, "{name}, {}, {whose}: {errors:?}", parameter.name);
            }
        }
    }
}

/// How work is cut follows the threads, its result does not: the same bits.
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let model = model("ncsnpp");
    let answer = |threads| {
        let weights = Weights::new(model.weights());
        let network = UnetCpu::new(model.config(), weights, Arc::new(Pool::of(threads))).expect("the weights fit");
        let mut found = vec![0.0; model.image().len()];
        network.forward(&model.image(), model.shape, model.timestep, &mut found).expect("it can be computed");
        found.into_iter().map(f32::to_bits).collect::<Vec<u32>>()
    };
    assert_eq!(answer(1), answer(2));
    assert_eq!(answer(1), answer(5));
}
