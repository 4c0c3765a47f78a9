//! Numbers in the adapter's memory: images in one of two precisions.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::{Context, GpuError};

/// How numbers lie in memory; kernels compute in single precision whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32 bits.
    #[default]
    Single,
    /// 16 bits: half the memory, and 11 bits of each number.
    Half,
}

impl Precision {
    /// Bytes of a number.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        match self {
            Self::Single => 4,
            Self::Half => 2,
        }
    }

    /// Numbers as they lie in memory; what half precision cannot hold becomes infinite there.
    #[must_use]
    pub fn pack(self, numbers: &[f32]) -> Vec<u8> {
        match self {
            Self::Single => bytemuck::cast_slice(numbers).to_vec(),
            Self::Half => {
                let mut halves = vec![f16::ZERO; numbers.len()];
                halves.convert_from_f32_slice(numbers);
                halves.iter().flat_map(|half| half.to_le_bytes()).collect()
            }
        }
    }

    /// What `pack` packed.
    #[must_use]
    pub fn unpack(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::Single => bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            Self::Half => bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
        }
    }
}

impl std::fmt::Display for Precision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Single => "f32",
            Self::Half => "f16",
        })
    }
}

/// Shape (n, c, h, w), row-major, at the beginning of a buffer that others may use before and after.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub(super) buffer: wgpu::Buffer,
    pub(super) shape: [u32; 4],
    pub(super) precision: Precision,
}

impl Tensor {
    /// Numbers in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().map(|side| *side as usize).product()
    }

    /// Whether it holds no numbers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same memory as another shape.
    ///
    /// # Errors
    /// Where the memory is too small for it, or a side is no number of 32 bits.
    pub fn seen_as(&self, shape: [usize; 4], precision: Precision) -> Result<Self, GpuError> {
        let shape = sides(shape)?;
        let seen = Self { buffer: self.buffer.clone(), shape, precision };
        let (bytes, most) = (seen.len() as u64 * precision.bytes(), self.buffer.size());
        if bytes > most {
            return Err(GpuError::TooLarge { what: "values of a network", bytes, most });
        }
        Ok(seen)
    }
}

/// Kernels number in 32 bits, a whole tensor included.
fn sides(shape: [usize; 4]) -> Result<[u32; 4], GpuError> {
    let numbers = shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side));
    let most = u64::from(u32::MAX);
    let fits = |numbers: &usize| *numbers as u64 <= most;
    let too_large = GpuError::TooLarge { what: "numbers of a tensor", bytes: u64::MAX, most };
    numbers.filter(fits).ok_or(too_large)?;
    Ok(shape.map(|side| u32::try_from(side).unwrap_or(u32::MAX)))
}

/// What tensors are used for.
const USES: wgpu::BufferUsages =
    wgpu::BufferUsages::STORAGE.union(wgpu::BufferUsages::COPY_SRC).union(wgpu::BufferUsages::COPY_DST);

impl Context {
    /// Memory for a tensor; what it holds is zero.
    ///
    /// # Errors
    /// Where it is more than a buffer holds, or than there is.
    pub fn tensor(&self, shape: [usize; 4], precision: Precision) -> Result<Tensor, GpuError> {
        let shape = sides(shape)?;
        let numbers: u64 = shape.iter().map(|side| u64::from(*side)).product();
        let buffer = self.buffer("values of a network", USES, (numbers * precision.bytes()).next_multiple_of(4))?;
        Ok(Tensor { buffer, shape, precision })
    }

    /// A tensor with these numbers in it.
    ///
    /// # Errors
    /// As `tensor`, and where they are not as many as the shape says.
    pub fn upload(&self, shape: [usize; 4], precision: Precision, numbers: &[f32]) -> Result<Tensor, GpuError> {
        let tensor = self.tensor(shape, precision)?;
        self.write(&tensor, numbers)?;
        Ok(tensor)
    }

    /// Replaces a tensor's numbers.
    ///
    /// # Errors
    /// Where they are not as many as it has, or the adapter is lost or full.
    pub fn write(&self, tensor: &Tensor, numbers: &[f32]) -> Result<(), GpuError> {
        if numbers.len() != tensor.len() {
            let (found, expected) = (numbers.len(), tensor.len());
            return Err(GpuError::Refused(format!("{found} numbers for a tensor of {expected}")));
        }
        let mut bytes = tensor.precision.pack(numbers);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        self.queue.write_buffer(&tensor.buffer, 0, &bytes);
        self.check()
    }

    /// A tensor's numbers, once all work is done.
    ///
    /// # Errors
    /// Where the adapter is lost, silent or full.
    pub fn download(&self, tensor: &Tensor) -> Result<Vec<f32>, GpuError> {
        let bytes = tensor.len() as u64 * tensor.precision.bytes();
        let mut numbers = tensor.precision.unpack(&self.read_bytes(&tensor.buffer, bytes.next_multiple_of(4))?);
        numbers.truncate(tensor.len());
        Ok(numbers)
    }

    /// Waits until all work is done, what was only written to buffers included.
    ///
    /// # Errors
    /// Where the adapter is lost, silent or full.
    pub fn finish(&self) -> Result<(), GpuError> {
        self.queue.submit([]);
        self.wait(None)
    }

    /// Whether tensors may be of half precision.
    #[must_use]
    pub fn has_half_precision(&self) -> bool {
        self.device.features().contains(wgpu::Features::SHADER_F16)
    }

    /// Whether the adapter can say how long each kernel took.
    #[must_use]
    pub fn has_clock(&self) -> bool {
        self.device.features().contains(wgpu::Features::TIMESTAMP_QUERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half precision has 10 bits after the point: errors of 2⁻¹¹ relative, and of 2⁻²⁵ near 0; 65504 is its greatest number.
    #[test]
    fn numbers_survive_memory() {
        let numbers = [0.0, -1.0, 1.0 / 3.0, 6.0e-8, 65504.0, -1234.567];
        assert_eq!(Precision::Single.unpack(&Precision::Single.pack(&numbers)), numbers);
        let halves = Precision::Half.unpack(&Precision::Half.pack(&numbers));
        for (half, number) in halves.iter().zip(numbers) {
            assert!((half - number).abs() <= number.abs() / 2048.0 + 1.0 / 33_554_432.0, "{half} for {number}");
        }
        assert_eq!(Precision::Half.unpack(&Precision::Half.pack(&[1e6])), [f32::INFINITY]);
    }

    #[test]
    fn what_no_kernel_could_number_is_refused() {
        assert!(sides([1 << 16, 1 << 16, 1, 1]).is_err() && sides([usize::MAX, 2, 1, 1]).is_err());
        assert_eq!(sides([2, 3, 4, 5]), Ok([2, 3, 4, 5]));
    }
}
