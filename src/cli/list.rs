//! `scorescope list`: what there is, from the lists themselves, as a table or as JSON.

use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::output::{print_summary, say};
use crate::distributions::presets::{PRESETS, Parameter, Preset};
use crate::learning::OBJECTIVES;
use crate::metrics::METRICS;
use crate::samplers::{self, Knob, SAMPLERS};
use crate::scenario::{self, BUNDLED, Scenario};
use crate::schedules::{SCHEDULES, Schedule};

#[derive(Args)]
pub struct Arguments {
    /// Of what
    #[arg(value_enum)]
    what: Kind,
    /// One JSON array instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// What data can look like
    Distributions,
    /// How noise is spaced between data and noise
    Schedules,
    /// Methods that turn noise into data
    Samplers,
    /// What a network is asked to minimise
    Objectives,
    /// Distances from the truth
    Metrics,
    /// Bundled scenarios
    Scenarios,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let entries = match arguments.what {
        Kind::Distributions => PRESETS.iter().map(preset).collect(),
        Kind::Schedules => SCHEDULES.iter().map(schedule).collect(),
        Kind::Samplers => list_samplers()?,
        Kind::Objectives => {
            OBJECTIVES.iter().map(|o| json!({"name": o.name, "description": o.description, "paper": o.paper})).collect()
        }
        Kind::Metrics => {
            METRICS.iter().map(|m| json!({"name": m.name, "description": m.description, "unit": m.unit})).collect()
        }
        Kind::Scenarios => BUNDLED.iter().map(|s| json!({"name": s.name, "description": s.description})).collect(),
    };
    if arguments.json {
        return print_summary(&entries);
    }
    entries.iter().try_for_each(print_entry)
}

/// The name, what it is, and its knobs.
fn print_entry(entry: &Json) -> Result<(), Failure> {
    let text = |key: &str| entry.get(key).and_then(Json::as_str).unwrap_or_default();
    say(format_args!("{:<22}{}", text("name"), text("description")))?;
    for key in ["formula", "settings", "paper", "unit"] {
        if !text(key).is_empty() {
            say(format_args!("{:<22}{key}: {}", "", text(key)))?;
        }
    }
    if let Some(nfe) = entry.get("nfe") {
        say(format_args!("{:<22}NFE as set here: {nfe}", ""))?;
    }
    for knob in entry.get("knobs").and_then(Json::as_array).into_iter().flatten() {
        let text = |key: &str| knob.get(key).and_then(Json::as_str).unwrap_or_default();
        let default = knob.get("default").map_or_else(String::new, ToString::to_string);
        let unit = match text("unit") {
            "" => String::new(),
            unit => format!("; unit {unit}"),
        };
        say(format_args!(
            "{:<22}  {:<16}{} ({}; default {default}{unit})",
            "",
            text("name"),
            text("meaning"),
            text("takes")
        ))?;
    }
    Ok(())
}

/// A whole number without its point.
#[expect(clippy::cast_possible_truncation, reason = "far below 2^53")]
fn shortest(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 1e15 { json!(number as i64) } else { json!(number) }
}

fn preset(preset: &Preset) -> Json {
    let parameter = |p: &Parameter| {
        let kind = if p.whole { "a whole number" } else { "a number" };
        let takes = format!("{kind} from {} to {}", p.min, p.max);
        json!({"name": p.name, "meaning": p.meaning, "takes": takes, "default": shortest(p.default)})
    };
    let knobs: Vec<Json> = preset.parameters.iter().map(parameter).collect();
    json!({"name": preset.name, "title": preset.title, "description": preset.description, "knobs": knobs})
}

fn schedule(s: &Schedule) -> Json {
    json!({"name": s.name, "description": s.description, "formula": s.formula, "paper": s.source, "settings": s.knobs.join(", ")})
}

/// Defaults and NFE are those in the default scenario.
fn list_samplers() -> Result<Vec<Json>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed("The list cannot be made", error);
    let scenario = Scenario::load(scenario::DEFAULT).map_err(|error| failed(&error))?;
    let entry = |entry: &samplers::Entry| {
        let sampling = scenario.sampling(entry.name, []).map_err(|error| failed(&error))?;
        let plan = sampling.plan(&*scenario.data).map_err(|error| failed(&error))?;
        let knob = |knob: &'static Knob| {
            let default = match sampling.settings.get(knob.name) {
                Some(samplers::Value::Number(number)) => shortest(*number),
                Some(samplers::Value::Switch(on)) => json!(on),
                Some(samplers::Value::Word(word)) => json!(word),
                None => Json::Null,
            };
            json!({"name": knob.name, "meaning": knob.meaning, "unit": knob.unit, "takes": knob.kind.to_string(), "default": default})
        };
        Ok(json!({
            "name": entry.name,
            "title": entry.title,
            "description": entry.description,
            "paper": entry.paper,
            "nfe": plan.nfe(),
            "knobs": entry.all_knobs().map(knob).collect::<Vec<_>>(),
        }))
    };
    SAMPLERS.iter().map(entry).collect()
}
