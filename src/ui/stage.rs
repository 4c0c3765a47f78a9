//! The window's content without a window: for pictures and for measuring.

use std::time::{Duration, Instant};

use egui::{Context, FullOutput, Pos2, RawInput, Rect, vec2};

use super::desk::Desk;
use super::kept::Kept;
use super::paint::offscreen::{NoAdapter, Offscreen};
use crate::output::Picture;
use crate::scenario::Scenario;
use crate::session::Pace;

/// Passes until layout has settled: sizes of one pass are used by the next.
const SETTLING_PASSES: usize = 4;

/// A desk of a given size, and a clock that moves only when it is told to.
pub struct Stage {
    ctx: Context,
    desk: Desk,
    size: [u32; 2],
    frame: Duration,
    now: f64,
}

impl Stage {
    /// Opens `scenario` at `size` pixels, one point a pixel.
    #[must_use]
    pub fn open(kept: Kept, scenario: Scenario, seed: u64, pace: Pace, size: [u32; 2]) -> Self {
        let ctx = Context::default();
        let frame = match pace {
            Pace::Virtual { frame, .. } => frame,
            Pace::Threads { .. } => Duration::from_secs(1) / 60,
        };
        let desk = Desk::open(&ctx, kept, Some(scenario), seed, pace);
        Self { ctx, desk, size, frame, now: 0.0 }
    }

    /// The desk on it.
    pub const fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    /// Lets the adapter that draws compute too, where it can.
    pub fn share(&mut self, adapter: &Offscreen) {
        if let Some(graphics) = adapter.share() {
            self.desk.use_graphics(graphics);
        }
    }

    /// Lets one frame of virtual time pass.
    pub fn tick(&mut self) {
        self.desk.tick();
        self.now += self.frame.as_secs_f64();
    }

    /// Lays out and tessellates one frame; returns how long that took. Nothing is drawn.
    pub fn rehearse(&mut self) -> Duration {
        self.now += self.frame.as_secs_f64();
        let begun = Instant::now();
        let mut output = self.pass();
        let jobs = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let taken = begun.elapsed();
        // Nothing is drawn, so nobody wants the textures.
        output.textures_delta.clear();
        drop(jobs);
        taken
    }

    /// The picture of this moment.
    ///
    /// # Errors
    /// Where the adapter is lost or out of memory.
    pub fn picture(&mut self, adapter: &Offscreen) -> Result<Picture, NoAdapter> {
        for _ in 0..SETTLING_PASSES {
            let mut output = self.pass();
            adapter.update(&mut output);
            self.desk.refresh();
        }
        let mut output = self.pass();
        adapter.update(&mut output);
        adapter.draw(&self.ctx, output, self.size)
    }

    fn pass(&mut self) -> FullOutput {
        #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
        let size = vec2(self.size[0] as f32, self.size[1] as f32);
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, size));
        let input = RawInput { screen_rect, time: Some(self.now), ..RawInput::default() };
        let desk = &mut self.desk;
        self.ctx.run_ui(input, |ui| desk.ui(ui))
    }
}
