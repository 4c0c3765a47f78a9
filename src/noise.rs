//! Noise as a function, not a stream: the same numbers at any frame rate, thread count or executor.
//! Philox4x32-10: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".

#![expect(clippy::inline_always, reason = "a call in a loop over lanes keeps it from becoming SIMD")]

use std::convert::Infallible;

use multiversion::multiversion;
use rand::TryRng;

use crate::lanes::{LANES, Lanes, ln, sin_cos_turns};

/// What a number is drawn for. Two purposes never share a number, whatever their indices are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Where the particles of a sampler start.
    Start = 1,
    /// The z of a sampler's updates.
    Sampler = 2,
    /// Points drawn from a distribution.
    Data = 3,
    /// The z of a training batch.
    Training = 4,
    /// The first weights of a network.
    Weights = 5,
    /// The σ of a training batch.
    Levels = 6,
    /// Whether a proposal is accepted.
    Acceptance = 7,
    /// The random signs of Hutchinson's trace.
    Probe = 8,
    /// The projections of sliced score matching.
    Projection = 9,
    /// Which images are trained on and which are held out.
    Split = 10,
    /// The noise of what is known of an image.
    Known = 11,
}

/// z = noise(seed, purpose, index, step)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    key: [u32; 2],
}

impl Noise {
    /// The noise that belongs to a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = seed.to_le_bytes();
        Self { key: [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])] }
    }

    /// The key of Philox: the seed's two halves, the lower first.
    #[must_use]
    pub const fn key(&self) -> [u32; 2] {
        self.key
    }

    /// Writes the standard normal vector of one particle (`index`) at one `step`; any length.
    pub fn normal(&self, purpose: Purpose, index: u32, step: u32, out: &mut [f32]) {
        self.normals(purpose, index, step, out.len(), out);
    }

    /// Writes the standard normal vectors of the particles `first`, `first` + 1, … at one `step`: shape (n, `dim`).
    pub fn normals(&self, purpose: Purpose, first: u32, step: u32, dim: usize, out: &mut [f32]) {
        if dim > 0 {
            normals(self.key, purpose as u32, first, step, dim, out);
        }
    }

    /// Writes numbers uniform in (0, 1) for one `index` at one `step`; any length.
    pub fn uniform(&self, purpose: Purpose, index: u32, step: u32, out: &mut [f32]) {
        for (block, four) in (0u32..).zip(out.chunks_mut(4)) {
            let bits = philox_one(self.key, [index, step, block, purpose as u32]);
            for (out, bits) in four.iter_mut().zip(bits) {
                *out = unit_interval(bits);
            }
        }
    }

    /// Writes one number uniform in (0, 1) for each of the indices `first`, `first` + 1, …: the first that
    /// [`Self::uniform`] gives for each.
    pub fn uniforms(&self, purpose: Purpose, first: u32, step: u32, out: &mut [f32]) {
        uniforms(self.key, purpose as u32, first, step, out);
    }

    /// A generator for `rand_distr`, with the same independence of order: it belongs to (`purpose`, `index`, `step`).
    #[must_use]
    pub const fn generator(&self, purpose: Purpose, index: u32, step: u32) -> Generator {
        Generator { key: self.key, counter: [index, step, 0, purpose as u32], block: [0; 4], left: 0 }
    }
}

/// Counter-based generator behind `rand`'s interface.
#[derive(Clone, Debug)]
pub struct Generator {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    left: usize,
}

impl Generator {
    fn next(&mut self) -> u32 {
        if self.left == 0 {
            self.block = philox_one(self.key, self.counter);
            self.counter[2] = self.counter[2].wrapping_add(1);
            self.left = self.block.len();
        }
        self.left -= 1;
        self.block[3 - self.left]
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.next()) | u64::from(self.next()) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for four in bytes.chunks_mut(4) {
            let word = self.next().to_le_bytes();
            four.copy_from_slice(&word[..four.len()]);
        }
        Ok(())
    }
}

/// Normals of many particles: `LANES` of them side by side, four numbers of each at a time.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn normals(key: [u32; 2], purpose: u32, first: u32, step: u32, dim: usize, out: &mut [f32]) {
    for (group, out) in out.chunks_mut(dim * LANES).enumerate() {
        #[expect(clippy::cast_possible_truncation, reason = "numbers of particles wrap around after 2^32")]
        let index: Lanes<u32> = std::array::from_fn(|lane| first.wrapping_add((group * LANES + lane) as u32));
        for (block, at) in (0u32..).zip((0..dim).step_by(4)) {
            let [a, b, c, d] = philox(key, [index, [step; LANES], [block; LANES], [purpose; LANES]]);
            let (z0, z1) = box_muller(a, b);
            let (z2, z3) = if dim - at > 2 { box_muller(c, d) } else { (z0, z1) };
            for (lane, out) in out.chunks_exact_mut(dim).enumerate() {
                let four = [z0[lane], z1[lane], z2[lane], z3[lane]];
                out[at..].iter_mut().zip(four).for_each(|(out, z)| *out = z);
            }
        }
    }
}

/// Uniform numbers of many indices, `LANES` of them side by side.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn uniforms(key: [u32; 2], purpose: u32, first: u32, step: u32, out: &mut [f32]) {
    for (group, out) in out.chunks_mut(LANES).enumerate() {
        #[expect(clippy::cast_possible_truncation, reason = "indices wrap around after 2^32")]
        let index: Lanes<u32> = std::array::from_fn(|lane| first.wrapping_add((group * LANES + lane) as u32));
        let [bits, ..] = philox(key, [index, [step; LANES], [0; LANES], [purpose; LANES]]);
        out.iter_mut().zip(bits).for_each(|(out, bits)| *out = unit_interval(bits));
    }
}

/// Ten rounds of the Philox4x32 bijection of the counter under the key, for `N` counters side by side.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "a lane runs through four arrays at once")]
fn philox<const N: usize>(mut key: [u32; 2], mut counter: [[u32; N]; 4]) -> [[u32; N]; 4] {
    const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
    const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
    for _ in 0..10 {
        for lane in 0..N {
            let [c0, c1, c2, c3] = [counter[0][lane], counter[1][lane], counter[2][lane], counter[3][lane]];
            let (low0, high0) = halves(c0, MULTIPLIERS[0]);
            let (low1, high1) = halves(c2, MULTIPLIERS[1]);
            counter[0][lane] = high1 ^ c1 ^ key[0];
            counter[1][lane] = low1;
            counter[2][lane] = high0 ^ c3 ^ key[1];
            counter[3][lane] = low0;
        }
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// Ten rounds for one counter.
fn philox_one(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    philox(key, counter.map(|word| [word])).map(|[word]| word)
}

/// The low and the high half of a product.
#[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
#[inline(always)]
fn halves(a: u32, b: u32) -> (u32, u32) {
    let product = u64::from(a) * u64::from(b);
    (product as u32, (product >> 32) as u32)
}

/// The 23 high bits as the middle of one of 2²³ equal cells: never 0, never 1.
#[expect(clippy::cast_precision_loss, reason = "24 significant bits are exact in f32")]
#[inline(always)]
fn unit_interval(bits: u32) -> f32 {
    ((bits >> 9) as f32 + 0.5) * (1.0 / 8_388_608.0)
}

/// Two independent normals from two uniforms: Box & Muller 1958.
#[inline(always)]
fn box_muller(a: Lanes<u32>, b: Lanes<u32>) -> (Lanes<f32>, Lanes<f32>) {
    let (mut z0, mut z1) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        let radius = (-2.0 * ln(unit_interval(a[lane]))).sqrt();
        let (sin, cos) = sin_cos_turns(unit_interval(b[lane]));
        (z0[lane], z1[lane]) = (radius * cos, radius * sin);
    }
    (z0, z1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of the authors' own test suite (Random123, `kat_vectors`, philox4x32 10).
    #[test]
    fn philox_gives_the_published_known_answers() {
        assert_eq!(philox_one([0; 2], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox_one([u32::MAX; 2], [u32::MAX; 4]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox_one([0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    /// n = 200,000; three sigma of the estimates: mean 1/√n, variance √(2/n), fourth moment √(96/n).
    #[test]
    fn normals_have_the_moments_of_a_standard_normal() {
        let n = 200_000u32;
        let mut z = [0.0f32; 2];
        let (mut first, mut second, mut fourth, mut cross) = (0.0, 0.0, 0.0, 0.0);
        for index in 0..n / 2 {
            Noise::new(5).normal(Purpose::Sampler, index, 7, &mut z);
            for z in z.map(f64::from) {
                first += z;
                second += z * z;
                fourth += z.powi(4);
            }
            cross += f64::from(z[0] * z[1]);
        }
        let n = f64::from(n);
        assert!((first / n).abs() < 3.0 / n.sqrt());
        assert!((second / n - 1.0).abs() < 3.0 * (2.0 / n).sqrt());
        assert!((fourth / n - 3.0).abs() < 3.0 * (96.0 / n).sqrt());
        assert!((cross / (n / 2.0)).abs() < 3.0 / (n / 2.0).sqrt());
    }

    #[test]
    fn many_uniforms_are_those_of_each_index() {
        let (noise, mut all) = (Noise::new(9), [0.0f32; 37]);
        noise.uniforms(Purpose::Levels, u32::MAX - 5, 3, &mut all);
        for (i, u) in (0..).zip(all) {
            let mut one = [0.0];
            noise.uniform(Purpose::Levels, (u32::MAX - 5).wrapping_add(i), 3, &mut one);
            assert!(u.to_bits() == one[0].to_bits());
        }
    }

    #[test]
    fn purposes_seeds_particles_and_steps_are_independent() {
        let draw = |seed, purpose, index, step| {
            let mut z = [0.0f32; 4];
            Noise::new(seed).normal(purpose, index, step, &mut z);
            z.map(f32::to_bits)
        };
        let one = draw(1, Purpose::Sampler, 0, 0);
        assert_eq!(one, draw(1, Purpose::Sampler, 0, 0));
        for other in [
            draw(2, Purpose::Sampler, 0, 0),
            draw(1 << 32, Purpose::Sampler, 0, 0),
            draw(1, Purpose::Start, 0, 0),
            draw(1, Purpose::Sampler, 1, 0),
            draw(1, Purpose::Sampler, 0, 1),
        ] {
            assert_ne!(one, other);
        }
    }
}
