//! The program as eframe sees it: a desk in a window, and what is kept between runs.

use std::path::Path;
use std::sync::Arc;

use super::desk::Desk;
use super::kept::Kept;
use super::paint::adapter_cloud;
use super::tabs::Tab;
use crate::scenario::Scenario;
use crate::session::Pace;

const KEY: &str = "scorescope";

/// The window's application.
pub struct App {
    desk: Desk,
}

impl App {
    /// The window as it was left, with what the command line asks for on top.
    ///
    /// A scenario of an earlier run that is refused by now is shown as a message, and the default is opened.
    #[must_use]
    pub fn new(cc: &eframe::CreationContext<'_>, scenario: Option<Scenario>, theme: Option<super::Theme>) -> Self {
        let kept = cc.storage.and_then(|storage| eframe::get_value(storage, KEY)).unwrap_or_default();
        let mut app = Self::with(&cc.egui_ctx, kept, scenario, theme);
        if let Some(graphics) = cc.wgpu_render_state.as_ref().and_then(adapter_cloud::share) {
            app.desk.use_graphics(graphics);
        }
        app
    }

    /// The same, without a window system: for tests.
    #[must_use]
    pub fn with(ctx: &egui::Context, kept: Kept, scenario: Option<Scenario>, theme: Option<super::Theme>) -> Self {
        let painter = ctx.clone();
        let wake = Arc::new(move || painter.request_repaint());
        let mut desk = Desk::open(ctx, kept, scenario, 0, Pace::Threads { wake });
        if let Some(theme) = theme {
            desk.set_theme(theme);
        }
        Self { desk }
    }

    /// Opens a network of images, a folder or a name on the hub, and brings its tab to the front.
    pub fn open_model(&mut self, folder: &Path) {
        self.desk.kept.tab = Tab::Images;
        self.desk.open_model(folder);
    }

    /// What the window holds.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.desk.ui(ui);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, KEY, &self.desk.to_keep());
    }
}
