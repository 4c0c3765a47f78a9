//! `scorescope bench`: speed on this machine, measured while everything else goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::failure::Failure;
use super::interrupt;
use crate::scenario::{self, Scenario};
use crate::session::Pace;
use crate::ui::{Kept, Stage, Tab};

#[derive(Args)]
pub struct Arguments {
    /// What to measure; without it, everything
    #[arg(value_enum)]
    what: Option<Bench>,
    /// One JSON object a line instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Bench {
    /// Time of a frame on the window's thread while training and samplers run
    Frame,
}

/// Frames that are measured, after as many for warming up as a second has.
const FRAMES: usize = 600;
const FRAME: Duration = Duration::from_micros(16_667);

/// Milliseconds; percentiles over [`FRAMES`] frames.
#[derive(Serialize)]
struct FrameTimes {
    bench: &'static str,
    tab: &'static str,
    frames: usize,
    ui_ms_p50: f64,
    ui_ms_p95: f64,
    ui_ms_max: f64,
    sigma_to_picture_ms_p50: f64,
    sigma_to_picture_ms_p95: f64,
    training_steps_per_s: f64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.what {
        None | Some(Bench::Frame) => frames(arguments.json),
    }
}

fn frames(json: bool) -> Result<(), Failure> {
    for (tab, name) in [(Tab::Field, "field"), (Tab::Samplers, "samplers")] {
        let times = measure(tab, name)?;
        if json {
            println!("{}", serde_json::to_string(&times).map_err(|error| Failure::failed("No summary", error))?);
        } else {
            println!(
                "frame, {} tab, {} frames, training on at {:.0} steps/s: layout and tessellation p50 {:.2} ms, p95 {:.2} ms, max {:.2} ms; from a new σ to its field p50 {:.1} ms, p95 {:.1} ms",
                times.tab,
                times.frames,
                times.training_steps_per_s,
                times.ui_ms_p50,
                times.ui_ms_p95,
                times.ui_ms_max,
                times.sigma_to_picture_ms_p50,
                times.sigma_to_picture_ms_p95
            );
        }
    }
    Ok(())
}

/// Sixty frames a second of the window's content, with σ dragged to and fro and everything playing.
fn measure(tab: Tab, name: &'static str) -> Result<FrameTimes, Failure> {
    let failed = |error| Failure::failed("The default scenario is refused", error);
    let scenario = Scenario::load(scenario::DEFAULT).map_err(failed)?;
    let kept = Kept { tab, particles: true, ..Kept::default() };
    let pace = Pace::Threads { wake: Arc::new(|| {}) };
    let mut stage = Stage::open(kept, scenario, 0, pace, [1280, 800]);
    stage.desk_mut().start_all();
    let (mut ui, mut drags) = (Vec::new(), Vec::new());
    let mut asked: Option<(f32, Instant)> = None;
    let warm_up = 60;
    for frame in 0..warm_up + FRAMES {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        if asked.is_none() {
            #[expect(clippy::cast_precision_loss, reason = "a few hundred frames")]
            let sigma = 4.0 + 3.0 * (0.1 * frame as f32).sin();
            stage.desk_mut().set_sigma(sigma);
            asked = Some((sigma, begun));
        }
        let taken = stage.rehearse();
        if frame >= warm_up {
            ui.push(taken);
        }
        stage.desk_mut().play_on();
        // Between two frames, the window's thread sleeps; here it also looks when the field of the new σ is there.
        while begun.elapsed() < FRAME {
            if let Some((sigma, since)) = asked
                && stage.desk_mut().shown_sigma() == Some(sigma)
            {
                drags.push(since.elapsed());
                asked = None;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    let training_steps_per_s = stage.desk_mut().training_speed().unwrap_or(0.0);
    let (ui, drags) = (sorted(ui), sorted(drags));
    Ok(FrameTimes {
        bench: "frame",
        tab: name,
        frames: ui.len(),
        ui_ms_p50: percentile(&ui, 50),
        ui_ms_p95: percentile(&ui, 95),
        ui_ms_max: percentile(&ui, 100),
        sigma_to_picture_ms_p50: percentile(&drags, 50),
        sigma_to_picture_ms_p95: percentile(&drags, 95),
        training_steps_per_s,
    })
}

fn sorted(times: Vec<Duration>) -> Vec<f64> {
    let mut times: Vec<f64> = times.into_iter().map(|time| 1e3 * time.as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// The value that `percent` of 100 values do not exceed; 0 where there are none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}
