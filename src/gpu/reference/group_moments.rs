//! `shaders/kernels/group_moments.wgsl` in plain Rust.

/// Mean and Σ (x − mean)² of each piece of `piece` numbers of each group of `length` numbers.
#[must_use]
pub fn moments(input: &[f32], length: usize, piece: usize) -> Vec<[f32; 2]> {
    input.chunks_exact(length).flat_map(|group| group.chunks(piece).map(of_a_piece)).collect()
}

/// In double precision: the kernel adds side by side, and thousands of numbers one after the other would lose more.
#[expect(clippy::cast_precision_loss, reason = "a piece has some thousand numbers")]
#[expect(clippy::cast_possible_truncation, reason = "rounded once, at the end")]
fn of_a_piece(x: &[f32]) -> [f32; 2] {
    let numbers = || x.iter().map(|x| f64::from(*x));
    let mean = numbers().sum::<f64>() / x.len() as f64;
    [mean as f32, numbers().map(|x| (x - mean).powi(2)).sum::<f64>() as f32]
}
