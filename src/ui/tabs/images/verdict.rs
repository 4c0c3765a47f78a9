//! What became of images of cats: how many are some, with which parts, how many were trained on, and the nearest of those.

use std::sync::Arc;

use egui::{Button, RichText, Role, Sense, Ui, Vec2, WidgetInfo};

use crate::metrics::Rate;
use crate::session::{Coverage, ImagesCommand, ImagesFrame, JudgedImage};
use crate::ui::desk::Desk;
use crate::ui::widgets::share_bars;

/// Side of the pictures of the chosen image and the nearest to it, in points at the usual scale.
const PICTURE: f32 = 68.0;
/// Least height of the bars of a layer, in points at the usual scale.
const LEAST_BARS: f32 = 22.0;

/// Draws it in `room`.
#[expect(clippy::cast_precision_loss, reason = "one pane or two")]
pub fn show(desk: &mut Desk, ui: &mut Ui, panes: &[Arc<ImagesFrame>], room: Vec2) {
    let top = ui.cursor().top();
    actions(desk, ui, panes);
    let covered = |(pane, frame): (usize, &Arc<ImagesFrame>)| frame.coverage.clone().map(|of| (pane, of));
    let covered: Vec<_> = panes.iter().enumerate().filter_map(covered).collect();
    if covered.is_empty() {
        ui.label("Images are judged and counted when they are done.");
    }
    for (pane, coverage) in &covered {
        figures(desk, ui, (*pane, panes.len()), coverage);
    }
    let (scale, gap, judged) = (desk.kept.theme.scale(), ui.spacing().item_spacing.y, panes.len() as f32);
    let left = room.y - (ui.cursor().top() - top) - judged * (PICTURE * scale + gap);
    let height = (0.2 * left - gap).max(LEAST_BARS * scale);
    for layer in 0..covered.first().map_or(0, |(_, coverage)| coverage.layers.len()) {
        let layers: Vec<_> = covered.iter().map(|(pane, coverage)| (*pane, &coverage.layers[layer])).collect();
        share_bars::show(ui, &layers, &desk.palette, height);
    }
    for (pane, frame) in panes.iter().enumerate() {
        chosen(desk, ui, pane, frame);
    }
}

/// More seeds, and the way to forget those that were counted.
fn actions(desk: &mut Desk, ui: &mut Ui, panes: &[Arc<ImagesFrame>]) {
    ui.horizontal_wrapped(|ui| {
        let done = panes.iter().all(|frame| frame.done == frame.updates);
        let more = ui.add_enabled(done, Button::new("More samples"));
        if more.on_hover_text("Draws with the next seed, and counts with those before").clicked() {
            desk.draw_more();
        }
        let tip = "Seed after seed, so that shares become certain";
        ui.checkbox(&mut desk.kept.images.draws_on, "On and on").on_hover_text(tip);
        let counted = panes.iter().any(|frame| frame.coverage.is_some());
        let clear = ui.add_enabled(counted, Button::new("Clear"));
        if clear.on_hover_text("Forgets the seeds so far").clicked() {
            desk.images.send(ImagesCommand::Forget);
        }
    });
}

/// The image that is chosen, and the nearest to it of those that were trained on.
fn chosen(desk: &mut Desk, ui: &mut Ui, pane: usize, frame: &ImagesFrame) {
    let Some(judged) = &frame.judged else { return };
    let index = desk.kept.images.chosen.unwrap_or(0).min(judged.images.len() - 1);
    let side = Vec2::splat(PICTURE * desk.kept.theme.scale());
    let tip = "Root mean square of the difference, in units in which black is −1 and white is 1, from the nearest of all 360,000 cats \
               and from the nearest known one, that is, one trained on; it is the picture on the right";
    let nearest = judged.nearest.as_ref().map(|(nearest, pictures)| (nearest[index], pictures));
    ui.horizontal(|ui| {
        if let Some((_, pictures)) = nearest {
            desk.image_state.nearest[pane].follow(ui.ctx(), pictures);
            let images = &desk.image_state.samples[pane];
            for (textures, name) in [(images, "drawn"), (&desk.image_state.nearest[pane], "nearest trained on")] {
                let (place, response) = ui.allocate_exact_size(side, Sense::hover());
                let name = format!("Image {}, {name}", index + 1);
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
                textures.paint(ui.painter(), index, place);
            }
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for line in sentences(index, judged.images[index].as_ref(), nearest.map(|(nearest, _)| nearest.distance)) {
                ui.label(line).on_hover_text(tip);
            }
        });
    });
}

/// What is known of one image.
fn sentences(index: usize, image: Option<&JudgedImage>, trained: Option<f64>) -> Vec<String> {
    let Some(JudgedImage { reading, trained_on }) = image else {
        return vec![format!("Image {}: not finite", index + 1)];
    };
    let kind = if reading.is_cat() { "a cat" } else { "no cat" };
    let mut lines = vec![format!("Image {}: {kind}", index + 1), format!("{:.3} from any cat", reading.distance)];
    if let Some(distance) = trained {
        lines.push(format!("{distance:.3} from a known one"));
        if reading.is_cat() {
            lines.push(if *trained_on { "it was trained on" } else { "it is new" }.to_owned());
        }
    }
    lines
}

/// Shares of all images so far.
fn figures(desk: &Desk, ui: &mut Ui, (pane, panes): (usize, usize), coverage: &Coverage) {
    ui.horizontal_wrapped(|ui| {
        if panes > 1 {
            ui.label(RichText::new((pane + 1).to_string()).strong().color(desk.palette.pane(pane)));
        }
        if let Some(valid) = coverage.valid {
            ui.label(RichText::new(format!("{} cats of {}", percent(valid), valid.of)).strong())
                .on_hover_text("Near one of the 360,000, with no part on the way to another; ± one standard error");
        }
        if let Some((memorised, rate)) = coverage.memorised.and_then(|memorised| Some((memorised, memorised.rate?))) {
            let text = format!("{} trained on (fresh cats {:.1} %)", percent(rate), 100.0 * memorised.expected);
            ui.label(text).on_hover_text(format!(
                "Of the cats, those that look like one of the {} trained on. Of cats that all look different it would be \
                 {:.2} % of fresh ones; two furs look alike and two accessories hide the mouth, so that it is more",
                memorised.trained_on,
                100.0 * f64::from(u32::try_from(memorised.trained_on).unwrap_or(u32::MAX)) / 360_000.0
            ));
        }
    });
}

/// A share with its standard error.
fn percent(rate: Rate) -> String {
    format!("{:.1} ± {:.1} %", 100.0 * rate.share, 100.0 * rate.standard_error)
}
