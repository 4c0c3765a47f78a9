//! The colours behind the arrows: density, or the error of the network.

use std::sync::Arc;

use egui::{ColorImage, Painter, Pos2, Rect, TextureHandle, TextureOptions, Ui, pos2};

use super::canvas::Plane;
use crate::session::{FieldFrame, Heat};
use crate::ui::theme::{Palette, Theme};

/// Exponent that lifts low density into sight: colour = (p / p_max)^¼.
pub const DENSITY_EXPONENT: f32 = 0.25;

/// A texture that follows the latest field.
#[derive(Default)]
pub struct HeatMap {
    texture: Option<TextureHandle>,
    /// The values that it shows, and in which theme.
    shown: Option<(Arc<[f32]>, Theme)>,
}

impl HeatMap {
    /// Paints the field's colours where they belong on the plane.
    pub fn paint(&mut self, ui: &Ui, painter: &Painter, plane: &Plane, field: &FieldFrame, palette: &Palette) {
        let cells = field.cells;
        if field.heat.len() != cells[0] * cells[1] || field.heat.is_empty() {
            return;
        }
        let shown =
            self.shown.as_ref().is_some_and(|(heat, theme)| Arc::ptr_eq(heat, &field.heat) && *theme == palette.theme);
        if !shown {
            let image = coloured(field, palette);
            match &mut self.texture {
                Some(texture) => texture.set(image, TextureOptions::LINEAR),
                None => self.texture = Some(ui.ctx().load_texture("heat map", image, TextureOptions::LINEAR)),
            }
            self.shown = Some((Arc::clone(&field.heat), palette.theme));
        }
        if let Some(texture) = &self.texture {
            let view = field.request.view;
            let rect = Rect::from_two_pos(plane.at(view.min[0], view.min[1]), plane.at(view.max[0], view.max[1]));
            painter.image(texture.id(), rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Palette::UNTINTED);
        }
    }
}

/// The value at the ends of a curl's colours: the greatest, rounded up to 1, 2 or 5 times a power of ten, and not below a
/// hundredth, so that the dust of a true score stays dark.
pub fn curl_limit(curl: &[f32]) -> f32 {
    let greatest =
        curl.iter().copied().filter(|curl| curl.is_finite()).fold(0.01f32, |most, curl| most.max(curl.abs()));
    let power = 10f32.powf(greatest.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|limit| limit * 1.0001 >= greatest)
        .unwrap_or(10.0 * power)
}

/// Row by row from the top, as textures are.
fn coloured(field: &FieldFrame, palette: &Palette) -> ColorImage {
    let [columns, rows] = field.cells;
    let greatest = field.heat.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let limit = curl_limit(&field.heat);
    let colour = |heat: f32| match field.shows {
        Heat::LogDensity => palette.heat((DENSITY_EXPONENT * (heat - greatest)).exp()),
        Heat::Error => palette.heat(heat),
        Heat::Curl => palette.diverging(heat / limit),
    };
    let pixels = field.heat.chunks_exact(columns).rev().flatten().map(|heat| colour(*heat)).collect();
    ColorImage::new([columns, rows], pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_colours_are_round_and_hold_everything() {
        for (curl, limit) in [(&[0.0, 1e-6][..], 0.01), (&[-0.03, 0.01], 0.05), (&[0.7], 1.0), (&[-12.0, 3.0], 20.0)] {
            assert!((curl_limit(curl) / limit - 1.0).abs() < 1e-4, "{curl:?}");
        }
    }
}
