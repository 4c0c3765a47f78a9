//! The Samplers tab: one to four samplers from one start and one noise, with what they are worth below.

mod carrier;
mod code;
mod failures;
mod knobs;
mod pane;
mod showing;

use std::sync::Arc;

use egui::{CentralPanel, Id, Panel, Rect, RichText, ScrollArea, Ui, UiBuilder, pos2, vec2};

use crate::session::{PANES, SamplingFrame};
use crate::ui::desk::Desk;
use crate::ui::widgets::{self, ladder, traces};
use showing::{COLOURINGS, METRICS};
pub use showing::{Colouring, Metric, Moment, Showing};

/// The narrowest pane that is of use, in points at the usual scale.
const NARROWEST: f32 = 215.0;
/// Height of the traces.
const TRACES: f32 = 130.0;
/// The largest share of the window that the controls below take before they scroll.
const CONTROLS: f32 = 0.3;

/// Draws the tab.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    failures::tend(desk);
    let height = ui.max_rect().height();
    controls(desk, ui, height);
    if let Some(pane) = desk.kept.samplers.knobs_of.filter(|pane| *pane < desk.kept.panes.len()) {
        let width = (250.0 * desk.kept.theme.scale()).min(0.5 * ui.max_rect().width());
        Panel::right("knobs").resizable(false).exact_size(width).show(ui, |ui| knobs::show(desk, ui, pane));
    }
    CentralPanel::default().show(ui, |ui| {
        lesson(desk, ui);
        let space = ui.available_size();
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let below = measures_height(desk, ui);
            panes(desk, ui, space.y - below);
            measures(desk, ui);
        });
    });
    code::show(desk, ui);
}

/// The controls below everything: as high as they are, or scrolling where that would be too much.
fn controls(desk: &mut Desk, ui: &mut Ui, height: f32) {
    let id = Id::unique("height of the samplers' controls");
    let known: Option<f32> = ui.data(|data| data.get_temp(id));
    let natural = known.unwrap_or_else(|| 3.0 * (ui.spacing().interact_size.y + ui.spacing().item_spacing.y));
    let margin = 10.0;
    let size = (natural + 2.0 * margin).min(CONTROLS * height);
    Panel::bottom("transport").resizable(false).exact_size(size).show(ui, |ui| {
        let content = ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            widgets::transport::show(desk, ui);
            choices(desk, ui);
        });
        ui.data_mut(|data| data.insert_temp(id, content.content_size.y));
    });
}

/// What holds for all panes.
fn choices(desk: &mut Desk, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let add = ui.add_enabled(desk.kept.panes.len() < PANES, egui::Button::new("Add pane"));
        if add.on_hover_text("Up to four; the new one is a copy of the last").clicked() {
            desk.add_pane();
        }
        failures::menu(desk, ui);
        let tip =
            "Turns the steps or levels of the other panes until they spend as many score evaluations as the first";
        if ui.checkbox(&mut desk.kept.samplers.equal_nfe, "Equal NFE").on_hover_text(tip).changed() {
            desk.tell_sampling();
        }
        ui.checkbox(&mut desk.kept.arrows, "Arrows");
        ui.checkbox(&mut desk.kept.samplers.trails, "Trails")
            .on_hover_text("The last positions of the first particles");
        let showing = &mut desk.kept.samplers;
        let title =
            COLOURINGS.iter().find(|(colouring, ..)| *colouring == showing.colouring).map_or("", |entry| entry.1);
        widgets::choice(ui, "Colour", title, |ui| {
            for (colouring, title, meaning) in COLOURINGS {
                ui.selectable_value(&mut showing.colouring, colouring, title).on_hover_text(meaning);
            }
        });
        carrier::controls(desk, ui);
        widgets::transport::pace(desk, ui);
    });
}

/// What the traces show.
fn metric(desk: &mut Desk, ui: &mut Ui) {
    let shown = shown_metric(desk);
    let has_modes = !desk.scenario.data.mode_weights().is_empty();
    let chosen = &mut desk.kept.samplers.metric;
    ui.horizontal_wrapped(|ui| {
        widgets::choice(ui, "Trace", metric_title(shown), |ui| {
            for (metric, title) in METRICS.into_iter().filter(|(metric, _)| metric.on(has_modes) == *metric) {
                ui.selectable_value(chosen, metric, title);
            }
        });
        ui.label("against NFE; dashed: the truth");
    });
}

fn shown_metric(desk: &Desk) -> Metric {
    desk.kept.samplers.metric.on(!desk.scenario.data.mode_weights().is_empty())
}

fn metric_title(metric: Metric) -> &'static str {
    METRICS.iter().find(|(other, _)| *other == metric).map_or("", |(_, title)| *title)
}

/// What to look for, while a failure is shown.
fn lesson(desk: &mut Desk, ui: &mut Ui) {
    let Some(failure) = desk.moment.failure else { return };
    ui.horizontal_wrapped(|ui| {
        if ui.button("Close lesson").on_hover_text("Back to your own scenario, network and panes").clicked() {
            desk.take_up();
        }
        ui.label(RichText::new(format!("{}:", failure.title)).strong());
        ui.label(failure.lesson);
    });
}

/// Side by side where there is room, below each other where there is not.
#[expect(clippy::cast_precision_loss, reason = "a handful of panes")]
fn panes(desk: &mut Desk, ui: &mut Ui, height: f32) {
    let (count, scale, gap) = (desk.kept.panes.len(), desk.kept.theme.scale(), 2.0 * ui.spacing().item_spacing);
    let whole = ui.available_width();
    let columns = (1..=count).rev().find(|n| (whole - gap.x * (n - 1) as f32) / *n as f32 >= NARROWEST * scale);
    // Three and one look worse than two and two.
    let columns = columns.map_or(1, |columns| count.div_ceil(count.div_ceil(columns)));
    let rows = count.div_ceil(columns);
    let width = (whole - gap.x * (columns - 1) as f32) / columns as f32;
    let height = ((height - gap.y * rows as f32) / rows as f32).max(pane::least_height(ui, count, scale));
    let (corner, _) = (ui.cursor().min, ui.allocate_space(vec2(whole, (height + gap.y) * rows as f32)));
    for pane in 0..count {
        let (column, row) = ((pane % columns) as f32, (pane / columns) as f32);
        let min = pos2(corner.x + column * (width + gap.x), corner.y + row * (height + gap.y));
        let rect = Rect::from_min_size(min, vec2(width, height));
        ui.scope_builder(UiBuilder::new().max_rect(rect).id_salt(pane), |ui| {
            // A pane that was taken away a moment ago is gone.
            if pane < desk.kept.panes.len() {
                pane::show(desk, ui, pane);
            }
        });
    }
}

fn measures_height(desk: &Desk, ui: &Ui) -> f32 {
    let scale = desk.kept.theme.scale();
    let (panes, width) = (desk.kept.panes.len(), ui.available_width());
    let row = ui.spacing().interact_size.y + ui.spacing().item_spacing.y;
    let lanes = ladder::height(panes, scale) + ui.spacing().item_spacing.y * 5.0 + row;
    let traces = TRACES * scale;
    if is_wide(width, scale) { traces.max(lanes) } else { traces + lanes }
}

fn is_wide(width: f32, scale: f32) -> bool {
    width > 620.0 * scale
}

/// The traces, and the ladders beside them, or below where it is narrow.
fn measures(desk: &mut Desk, ui: &mut Ui) {
    let frames: Vec<Option<Arc<SamplingFrame>>> =
        desk.session.latest().panes.iter().take(desk.kept.panes.len()).map(crate::session::Slot::get).collect();
    let frames: Vec<(usize, &SamplingFrame)> =
        frames.iter().enumerate().filter_map(|(pane, frame)| Some((pane, frame.as_deref()?))).collect();
    let scale = desk.kept.theme.scale();
    let traces = |desk: &Desk, ui: &mut Ui| {
        let metric = shown_metric(desk);
        let truth = truth(desk, metric, &frames);
        traces::show(ui, &frames, (metric, metric_title(metric)), truth, &desk.palette, TRACES * scale);
    };
    let ladders = |desk: &mut Desk, ui: &mut Ui| {
        ladder::show(ui, &frames, &desk.palette, scale);
        metric(desk, ui);
    };
    if is_wide(ui.available_width(), scale) {
        ui.columns(2, |columns| {
            columns[0].scope(|ui| traces(desk, ui));
            ladders(desk, &mut columns[1]);
        });
    } else {
        ui.scope(|ui| traces(desk, ui));
        ladders(desk, ui);
    }
}

/// Where a perfect sampler ends.
fn truth(desk: &Desk, metric: Metric, frames: &[(usize, &SamplingFrame)]) -> Option<f64> {
    match metric {
        Metric::HeaviestMode => desk.scenario.data.mode_weights().into_iter().reduce(f64::max),
        Metric::OffMode => Some(0.0),
        Metric::SlicedWasserstein => frames.iter().find_map(|(_, frame)| frame.floor),
    }
}
