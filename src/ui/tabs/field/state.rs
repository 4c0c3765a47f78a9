//! What the Field tab holds between two frames and nobody keeps between two runs.

use std::sync::Arc;

use super::edit::Editor;
use super::strip::Strip;
use crate::session::{Extras, FieldFrame, FieldRequest, ProbeRequest};
use crate::ui::paint::field_layers::Smear;

/// Canvases at most: two side by side.
pub const CANVASES: usize = 2;

/// Seconds between two pictures of a network in training, where a picture takes the worker long.
const SLOW_PICTURES: f64 = 0.2;

/// What the Field tab holds.
#[derive(Default)]
pub struct FieldState {
    /// What was asked for last, on each canvas.
    pub asked: [Option<(FieldRequest, Extras)>; CANVASES],
    /// What is on each canvas until something newer comes.
    pub shown: [Option<Arc<FieldFrame>>; CANVASES],
    /// Textures of smeared noise.
    pub smears: [Smear; CANVASES],
    /// The small pictures.
    pub strip: Strip,
    /// The probe.
    pub probe: Probe,
    /// What is being edited.
    pub editor: Editor,
    /// While σ plays: up (+1) or down (−1).
    pub sweep: Option<f32>,
    /// The version of the network that slow pictures show, and since when.
    slow: (u64, f64),
    /// When the network was last audited, and after how many steps.
    pub audited: Option<(f64, usize, f32)>,
    /// Side of an arrow's cell on the screen, in points.
    pub cell: f32,
}

/// The place that is looked at.
#[derive(Default)]
pub struct Probe {
    /// Where, if anywhere.
    pub at: Option<[f64; 2]>,
    /// Whether it stays there while the pointer moves on.
    pub held: bool,
    /// What was asked for last.
    pub asked: Option<ProbeRequest>,
}

impl FieldState {
    /// Everything is asked for anew, for another session; what is on the screen stays until then.
    pub fn ask_again(&mut self) {
        self.asked = Default::default();
        self.probe.asked = None;
        self.strip.ask_again();
        self.audited = None;
        self.slow = Default::default();
    }

    /// The version of the network that a slow picture shows: the newest, but not a new one in every frame.
    pub fn slow_version(&mut self, newest: u64, now: f64) -> u64 {
        if newest != self.slow.0 && (self.slow.0 == 0 || now - self.slow.1 >= SLOW_PICTURES) {
            self.slow = (newest, now);
        }
        self.slow.0
    }
}
