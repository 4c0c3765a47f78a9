//! How wrong the network is, live: by noise level, and by decade of the density at this σ.

use egui::Ui;

use crate::metrics::{DecadeError, LOWEST_DECADE};
use crate::ui::Desk;
use crate::ui::widgets::log_plot::{self, Axis};
use crate::ui::widgets::sigma_slider;

/// Seconds between two looks.
const PERIOD: f64 = 1.0;

/// Draws both plots.
pub fn show(desk: &mut Desk, ui: &mut Ui) {
    ask(desk, ui);
    let Some(audit) = desk.session.latest().audit.get() else {
        ui.label("Not measured yet");
        return;
    };
    let height = 72.0 * desk.kept.theme.scale();
    let by_sigma: Vec<[f64; 2]> = audit.by_sigma.iter().rev().map(|error| [error.sigma.log10(), error.error]).collect();
    let ladder = desk.scenario.ladder;
    let ends = [ladder.min(), ladder.max()].map(|sigma| (sigma.log10(), sigma_slider::number_f64(sigma)));
    let rms = |error: &DecadeError| [f64::from(error.decade), f64::from(audit.sigma) * error.rms];
    let by_decade: Vec<[f64; 2]> = audit.by_decade.iter().rev().map(rms).collect();
    let palette = &desk.palette;
    ui.columns(2, |columns| {
        let axis = Axis { title: "σ²E|Δs|² by σ", ends };
        log_plot::show(&mut columns[0], &axis, &by_sigma, palette, height);
        if let (Some(first), Some(last)) = (by_decade.first(), by_decade.last()) {
            let lowest = f64::from(LOWEST_DECADE);
            let name = |decade| format!("{}1e{decade}", if decade <= lowest { "≤ " } else { "" }).replace('-', "−");
            let ends = [first[0], last[0]].map(|decade| (decade, name(decade)));
            log_plot::show(&mut columns[1], &Axis { title: "σ|Δs| by density", ends }, &by_decade, palette, height);
        }
    });
}

/// Once a second, where the network or σ is another.
fn ask(desk: &mut Desk, ui: &Ui) {
    let Some(steps) = desk.session.latest().network.get().map(|network| network.steps) else { return };
    let (now, sigma) = (ui.input(|input| input.time), desk.kept.sigma(&desk.scenario));
    let due = match desk.field.audited {
        None => true,
        Some((then, old_steps, old_sigma)) if old_steps != steps || (old_sigma - sigma).abs() > 1e-6 * sigma => {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(PERIOD));
            now - then >= PERIOD
        }
        Some(_) => false,
    };
    if due {
        desk.field.audited = Some((now, steps, sigma));
        desk.session.audit(sigma);
    }
}
