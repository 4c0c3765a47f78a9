//! Scorescope: a laboratory in which a class watches a score model learn and samplers succeed or fail.

pub mod cli;
pub mod distributions;
pub mod gallery;
pub mod gpu;
pub mod images;
mod lanes;
pub mod learning;
pub mod metrics;
pub mod noise;
pub mod output;
pub mod samplers;
pub mod scenario;
pub mod schedules;
pub mod score;
pub mod session;
pub mod ui;
pub mod unet;
