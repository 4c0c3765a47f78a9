//! Thousands of small antialiased marks as one mesh: the window's thread has no time for a shape each.

use std::f32::consts::TAU;

use egui::{Color32, Mesh, Painter, Pos2, Shape, Vec2, vec2};

/// Corners of a dot.
const CORNERS: u32 = 8;

/// Marks of one colour, in the making.
pub struct Ink {
    mesh: Mesh,
    colour: Color32,
    /// Half the width, in points, over which an edge fades: one pixel in all.
    half_fade: f32,
    corners: [Vec2; CORNERS as usize],
}

impl Ink {
    /// No marks yet, for this painter's resolution.
    #[expect(clippy::cast_precision_loss, reason = "a handful of corners")]
    pub fn new(painter: &Painter, colour: Color32) -> Self {
        let half_fade = 0.5 / painter.pixels_per_point();
        Self {
            mesh: Mesh::default(),
            colour,
            half_fade,
            corners: std::array::from_fn(|i| Vec2::angled(TAU * i as f32 / CORNERS as f32)),
        }
    }

    /// A filled circle.
    pub fn dot(&mut self, centre: Pos2, radius: f32) {
        let first = self.next();
        for corner in self.corners {
            self.mesh.colored_vertex(centre + corner * (radius - self.half_fade).max(0.0), self.colour);
            self.mesh.colored_vertex(centre + corner * (radius + self.half_fade), Color32::TRANSPARENT);
        }
        for i in 0..CORNERS {
            let (inner, outer) = (first + 2 * i, first + 2 * i + 1);
            let (next_inner, next_outer) = (first + 2 * ((i + 1) % CORNERS), first + 2 * ((i + 1) % CORNERS) + 1);
            self.mesh.add_triangle(first, inner, next_inner);
            self.mesh.add_triangle(inner, outer, next_inner);
            self.mesh.add_triangle(next_inner, outer, next_outer);
        }
    }

    /// A straight line of the given width.
    pub fn line(&mut self, from: Pos2, to: Pos2, width: f32) {
        let across = (to - from).normalized().rot90();
        let (inner, outer) = ((0.5 * width - self.half_fade).max(0.0), 0.5 * width + self.half_fade);
        let first = self.next();
        for end in [from, to] {
            for (offset, colour) in [
                (-outer, Color32::TRANSPARENT),
                (-inner, self.colour),
                (inner, self.colour),
                (outer, Color32::TRANSPARENT),
            ] {
                self.mesh.colored_vertex(end + across * offset, colour);
            }
        }
        for strip in first..first + 3 {
            self.mesh.add_triangle(strip, strip + 1, strip + 4);
            self.mesh.add_triangle(strip + 1, strip + 4, strip + 5);
        }
    }

    /// A line with two strokes as its head; `head` is their length.
    pub fn arrow(&mut self, tail: Pos2, tip: Pos2, head: f32, width: f32) {
        let along = (tip - tail).normalized() * head;
        let across = vec2(-along.y, along.x) * 0.5;
        self.line(tail, tip, width);
        self.line(tip - along + across, tip, width);
        self.line(tip - along - across, tip, width);
    }

    /// Puts every mark on the screen.
    pub fn paint(self, painter: &Painter) {
        painter.add(Shape::mesh(self.mesh));
    }

    /// The number that the next vertex gets.
    #[expect(clippy::cast_possible_truncation, reason = "meshes are indexed in 32 bits")]
    fn next(&self) -> u32 {
        self.mesh.vertices.len() as u32
    }
}
