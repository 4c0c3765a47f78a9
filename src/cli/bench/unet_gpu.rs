//! Milliseconds of a U-Net's forward on the graphics adapter, and where they go, kernel by kernel.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::learning::{operations, spread_of};
use super::unet_cases::{CASES, Case, TIMESTEP};
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::gpu::{Context, KernelShare, KernelTime, Kernels, Precision};
use crate::learning::UnetCpu;
use crate::session::Pool;
use crate::unet::{ModelError, UnetGpu};

/// Forwards that are measured, and for how long they may be repeated.
const REPEATS: usize = 21;
const ENOUGH: Duration = Duration::from_secs(5);

/// How far the adapter's answer may be from the processor's, relative to the greatest number of it.
const fn tolerance(precision: Precision) -> f32 {
    match precision {
        Precision::Single => 1e-3,
        Precision::Half => 2e-2,
    }
}

#[derive(Serialize)]
struct Speed<'a> {
    bench: &'static str,
    framework: &'static str,
    device: &'static str,
    adapter: &'a str,
    software: bool,
    model: &'static str,
    batch: usize,
    dtype: String,
    repeats: usize,
    ms: f64,
    fastest_ms: f64,
    slowest_ms: f64,
    gflop: f64,
    tflop_per_s: f64,
    memory_mib: u64,
    /// From the processor's answer to the same image.
    differs: f32,
    /// By the adapter's clock; empty where it has none.
    kernels: BTreeMap<&'static str, Share>,
}

/// All calls of one kernel in a forward.
#[derive(Serialize)]
struct Share {
    calls: usize,
    ms: f64,
    tflop_per_s: f64,
}

pub fn run(json: bool) -> Result<(), Failure> {
    let failed = |error| Failure::failed("The bench cannot run on a graphics adapter", error);
    let context = Context::new().map_err(failed)?;
    let kernels = Kernels::new(&context);
    if !json {
        say(format_args!("unet, random weights, on {context}"))?;
    }
    for case in CASES {
        // A processor that plays the graphics adapter takes minutes for the larger ones.
        let batches = if context.is_software() { &case.batches[..1] } else { case.batches };
        if context.is_software() && case.name != CASES[0].name {
            break;
        }
        let expected = on_cpu(&case)?;
        for precision in [Precision::Single, Precision::Half] {
            if precision == Precision::Half && !context.has_half_precision() {
                continue;
            }
            let network = UnetGpu::new(case.config()?, &case.weights()?, &kernels, precision);
            let mut network =
                network.map_err(|error| Failure::failed("The bench cannot run on a graphics adapter", error))?;
            for &batch in batches {
                report(&measure(&case, batch, precision, &mut network, &expected, &context)?, json)?;
            }
        }
    }
    Ok(())
}

/// The processor's answer to the first of the images.
fn on_cpu(case: &Case) -> Result<Vec<f32>, Failure> {
    let failed = |error| Failure::failed("The bench cannot run", error);
    let plan = case.plan(1)?;
    let mut answer = vec![0.0; plan.shape(plan.output).len()];
    let network = UnetCpu::new(case.config()?, case.weights()?, Arc::new(Pool::per_core())).map_err(failed)?;
    network.forward(&case.images(1)?, [1, case.side, case.side], TIMESTEP, &mut answer).map_err(failed)?;
    Ok(answer)
}

/// The greatest difference of the first image's answer, relative to the greatest number of what is expected.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    let most = |numbers: &mut dyn Iterator<Item = f32>| {
        numbers.fold(0.0f32, |most, x| if x.is_nan() { f32::INFINITY } else { most.max(x.abs()) })
    };
    most(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / most(&mut expected.iter().copied())
}

fn measure<'a>(
    case: &Case,
    batch: usize,
    precision: Precision,
    network: &mut UnetGpu,
    expected: &[f32],
    context: &'a Context,
) -> Result<Speed<'a>, Failure> {
    let failed = |error: ModelError| Failure::failed("The bench cannot run on a graphics adapter", error);
    let (plan, size) = (case.plan(batch)?, [batch, case.side, case.side]);
    let needs = network.needs(size).map_err(failed)?;
    // The first forward records the kernels, and the driver compiles them.
    let mut answer = vec![0.0; plan.shape(plan.output).len()];
    network.forward(&case.images(batch)?, size, TIMESTEP, &mut answer).map_err(failed)?;
    let differs = difference(&answer, expected);
    if differs > tolerance(precision) {
        let what = format!("The answer of {}, batch {batch}, {precision}, on {context} is wrong", case.name);
        let why = format!(
            "it differs from the processor's by {differs:.1e} of the greatest number. Use the CPU, and report this"
        );
        return Err(Failure::failed(what, why));
    }
    let (mut milliseconds, begun) = (Vec::new(), Instant::now());
    while milliseconds.len() < REPEATS && (milliseconds.is_empty() || begun.elapsed() < ENOUGH) {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        network.run(size).map_err(failed)?;
        milliseconds.push(1e3 * begun.elapsed().as_secs_f64());
    }
    let (repeats, [fastest_ms, ms, slowest_ms]) = (milliseconds.len(), spread_of(milliseconds));
    let gflop = 1e-9 * operations(usize::try_from(plan.cost().operations).unwrap_or(usize::MAX));
    Ok(Speed {
        bench: "unet",
        framework: "scorescope",
        device: "gpu",
        adapter: context.name(),
        software: context.is_software(),
        model: case.name,
        batch,
        dtype: precision.to_string(),
        repeats,
        ms,
        fastest_ms,
        slowest_ms,
        gflop,
        tflop_per_s: gflop / ms,
        memory_mib: needs.bytes().div_ceil(1 << 20),
        differs,
        kernels: shares(&network.time(size).map_err(failed)?),
    })
}

fn shares(times: &[KernelTime]) -> BTreeMap<&'static str, Share> {
    let named = |KernelShare { calls, total }: KernelShare| {
        let ms = 1e3 * total.seconds;
        let gflop = 1e-9 * operations(usize::try_from(total.operations).unwrap_or(usize::MAX));
        (total.kernel, Share { calls, ms, tflop_per_s: if ms > 0.0 { gflop / ms } else { 0.0 } })
    };
    KernelShare::of(times).into_iter().map(named).collect()
}

fn report(speed: &Speed, json: bool) -> Result<(), Failure> {
    if json {
        return print_summary(speed);
    }
    let Speed {
        model, batch, dtype, ms, fastest_ms, slowest_ms, repeats, tflop_per_s, gflop, memory_mib, differs, ..
    } = speed;
    say(format_args!(
        "  {model}, batch {batch}, {dtype}: median {ms:.2} ms (from {fastest_ms:.2} to {slowest_ms:.2}, {repeats} runs), \
         {gflop:.1} GFLOP, {tflop_per_s:.3} TFLOP/s, {memory_mib} MiB; {differs:.1e} from the processor's answer"
    ))?;
    for (kernel, Share { calls, ms, tflop_per_s, .. }) in &speed.kernels {
        let rate = if *tflop_per_s > 0.0 { format!(", {tflop_per_s:.3} TFLOP/s") } else { String::new() };
        say(format_args!("    {kernel:15} {calls:4} calls {ms:9.3} ms{rate}"))?;
    }
    Ok(())
}
