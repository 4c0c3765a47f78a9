//! A brush on one image: what is masked is filled anew, and what is painted in colours becomes an image that the score knows.

use std::sync::Arc;

use egui::{Button, DragValue, PointerButton, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

use crate::session::{ImageStart, ImagesCommand, ImagesFrame, Painting, Pictures};
use crate::ui::desk::Desk;
use crate::ui::paint::pictures::{Textures, fit};
use crate::ui::widgets::{self, sigma_slider};

/// Widest brush, in pixels of the image.
const WIDEST: usize = 16;
/// Least side of the image, in points at the usual scale.
const LEAST: f32 = 150.0;
/// How strong the mask lies over the image.
const VEIL: f32 = 0.75;

/// The image under the brush, and the brush.
pub struct Canvas {
    painting: Painting,
    /// Channels, rows and columns.
    shape: [usize; 3],
    range: [f32; 2],
    /// The same as a picture, until a stroke changes it.
    pictures: Option<Arc<Pictures>>,
    textures: Textures,
    /// Whether the brush masks; else it paints.
    masks: bool,
    colour: [u8; 3],
    /// Its width, in pixels of the image.
    width: usize,
    /// Where the brush was, in pixels of the image.
    last: Option<Pos2>,
}

impl Canvas {
    /// A white image of a model, nothing of it masked.
    fn white(frame: &ImagesFrame) -> Self {
        let (shape, range) = (frame.model.shape, frame.model.range);
        let [c, h, w] = shape;
        Self {
            painting: Painting { image: vec![range[1]; c * h * w], known: vec![true; h * w] },
            shape,
            range,
            pictures: None,
            textures: Textures::default(),
            masks: true,
            colour: [230, 120, 30],
            width: (w / 8).clamp(1, WIDEST),
            last: None,
        }
    }

    /// Puts another image under the brush.
    fn take(&mut self, image: Vec<f32>) {
        self.painting.image = image;
        self.painting.known.fill(true);
        self.pictures = None;
    }

    /// A stroke from where the brush was: a disc around every point of the way.
    fn stroke(&mut self, to: Pos2) {
        let from = self.last.replace(to).unwrap_or(to);
        let steps = (2.0 * from.distance(to)).ceil().max(1.0);
        let mut way = 0.0;
        while way <= steps {
            self.dab(from.lerp(to, way / steps));
            way += 1.0;
        }
        self.pictures = None;
    }

    /// Every pixel whose middle the brush covers, and the one that it stands on.
    #[expect(clippy::cast_precision_loss, reason = "pixels of an image")]
    fn dab(&mut self, at: Pos2) {
        let ([_, h, w], radius) = (self.shape, 0.5 * self.width as f32);
        for row in 0..h {
            for column in 0..w {
                let middle = pos2(column as f32 + 0.5, row as f32 + 0.5);
                let apart = middle - at;
                if middle.distance(at) <= radius || apart.abs().max_elem() <= 0.5 {
                    self.touch(row * w + column);
                }
            }
        }
    }

    fn touch(&mut self, pixel: usize) {
        if self.masks {
            self.painting.known[pixel] = false;
            return;
        }
        let ([c, h, w], [dark, bright]) = (self.shape, self.range);
        let shades = self.colour.map(|byte| dark + (bright - dark) * f32::from(byte) / 255.0);
        let grey = shades.iter().sum::<f32>() / 3.0;
        for (plane, shade) in self.painting.image.chunks_exact_mut(h * w).zip(shades) {
            plane[pixel] = if c == 1 { grey } else { shade };
        }
    }

    /// Draws it in `room`; the hand paints on it.
    #[expect(clippy::cast_precision_loss, reason = "pixels of an image")]
    fn show(&mut self, ui: &mut Ui, room: Vec2, veil: egui::Color32) {
        let plain = || Arc::new(Pictures::plain(&self.painting.image, self.shape, self.range));
        let pictures = Arc::clone(self.pictures.get_or_insert_with(plain));
        self.textures.follow(ui.ctx(), &pictures);
        let (place, response) = ui.allocate_exact_size(fit(&pictures, room), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Image under the brush"));
        self.textures.paint(ui.painter(), 0, place);
        let [_, h, w] = self.shape;
        let pixel = place.size() / Vec2::new(w as f32, h as f32);
        for (index, _) in self.painting.known.iter().enumerate().filter(|(_, known)| !**known) {
            let at = Vec2::new((index % w) as f32, (index / w) as f32) * pixel;
            ui.painter().rect_filled(Rect::from_min_size(place.min + at, pixel), 0.0, veil);
        }
        let held =
            response.is_pointer_button_down_on() && ui.input(|input| input.pointer.button_down(PointerButton::Primary));
        match response.interact_pointer_pos().filter(|_| held) {
            Some(at) => self.stroke(((at - place.min) / pixel).to_pos2()),
            None => self.last = None,
        }
    }
}

/// Draws brush and image in `room`.
pub fn show(desk: &mut Desk, ui: &mut Ui, frame: &ImagesFrame, room: Vec2) {
    let top = ui.cursor().top();
    let fits = |canvas: &Canvas| {
        canvas.shape == frame.model.shape && canvas.range.map(f32::to_bits) == frame.model.range.map(f32::to_bits)
    };
    let mut canvas = desk.image_state.canvas.take().filter(fits).unwrap_or_else(|| Canvas::white(frame));
    ui.horizontal_wrapped(|ui| {
        let index = desk.kept.images.chosen.unwrap_or(0).min(frame.setting.count - 1);
        let dim = canvas.painting.image.len();
        let done = frame.done == frame.updates;
        let take = ui.add_enabled(done, Button::new(format!("Take image {}", index + 1)));
        if take.on_hover_text("Puts the chosen image under the brush, once it is done").clicked() {
            canvas.take(frame.x[index * dim..][..dim].to_vec());
        }
        if ui.button("White").on_hover_text("A white image to paint on").clicked() {
            canvas.take(vec![frame.model.range[1]; dim]);
        }
        if ui.button("Clear mask").clicked() {
            canvas.painting.known.fill(true);
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.selectable_value(&mut canvas.masks, true, "Mask").on_hover_text("The brush marks what is to be filled anew");
        let colour = ui.selectable_value(&mut canvas.masks, false, "Colour");
        let colour = colour.on_hover_text("The brush paints in the colour beside it").id;
        ui.color_edit_button_srgb(&mut canvas.colour).labelled_by(colour);
        widgets::keep_together(ui, 110.0 * desk.kept.theme.scale());
        let label = ui.label("Brush").id;
        let width = DragValue::new(&mut canvas.width).range(1..=WIDEST).speed(0.1);
        ui.add(width).labelled_by(label).on_hover_text("Width of the brush in pixels of the image");
    });
    ui.horizontal_wrapped(|ui| {
        let masked = canvas.painting.known.contains(&false);
        let fill = ui.add_enabled(masked, Button::new("Fill the mask"));
        let tip = "Every image begins anew in the mask and keeps the rest: before each update, x = x_0 + σ z there";
        if fill.on_hover_text(tip).clicked() {
            start(desk, ImageStart::Fill(Arc::new(canvas.painting.clone())));
        }
        let sigma = sigma_slider::number(desk.image_sigma(frame));
        let edit = ui.button(format!("Sample at σ {sigma}"));
        let tip = "Puts noise of the slider's σ on the painting, x = x_0 + σ z, and samples from there: the more noise, the more \
                   is made up";
        if edit.on_hover_text(tip).clicked() {
            start(desk, ImageStart::Edit(Arc::new(canvas.painting.clone())));
        }
    });
    let least = LEAST * desk.kept.theme.scale();
    let room = Vec2::new(room.x, (room.y - (ui.cursor().top() - top)).max(least));
    canvas.show(ui, room, desk.palette.handle.color.gamma_multiply(VEIL));
    desk.image_state.canvas = Some(canvas);
}

/// Images form from there; the list From leads back to noise.
fn start(desk: &mut Desk, start: ImageStart) {
    desk.image_state.start = start;
    desk.set_up_images();
    desk.images.send(ImagesCommand::Play);
}
