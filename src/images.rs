//! Images to learn from: what every collection of them answers.

/// Images of one shape, numbered, in the network's units: −1 is black and 1 is white.
pub trait Gallery: Send + Sync {
    /// What it is, as `--data` takes it.
    fn name(&self) -> String;

    /// Channels, height and width of every image.
    fn shape(&self) -> [usize; 3];

    /// How many images there are to train on.
    fn len(&self) -> usize;

    /// Writes image `index`, which is below [`Self::len`]: shape (c, h, w), each channel row by row from the top, within [−1, 1].
    fn image(&self, index: usize, out: &mut [f32]);

    /// True where there is nothing to train on; what this program opens never is.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
