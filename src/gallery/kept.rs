//! Images that are kept in memory, a byte for each number.

use crate::images::Gallery;

/// Most bytes of images that are taken into memory.
pub const MOST: usize = 1 << 32;

/// Images of one shape, as read from files.
pub struct Kept {
    pub name: String,
    /// c, h, w
    pub shape: [usize; 3],
    /// Shape (n, c, h, w): 0 is −1, and 255 is 1.
    pub bytes: Vec<u8>,
}

impl Gallery for Kept {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.shape.iter().product::<usize>()
    }

    fn image(&self, index: usize, out: &mut [f32]) {
        let length = self.shape.iter().product::<usize>();
        let image = &self.bytes[index * length..][..length];
        out.iter_mut().zip(image).for_each(|(x, byte)| *x = f32::from(*byte) / 127.5 - 1.0);
    }
}
