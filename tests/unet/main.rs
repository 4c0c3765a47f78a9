//! The image-scale U-Net: diffusers' numbers, the published networks' sizes, and what is refused.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers are made in f64 and used in f32"
)]

#[path = "../program/mod.rs"]
mod program;

mod adapter;
mod agreement;
mod command;
mod coverage;
mod folder;
mod hub;
mod plans;
mod refused;
mod sampling;
mod server;
mod training;
