//! `scorescope images coverage`: images of cats against the truth, which is known.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use serde::Serialize;

use super::draw::{Drawn, Request};
use super::npy::{self, Batch};
use super::sample::Form;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::gallery::{ALL_CATS, Cats, Coverage, SMALLEST_JUDGED, SPLIT, cats_of};
use crate::images::Gallery;
use crate::metrics::{nearest_images, sliced_wasserstein_of_images};
use crate::noise::Noise;
use crate::session::{self, Pool};

/// Cats of the truth for each image, up to [`MANY`] images; beyond, one.
const TRUTH: usize = 4;
const MANY: usize = 2000;

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    /// How many cats the model was trained on; without it, what stands in the model's folder
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=ALL_CATS as i64))]
    train_split: Option<u32>,
    /// Also writes the images: a sheet of them as PNG, or NumPy's float32 of shape (n, c, h, w)
    #[arg(long, value_name = "F.png|F.npy")]
    out: Option<PathBuf>,
}

/// Where the images come from. Written out, because clap does not derive arguments of which others are an alternative.
enum Source {
    Drawn(Request),
    Given(PathBuf),
}

impl FromArgMatches for Source {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        match matches.get_one::<PathBuf>(INPUT) {
            Some(path) => Ok(Self::Given(path.clone())),
            None => Request::from_arg_matches(matches).map(Self::Drawn),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|new| *self = new)
    }
}

impl Args for Source {
    fn augment_args(command: Command) -> Command {
        let input = Arg::new(INPUT).long(INPUT).value_name("X.npy").value_parser(value_parser!(PathBuf)).help(
            "Images to judge instead of drawing some: NumPy's float32, shape (n, 3, s, s), from −1 black to 1 white",
        );
        let others = ["model", "sampler", "count", "seed", "size", "device"];
        let instead = |argument: Arg| argument.required(false).required_unless_present(INPUT);
        let command = Request::augment_args(command).mut_arg("model", instead).mut_arg("sampler", instead);
        command.arg(input.conflicts_with_all(others))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The name of the argument that gives images.
const INPUT: &str = "input";

/// Of a sampler; nothing where the images were given.
#[derive(Serialize)]
struct Sampled {
    sampler: &'static str,
    nfe: usize,
    seconds: f64,
    device: String,
    seed: u64,
}

#[derive(Serialize)]
struct Summary {
    shape: [usize; 4],
    #[serde(flatten)]
    coverage: Coverage,
    /// Root mean square from the nearest cat that was trained on: the mean over all images, and the least.
    nearest_trained: Option<[f64; 2]>,
    /// Against cats held out from the training, in units of [−1, 1] …
    sliced_wasserstein: Option<f64>,
    /// … and what as many fresh cats have in place of the images.
    sliced_wasserstein_of_truth: Option<f64>,
    #[serde(flatten)]
    sampled: Option<Sampled>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let form = arguments.out.as_deref().map(Form::of).transpose()?;
    if let Some(out) = &arguments.out {
        let input = if let Source::Given(input) = &arguments.source { Some(input.as_path()) } else { None };
        output::check(out, &[input])?;
    }
    let trained = trained_on(arguments)?;
    let (images, range, sampled) = images(&arguments.source, arguments.out.as_deref())?;
    let cats = cats(&images, trained)?;
    if let (Some(out), Some(form)) = (&arguments.out, form) {
        output::write(out, &form.bytes(&images, range)?)?;
    }
    let [dark, bright] = range;
    let x: Vec<f32> = images.numbers.iter().map(|x| 2.0 * (x - dark) / (bright - dark) - 1.0).collect();
    let pool = Pool::per_core();
    let [sliced_wasserstein, sliced_wasserstein_of_truth] = distances(&cats, &x);
    output::print_summary(&Summary {
        shape: images.shape,
        coverage: Coverage::of(cats.artwork(), &x, trained.map(|_| cats.split()), &pool),
        nearest_trained: trained.map(|_| nearest(&cats, &x, &pool)),
        sliced_wasserstein,
        sliced_wasserstein_of_truth,
        sampled,
    })
}

/// How many cats were trained on, as far as it is known.
fn trained_on(arguments: &Arguments) -> Result<Option<usize>, Failure> {
    if let Some(count) = arguments.train_split {
        return Ok(Some(count as usize));
    }
    let Source::Drawn(request) = &arguments.source else { return Ok(None) };
    let failed = |error| {
        let what = format!("{} does not say what it was trained on", request.model.model.display());
        Failure::failed(what, format!("{error}. Say it with --train-split"))
    };
    let Some(data) = session::trained_on(&request.model.folder()?).map_err(failed)? else { return Ok(None) };
    let count = cats_of(&data);
    count.map(Some).ok_or_else(|| {
        let what = format!("{} is not judged", request.model.model.display());
        Failure::wrong_use(what, format!("it was trained on {data}, and cats are judged here. Give a model of cats"))
    })
}

/// The images to be judged, what is black and white in them, and where they come from.
fn images(source: &Source, out: Option<&Path>) -> Result<(Batch, [f32; 2], Option<Sampled>), Failure> {
    match source {
        Source::Drawn(request) => {
            let Drawn { images, range, sampler, nfe, seconds, device, seed } = request.draw(out)?;
            Ok((images, range, Some(Sampled { sampler, nfe, seconds, device, seed })))
        }
        Source::Given(input) => Ok((npy::read(input)?, [-1.0, 1.0], None)),
    }
}

/// The cats of the images' size.
fn cats(images: &Batch, trained: Option<usize>) -> Result<Cats, Failure> {
    let [n, c, h, w] = images.shape;
    let refused = |why: String| Failure::wrong_use("The images are not judged", why);
    if n == 0 || c != 3 || h != w || h < SMALLEST_JUDGED {
        let wanted = format!("Cats are judged in colour, as squares of {SMALLEST_JUDGED}, 64 or 128 pixels");
        return Err(refused(format!("they are {n} of {c} × {h} × {w} numbers. {wanted}")));
    }
    Cats::new(h, SPLIT, trained.unwrap_or(ALL_CATS)).map_err(|error| refused(error.to_string()))
}

/// Sliced Wasserstein from cats at the end of the order, which are held out unless nearly all are trained on: of the images,
/// and of as many other cats from there.
fn distances(cats: &Cats, x: &[f32]) -> [Option<f64>; 2] {
    let dim = cats.shape().iter().product();
    let n = x.len() / dim;
    let truth = n * if n > MANY { 1 } else { TRUTH };
    let mut drawn = vec![0.0; (truth + n) * dim];
    drawn.chunks_exact_mut(dim).zip((0..ALL_CATS).rev()).for_each(|(image, place)| cats.image(place, image));
    let (truth, fresh) = drawn.split_at(truth * dim);
    [x, fresh].map(|x| sliced_wasserstein_of_images(x, truth, dim, &Noise::new(0)))
}

/// How far the nearest cat that was trained on is: the mean, and the least.
fn nearest(cats: &Cats, x: &[f32], pool: &Pool) -> [f64; 2] {
    let found = nearest_images(cats, x, pool);
    let distances = || found.iter().map(|nearest| nearest.distance);
    let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
    [distances().sum::<f64>() / f64::from(count), distances().fold(f64::INFINITY, f64::min)]
}
