//! `scorescope render`: the window's own picture, without a window, in virtual time.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use super::picture::{Gif, NO_FILE};
use super::sample::{name_and_knobs, read_sampler};
use super::{ScenarioArgument, interrupt, output};
use crate::scenario::Scenario;
use crate::session::{Device, PANES, Pace, Source, Trouble};
use crate::ui::{ImageChoices, Kept, Offscreen, PaneChoice, Showing, Stage, Tab, Theme};

/// Virtual frames per second of the work: a whole number of nanoseconds each, so that time adds up.
const FRAMES_PER_SECOND: u32 = 25;
/// Training steps per virtual frame: 300 a second.
const TRAINING_STEPS: usize = 12;
/// Every so many frames a GIF has a picture.
const FRAMES_PER_PICTURE: u32 = 2;

const NO_PICTURE: &str = "No picture is made";

#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// Which tab: field, samplers or images
    #[arg(long, value_name = "T", default_value = "field")]
    tab: Tab,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = size)]
    size: [u32; 2],
    /// Virtual seconds: training and samplers start at 0
    #[arg(long, value_name = "T", default_value_t = 10.0)]
    seconds: f64,
    /// dark, light or projector
    #[arg(long, value_name = "THEME", default_value = "dark")]
    theme: Theme,
    /// Whose field is drawn: learned, exact or difference
    #[arg(long, value_name = "SOURCE", default_value = "learned")]
    source: Source,
    /// σ of the Field tab; without it the middle of the scenario's noise
    #[arg(long, value_name = "V")]
    sigma: Option<f32>,
    /// What moves the particles of the samplers: auto, cpu or gpu
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: Device,
    /// A sampler and its settings, NAME[,key=value…], in a pane of its own; one to four of them
    #[arg(long, value_name = "NAME[,key=value…]")]
    sampler: Vec<String>,
    /// All panes spend as many score evaluations as the first
    #[arg(long)]
    equal_nfe: bool,
    /// The samplers' position is moved from their start to their end and back, instead of playing
    #[arg(long)]
    scrub: bool,
    /// The folder of a network of images or its name on the hub, which the Images tab samples from; without it, cats-32
    #[arg(long, value_name = "DIR|NAME")]
    model: Option<PathBuf>,
    /// Decides every number
    #[arg(long, value_name = "K", default_value_t = 0)]
    seed: u64,
    /// Where the picture goes: .png, or .gif for a moving one
    #[arg(long, value_name = "F.png|F.gif")]
    out: PathBuf,
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let side = |text: &str| text.parse().ok().filter(|side| (64..=8192).contains(side));
    let sides = text.split_once('x').and_then(|(w, h)| Some([side(w)?, side(h)?]));
    sides.ok_or_else(|| "expected WIDTHxHEIGHT in pixels, each from 64 to 8192, like 1280x800".to_owned())
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let scenario = arguments.scenario.load()?;
    let moving = match arguments.out.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
        Some("png") => false,
        Some("gif") => true,
        _ => {
            let what = format!("--out {} is refused", arguments.out.display());
            return Err(Failure::wrong_use(what, "expected a name that ends in .png or .gif"));
        }
    };
    if !(0.0..=3600.0).contains(&arguments.seconds) {
        return Err(Failure::wrong_use(format!("--seconds {} is refused", arguments.seconds), "expected 0 to 3600"));
    }
    output::check(&arguments.out, &[Some(arguments.scenario.path())])?;
    if let Some(sigma) = arguments.sigma {
        let (min, max) = (scenario.ladder.min(), scenario.ladder.max());
        if !(min..=max).contains(&f64::from(sigma)) {
            let why = format!("the noise of {} reaches from {min} to {max}", scenario.name);
            return Err(Failure::wrong_use(format!("--sigma {sigma} is refused"), why));
        }
    }
    let kept = Kept {
        theme: arguments.theme,
        tab: arguments.tab,
        source: arguments.source,
        scenario: scenario.name.clone(),
        sigma: arguments.sigma,
        panes: panes(&arguments.sampler, &scenario)?,
        samplers: Showing { device: arguments.device, equal_nfe: arguments.equal_nfe, ..Showing::default() },
        images: ImageChoices { seed: arguments.seed, ..ImageChoices::default() },
        ..Kept::default()
    };
    let pace = Pace::Virtual { training_steps: TRAINING_STEPS, frame: Duration::from_secs(1) / FRAMES_PER_SECOND };
    let mut stage = Stage::open(kept, scenario, arguments.seed, pace, arguments.size);
    let adapter = Offscreen::new().map_err(|error| Failure::failed(NO_PICTURE, error))?;
    stage.share(&adapter);
    if let Some(folder) = &arguments.model {
        let desk = stage.desk_mut();
        desk.open_model(folder);
        desk.refresh();
        if let Some(Trouble { what, why, remedy }) = desk.troubles().first() {
            return Err(Failure::wrong_use(what, format!("{why}. {remedy}")));
        }
    }
    let bytes = run_stage(stage, &adapter, arguments, moving)?;
    output::write(&arguments.out, &bytes)
}

/// The samplers that are asked for, or else the usual ones.
fn panes(samplers: &[String], scenario: &Scenario) -> Result<Vec<PaneChoice>, Failure> {
    if samplers.is_empty() {
        return Ok(Kept::default().panes);
    }
    if samplers.len() > PANES {
        let why = format!("there is room for {PANES}");
        return Err(Failure::wrong_use(format!("--sampler is refused {} times", samplers.len()), why));
    }
    let pane = |text: &String| {
        read_sampler(scenario, text)?;
        let (name, given) = name_and_knobs(text)?;
        let knobs = given.into_iter().map(|(knob, value)| (knob.to_owned(), value)).collect();
        Ok(PaneChoice { knobs, ..PaneChoice::of(name) })
    };
    samplers.iter().map(pane).collect()
}

/// Lets virtual time pass and takes pictures: at the end, or all along the way.
fn run_stage(mut stage: Stage, adapter: &Offscreen, arguments: &Arguments, moving: bool) -> Result<Vec<u8>, Failure> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most an hour of frames")]
    let frames = (arguments.seconds * f64::from(FRAMES_PER_SECOND)).round() as u32;
    let failed = |error| Failure::failed(NO_PICTURE, error);
    let mut gif = Gif::new(100 * FRAMES_PER_PICTURE / FRAMES_PER_SECOND);
    let bar = ProgressBar::new(frames.into());
    // The template is fixed, and right.
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} frames  {eta} left").expect("a right template"));
    stage.desk_mut().start(!arguments.scrub);
    for frame in 0..frames {
        interrupt::check("Rendering")?;
        if arguments.scrub {
            // There in the first half of the time, back in the second.
            let way = 2.0 * f64::from(frame) / f64::from(frames);
            stage.desk_mut().scrub_to(way.min(2.0 - way));
        }
        if moving && frame % FRAMES_PER_PICTURE == 0 {
            gif.push(&stage.picture(adapter).map_err(failed)?)?;
        }
        stage.tick();
        bar.inc(1);
    }
    bar.finish_and_clear();
    let last = stage.picture(adapter).map_err(failed)?;
    if moving {
        gif.push(&last)?;
        return gif.finish();
    }
    last.png().map_err(|error| Failure::failed(NO_FILE, error))
}
