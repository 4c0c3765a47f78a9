//! Smeared noise over the colours.

use std::sync::Arc;

use egui::{ColorImage, Painter, Pos2, Rect, TextureHandle, TextureOptions, Ui, pos2};

use super::canvas::Plane;
use crate::session::{FieldFrame, Lic};
use crate::ui::theme::{Palette, Theme};

/// A texture that follows the latest field.
#[derive(Default)]
pub struct Smear {
    texture: Option<TextureHandle>,
    shown: Option<(Arc<Lic>, Theme)>,
}

impl Smear {
    /// Paints the field's noise where it belongs on the plane.
    pub fn paint(&mut self, ui: &Ui, painter: &Painter, plane: &Plane, field: &FieldFrame, palette: &Palette) {
        let Some(lic) = &field.lic else { return };
        let shown = self.shown.as_ref().is_some_and(|(old, theme)| Arc::ptr_eq(old, lic) && *theme == palette.theme);
        if !shown {
            let pixels = lic.grey.chunks_exact(lic.size[0]).rev().flatten().map(|grey| palette.smear(*grey)).collect();
            let image = ColorImage::new(lic.size, pixels);
            match &mut self.texture {
                Some(texture) => texture.set(image, TextureOptions::LINEAR),
                None => self.texture = Some(ui.ctx().load_texture("smeared noise", image, TextureOptions::LINEAR)),
            }
            self.shown = Some((Arc::clone(lic), palette.theme));
        }
        if let Some(texture) = &self.texture {
            let view = field.request.view;
            let rect = Rect::from_two_pos(plane.at(view.min[0], view.min[1]), plane.at(view.max[0], view.max[1]));
            painter.image(texture.id(), rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Palette::UNTINTED);
        }
    }
}
