//! The image-scale U-Net: diffusers' numbers, the published networks' sizes, and what is refused.

#[path = "../program/mod.rs"]
mod program;

mod adapter;
mod agreement;
mod command;
mod folder;
mod plans;
mod refused;
