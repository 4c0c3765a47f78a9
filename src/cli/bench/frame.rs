//! Time of a frame on the window's own thread while training and samplers run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::percentile;
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::scenario::{self, Scenario};
use crate::session::{Pace, rest};
use crate::ui::{Kept, PaneChoice, Stage, Tab};

/// Frames that are measured.
const FRAMES: usize = 600;
/// Frames before them.
const WARM_UP: usize = 60;
const FRAME: Duration = Duration::from_micros(16_667);

/// What is on the screen.
struct Bench {
    tab: Tab,
    name: &'static str,
    /// One a pane.
    samplers: &'static [&'static str],
    particles: u32,
}

const BENCHES: &[Bench] = &[
    Bench { tab: Tab::Field, name: "field", samplers: &["langevin", "annealed"], particles: 2000 },
    Bench { tab: Tab::Samplers, name: "samplers", samplers: &["langevin", "annealed"], particles: 2000 },
    Bench {
        tab: Tab::Samplers,
        name: "samplers",
        samplers: &["langevin", "annealed", "predictor-corrector", "reverse-diffusion"],
        particles: 5000,
    },
];

/// Milliseconds; percentiles over [`FRAMES`] frames.
#[derive(Serialize)]
struct FrameTimes {
    bench: &'static str,
    tab: &'static str,
    panes: usize,
    particles: u32,
    frames: usize,
    ui_ms_p50: f64,
    ui_ms_p95: f64,
    ui_ms_max: f64,
    training_steps_per_s: f64,
    /// From a new σ to its evaluated field; the Field tab alone has the slider.
    #[serde(skip_serializing_if = "Option::is_none")]
    sigma_to_field_ms_p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sigma_to_field_ms_p95: Option<f64>,
}

pub fn run(json: bool) -> Result<(), Failure> {
    for bench in BENCHES {
        let times = measure(bench)?;
        if json {
            print_summary(&times)?;
            continue;
        }
        let FrameTimes { tab, panes, particles, frames, ui_ms_p50, ui_ms_p95, ui_ms_max, training_steps_per_s, .. } =
            times;
        say(format_args!(
            "frame, {tab} tab, {panes} panes of {particles}, {frames} frames while training makes {training_steps_per_s:.0} steps/s"
        ))?;
        say(format_args!(
            "  layout and tessellation: p50 {ui_ms_p50:.2} ms, p95 {ui_ms_p95:.2} ms, max {ui_ms_max:.2} ms"
        ))?;
        if let (Some(p50), Some(p95)) = (times.sigma_to_field_ms_p50, times.sigma_to_field_ms_p95) {
            say(format_args!("  from a new σ to its field: p50 {p50:.1} ms, p95 {p95:.1} ms"))?;
        }
    }
    Ok(())
}

/// Sixty frames a second of the window's content, with σ dragged to and fro and everything playing.
fn measure(bench: &Bench) -> Result<FrameTimes, Failure> {
    let failed = |error| Failure::failed("The default scenario is refused", error);
    let mut scenario = Scenario::load(scenario::DEFAULT).map_err(failed)?;
    scenario.view.particles = bench.particles;
    let panes = bench.samplers.iter().map(|sampler| PaneChoice::of(sampler)).collect();
    let kept = Kept { tab: bench.tab, particles: true, panes, ..Kept::default() };
    let mut stage = Stage::open(kept, scenario, 0, Pace::Threads { wake: Arc::new(|| {}) }, [1280, 800]);
    stage.desk_mut().start(true);
    let (mut ui, mut drags) = (Vec::new(), Vec::new());
    let mut asked: Option<(f32, Instant)> = None;
    for frame in 0..WARM_UP + FRAMES {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        if asked.is_none() {
            #[expect(clippy::cast_precision_loss, reason = "a few hundred frames")]
            let sigma = 4.0 + 3.0 * (0.1 * frame as f32).sin();
            stage.desk_mut().set_sigma(sigma);
            asked = Some((sigma, begun));
        }
        let taken = stage.rehearse();
        if frame >= WARM_UP {
            ui.push(taken);
        }
        stage.desk_mut().play_on();
        // Between two frames the window's thread sleeps; here it also looks whether the field of the new σ is there.
        while begun.elapsed() < FRAME {
            if let Some((_, since)) = asked.take_if(|(sigma, _)| stage.desk_mut().shown_sigma() == Some(*sigma)) {
                drags.push(since.elapsed());
            }
            rest(Duration::from_micros(200));
        }
    }
    let (ui, drags) = (sorted(ui), sorted(drags));
    let drag = |percent| (!drags.is_empty()).then(|| percentile(&drags, percent));
    Ok(FrameTimes {
        bench: "frame",
        tab: bench.name,
        panes: bench.samplers.len(),
        particles: bench.particles,
        frames: ui.len(),
        ui_ms_p50: percentile(&ui, 50),
        ui_ms_p95: percentile(&ui, 95),
        ui_ms_max: percentile(&ui, 100),
        training_steps_per_s: stage.desk_mut().training_speed().unwrap_or(0.0),
        sigma_to_field_ms_p50: drag(50),
        sigma_to_field_ms_p95: drag(95),
    })
}

fn sorted(times: Vec<Duration>) -> Vec<f64> {
    let mut times: Vec<f64> = times.into_iter().map(|time| 1e3 * time.as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    times
}
