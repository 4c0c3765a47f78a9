//! `scorescope images train`: trains a U-Net on images and writes it as diffusers does, with all that it takes to go on.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::npy::Batch;
use super::sheet::sheet;
use super::train_form::Shape;
use crate::cli::failure::Failure;
use crate::cli::{interrupt, output};
use crate::gallery;
use crate::images::Gallery;
use crate::learning::{HAS_CARD, Rate, UnetState, UnetTrainer, UnetTraining};
use crate::samplers::{self, Serial};
use crate::scenario::Sampling;
use crate::session::{ImageModel, Pool, TRAINING};
use crate::unet::{ModelError, Noising, Plan, UnetConfig};

/// Images of a sheet.
const SHEET: usize = 16;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    /// What is learned: cats, cats:N for N of them, a folder of PNG and JPEG pictures, or an IDX file such as Fashion-MNIST's
    #[arg(long, value_name = "DATA", required_unless_present = "resume", conflicts_with = "resume")]
    data: Option<String>,
    /// Width and height that pictures are brought to; IDX files have their own
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(4..=512))]
    size: u32,
    /// What the network answers, and under which noise
    #[arg(long, value_enum, default_value_t = NoiseForm::Edm)]
    form: NoiseForm,
    /// The network as a config.json of diffusers' UNet2DModel, instead of the three that follow
    #[arg(long, value_name = "F.json", conflicts_with_all = ["channels", "layers", "attention"])]
    config: Option<PathBuf>,
    /// Channels of each level, from the image down; each level halves the sides
    #[arg(long, value_name = "C,C…", value_delimiter = ',', default_values_t = [32, 64, 128])]
    channels: Vec<usize>,
    /// Residual blocks of a level
    #[arg(long, value_name = "N", default_value_t = 1)]
    layers: usize,
    /// Sides of the levels that have attention
    #[arg(long, value_name = "N,N…", value_delimiter = ',', default_values_t = [8])]
    attention: Vec<usize>,
    /// Training steps in all
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    steps: u32,
    /// Stops earlier, after so many minutes; what was learned is written, and can be gone on with
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    minutes: Option<u32>,
    /// Images per step
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=8192))]
    batch: u32,
    /// Adam's step size at its highest
    #[arg(long, value_name = "α", default_value_t = 1e-3)]
    learning_rate: f64,
    /// Steps in which the step size rises to it
    #[arg(long, value_name = "N", default_value_t = 200)]
    warm_up: u32,
    /// The step size then falls along a cosine, to 0 after the last step
    #[arg(long)]
    cosine: bool,
    /// Length to which longer gradients are shortened
    #[arg(long, value_name = "L", default_value_t = 1.0)]
    clip: f64,
    /// Decay of the average of the weights
    #[arg(long, value_name = "M", default_value_t = 0.999)]
    ema: f64,
    /// Mean and standard deviation of ln σ in training, with --form edm
    #[arg(long, value_name = "MEAN,STD", value_delimiter = ',', default_values_t = [-1.2, 1.2])]
    ln_sigma: Vec<f64>,
    /// What computes: the processor, or a card where the program was built with --features cuda or metal, which then comes first
    #[arg(long, value_enum)]
    device: Option<Device>,
    /// Decides first weights, batches and noise
    #[arg(long, value_name = "K", default_value_t = 0)]
    seed: u64,
    /// Draws a sheet of 16 samples after every K steps, into the folder `samples`
    #[arg(long, value_name = "K", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    sheet_every: u32,
    /// Writes the model and all that it takes to go on after every K steps
    #[arg(long, value_name = "K", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    save_every: u32,
    /// Goes on with the training in the folder --out, up to --steps in all; everything else is as it was begun
    #[arg(
        long,
        conflicts_with_all = ["size", "form", "config", "channels", "layers", "attention", "batch", "learning_rate", "warm_up", "cosine", "clip", "ema", "ln_sigma", "seed"]
    )]
    resume: bool,
    /// Writes the weights in half precision
    #[arg(long)]
    half: bool,
    /// The folder of the model
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Device {
    /// The processor
    Cpu,
    /// A graphics card, by candle
    Gpu,
}

/// What a network is trained to answer, and under which noise.
#[derive(Clone, Copy, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoiseForm {
    /// F of D = c_skip x + c_out F, any σ: Karras et al. 2022
    Edm,
    /// The noise ε of a DDPM with β linear: Ho, Jain & Abbeel 2020
    Vp,
}

/// Everything that a training was begun with: it goes on with the same.
#[derive(Serialize, Deserialize)]
struct Asked {
    data: String,
    size: u32,
    config: Value,
    scheduler: Value,
    training: UnetTraining,
}

#[derive(Serialize)]
struct Summary {
    steps: u32,
    loss: f64,
    seconds: f64,
    /// Of the steps alone, without sheets and files.
    images_per_s: f64,
    parameters: usize,
    flop_per_image: u64,
    seed: u64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut work = Work::begin(arguments)?;
    let first = work.trainer.state().steps;
    let begun = Instant::now();
    let loss = work.train(begun)?;
    let (steps, seconds) = (work.trainer.state().steps, begun.elapsed().as_secs_f64());
    let images = f64::from(steps - first) * f64::from(work.asked.training.batch);
    let learning = work.learning.as_secs_f64();
    output::print_summary(&Summary {
        steps,
        loss,
        seconds,
        images_per_s: images / learning,
        parameters: work.plan.weights(),
        flop_per_image: work.plan.cost().operations,
        seed: work.trainer.state().seed,
    })
}

/// A training and where it goes.
struct Work<'a> {
    arguments: &'a Arguments,
    asked: Asked,
    config: UnetConfig,
    noising: Noising,
    plan: Plan,
    trainer: UnetTrainer,
    pool: Arc<Pool>,
    /// Time of the steps alone.
    learning: Duration,
}

impl<'a> Work<'a> {
    /// A fresh training, or the one that the folder holds.
    fn begin(arguments: &'a Arguments) -> Result<Self, Failure> {
        let refused = |error: ModelError| Failure::wrong_use("The training is refused", error);
        let on_card = match arguments.device {
            Some(Device::Gpu) if !HAS_CARD => {
                let why = "this program was built to train on the processor. Build it with --features cuda, or metal on a Mac";
                return Err(Failure::wrong_use("--device gpu is refused", why));
            }
            Some(device) => device == Device::Gpu,
            None => HAS_CARD,
        };
        let (asked, state) = if arguments.resume { resumed(arguments)? } else { (asked(arguments)?, None) };
        let images = open(&asked)?;
        let [_, h, w] = images.shape();
        let config = UnetConfig::from_json(&asked.config.to_string()).map_err(refused)?;
        let noising = Noising::read(Some(&asked.scheduler.to_string()), &config)
            .map_err(|why| Failure::wrong_use("The noise is refused", why))?;
        let state = state.map_or_else(|| UnetState::fresh(&config, arguments.seed), Ok).map_err(refused)?;
        let (plan, pool) = (Plan::new(&config, 1, [h, w]).map_err(refused)?, Arc::new(Pool::per_core()));
        let network = (config.clone(), noising.clone());
        let trainer = UnetTrainer::new(images, network, asked.training, state, (Arc::clone(&pool) as _, on_card));
        Ok(Self {
            arguments,
            asked,
            config,
            noising,
            plan,
            trainer: trainer.map_err(refused)?,
            pool,
            learning: Duration::ZERO,
        })
    }

    /// Trains with a progress bar on stderr; returns the mean loss of the last hundredth of the steps.
    fn train(&mut self, begun: Instant) -> Result<f64, Failure> {
        let Arguments { steps, minutes, sheet_every, save_every, out, .. } = self.arguments;
        let limit = minutes.map(|minutes| Duration::from_secs(60 * u64::from(minutes)));
        let bar = ProgressBar::new(u64::from(*steps)).with_position(u64::from(self.trainer.state().steps));
        // The template is fixed, and right.
        bar.set_style(
            ProgressStyle::with_template("{wide_bar} {pos}/{len}  {msg}  {eta} left").expect("a right template"),
        );
        bar.reset_eta();
        let last = (*steps as usize / 100).max(1);
        let mut recent: VecDeque<f64> = VecDeque::with_capacity(last);
        let mean = |recent: &VecDeque<f64>| {
            recent.iter().sum::<f64>() / f64::from(u32::try_from(recent.len().max(1)).unwrap_or(u32::MAX))
        };
        let (first, batch) = (self.trainer.state().steps, self.asked.training.batch);
        while self.trainer.state().steps < *steps && limit.is_none_or(|limit| begun.elapsed() < limit) {
            if interrupt::check("Training").is_err() {
                self.save()?;
                let (made, out) = (self.trainer.state().steps, out.display());
                let why = format!("{out} holds its first {made} steps. Go on with --resume --out {out}");
                return Err(Failure::failed("Training was interrupted", why));
            }
            let step = Instant::now();
            let loss = self.trainer.step().map_err(|error| self.diverged(&error))?;
            self.learning += step.elapsed();
            if recent.len() == last {
                recent.pop_front();
            }
            recent.push_back(loss);
            let made = self.trainer.state().steps;
            let rate = f64::from((made - first) * batch) / self.learning.as_secs_f64();
            bar.set_message(format!("loss {:.4}  {rate:.1} images/s", mean(&recent)));
            bar.inc(1);
            if made.is_multiple_of(*save_every) {
                self.save()?;
            }
            if made.is_multiple_of(*sheet_every) {
                self.draw()?;
            }
        }
        bar.finish_and_clear();
        self.save()?;
        self.draw()?;
        Ok(mean(&recent))
    }

    fn diverged(&self, error: &crate::learning::LearningError) -> Failure {
        let out = self.arguments.out.display();
        let why = format!("{error}. What {out} holds is from before. Begin again with a lower --learning-rate");
        Failure::failed("Training failed", why)
    }

    /// Writes the model as diffusers does, and what it takes to go on; each file whole or not at all.
    fn save(&self) -> Result<(), Failure> {
        let Asked { config, scheduler, .. } = &self.asked;
        let failed = |error: ModelError| Failure::failed("The model is not written", error);
        let out = |name: &str| self.arguments.out.join(name);
        output::write(&out(TRAINING), &self.trainer.state().to_bytes(&self.asked).map_err(failed)?)?;
        output::write(&out("config.json"), format!("{config:#}\n").as_bytes())?;
        output::write(&out("scheduler_config.json"), format!("{scheduler:#}\n").as_bytes())?;
        let weights = self.trainer.weights().to_safetensors(&self.plan.parameters, self.arguments.half);
        output::write(&out("diffusion_pytorch_model.safetensors"), &weights.map_err(failed)?)
    }

    /// Draws a sheet of samples: always of the same start, so that sheets can be compared.
    fn draw(&self) -> Result<(), Failure> {
        let failed = |error: ModelError| Failure::failed("No samples are drawn", error);
        let input = self.plan.shape(self.plan.input);
        let (weights, size) = (self.trainer.weights(), [input.h, input.w]);
        let model = ImageModel::on_cpu(&self.config, weights, self.noising.clone(), size, &self.pool);
        let model = model.map_err(failed)?;
        let refused = |error: samplers::SettingError| Failure::failed("No samples are drawn", error);
        let entry = samplers::find("heun").map_err(refused)?;
        let settings = entry.settings(&model.scale(), []).map_err(refused)?;
        let mut run = model.run(&Sampling { entry, settings }, 0, SHEET).map_err(refused)?;
        run.advance(&model.score, usize::MAX, &Serial);
        let shape = [SHEET, input.c, input.h, input.w];
        let picture = sheet(&Batch { shape, numbers: run.positions().to_vec() }, self.noising.range())?;
        let path = self.arguments.out.join("samples").join(format!("{:07}.png", self.trainer.state().steps));
        let png = picture.png().map_err(|why| Failure::failed("The sheet cannot be encoded", why))?;
        output::write(&path, &png)
    }
}

fn open(asked: &Asked) -> Result<Arc<dyn Gallery>, Failure> {
    let what = || format!("--data {} gives no images", asked.data);
    gallery::open(&asked.data, asked.size as usize, gallery::SPLIT).map_err(|error| Failure::failed(what(), error))
}

/// What a fresh training is asked for; its folder is made.
fn asked(arguments: &Arguments) -> Result<Asked, Failure> {
    let Arguments { size, form, channels, layers, attention, batch, learning_rate, clip, ema, out, .. } = arguments;
    let wrong = |what: &str, expected: &str| {
        Err(Failure::wrong_use(format!("--{what} is refused"), format!("expected {expected}")))
    };
    let positive = |x: f64| x > 0.0 && x.is_finite();
    let &[mean, deviation] = &arguments.ln_sigma[..] else { return wrong("ln-sigma", "two numbers, such as -1.2,1.2") };
    if !(mean.is_finite() && positive(deviation)) {
        return wrong("ln-sigma", "a number and a number above 0");
    }
    if !positive(*learning_rate) || !positive(*clip) {
        return wrong(if positive(*clip) { "learning-rate" } else { "clip" }, "a number above 0");
    }
    if !(0.0..1.0).contains(ema) {
        return wrong("ema", "a number from 0 up to, but not, 1");
    }
    if out.join(TRAINING).exists() {
        let why = "it holds a training, which would be lost. Go on with it by --resume, or give --out another folder";
        return Err(Failure::wrong_use(format!("--out {} is refused", out.display()), why));
    }
    let rate = Rate { warm_up: arguments.warm_up, cosine: arguments.cosine.then_some(arguments.steps) };
    let training = UnetTraining {
        batch: *batch,
        learning_rate: *learning_rate,
        rate,
        clip: *clip,
        ema: *ema,
        ln_sigma: [mean, deviation],
    };
    let data = arguments.data.clone().unwrap_or_default();
    let mut asked = Asked { data, size: *size, config: Value::Null, scheduler: form.scheduler(), training };
    asked.config = match &arguments.config {
        Some(path) => read_config(path)?,
        None => Shape { images: open(&asked)?.shape(), channels, layers: *layers, attention }.config(),
    };
    let made = std::fs::create_dir_all(out.join("samples"));
    made.map_err(|error| Failure::failed(format!("--out {} cannot be made", out.display()), error))?;
    Ok(asked)
}

fn read_config(path: &Path) -> Result<Value, Failure> {
    let what = || format!("--config {} is refused", path.display());
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::failed(what(), format!("{error}. Check the path")))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::wrong_use(what(), format!("{error}. Expected diffusers' config.json")))
}

/// The training that the folder holds.
fn resumed(Arguments { out, steps, .. }: &Arguments) -> Result<(Asked, Option<UnetState>), Failure> {
    let path = out.join(TRAINING);
    let what = || format!("{} is not gone on with", path.display());
    let bytes = std::fs::read(&path).map_err(|error| Failure::failed(what(), format!("{error}. Check --out")))?;
    let (state, asked) = UnetState::from_bytes(&bytes).map_err(|error| Failure::failed(what(), error))?;
    if state.steps >= *steps {
        let why =
            format!("it has made {} steps, and {steps} in all are asked for. Give more with --steps", state.steps);
        return Err(Failure::wrong_use(what(), why));
    }
    Ok((asked, Some(state)))
}
