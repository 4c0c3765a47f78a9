//! Networks that the program carries, so that images form without a download.

/// A network as its folder would be.
pub struct Bundled {
    /// As `--model` takes it.
    pub name: &'static str,
    /// What it was trained on, as `--data` takes it.
    pub data: &'static str,
    /// config.json
    pub config: &'static str,
    /// `scheduler_config.json`
    pub scheduler: &'static str,
    /// `diffusion_pytorch_model.safetensors`
    pub weights: &'static [u8],
}

/// Every network that is carried; assets/weights has a card of each.
pub const BUNDLED: [Bundled; 1] = [Bundled {
    name: "cats-32",
    config: include_str!("../../assets/weights/cats-32/config.json"),
    scheduler: include_str!("../../assets/weights/cats-32/scheduler_config.json"),
    weights: include_bytes!("../../assets/weights/cats-32/diffusion_pytorch_model.safetensors"),
    data: "cats:10000",
}];
