//! What a pane shows over its field: where the modes are, paths, and particles in the colours that were chosen.

use egui::{Color32, Mesh, Painter, Pos2, Shape, Stroke};

use super::canvas::Plane;
use super::{adapter_cloud, particles};
use crate::session::{Picture, SamplingFrame, Trails};
use crate::ui::Colouring;
use crate::ui::theme::Palette;

/// Rings of modes, in points at the usual scale.
const RING: f32 = 9.0;

/// Opacity of a path's newest end; its oldest has none.
const TRAIL_OPACITY: f32 = 0.55;

/// Paints everything but the field.
pub fn paint(painter: &Painter, plane: &Plane, frame: &SamplingFrame, look: Look, palette: &Palette) {
    let colours = Colours::new(frame, look.colouring, plane, palette);
    if look.trails {
        trails(painter, plane, &frame.picture.trails, palette.arrow_width, |i| colours.of(i));
    }
    match &frame.carrier.on_adapter {
        Some(positions) => adapter_cloud::paint(painter, plane, positions, palette),
        None => particles::paint_coloured(painter, plane, &frame.x, palette.particle_radius, |i| colours.of(i)),
    }
    modes(painter, plane, &frame.picture, palette);
}

/// How a cloud is painted.
#[derive(Clone, Copy)]
pub struct Look {
    /// What colours say.
    pub colouring: Colouring,
    /// Whether paths are shown.
    pub trails: bool,
}

/// The colour of each particle.
struct Colours<'a> {
    picture: &'a Picture,
    palette: &'a Palette,
    colouring: Colouring,
    /// Left end and width of the view, or the greatest speed that is told apart.
    scale: [f32; 2],
}

impl<'a> Colours<'a> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "colours need no double precision"
    )]
    fn new(frame: &'a SamplingFrame, colouring: Colouring, plane: &Plane, palette: &'a Palette) -> Self {
        let (picture, view) = (&frame.picture, plane.view);
        let scale = match colouring {
            Colouring::Plain | Colouring::Mode => [0.0, 1.0],
            Colouring::Start => [view.min[0] as f32, (view.max[0] - view.min[0]) as f32],
            Colouring::Speed => {
                let finite = || picture.moved.iter().filter(|moved| moved.is_finite());
                let squares: f32 = finite().map(|moved| moved * moved).sum();
                [0.0, 2.0 * (squares / finite().count().max(1) as f32).sqrt().max(f32::MIN_POSITIVE)]
            }
        };
        Self { picture, palette, colouring, scale }
    }

    fn of(&self, i: usize) -> Color32 {
        let Self { picture, palette, scale: [least, width], .. } = self;
        let ramp = |value: Option<&f32>| value.map_or(palette.ramp(0.0), |v| palette.ramp((v - least) / width));
        match self.colouring {
            Colouring::Plain => palette.particle,
            Colouring::Start => ramp(picture.start.get(2 * i)),
            Colouring::Speed => ramp(picture.moved.get(i)),
            Colouring::Mode => match picture.members.get(i) {
                Some(member) if !member.off => member.mode.map_or(palette.particle, Palette::mode),
                _ => palette.axis.color,
            },
        }
    }
}

/// One thin strip a path, from nothing to half opaque: a mesh in all.
fn trails(painter: &Painter, plane: &Plane, trails: &Trails, width: f32, colour: impl Fn(usize) -> Color32) {
    let places = trails.x.len() / (2 * trails.particles).max(1);
    let at = |place: usize, particle: usize| {
        let x = &trails.x[2 * (place * trails.particles + particle)..][..2];
        plane.at(x[0].into(), x[1].into())
    };
    let mut mesh = Mesh::default();
    for particle in 0..trails.particles {
        let colour = colour(particle);
        for place in 1..places {
            let (from, to) = (at(place - 1, particle), at(place, particle));
            if plane.rect.contains(from) && plane.rect.contains(to) {
                let faded = |place| colour.gamma_multiply(TRAIL_OPACITY * share(place, places));
                strip(&mut mesh, [from, to], width, [faded(place - 1), faded(place)]);
            }
        }
    }
    painter.add(Shape::mesh(mesh));
}

#[expect(clippy::cast_precision_loss, reason = "tens of places")]
fn share(place: usize, places: usize) -> f32 {
    (place + 1) as f32 / places as f32
}

#[expect(clippy::cast_possible_truncation, reason = "meshes are indexed in 32 bits")]
fn strip(mesh: &mut Mesh, ends: [Pos2; 2], width: f32, colours: [Color32; 2]) {
    let across = 0.5 * width * (ends[1] - ends[0]).normalized().rot90();
    let first = mesh.vertices.len() as u32;
    for (end, colour) in ends.into_iter().zip(colours) {
        mesh.colored_vertex(end - across, colour);
        mesh.colored_vertex(end + across, colour);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first + 1, first + 2, first + 3);
}

/// A ring around each mode, in the colour of its bar, with a rim that is seen on any other.
fn modes(painter: &Painter, plane: &Plane, picture: &Picture, palette: &Palette) {
    let scale = palette.theme.scale();
    let radius = (RING * scale).min(0.035 * plane.rect.width());
    for (mode, centre) in picture.centres.iter().enumerate() {
        let (centre, colour) = (plane.at(centre[0], centre[1]), Palette::mode(mode));
        painter.circle_stroke(centre, radius, Stroke::new(5.5 * scale, Palette::text_on(colour)));
        painter.circle_stroke(centre, radius, Stroke::new(3.0 * scale, colour));
    }
}
