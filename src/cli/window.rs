//! `scorescope` alone: opens the window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use crate::scenario::Scenario;
use crate::ui::{Theme, open_window};

#[derive(Args)]
pub struct Arguments {
    /// A bundled scenario's name, or the path of a .toml file; without it, the one open last
    #[arg(long, value_name = "S")]
    scenario: Option<String>,
    /// dark, light or projector; without it, the one used last
    #[arg(long, value_name = "THEME")]
    theme: Option<Theme>,
    /// The folder of a network of images or its name on the hub, to be opened in the Images tab
    #[arg(long, value_name = "DIR|NAME")]
    model: Option<PathBuf>,
}

const NO_WINDOW: &str = "The window cannot open";

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let scenario = arguments.scenario.as_deref().map(Scenario::load).transpose();
    let scenario = scenario.map_err(|error| Failure::wrong_use("The scenario is refused", error))?;
    if cfg!(target_os = "linux") && !has_display() {
        let why = "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set). Start it from a desktop, or make pictures without a window: scorescope render --out picture.png";
        return Err(Failure::failed(NO_WINDOW, why));
    }
    // The libraries below panic where a system library is missing; the message of the panic becomes the reason.
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panic")));
    let opened = catch_unwind(AssertUnwindSafe(|| open_window(scenario, arguments.theme, arguments.model.as_deref())));
    let why = match opened {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(why)) => why,
        Err(panic) => crate::session::panic_message(&*panic),
    };
    tracing::error!(%why, "the window ended");
    Err(Failure::failed("The window cannot be shown", explained(&why)))
}

/// What a reason given by the window libraries means, and what helps.
fn explained(why: &str) -> &'static str {
    let why = why.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if says(&["xkbcommon"]) {
        "the keyboard library is missing. Install it; on Debian: apt install libxkbcommon-x11-0"
    } else if says(&["surface", "adapter", "wgpu", "vulkan", "device"]) {
        "no graphics driver can draw on this display. Install a Vulkan driver; on Debian without a graphics card: apt install mesa-vulkan-drivers"
    } else if says(&["connection", "event loop", "eventloop", "display", "wayland", "x11"]) {
        "the display does not answer. Check that DISPLAY or WAYLAND_DISPLAY names one that runs, and on Debian: apt install libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2"
    } else {
        "the window library gave up (SCORESCOPE_LOG=error shows why). Pictures can be made without a window: scorescope render --out picture.png"
    }
}

/// Settings of the drivers that a person would otherwise have to know. What the environment already says stays.
///
/// Mesa before 23 draws wrong colours in windows with its software Vulkan unless its linear rasteriser is off. Mesa's
/// device selection looks for a Wayland display and complains on stderr where there is none.
#[expect(unsafe_code, reason = "called before the first thread is started, so nobody reads the environment meanwhile")]
pub fn prepare_drivers() {
    let set = |key: &str, value: &str| {
        if std::env::var_os(key).is_none() {
            unsafe { std::env::set_var(key, value) };
        }
    };
    set("LP_PERF", "no_rast_linear");
    set("CANDLE_NUM_THREADS", "1");
    if !has_display() {
        set("NODEVICE_SELECT", "1");
    }
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
