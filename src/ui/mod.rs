//! The window: the only module that names egui. It draws the latest frames, sends commands, and evaluates nothing.

mod app;
mod aside;
mod desk;
mod kept;
mod kept_field;
mod kept_images;
mod paint;
mod stage;
mod tabs;
mod theme;
mod widgets;
mod window;

pub use app::App;
pub use desk::Desk;
pub use kept::{Kept, PaneChoice};
pub use kept_field::{Camera, Colours, Compare, FieldChoices, Shown};
pub use kept_images::{Beside, ImageChoices};
pub use paint::offscreen::{NoAdapter, Offscreen};
pub use stage::Stage;
pub use tabs::{Colouring, Draft, Metric, Showing, Tab};
pub use theme::Theme;
pub use window::open_window;
