//! What a network is asked to minimise. Each objective is a pure function of (network, x, σ, z).

mod dsm;

pub use dsm::dsm;
