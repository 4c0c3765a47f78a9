//! The layers of the Field tab over one another: colours, smeared noise, contours, streamlines, arrows, points.

use egui::{Color32, Painter, Pos2, Stroke, Ui};

use super::canvas::Plane;
use super::heat_map::HeatMap;
use super::ink::Ink;
pub use super::lic::Smear;
use super::quiver;
use crate::session::{FieldFrame, PointsFrame};
use crate::ui::theme::Palette;

/// Data points, and noised ones, are this much larger than particles.
const DATA_RADIUS: f32 = 1.5;
const NOISED_RADIUS: f32 = 1.25;

/// Which layers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Layers {
    /// Density, error or curl as colours.
    pub colours: bool,
    /// Lines of equal density.
    pub contours: bool,
    /// Arrows.
    pub arrows: bool,
    /// Lines along the field.
    pub streamlines: bool,
    /// Smeared noise.
    pub lic: bool,
}

/// Paints what a field holds.
pub fn paint(
    ui: &Ui,
    painter: &Painter,
    plane: &Plane,
    field: &FieldFrame,
    layers: Layers,
    (heat, smear): (&mut HeatMap, &mut Smear),
    palette: &Palette,
) {
    if layers.colours {
        heat.paint(ui, painter, plane, field, palette);
    }
    if layers.lic {
        smear.paint(ui, painter, plane, field, palette);
    }
    if layers.contours {
        contours(painter, plane, field, palette.contour);
    }
    if layers.streamlines {
        streamlines(painter, plane, field, palette.streamline);
    }
    if layers.arrows {
        quiver::paint(painter, plane, field, palette, 1.0);
    }
}

fn at(plane: &Plane, point: [f32; 2]) -> Pos2 {
    plane.at(point[0].into(), point[1].into())
}

fn contours(painter: &Painter, plane: &Plane, field: &FieldFrame, stroke: Stroke) {
    let mut ink = Ink::new(painter, stroke.color);
    for [from, to] in field.contours.lines.iter().flat_map(|line| &line.pieces) {
        ink.line(at(plane, *from), at(plane, *to), stroke.width);
    }
    ink.paint(painter);
}

fn streamlines(painter: &Painter, plane: &Plane, field: &FieldFrame, stroke: Stroke) {
    let mut ink = Ink::new(painter, stroke.color);
    for line in &field.streamlines {
        for two in line.windows(2) {
            ink.line(at(plane, two[0]), at(plane, two[1]), stroke.width);
        }
        // The head stands in the middle, where nothing else is.
        let middle = line.len() / 2;
        if let [from, to] = line[middle.saturating_sub(1)..][..2] {
            let (from, to) = (at(plane, from), at(plane, to));
            let tip = to + (to - from).normalized() * 2.0 * stroke.width;
            ink.arrow(from, tip, 6.0 * stroke.width, stroke.width);
        }
    }
    ink.paint(painter);
}

/// Data points as rings, and the same with noise σ z on them as dots; `count` of them.
pub fn points(
    painter: &Painter,
    plane: &Plane,
    points: &PointsFrame,
    count: usize,
    noised: Option<f32>,
    palette: &Palette,
) {
    let radius = palette.particle_radius * if noised.is_some() { NOISED_RADIUS } else { DATA_RADIUS };
    let colour: Color32 = if noised.is_some() { palette.noised_point } else { palette.data_point };
    let (sight, mut ink) = (plane.rect.expand(radius), Ink::new(painter, colour));
    let sigma = noised.unwrap_or(0.0);
    for (x, z) in points.x.chunks_exact(2).zip(points.z.chunks_exact(2)).take(count) {
        let centre = at(plane, [x[0] + sigma * z[0], x[1] + sigma * z[1]]);
        if sight.contains(centre) {
            ink.dot(centre, radius);
        }
    }
    ink.paint(painter);
}
