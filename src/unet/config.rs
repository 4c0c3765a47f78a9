//! What a U-Net is made of: diffusers' `UNet2DModel` as its config.json says it.

use serde_json::Value;

use super::error::ModelError;
use super::fields::{Fields, number, whole};

/// Sizes beyond these are a damaged file, not a network of today.
const MOST_LEVELS: usize = 12;
const MOST_CHANNELS: usize = 16_384;
const MOST_LAYERS: usize = 64;
const LARGEST_IMAGE: usize = 8192;

/// The function between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x / (1 + e^−x), also called swish
    Silu,
    /// x tanh(ln(1 + e^x))
    Mish,
    /// x Φ(x)
    Gelu,
    /// max(x, 0)
    Relu,
}

impl Activation {
    /// Its name in config.json.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silu => "silu",
            Self::Mish => "mish",
            Self::Gelu => "gelu",
            Self::Relu => "relu",
        }
    }
}

/// How the timestep becomes a vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeEmbedding {
    /// sin and cos of t · 10000^(−i / (half − shift)), i < half: Ho, Jain & Abbeel 2020. Cosines first where flipped.
    Positional {
        /// `flip_sin_to_cos`
        cosines_first: bool,
        /// `freq_shift`
        shift: f32,
    },
    /// sin and cos of 2π w ln t, with fixed random w; the network's output is divided by t: Song et al. 2021.
    Fourier,
}

/// What goes before the blocks' resampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `DownBlock2D`, `UpBlock2D`: residual blocks, then a convolution that resamples.
    Plain,
    /// `ResnetDownsampleBlock2D`, `ResnetUpsampleBlock2D`: residual blocks, the last of which resamples.
    Resnet,
    /// `SkipDownBlock2D`, `SkipUpBlock2D`: NCSN++ with the image itself carried along, both filtered as they are resampled.
    Skip,
}

/// One level of the way down or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// How it is built and resampled.
    pub family: Family,
    /// Whether attention follows its residual blocks.
    pub attention: bool,
}

impl Block {
    const fn new(family: Family, attention: bool) -> Self {
        Self { family, attention }
    }
}

const DOWN_BLOCKS: [(&str, Block); 5] = [
    ("DownBlock2D", Block::new(Family::Plain, false)),
    ("AttnDownBlock2D", Block::new(Family::Plain, true)),
    ("ResnetDownsampleBlock2D", Block::new(Family::Resnet, false)),
    ("SkipDownBlock2D", Block::new(Family::Skip, false)),
    ("AttnSkipDownBlock2D", Block::new(Family::Skip, true)),
];

const UP_BLOCKS: [(&str, Block); 5] = [
    ("UpBlock2D", Block::new(Family::Plain, false)),
    ("AttnUpBlock2D", Block::new(Family::Plain, true)),
    ("ResnetUpsampleBlock2D", Block::new(Family::Resnet, false)),
    ("SkipUpBlock2D", Block::new(Family::Skip, false)),
    ("AttnSkipUpBlock2D", Block::new(Family::Skip, true)),
];

/// The network, by the keys of config.json; what is absent there has diffusers' own default.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the keys are diffusers'")]
pub struct UnetConfig {
    /// Height and width that the network was trained on; it takes others too.
    pub sample_size: Option<[usize; 2]>,
    /// Channels of the image.
    pub in_channels: usize,
    /// Channels of the answer.
    pub out_channels: usize,
    /// Whether the image x enters as 2x − 1.
    pub center_input_sample: bool,
    /// How the timestep becomes a vector.
    pub time_embedding: TimeEmbedding,
    /// Length of the time vector that every residual block sees.
    pub time_embedding_dim: usize,
    /// From the image down, one a level.
    pub down_blocks: Vec<Block>,
    /// Whether there is a block at the bottom.
    pub mid_block: bool,
    /// Whether the block at the bottom has attention.
    pub add_attention: bool,
    /// From the bottom up.
    pub up_blocks: Vec<Block>,
    /// Channels of each level, from the image down.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks of a level on the way down; one more on the way up.
    pub layers_per_block: usize,
    /// What the sums of the middle block are divided by.
    pub mid_block_scale_factor: f32,
    /// Padding of the convolutions that halve: 1 all around, or 0, which means one row and column at the far edges.
    pub downsample_padding: usize,
    /// Whether blocks with attention halve by a residual block instead of a convolution.
    pub downsample_by_resnet: bool,
    /// Whether blocks with attention double by a residual block instead of a convolution.
    pub upsample_by_resnet: bool,
    /// The function between layers.
    pub act_fn: Activation,
    /// Channels of an attention head; without it one head has them all.
    pub attention_head_dim: Option<usize>,
    /// Groups of each normalisation. The Skip family has its own; without it the rest has min(channels / 4, 32).
    pub norm_num_groups: Option<usize>,
    /// Groups of the normalisation before the middle's attention.
    pub attn_norm_num_groups: Option<usize>,
    /// What normalisation adds to the variance.
    pub norm_eps: f32,
    /// Whether the time vector scales and shifts the normalised values, instead of being added before.
    pub time_scale_shift: bool,
    /// Timesteps of the training, where the file says it.
    pub num_train_timesteps: Option<usize>,
}

impl UnetConfig {
    /// Reads config.json.
    ///
    /// # Errors
    /// Text that is no JSON object, a key or a value that is unknown here, values that do not fit together.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        let mut fields = Fields::new(text)?;
        let config = Self::take(&mut fields)?;
        fields.finish()?;
        config.check()?;
        Ok(config)
    }

    fn take(fields: &mut Fields) -> Result<Self, ModelError> {
        refuse_classes(fields)?;
        let silu = Activation::Silu;
        let activations = [
            ("silu", silu),
            ("swish", silu),
            ("mish", Activation::Mish),
            ("gelu", Activation::Gelu),
            ("relu", Activation::Relu),
        ];
        let by_resnet = [("conv", false), ("resnet", true)];
        let channels = format!("a list of 1 to {MOST_LEVELS} whole numbers from 1 to {MOST_CHANNELS}");
        let block_out_channels = fields.list("block_out_channels", &channels, MOST_LEVELS, |value| {
            whole(value).filter(|c| (1..=MOST_CHANNELS).contains(c))
        })?;
        // Dropout is of training alone.
        fields
            .take("dropout", 0.0, "a number from 0 to 1", |value| number(value).filter(|p| (0.0..=1.0).contains(p)))?;
        Ok(Self {
            sample_size: fields.take("sample_size", None, "null, a whole number or two", |value| {
                if value.is_null() { Some(None) } else { sides(value).map(Some) }
            })?,
            in_channels: fields.whole("in_channels", 3, 1..=MOST_CHANNELS)?,
            out_channels: fields.whole("out_channels", 3, 1..=MOST_CHANNELS)?,
            center_input_sample: fields.flag("center_input_sample", false)?,
            time_embedding: time_embedding(fields)?,
            time_embedding_dim: match fields.whole_or_null("time_embedding_dim", None, 0..=MOST_CHANNELS)? {
                None | Some(0) => 4 * block_out_channels[0],
                Some(dim) => dim,
            },
            down_blocks: blocks(fields, "down_block_types", &DOWN_BLOCKS)?,
            mid_block: fields.take("mid_block_type", true, "\"UNetMidBlock2D\" or null", mid_block)?,
            add_attention: fields.flag("add_attention", true)?,
            up_blocks: blocks(fields, "up_block_types", &UP_BLOCKS)?,
            block_out_channels,
            layers_per_block: fields.whole("layers_per_block", 2, 1..=MOST_LAYERS)?,
            mid_block_scale_factor: fields.positive("mid_block_scale_factor", 1.0)?,
            downsample_padding: fields.whole("downsample_padding", 1, 0..=1)?,
            downsample_by_resnet: fields.choice("downsample_type", false, &by_resnet)?,
            upsample_by_resnet: fields.choice("upsample_type", false, &by_resnet)?,
            act_fn: fields.choice("act_fn", silu, &activations)?,
            attention_head_dim: fields.whole_or_null("attention_head_dim", Some(8), 1..=MOST_CHANNELS)?,
            norm_num_groups: fields.whole_or_null("norm_num_groups", Some(32), 1..=MOST_CHANNELS)?,
            attn_norm_num_groups: fields.whole_or_null("attn_norm_num_groups", None, 1..=MOST_CHANNELS)?,
            norm_eps: fields.positive("norm_eps", 1e-5)?,
            time_scale_shift: fields.choice(
                "resnet_time_scale_shift",
                false,
                &[("default", false), ("scale_shift", true)],
            )?,
            num_train_timesteps: fields.whole_or_null("num_train_timesteps", None, 1..=usize::MAX)?,
        })
    }

    /// What each key allows and the whole does not.
    fn check(&self) -> Result<(), ModelError> {
        let conflict = |why: String| Err(ModelError::Conflict(why));
        let levels = self.block_out_channels.len();
        if [self.down_blocks.len(), self.up_blocks.len()] != [levels; 2] {
            return conflict(format!(
                "'block_out_channels' has {levels} levels, 'down_block_types' {}, 'up_block_types' {}; expected as many of each",
                self.down_blocks.len(),
                self.up_blocks.len()
            ));
        }
        if let TimeEmbedding::Positional { shift, .. } = self.time_embedding {
            let half = self.block_out_channels[0] / 2;
            #[expect(clippy::cast_precision_loss, reason = "channels are few")]
            if half as f32 <= shift {
                return conflict(format!(
                    "'freq_shift' is {shift}; expected less than half of the first level's channels, {half}"
                ));
            }
        }
        let skip = |block: &Block| block.family == Family::Skip;
        let carries_image = self.down_blocks[..levels - 1].iter().chain(&self.up_blocks[..levels - 1]).any(skip);
        if carries_image && [self.in_channels, self.out_channels] != [3; 2] {
            return conflict(
                "Skip blocks carry an image of 3 channels; expected 'in_channels' and 'out_channels' of 3".to_owned(),
            );
        }
        let down_breaks = self.down_blocks[..levels - 1].windows(2).any(|pair| !skip(&pair[0]) && skip(&pair[1]));
        let up_breaks = self.up_blocks.windows(2).any(|pair| skip(&pair[0]) && !skip(&pair[1]));
        if down_breaks || up_breaks {
            return conflict(
                "Skip blocks carry an image along, which a block of another kind between them would lose".to_owned(),
            );
        }
        Ok(())
    }

    /// Whether the network has an embedding for a timestep.
    ///
    /// # Errors
    /// A number that is not finite, or whose logarithm is asked for and is not.
    pub fn check_timestep(&self, timestep: f32) -> Result<(), ModelError> {
        let expected = match self.time_embedding {
            TimeEmbedding::Fourier if timestep.is_nan() || timestep <= 0.0 => {
                "this network embeds its logarithm; expected a number above 0"
            }
            _ if !timestep.is_finite() => "expected a finite number",
            _ => return Ok(()),
        };
        Err(ModelError::Input(format!("the timestep is {timestep}; {expected}")))
    }

    /// The image's height and width must be multiples of this.
    #[must_use]
    pub fn size_unit(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    /// Groups of a normalisation over `channels` outside the Skip family.
    #[must_use]
    pub fn groups(&self, channels: usize) -> usize {
        self.norm_num_groups.unwrap_or_else(|| skip_groups(channels))
    }
}

/// Groups of a normalisation over `channels` in the Skip family.
#[must_use]
pub fn skip_groups(channels: usize) -> usize {
    (channels / 4).min(32)
}

/// A class label would be a third input, which nothing here gives.
fn refuse_classes(fields: &mut Fields) -> Result<(), ModelError> {
    for key in ["class_embed_type", "num_class_embeds"] {
        fields.take(key, (), "null: networks that want a class label are not run here", |value| {
            value.is_null().then_some(())
        })?;
    }
    Ok(())
}

fn time_embedding(fields: &mut Fields) -> Result<TimeEmbedding, ModelError> {
    let cosines_first = fields.flag("flip_sin_to_cos", true)?;
    let shift = fields.take("freq_shift", 0.0, "a number", number)?;
    let positional = TimeEmbedding::Positional { cosines_first, shift };
    fields.choice("time_embedding_type", positional, &[("positional", positional), ("fourier", TimeEmbedding::Fourier)])
}

fn blocks(fields: &mut Fields, key: &'static str, known: &[(&str, Block)]) -> Result<Vec<Block>, ModelError> {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let expected = format!("a list of 1 to {MOST_LEVELS} of {}", names.join(", "));
    fields.list(key, &expected, MOST_LEVELS, |value| {
        // Old files say UNetResDownBlock2D and so on.
        let name = value.as_str()?;
        let name = name.strip_prefix("UNetRes").unwrap_or(name);
        known.iter().find(|(known, _)| *known == name).map(|(_, block)| *block)
    })
}

fn mid_block(value: &Value) -> Option<bool> {
    match value {
        Value::Null => Some(false),
        Value::String(name) if name == "UNetMidBlock2D" => Some(true),
        _ => None,
    }
}

/// One side, or height and width.
fn sides(value: &Value) -> Option<[usize; 2]> {
    let side = |value: &Value| whole(value).filter(|side| (1..=LARGEST_IMAGE).contains(side));
    match value.as_array().map(Vec::as_slice) {
        Some([height, width]) => Some([side(height)?, side(width)?]),
        Some(_) => None,
        None => side(value).map(|side| [side; 2]),
    }
}
