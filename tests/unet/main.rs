//! The image-scale U-Net: diffusers' numbers, the published networks' sizes, and what is refused.

mod adapter;
mod agreement;
mod folder;
mod hub;
mod plans;
#[path = "../program/mod.rs"]
mod program;
mod refused;
mod sampling;
