//! Controls that more than one place uses, or that draw themselves.

pub mod legend;
pub mod loss_curve;
pub mod messages;
pub mod pane_choice;
pub mod sigma_slider;
pub mod top_bar;
pub mod transport;
pub mod weight_bar;
