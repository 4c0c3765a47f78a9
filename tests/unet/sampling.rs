//! Samplers on networks of images: against PyTorch, and by the command line.

use std::sync::Arc;

use scorescope::gpu::Context;
use scorescope::noise::Noise;
use scorescope::samplers::{Run, Scale, Serial, Value, find};
use scorescope::session::{Device, ImageModel, Pool};

use super::agreement::{difference_to, read};
use super::folder::{model, models};
use super::program::{Folder, json};

/// Heun's method on Karras' levels, a DDPM and an NCSN++, against the same in PyTorch: make_references.py says it from the paper,
/// in terms of ε̂ and of s. Five answers, each right to 2e-5.
#[test]
fn a_sampler_makes_of_a_network_what_pytorch_makes_of_it() {
    let scale = Scale { sigma_max: 80.0, sigma_min: 0.02, levels: 3 };
    let heun = find("heun").expect("it is in the list");
    let settings = heun.settings(&scale, [("steps", Value::Number(3.0))]).expect("settings");
    let graphics = Context::new().inspect_err(|error| eprintln!("NOT TESTED on an adapter: {error}")).ok();
    for model in models().iter().filter(|model| model.sampled) {
        let folder = Folder::new();
        model.write(&folder.path("."), str::to_owned);
        let [_, h, w] = model.shape;
        for device in [Device::Cpu, Device::Gpu] {
            if device == Device::Gpu && graphics.is_none() {
                continue;
            }
            let opened =
                ImageModel::open(&folder.path("."), Some([h, w]), device, graphics.as_ref(), &Arc::new(Pool::of(2)));
            let ImageModel { score, .. } = opened.expect("a model");
            let plan = (heun.build)(&settings).expect("they fit").plan();
            let x = model.image().iter().map(|x| 80.0 * x).collect();
            let mut run = Run::new(plan, Noise::new(0), score.dim(), x);
            run.advance(&score, usize::MAX, &Serial);
            assert!(score.trouble().is_none() && run.nfe() == 5);
            let error = difference_to(&format!("{}-heun", model.name), run.positions());
            assert!(error < 1e-4, "{} on {device:?}: {error:e}", model.name);
        }
    }
}

/// The same seed gives the same images, however many there are; a sheet has their size; what cannot be is said.
#[test]
fn images_sample_draws_sheets_and_numbers() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("model")).expect("a folder");
    let models = models();
    let model = models.iter().find(|model| model.name == "no-middle").expect("it is listed");
    model.write(&folder.path("model"), str::to_owned);
    let base = ["images", "sample", "--model", "model", "--size", "8x4", "--device", "cpu", "--seed", "3"];
    let with = |more: &[&str]| -> Vec<String> { base.iter().chain(more).map(|word| (*word).to_owned()).collect() };
    let run = |more: &[&str]| {
        let words = with(more);
        json(&folder.succeeds(&words.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    let sampler = "--sampler";
    let annealed = "annealed,levels=3,steps_per_level=2,sigma_max=20,sigma_min=1,step=0.1";
    let summary = run(&[sampler, annealed, "--count", "3", "--out", "three.npy"]);
    assert_eq!((&summary["nfe"], &summary["sampler"]), (&6.into(), &"annealed".into()));
    let channels = summary["shape"][1].as_u64().expect("a number") as usize;
    assert_eq!(summary["shape"], serde_json::json!([3, channels, 4, 8]));
    run(&[sampler, annealed, "--count", "2", "--out", "two.npy"]);
    let (three, two) = (read(&folder.path("three.npy")), read(&folder.path("two.npy")));
    assert!(three[..two.len()] == two[..] && two.len() == 2 * channels * 32 && two.iter().all(|x| x.is_finite()));
    let drawn = run(&[sampler, annealed, "--count", "5", "--out", "sheet.png"]);
    let picture =
        png::Decoder::new(std::io::BufReader::new(std::fs::File::open(folder.path("sheet.png")).expect("it is there")));
    let info = picture.read_info().expect("it is a PNG");
    // Three columns of 8 pixels and two rows of 4, with gaps of 2.
    assert_eq!((info.info().width, info.info().height, &drawn["seed"]), (32, 14, &3.into()));
    for (more, code, expected) in [
        (&[sampler, "annealed,start=box", "--out", "x.npy"][..], 2, "start=prior"),
        (&[sampler, "mala", "--out", "x.npy"], 2, "density"),
        (&[sampler, "sorcery", "--out", "x.npy"], 2, "no sampler 'sorcery'"),
        (&[sampler, "annealed", "--out", "x.jpg"], 2, ".png or .npy"),
    ] {
        let words = with(more);
        let stderr = folder.fails(&words.iter().map(String::as_str).collect::<Vec<_>>(), code);
        assert!(stderr.contains(expected) && stderr.lines().count() == 1, "{more:?}: {stderr}");
    }
    assert!(!folder.path("x.npy").exists());
}

/// Nothing of it is computed, and no file is lost. Sixteen thousand gigabytes are more than any machine has.
#[test]
fn what_has_no_room_in_memory_or_would_lose_the_weights_is_refused() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("model")).expect("a folder");
    model("no-middle").write(&folder.path("model"), str::to_owned);
    let base = ["images", "sample", "--model", "model", "--sampler", "heun", "--device", "cpu", "--out"];
    let refused = |more: &[&str], code| {
        let stderr = folder.fails(&[&base[..], more].concat(), code);
        assert!(stderr.lines().count() == 1, "{more:?}: {stderr}");
        stderr
    };
    assert!(refused(&["x.png", "--size", "0x0"], 2).contains("images of 0 × 0"));
    for more in [&["--size", "65536x65536"][..], &["--size", "4096x4096", "--count", "10000"]] {
        let stderr = refused(&[&["x.png"], more].concat(), 1);
        assert!(stderr.contains("MiB of memory are needed") && stderr.contains("MiB are free"), "{stderr}");
    }
    assert!(!folder.path("x.png").exists());
    #[cfg(unix)]
    {
        let weights = folder.path("model/diffusion_pytorch_model.safetensors");
        std::fs::rename(&weights, folder.path("weights.npy")).expect("it is renamed");
        std::os::unix::fs::symlink("../weights.npy", &weights).expect("a link to it");
        assert!(refused(&["weights.npy", "--size", "8x8"], 2).contains("also an input"));
    }
}
