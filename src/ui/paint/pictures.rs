//! Pictures made of numbers, as textures that follow them.

use std::sync::Arc;

use egui::{ColorImage, Context, Painter, Pos2, Rect, TextureFilter, TextureHandle, TextureOptions, Vec2, pos2};

use crate::session::Pictures;
use crate::ui::theme::Palette;

/// Pixels stay pixels where they are enlarged.
const OPTIONS: TextureOptions = TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };

/// A texture for each picture.
#[derive(Default)]
pub struct Textures {
    shown: Option<Arc<Pictures>>,
    textures: Vec<TextureHandle>,
}

impl Textures {
    /// Shows these pictures from now on.
    pub fn follow(&mut self, ctx: &Context, pictures: &Arc<Pictures>) {
        if self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, pictures)) {
            return;
        }
        self.textures.truncate(pictures.count());
        for index in 0..pictures.count() {
            let image = ColorImage::from_rgb(pictures.size, pictures.image(index));
            match self.textures.get_mut(index) {
                Some(texture) => texture.set(image, OPTIONS),
                None => self.textures.push(ctx.load_texture("image", image, OPTIONS)),
            }
        }
        self.shown = Some(Arc::clone(pictures));
    }

    /// Paints one of them over `rect`.
    pub fn paint(&self, painter: &Painter, index: usize, rect: Rect) {
        if let Some(texture) = self.textures.get(index) {
            painter.image(texture.id(), rect, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Palette::UNTINTED);
        }
    }
}

/// The largest size of the shape of `pictures` within `room`.
#[expect(clippy::cast_precision_loss, reason = "pixels of an image")]
pub fn fit(pictures: &Pictures, room: Vec2) -> Vec2 {
    let [w, h] = pictures.size.map(|side| side as f32);
    Vec2::new(w, h) * (room.x / w).min(room.y / h).max(0.0)
}
