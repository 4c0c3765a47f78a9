//! What the network is made of: residual blocks, attention, and the levels down and up.
//!
//! ```text
//! residual block  h = conv(f(norm x)) + time;   y = (x + conv(f(norm h))) / scale
//! attention       y = (x + W softmax-weighted values of norm x) / scale
//! down            layers × (residual block [, attention]), each kept for the way up;   half the size
//! up              (layers + 1) × (what was kept beside x, residual block [, attention]);   twice the size
//! ```
//! The Skip family (NCSN++) carries the image along: halved on the way down and added to each level, and on the way up
//! each level adds its own to it.

use std::f32::consts::SQRT_2;

use super::build::{Builder, Form, MATRIX, ONE, THREE};
use super::call::{Attention, Call, Resampling};
use super::{Shape, ValueId};
use crate::unet::config::{Block, Family, skip_groups};
use crate::unet::{Activation, ModelError};

/// Groups of the normalisation before the Skip family's attention.
const SKIP_ATTENTION_GROUPS: usize = 32;

/// A residual block.
#[derive(Clone, Copy)]
struct Resnet {
    /// Channels it makes.
    out: usize,
    /// Groups of its two normalisations.
    groups: [usize; 2],
    /// What happens between the first normalisation and the first convolution, and to x.
    resampling: Option<Resampling>,
    /// Whether x goes through a 1 × 1 convolution even where the channels stay as many.
    shortcut: bool,
    /// What the sum is divided by.
    scale: f32,
}

impl Builder<'_> {
    /// What comes out at the bottom, and what is kept on the way.
    pub fn way_down(&mut self, first: ValueId, image: ValueId) -> Result<(ValueId, Vec<ValueId>), ModelError> {
        let config = self.config;
        let (mut x, mut image, mut kept) = (first, image, vec![first]);
        for (level, (block, &out)) in config.down_blocks.iter().zip(&config.block_out_channels).enumerate() {
            let name = format!("down_blocks.{level}");
            for layer in 0..config.layers_per_block {
                let resnet = self.resnet_of(*block, self.shape(x).c, out);
                x = self.resnet(&format!("{name}.resnets.{layer}"), x, resnet)?;
                if block.attention {
                    x = self.attention_of(*block, &format!("{name}.attentions.{layer}"), x)?;
                }
                kept.push(x);
            }
            if level + 1 < config.down_blocks.len() {
                (x, image) = self.halve(*block, &name, x, image)?;
                kept.push(x);
            }
        }
        Ok((x, kept))
    }

    fn halve(
        &mut self,
        block: Block,
        name: &str,
        x: ValueId,
        image: ValueId,
    ) -> Result<(ValueId, ValueId), ModelError> {
        let out = self.shape(x).c;
        let resnet = self.resnet_of(block, out, out);
        if block.family == Family::Skip {
            let resampling = Some(Resampling::FirDown);
            let x = self.resnet(&format!("{name}.resnet_down"), x, Resnet { resampling, shortcut: true, ..resnet })?;
            let image = self.resample(&format!("{name}.downsamplers.0"), image, Resampling::FirDown);
            let form = Form { residual: Some(x), ..ONE };
            return Ok((self.conv(&format!("{name}.skip_conv"), image, out, form), image));
        }
        let name = format!("{name}.downsamplers.0");
        if block.family == Family::Resnet || block.attention && self.config.downsample_by_resnet {
            let resampling = Some(Resampling::Average);
            return Ok((self.resnet(&name, x, Resnet { resampling, ..resnet })?, image));
        }
        // Padding 0 is one row and one column of zeros at the far edges.
        let form = Form { stride: 2, padding: [self.config.downsample_padding, 1], ..THREE };
        Ok((self.conv(&format!("{name}.conv"), x, out, form), image))
    }

    /// The block at the bottom.
    pub fn middle(&mut self, x: ValueId) -> Result<ValueId, ModelError> {
        let (config, out) = (self.config, self.shape(x).c);
        let scale = config.mid_block_scale_factor;
        let resnet = Resnet { out, groups: [config.groups(out); 2], resampling: None, shortcut: false, scale };
        let mut x = self.resnet("mid_block.resnets.0", x, resnet)?;
        if config.add_attention {
            let usual = (!config.time_scale_shift).then(|| config.groups(out));
            x = self.attention("mid_block.attentions.0", x, config.attn_norm_num_groups.or(usual), scale)?;
        }
        self.resnet("mid_block.resnets.1", x, resnet)
    }

    /// What comes out at the top, and the image that the Skip family carried.
    pub fn way_up(
        &mut self,
        bottom: ValueId,
        mut kept: Vec<ValueId>,
    ) -> Result<(ValueId, Option<ValueId>), ModelError> {
        let config = self.config;
        let (mut x, mut image) = (bottom, None);
        let levels = config.up_blocks.iter().zip(config.block_out_channels.iter().rev());
        for (level, (block, &out)) in levels.enumerate() {
            let name = format!("up_blocks.{level}");
            for (layer, beside) in
                kept.split_off(kept.len() - config.layers_per_block - 1).into_iter().rev().enumerate()
            {
                x = self.beside(*block, &format!("{name}.resnets.{layer}"), [x, beside], out)?;
                if block.attention && block.family != Family::Skip {
                    x = self.attention_of(*block, &format!("{name}.attentions.{layer}"), x)?;
                }
            }
            if block.attention && block.family == Family::Skip {
                x = self.attention_of(*block, &format!("{name}.attentions.0"), x)?;
            }
            if block.family == Family::Skip {
                image = image.map(|image| self.resample(&format!("{name}.upsampler"), image, Resampling::FirUp));
            }
            if level + 1 < config.up_blocks.len() {
                (x, image) = self.double(*block, &name, x, image)?;
            }
        }
        Ok((x, image))
    }

    /// A residual block of x and of what the way down kept.
    fn beside(&mut self, block: Block, name: &str, inputs: [ValueId; 2], out: usize) -> Result<ValueId, ModelError> {
        let [from_below, from_beside] = inputs.map(|input| self.shape(input).c);
        let x = self.concat(&format!("{name}.concat"), inputs);
        let mut resnet = self.resnet_of(block, from_below + from_beside, out);
        if block.family == Family::Skip && block.attention {
            // diffusers' AttnSkipUpBlock2D quarters the second summand alone, and weights were trained so.
            resnet.groups[0] = (from_below + from_beside / 4).min(32);
        }
        self.resnet(name, x, resnet)
    }

    fn double(
        &mut self,
        block: Block,
        name: &str,
        x: ValueId,
        image: Option<ValueId>,
    ) -> Result<(ValueId, Option<ValueId>), ModelError> {
        let out = self.shape(x).c;
        let resnet = self.resnet_of(block, out, out);
        if block.family == Family::Skip {
            let own =
                self.group_norm(&format!("{name}.skip_norm"), x, skip_groups(out), Some(Activation::Silu), None)?;
            let image = self.conv(&format!("{name}.skip_conv"), own, 3, Form { residual: image, ..THREE });
            let resampling = Some(Resampling::FirUp);
            let x = self.resnet(&format!("{name}.resnet_up"), x, Resnet { resampling, shortcut: true, ..resnet })?;
            return Ok((x, Some(image)));
        }
        let name = format!("{name}.upsamplers.0");
        if block.family == Family::Resnet || block.attention && self.config.upsample_by_resnet {
            let resampling = Some(Resampling::Nearest);
            return Ok((self.resnet(&name, x, Resnet { resampling, ..resnet })?, image));
        }
        let form = Form { upsample: true, ..THREE };
        Ok((self.conv(&format!("{name}.conv"), x, out, form), image))
    }

    /// The residual block of a family.
    fn resnet_of(&self, block: Block, from: usize, out: usize) -> Resnet {
        let (groups, scale) = match block.family {
            Family::Skip => ([skip_groups(from), skip_groups(out)], SQRT_2),
            Family::Plain | Family::Resnet => ([self.config.groups(from), self.config.groups(out)], 1.0),
        };
        Resnet { out, groups, resampling: None, shortcut: from != out, scale }
    }

    fn resnet(&mut self, name: &str, x: ValueId, resnet: Resnet) -> Result<ValueId, ModelError> {
        let Resnet { out, groups, resampling, shortcut, scale } = resnet;
        let f = Some(self.config.act_fn);
        let mut h = self.group_norm(&format!("{name}.norm1"), x, groups[0], f, None)?;
        let mut x = x;
        // The convolution doubles its input by itself.
        let upsample = resampling == Some(Resampling::Nearest);
        if let Some(how) = resampling {
            x = self.resample(&format!("{name}.resample"), x, how);
            if !upsample {
                h = self.resample(&format!("{name}.resample"), h, how);
            }
        }
        let modulated = self.config.time_scale_shift;
        let time = self.linear(&format!("{name}.time_emb_proj"), self.time, if modulated { 2 * out } else { out });
        let (shift, modulation) = if modulated { (None, Some(time)) } else { (Some(time), None) };
        h = self.conv(&format!("{name}.conv1"), h, out, Form { upsample, shift, ..THREE });
        h = self.group_norm(&format!("{name}.norm2"), h, groups[1], f, modulation)?;
        if shortcut {
            x = self.conv(&format!("{name}.conv_shortcut"), x, out, ONE);
        }
        Ok(self.conv(&format!("{name}.conv2"), h, out, Form { residual: Some(x), scale: 1.0 / scale, ..THREE }))
    }

    /// The attention of a family.
    fn attention_of(&mut self, block: Block, name: &str, x: ValueId) -> Result<ValueId, ModelError> {
        match block.family {
            Family::Skip => self.attention(name, x, Some(SKIP_ATTENTION_GROUPS), SQRT_2),
            Family::Plain | Family::Resnet => self.attention(name, x, Some(self.config.groups(self.shape(x).c)), 1.0),
        }
    }

    fn attention(&mut self, name: &str, x: ValueId, groups: Option<usize>, scale: f32) -> Result<ValueId, ModelError> {
        let Shape { c, h, w, .. } = self.shape(x);
        let head_dim = self.config.attention_head_dim.unwrap_or(c);
        let heads = c / head_dim;
        if heads == 0 {
            return Err(ModelError::Conflict(format!(
                "'attention_head_dim' is {head_dim}, and {name} has {c} channels; expected a head that fits in"
            )));
        }
        let normal = match groups {
            Some(groups) => self.group_norm(&format!("{name}.group_norm"), x, groups, None, None)?,
            None => x,
        };
        let [query, key, value] =
            ["to_q", "to_k", "to_v"].map(|to| self.conv(&format!("{name}.{to}"), normal, heads * head_dim, MATRIX));
        let call = Call::Attention(Attention { query, key, value, heads, head_dim, tokens: h * w });
        let attended = self.push(name, call, self.shape(query));
        let form = Form { residual: Some(x), scale: 1.0 / scale, ..MATRIX };
        Ok(self.conv(&format!("{name}.to_out.0"), attended, c, form))
    }
}
