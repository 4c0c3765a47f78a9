//! Numbers of images as colours of pictures.

/// Images of one size, each 3 bytes a pixel, row by row.
pub struct Pictures {
    /// Columns and rows of each.
    pub size: [usize; 2],
    /// Shape (n, h, w, 3).
    pub rgb: Vec<u8>,
}

impl Pictures {
    /// `x`: shape (n, c, h, w) of `shape`, c 1 or 3; `shade` maps a number to [0, 1], and what is beyond is cut off.
    #[must_use]
    pub fn new(x: &[f32], shape: [usize; 3], shade: impl Fn(f32) -> f32) -> Self {
        let [c, h, w] = shape;
        Self { size: [w, h], rgb: x.chunks_exact(c * h * w).flat_map(|image| rgb(image, c, &shade)).collect() }
    }

    /// Images of numbers in the model's own range.
    #[must_use]
    pub fn plain(x: &[f32], shape: [usize; 3], [dark, bright]: [f32; 2]) -> Self {
        Self::new(x, shape, |x| (x - dark) / (bright - dark))
    }

    /// Images under noise of σ, which at large σ is far beyond their range: their distance from its middle is divided by
    /// √(1 + (2σ/r)²), r half the range, so that two standard deviations of pure noise reach from end to end.
    #[must_use]
    pub fn noisy(x: &[f32], shape: [usize; 3], [dark, bright]: [f32; 2], sigma: f32) -> Self {
        let (middle, half) = (0.5 * (dark + bright), 0.5 * (bright - dark));
        let whole = half * 1f32.hypot(2.0 * sigma / half);
        Self::new(x, shape, |x| 0.5 + 0.5 * (x - middle) / whole)
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rgb.len() / (3 * self.size[0] * self.size[1])
    }

    /// The bytes of one.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = 3 * self.size[0] * self.size[1];
        &self.rgb[index * bytes..(index + 1) * bytes]
    }
}

/// One image of `channels` channels, 1 or 3, as bytes of its pixels.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels are bytes")]
pub fn rgb(image: &[f32], channels: usize, shade: impl Fn(f32) -> f32) -> impl Iterator<Item = u8> {
    let pixels = image.len() / channels;
    let byte = move |value: f32| (255.0 * shade(value).clamp(0.0, 1.0)).round() as u8;
    (0..3 * pixels).map(move |at| byte(image[(at % 3).min(channels - 1) * pixels + at / 3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pure noise of σ stands between a quarter and three quarters at one standard deviation; without noise nothing changes.
    #[test]
    fn noise_of_any_level_stays_in_sight() {
        for range in [[-1.0, 1.0], [0.0, 1.0]] {
            let half = 0.5 * (range[1] - range[0]);
            for sigma in [50.0, 1348.0] {
                let x = [-sigma, 0.0, sigma, 2.0 * sigma].map(|x| x + 0.5 * (range[0] + range[1]));
                let seen = Pictures::noisy(&x, [1, 2, 2], range, sigma);
                assert_eq!(seen.image(0)[..9], [64, 64, 64, 128, 128, 128, 191, 191, 191]);
            }
            let x = [range[0], range[0] + half, range[1], range[1] + 1.0];
            let (noisy, plain) = (Pictures::noisy(&x, [1, 2, 2], range, 0.0), Pictures::plain(&x, [1, 2, 2], range));
            assert_eq!(noisy.rgb, plain.rgb);
            assert_eq!(
                (plain.count(), &plain.rgb[..]),
                (1, &[0, 0, 0, 128, 128, 128, 255, 255, 255, 255, 255, 255][..])
            );
        }
    }
}
