//! Half and twice the size, channel by channel: along each axis a sum of up to four neighbours.

use crate::samplers::Spread;
use crate::unet::plan::Resampling;

/// What one number of the result is summed of: places and weights.
pub type Taps = [(usize, f32); 4];

/// The height or width after resampling.
pub const fn side(how: Resampling, side: usize) -> usize {
    match how {
        Resampling::Average | Resampling::FirDown => side / 2,
        Resampling::Nearest | Resampling::FirUp => 2 * side,
    }
}

/// The transposed map is another of the four, times this factor.
pub const fn transposed(how: Resampling) -> (Resampling, f32) {
    match how {
        Resampling::Average => (Resampling::Nearest, 0.25),
        Resampling::Nearest => (Resampling::Average, 4.0),
        Resampling::FirDown => (Resampling::FirUp, 0.25),
        Resampling::FirUp => (Resampling::FirDown, 4.0),
    }
}

/// Resamples every plane of `x`, shape (planes, h, w).
pub fn resample(spread: &dyn Spread, x: &[f32], [h, w]: [usize; 2], how: Resampling) -> Vec<f32> {
    let [down, across] = [h, w].map(|side| (0..self::side(how, side)).map(|i| taps(how, i, side)).collect::<Vec<_>>());
    let size = down.len() * across.len();
    let mut y = vec![0.0; x.len() / (h * w) * size];
    spread.each_chunk(&mut y, size, &|plane, y| {
        let x = &x[plane * h * w..][..h * w];
        let mut row = vec![0.0; w];
        for (taps, y) in down.iter().zip(y.chunks_exact_mut(across.len())) {
            row.fill(0.0);
            for (from, weight) in taps {
                row.iter_mut().zip(&x[from * w..][..w]).for_each(|(row, x)| *row += weight * x);
            }
            for (taps, y) in across.iter().zip(y) {
                *y = taps.iter().map(|(from, weight)| weight * row[*from]).sum();
            }
        }
    });
    y
}

/// Of number `i` of the result; places beyond the edges are zeros and weigh nothing.
pub fn taps(how: Resampling, i: usize, side: usize) -> Taps {
    let [down, up] = [2 * i, i / 2];
    let far = if i.is_multiple_of(2) { up.wrapping_sub(1) } else { up + 1 };
    let taps = match how {
        Resampling::Average => [(down, 0.5), (down + 1, 0.5), (0, 0.0), (0, 0.0)],
        Resampling::Nearest => [(up, 1.0), (0, 0.0), (0, 0.0), (0, 0.0)],
        Resampling::FirDown => [(down.wrapping_sub(1), 0.125), (down, 0.375), (down + 1, 0.375), (down + 2, 0.125)],
        Resampling::FirUp => [(up, 0.75), (far, 0.25), (0, 0.0), (0, 0.0)],
    };
    taps.map(|(from, weight)| if from < side { (from, weight) } else { (0, 0.0) })
}
