//! What can go wrong on the graphics adapter, each as a sentence that ends with what to do.

use thiserror::Error;

/// Why something cannot be done on the graphics adapter.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum GpuError {
    /// No adapter that computes.
    #[error(
        "no graphics adapter that computes was found ({0}). Install a Vulkan driver; on Debian without a graphics card: apt install mesa-vulkan-drivers"
    )]
    NoAdapter(String),
    /// The adapter gives no device.
    #[error("the graphics adapter {name} gives no device ({why}). Use the CPU")]
    NoDevice {
        /// Which adapter.
        name: String,
        /// What the driver said.
        why: String,
    },
    /// The device is gone: driver reset, adapter unplugged.
    #[error("the graphics adapter was lost ({0}). Start again, or use the CPU")]
    Lost(String),
    /// No answer in time.
    #[error("the graphics adapter has not answered for {0} seconds. Ask for less at a time, or use the CPU")]
    Silent(u64),
    /// Its memory is full.
    #[error("the graphics adapter has no memory left. Ask for less at a time, or use the CPU")]
    OutOfMemory,
    /// No half precision in kernels.
    #[error("the graphics adapter {0} has no half precision. Take --dtype f32")]
    NoHalfPrecision(String),
    /// More than the adapter dispatches at once.
    #[error(
        "{kernel} takes {count} workgroups along one axis, and this graphics adapter dispatches {most}. Take fewer images, or use the CPU"
    )]
    TooManyWorkgroups {
        /// Which kernel.
        kernel: &'static str,
        /// How many it takes.
        count: u32,
        /// How many there may be.
        most: u32,
    },
    /// More than one buffer of the adapter holds.
    #[error(
        "{what} take {bytes} bytes, and a buffer of this graphics adapter holds {most}. Take fewer, or use the CPU"
    )]
    TooLarge {
        /// What does not fit.
        what: &'static str,
        /// How much it is.
        bytes: u64,
        /// How much would fit.
        most: u64,
    },
    /// Our own mistake: the driver refuses a program or a call.
    #[error("the graphics adapter refuses its work ({0}). Use the CPU, and report this")]
    Refused(String),
    /// A plan with an update that no kernel makes.
    #[error(
        "update {number} is {name}, and the graphics adapter makes x ← a x + b s(k x, σ) + c z only. Run this sampler on the CPU"
    )]
    Update {
        /// Which update, from 1.
        number: usize,
        /// Its kind.
        name: &'static str,
    },
    /// The score of data that have no density at a noise level of the plan.
    #[error(
        "the plan asks for the score at σ = {0}, where the data have no width and so no density. Keep the least σ above 0"
    )]
    NoDensity(f32),
    /// A network that has no score at a noise level of the plan.
    #[error("the plan asks the network for its score at σ = {0}, where it has none. Keep the least σ above 0")]
    NoScore(f32),
    /// A network that no kernel answers for.
    #[error(
        "the graphics adapter takes networks of equal hidden layers, up to 1024 wide, that answer two numbers, and this one is another: {0}. Use the CPU"
    )]
    Network(String),
}
