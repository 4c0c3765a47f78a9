//! The numbers of each kernel's call, in the order of `Call` in its WGSL; a test holds names, kinds and places together.

/// A number of four bytes, as it is packed.
trait Word {
    fn word(self) -> u32;
}

impl Word for u32 {
    fn word(self) -> u32 {
        self
    }
}

impl Word for f32 {
    fn word(self) -> u32 {
        self.to_bits()
    }
}

/// Structs of words, and the list of their fields that the test compares with the files.
macro_rules! calls {
    ($($kernel:literal $name:ident { $($field:ident: $kind:ty),* })*) => {
        $(
            #[derive(Clone, Copy, Debug, Default)]
            pub struct $name {
                $(pub $field: $kind),*
            }

            impl $name {
                pub fn packed(&self) -> Vec<u32> {
                    vec![$(self.$field.word()),*]
                }
            }
        )*

        /// Kernel, then name and kind of each number.
        #[cfg(test)]
        pub const FIELDS: &[(&str, &[(&str, &str)])] =
            &[$(($kernel, &[$((stringify!($field), stringify!($kind))),*])),*];
    };
}

calls! {
    "conv2d" Conv2dCall {
        images: u32, channels: u32, height: u32, width: u32,
        out_channels: u32, out_height: u32, out_width: u32,
        has_residual: u32, has_shift: u32,
        stride: u32, doubled: u32, padding: u32,
        slices: u32, slices_of_a_part: u32, scale: f32
    }
    "conv2d_sum" Conv2dSumCall {
        parts: u32, images: u32, channels: u32, area: u32, has_residual: u32, has_shift: u32, scale: f32
    }
    "group_moments" GroupMomentsCall { groups: u32, length: u32, piece: u32 }
    "group_norm" GroupNormCall {
        channels: u32, groups: u32, area: u32, pieces: u32, piece: u32, modulated: u32, activation: u32, epsilon: f32
    }
    "attention" AttentionCall { channels: u32, tokens: u32, scale: f32 }
    "linear" LinearCall { inputs: u32 }
    "pointwise" PointwiseCall {
        length: u32, out_base: u32, out_stride: u32, activation: u32, factor: u32, scale: f32, offset: f32
    }
    "resample" ResampleCall { height: u32, width: u32, out_height: u32, out_width: u32, how: u32 }
    "time_embedding" TimeEmbeddingCall { length: u32, cosines_first: u32, factor: u32 }
}
