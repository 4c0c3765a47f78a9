//! Opens the real window.

use std::path::Path;

use egui::{ViewportBuilder, vec2};

use super::app::App;
use super::paint::adapter_cloud;
use super::theme::Theme;
use crate::scenario::Scenario;

/// Opens the window and returns when it is closed.
///
/// # Errors
/// What the window libraries say where there is no display or no graphics adapter.
pub fn open_window(scenario: Option<Scenario>, theme: Option<Theme>, model: Option<&Path>) -> Result<(), String> {
    let viewport = ViewportBuilder::default()
        .with_title("Scorescope")
        .with_app_id("scorescope")
        .with_inner_size(vec2(1280.0, 800.0))
        .with_min_inner_size(vec2(820.0, 560.0));
    let options = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Wgpu,
        wgpu_options: adapter_cloud::configuration(),
        ..Default::default()
    };
    let make: eframe::AppCreator<'_> = Box::new(|cc| {
        let mut app = App::new(cc, scenario, theme);
        model.into_iter().for_each(|folder| app.open_model(folder));
        Ok(Box::new(app))
    });
    eframe::run_native("scorescope", options, make).map_err(|error| error.to_string())
}
