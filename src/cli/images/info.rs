//! `scorescope images info`: a network as the list of its kernel calls.

use clap::Args;
use serde::Serialize;

use super::{ModelArgument, Size, refused};
use crate::cli::failure::Failure;
use crate::cli::output::{print_summary, say};
use crate::unet::Plan;
use crate::unet::plan::{Cost, Layer};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArgument,
    /// Images at once
    #[arg(long, value_name = "N", default_value_t = 1)]
    batch: usize,
    /// Width and height of an image; without it, the size the network was trained on
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// One kernel call.
#[derive(Serialize)]
struct Row<'a> {
    layer: &'a str,
    kernel: String,
    /// n, c, h, w
    output: [usize; 4],
    flop: u64,
    bytes: u64,
    buffer: usize,
}

#[derive(Serialize)]
struct Summary<'a> {
    /// n, c, h, w
    input: [usize; 4],
    output: [usize; 4],
    parameters: usize,
    parameter_bytes: usize,
    flop: u64,
    bytes: u64,
    buffers: usize,
    buffer_bytes: usize,
    calls: Vec<Row<'a>>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let failed = |error| refused(&arguments.model.model, &error);
    let config = arguments.model.folder()?.config().map_err(failed)?;
    let given = arguments.size.map(|size| [size.height, size.width]);
    let size = given.or(config.sample_size).ok_or_else(|| {
        Failure::wrong_use("The size is unknown", "config.json says none. Give it as --size WxH, such as --size 32x32")
    })?;
    let plan = Plan::new(&config, arguments.batch, size).map_err(failed)?;
    let summary = summary(&plan);
    if arguments.json { print_summary(&summary) } else { print(&summary) }
}

fn summary(plan: &Plan) -> Summary<'_> {
    let memory = plan.memory();
    let dims = |value| {
        let shape = plan.shape(value);
        [shape.n, shape.c, shape.h, shape.w]
    };
    let row = |layer: &'_ Layer| {
        let Cost { operations: flop, bytes } = plan.cost_of(layer);
        let (kernel, output) = (layer.call.describe(), dims(layer.output));
        (kernel, output, flop, bytes, memory.buffer(layer.output).0)
    };
    let calls = plan.layers.iter().map(|layer| {
        let (kernel, output, flop, bytes, buffer) = row(layer);
        Row { layer: &layer.name, kernel, output, flop, bytes, buffer }
    });
    let Cost { operations: flop, bytes } = plan.cost();
    Summary {
        input: dims(plan.input),
        output: dims(plan.output),
        parameters: plan.weights(),
        parameter_bytes: 4 * plan.weights(),
        flop,
        bytes,
        buffers: memory.sizes.len(),
        buffer_bytes: 4 * memory.numbers(),
        calls: calls.collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes are shown to three digits")]
fn print(summary: &Summary<'_>) -> Result<(), Failure> {
    say(format_args!("{:<44}{:<44}{:>22}{:>11}{:>9}{:>8}", "layer", "kernel", "output", "MFLOP", "MB", "buffer"))?;
    for Row { layer, kernel, output, flop, bytes, buffer } in &summary.calls {
        let output = format!("{output:?}");
        let (mflop, mb) = (1e-6 * *flop as f64, 1e-6 * *bytes as f64);
        say(format_args!("{layer:<44}{kernel:<44}{output:>22}{mflop:>11.1}{mb:>9.2}{buffer:>8}"))?;
    }
    let Summary { input, output, parameters, parameter_bytes, flop, bytes, buffers, buffer_bytes, calls } = summary;
    say(format_args!("{} calls from {input:?} to {output:?}", calls.len()))?;
    say(format_args!("{:.2} GFLOP, {:.3} GB read and written", 1e-9 * *flop as f64, 1e-9 * *bytes as f64))?;
    say(format_args!("{parameters} weights in {:.1} MB", 1e-6 * *parameter_bytes as f64))?;
    say(format_args!("{buffers} buffers of {:.1} MB together for what is between", 1e-6 * *buffer_bytes as f64))
}
