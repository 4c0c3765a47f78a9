//! One image under noise of any level: the noisy image, its score, and its denoised estimate.

use std::sync::Arc;

use egui::{Align, Layout, Rect, Role, Sense, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, vec2};

use super::grid;
use crate::schedules::Ladder;
use crate::session::ImagesFrame;
use crate::ui::desk::Desk;
use crate::ui::widgets::sigma_slider;

/// Ticks of the slider.
const TICKS: usize = 9;

/// Draws the three pictures in `room`.
#[expect(clippy::cast_precision_loss, reason = "three pictures")]
pub fn show(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame, room: Vec2) {
    let top = ui.cursor().top();
    ui.horizontal_wrapped(|ui| {
        let chosen = &mut desk.kept.images.chosen;
        let image = chosen.map_or(0, |image| image.min(frame.setting.count - 1));
        let tip =
            "An image of the samples as far as it is known, and the noise it started from: click another to see it";
        if ui.selectable_label(chosen.is_some(), format!("Image {} + σ z", image + 1)).on_hover_text(tip).clicked() {
            *chosen = Some(image);
        }
        if ui.selectable_label(chosen.is_none(), "Noise alone").on_hover_text("σ z, without any image").clicked() {
            *chosen = None;
        }
    });
    let room = vec2(room.x, room.y - (ui.cursor().top() - top));
    let Some(look) = desk.images.latest().look.get() else {
        ui.label("The network is asked …");
        return;
    };
    let rows = ui.text_style_height(&TextStyle::Body) + ui.spacing().item_spacing.y;
    let parts = [
        (&look.noisy, "Noisy x", "x = D + σ z; what is beyond the images' range is scaled into sight"),
        (&look.score, "Score σ s", "σ s(x, σ): minus the noise, as the network sees it, from −3 to 3"),
        (&look.denoised, "Denoised D", "D = x + σ² s(x, σ)"),
    ];
    let gap = Vec2::splat(2.0 * ui.spacing().item_spacing.y) + vec2(0.0, rows);
    let (columns, size) = grid::arrange(&look.noisy, parts.len(), room - vec2(0.0, rows), gap);
    let step = size + gap;
    let height = parts.len().div_ceil(columns) as f32 * step.y;
    let (rect, _) = ui.allocate_exact_size(vec2(room.x, height), Sense::hover());
    for (index, (pictures, title, tip)) in parts.into_iter().enumerate() {
        let at = vec2((index % columns) as f32, (index / columns) as f32) * step;
        let place = Rect::from_min_size(rect.min + at, size + vec2(0.0, rows));
        let layout = UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Min));
        ui.scope_builder(layout, |ui| {
            ui.add(egui::Label::new(title).truncate()).on_hover_text(tip);
            let (place, response) = ui.allocate_exact_size(size, Sense::hover());
            let sigma = sigma_slider::number(look.look.sigma);
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{title} at σ {sigma}")));
            desk.image_state.look[index].follow(ui.ctx(), pictures);
            desk.image_state.look[index].paint(ui.painter(), 0, place);
            response.on_hover_text(tip);
        });
    }
}

/// Height that the slider takes.
pub fn slider_height(ui: &Ui, scale: f32) -> f32 {
    sigma_slider::HEIGHT * scale + 2.0 * ui.text_style_height(&TextStyle::Small) + ui.spacing().item_spacing.y
}

/// Draws the slider of σ, with a lamp where the images of each pane are while they form.
pub fn slider(desk: &mut Desk, ui: &mut Ui, panes: &[Arc<ImagesFrame>]) {
    let Some((frame, ladder)) = panes.first().and_then(|frame| Some((frame, ladder(frame)?))) else { return };
    let (mut sigma, scale) = (desk.image_sigma(frame), desk.kept.theme.scale());
    let slid = sigma_slider::show(ui, &mut sigma, &ladder, &desk.palette, scale);
    if slid.moved {
        desk.kept.images.sigma = Some(sigma);
    }
    for (pane, frame) in panes.iter().enumerate().filter(|(_, frame)| (1..frame.updates).contains(&frame.done)) {
        let colours = [desk.palette.text, desk.palette.pane(pane)];
        sigma_slider::lamp(ui, slid.rail, frame.sigma, &ladder, colours, scale);
    }
}

/// The noise levels of a model, as the slider shows them.
pub fn ladder(frame: &ImagesFrame) -> Option<Ladder> {
    let scale = frame.model.scale;
    Ladder::geometric(scale.sigma_max, scale.sigma_min, TICKS).ok()
}

impl Desk {
    /// σ of the image that is looked at: as chosen, or else in the middle of the model's noise.
    #[expect(clippy::cast_possible_truncation, reason = "σ is drawn and asked in f32")]
    pub(super) fn image_sigma(&self, frame: &ImagesFrame) -> f32 {
        let scale = frame.model.scale;
        let (max, min) = (scale.sigma_max as f32, scale.sigma_min as f32);
        self.kept.images.sigma.unwrap_or_else(|| (max * min).sqrt()).clamp(min, max)
    }
}
