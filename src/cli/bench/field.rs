//! Points a second of a network's score: what fields and particles under a learned score cost.

use std::time::Instant;

use serde::Serialize;

use super::learning::{SHAPES, operations, peak, spread_of, trainer};
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::output::{print_summary, say};
use crate::learning::speed;
use crate::noise::{Noise, Purpose};
use crate::samplers::Spread;
use crate::score::Score;
use crate::session::Pool;

const POINTS: usize = 65_536;
/// Points per piece of work.
const PIECE: usize = 1024;
const REPEATS: usize = 15;

#[derive(Serialize)]
struct Speed {
    bench: &'static str,
    width: usize,
    depth: usize,
    points: usize,
    threads: usize,
    points_per_s: f64,
    slowest: f64,
    fastest: f64,
    gflop_per_s: f64,
    peak_gflop_per_s: f64,
}

pub fn run(json: bool, threads: usize) -> Result<(), Failure> {
    let pool = Pool::of(threads);
    for shape in SHAPES {
        let speed = measure(shape, threads, &pool)?;
        if json {
            print_summary(&speed)?;
            continue;
        }
        let Speed { width, depth, points_per_s, slowest, fastest, gflop_per_s, peak_gflop_per_s: peak, .. } = speed;
        let [median, slowest, fastest] = [points_per_s, slowest, fastest].map(|speed| 1e-6 * speed);
        say(format_args!("field, {depth} layers of {width}, {POINTS} points, {threads} threads"))?;
        say(format_args!(
            "  median {median:.2} million points/s (from {slowest:.2} to {fastest:.2}): {gflop_per_s:.0} GFLOP/s, \
             {:.0} % of this machine's {peak:.0}",
            100.0 * gflop_per_s / peak
        ))?;
    }
    Ok(())
}

fn measure(shape: (usize, usize, u32), threads: usize, pool: &Pool) -> Result<Speed, Failure> {
    let (width, depth, _) = shape;
    let network = trainer(shape)?.network();
    let (mut x, mut s) = (vec![0.0; 2 * POINTS], vec![0.0; 2 * POINTS]);
    Noise::new(0).normals(Purpose::Data, 0, 0, 2, &mut x);
    let mut speeds = Vec::new();
    for repeat in 0..=REPEATS {
        interrupt::check("The bench")?;
        let begun = Instant::now();
        pool.each_chunk(&mut s, 2 * PIECE, &|i, s| network.score(&x[2 * PIECE * i..][..s.len()], 1.0, s));
        // The first repeat warms up.
        if repeat > 0 {
            speeds.push(operations(POINTS) / begun.elapsed().as_secs_f64());
        }
    }
    let [slowest, points_per_s, fastest] = spread_of(speeds);
    let per_point = operations(speed::operations(network.config(), false));
    let (gflop_per_s, peak_gflop_per_s) = (1e-9 * points_per_s * per_point, peak(pool, threads));
    Ok(Speed {
        bench: "field",
        width,
        depth,
        points: POINTS,
        threads,
        points_per_s,
        slowest,
        fastest,
        gflop_per_s,
        peak_gflop_per_s,
    })
}
