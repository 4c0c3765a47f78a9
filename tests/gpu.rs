//! Plans on the graphics adapter against the same plans on the processor: path by path, with the same noise.
//! On a machine without any adapter each test says so and passes: nothing can be compared there.

mod program;
mod support;

use program::{Folder, finish};
use scorescope::distributions::{Component, GaussianMixture};
use scorescope::gpu::{Context, GpuError, MixtureLevels, MlpTables, Particles, Program, reference};
use scorescope::learning::{Activation, Embedding, MlpConfig, Parameterisation, ScoreMlp};
use scorescope::noise::{Noise, Purpose};
use scorescope::samplers::{AnnealedLangevin, Plan, Run, Sampler, Serial, Update};
use scorescope::schedules::Ladder;
use scorescope::score::Score;
use scorescope::session::plain_network;

/// The machine's adapter, or a line that says why the test does nothing.
fn context() -> Option<Context> {
    match Context::new() {
        Ok(context) => Some(context),
        Err(error) => {
            eprintln!("NOT TESTED: {error}");
            None
        }
    }
}

/// Three modes, one of them tilted.
fn mixture() -> GaussianMixture {
    let tilted = Component { weight: 0.5, mean: [-2.0, 1.0], covariance: [[0.5, 0.3], [0.3, 0.4]] };
    let modes = [tilted, Component::round(0.3, [2.0, 0.0], 0.6), Component::round(0.2, [0.0, -3.0], 0.8)];
    GaussianMixture::new(&modes).expect("a mixture")
}

/// 100 updates from σ = 8 to 0.5.
fn annealed() -> Plan {
    let ladder = Ladder::geometric(8.0, 0.5, 10).expect("a ladder");
    AnnealedLangevin { ladder, step: 0.02, steps_per_level: 10, denoise: false }.plan()
}

/// n particles from N(0, 8²).
fn start(n: usize) -> Vec<f32> {
    let mut x = vec![0.0; 2 * n];
    Noise::new(3).normals(Purpose::Start, 0, 0, 2, &mut x);
    x.iter_mut().for_each(|x| *x *= 8.0);
    x
}

fn furthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| if a.is_finite() { (a - b).abs() } else { f32::INFINITY }).fold(0.0, f32::max)
}

/// x ← z leaves nothing but the noise. Both sides take the same words from Philox, bit for bit; then logarithm, root and
/// sine are each right to about 3e-7, and a normal is at most 6: 1e-5 leaves room for multiply-adds in one rounding.
#[test]
fn noise_is_that_of_the_processor() {
    let Some(context) = context() else { return };
    for (seed, skipped) in [(0, 0), (u64::MAX - 12, 3)] {
        let mut plan = Plan::towards(1.0);
        for _ in 0..=skipped {
            plan.push(Update::affine(0.0, 0.0, 1.0, 1.0));
        }
        let (noise, n) = (Noise::new(seed), 100_000);
        let mut particles = Particles::new(&context, &mixture(), &plan, noise, &start(n)).unwrap();
        particles.advance(usize::MAX).unwrap();
        let mut expected = vec![0.0; 2 * n];
        noise.normals(Purpose::Sampler, 0, skipped, 2, &mut expected);
        let found = furthest(&particles.positions().unwrap(), &expected);
        eprintln!("{context}: noise differs by {found:e}");
        assert!(found <= 1e-5, "{found}");
    }
}

/// The processor takes the score in double precision, the adapter in single: 1e-6 of it, some times over at the far
/// start. Steps are short, 0.08 σ², and the modes wide beside the last σ: Langevin's steps bring neighbours together, and
/// errors of a hundred steps stay those of a few (8e-6 on llvmpipe). 1e-3 is what a picture would show, and leaves room for
/// other drivers' divisions and multiply-adds.
#[test]
fn paths_are_those_of_the_processor() {
    let Some(context) = context() else { return };
    let (data, plan, noise, start) = (mixture(), annealed(), Noise::new(7), start(4_099));
    assert_eq!(plan.updates().len(), 100);
    let mut on_cpu = Run::new(plan.clone(), noise, 2, start.clone());
    let mut on_gpu = Particles::new(&context, &data, &plan, noise, &start).unwrap();
    assert_eq!(on_gpu.positions().unwrap(), start);
    for updates in [1, 32, 1000] {
        on_cpu.advance(&data, updates, &Serial);
        on_gpu.advance(updates).unwrap();
        assert_eq!(on_cpu.done(), on_gpu.done());
        let found = furthest(&on_gpu.positions().unwrap(), on_cpu.positions());
        eprintln!("{context}: after {} updates paths differ by {found:e}", on_gpu.done());
        assert!(found <= 1e-3, "after {} updates: {found}", on_gpu.done());
    }
    assert!(on_gpu.is_finished());
}

/// The readable twin against the executor of the processor: no adapter is wanted. Same tolerance, same reason.
#[test]
fn the_readable_twin_makes_the_same_paths() {
    let (data, plan, noise, start) = (mixture(), annealed(), Noise::new(7), start(500));
    let program = Program::new(&plan).unwrap();
    let levels = MixtureLevels::new(&data, &program.levels).unwrap();
    let mut run = Run::new(plan, noise, 2, start.clone());
    run.advance(&data, usize::MAX, &Serial);
    let twin: Vec<f32> = (0..)
        .zip(start.chunks_exact(2))
        .flat_map(|(i, x)| reference::mixture_update::particle(&levels, &program.updates, &noise, [i, 0], [x[0], x[1]]))
        .collect();
    assert!(furthest(&twin, run.positions()) <= 1e-3);
}

/// Single precision up to fourteen widths from narrow modes: log densities are about −100 there, and what their roundings
/// leave of the differences is the shares' error, 1e-5. Between equal modes the score itself is nearly 0, so errors are
/// taken relative to 1/width or the score, whichever is greater.
#[test]
fn the_twin_is_right_far_from_narrow_modes() {
    let modes = (-2..=2).flat_map(|x| (-2..=2).map(move |y| [2.0 * f64::from(x), 2.0 * f64::from(y)]));
    let modes: Vec<Component> = modes.map(|mean| Component::round(0.04, mean, 0.1)).collect();
    let data = GaussianMixture::new(&modes).unwrap();
    for (sigma, reach, tolerance) in [(3.0f32, 10.0f32, 1e-5), (0.1, 0.3, 1e-5), (0.1, 1.0, 1e-4), (0.01, 1.0, 1e-4)] {
        let levels = MixtureLevels::new(&data, &[sigma]).unwrap();
        let width = 0.1f32.hypot(sigma);
        let mut worst = 0.0f32;
        for i in 0..40_000u16 {
            let at = [i % 200, i / 200].map(|i| reach * (f32::from(i) / 100.0 - 0.993));
            let mut exact = [0.0; 2];
            data.score(&at, sigma, &mut exact);
            let found = reference::mixture_update::score(&levels, at, 0);
            let size = exact[0].hypot(exact[1]).max(1.0 / width);
            worst = worst.max((found[0] - exact[0]).hypot(found[1] - exact[1]) / size);
        }
        eprintln!("σ = {sigma}, to {reach} from the middle: {worst:e}");
        assert!(worst <= tolerance, "σ = {sigma}, to {reach} from the middle: {worst}");
    }
}

/// A fresh network: weights uniform in ±1/√inputs.
fn network(width: usize, hidden: usize, change: impl FnOnce(&mut MlpConfig)) -> ScoreMlp {
    let mut config = MlpConfig { width, hidden, ..support::learning::network() };
    change(&mut config);
    support::learning::trainer_of(config, support::learning::config(), 5).network()
}

/// Every activation, embedding and parameterisation, on widths that are no multiples of anything, one to six layers deep:
/// x ← s(x, σ). Scores are at most 5; sums of a few hundred products in single precision, in another order, are the same to
/// some 1e-6 of them.
#[test]
fn a_network_answers_as_on_the_processor() {
    let kinds = Activation::ALL.map(|activation| (activation, Embedding::LnSigma, Parameterisation::Ncsnv2));
    let embeddings = [Embedding::LnSigma, Embedding::Fourier, Embedding::None];
    let parameterisations =
        [Parameterisation::Ncsnv2, Parameterisation::Epsilon, Parameterisation::Edm, Parameterisation::Plain];
    let others = embeddings.iter().flat_map(|e| parameterisations.iter().map(move |p| (Activation::Silu, *e, *p)));
    let (context, start) = (context(), start(209));
    for (i, (activation, embedding, parameterisation)) in kinds.into_iter().chain(others).enumerate() {
        let (width, hidden) = ([20, 64, 17, 300][i % 4], 1 + i % 6);
        let network = network(width, hidden, |config| {
            (config.activation, config.embedding, config.parameterisation) = (activation, embedding, parameterisation);
        });
        let mut expected = vec![0.0; start.len()];
        network.score(&start, 0.7, &mut expected);
        let mut plan = Plan::towards(0.7);
        plan.push(Update::langevin(0.1, 3.0));
        plan.push(Update::affine(0.0, 1.0, 0.0, 0.7));
        let (program, plain) = (Program::new(&plan).unwrap(), plain_network(&network));
        let tables = MlpTables::new(&plain, &program.levels).unwrap();
        let twin: Vec<f32> =
            start.chunks_exact(2).flat_map(|x| reference::mlp_update::score(&tables, [x[0], x[1]], 1)).collect();
        let what = format!("{width} × {hidden}, {activation:?}, {embedding:?}, {parameterisation:?}");
        let found = furthest(&twin, &expected);
        assert!(found <= 1e-5, "{what}: the twin is off by {found:e}");
        let Some(context) = &context else { continue };
        let mut run = Run::new(plan.clone(), Noise::new(4), 2, start.clone());
        run.advance(&network, usize::MAX, &Serial);
        let mut on_gpu = Particles::new(context, &plain, &plan, Noise::new(4), &start).unwrap();
        on_gpu.advance(usize::MAX).unwrap();
        let found = furthest(&on_gpu.positions().unwrap(), run.positions());
        assert!(found <= 1e-5, "{what}: {context} is off by {found:e}");
    }
}

/// As for the mixture: 100 updates, on a network whose own Gaussian part draws neighbours together.
#[test]
fn paths_under_a_network_are_those_of_the_processor() {
    let Some(context) = context() else { return };
    let (plan, noise, start) = (annealed(), Noise::new(7), start(1_030));
    let network = network(32, 3, |config| config.parameterisation = Parameterisation::Edm);
    let mut run = Run::new(plan.clone(), noise, 2, start.clone());
    run.advance(&network, usize::MAX, &Serial);
    let mut on_gpu = Particles::new(&context, &plain_network(&network), &plan, noise, &start).unwrap();
    on_gpu.keep_short(std::time::Duration::from_millis(5));
    on_gpu.advance(60).unwrap();
    let moment = on_gpu.keep().unwrap();
    on_gpu.advance(usize::MAX).unwrap();
    let end = on_gpu.positions().unwrap();
    let found = furthest(&end, run.positions());
    eprintln!("{context}: after 100 updates paths under a network differ by {found:e}");
    assert!(found <= 1e-3, "{found}");
    // The way from a kept moment is the way there, to the last bit.
    on_gpu.go_to(&moment).unwrap();
    assert_eq!(on_gpu.done(), 60);
    on_gpu.advance(usize::MAX).unwrap();
    assert_eq!(on_gpu.positions().unwrap(), end);
    assert_eq!(on_gpu.first_positions(7).unwrap(), end[..14]);
}

#[test]
fn an_energy_is_refused_by_name() {
    let energy = network(16, 2, |config| config.energy = true);
    let refused = MlpTables::new(&plain_network(&energy), &[1.0]).expect_err("an energy");
    assert!(refused.to_string().contains("it answers one number, an energy"), "{refused}");
}

/// A plan of a process in which data shrink: the score is asked at k·x, and k is up to 10 here.
#[test]
fn the_score_is_asked_where_the_plan_says() {
    let Some(context) = context() else { return };
    let mut plan = Plan::towards(0.5);
    for shrunk in [0.1, 0.3, 0.6, 0.9] {
        plan.push(Update::at_level(1.02, 0.04, 0.2, [shrunk, 1.0 - shrunk * shrunk]));
    }
    plan.push(Update::denoise(0.5));
    let (data, noise, start) = (mixture(), Noise::new(1), start(333));
    let mut on_cpu = Run::new(plan.clone(), noise, 2, start.clone());
    on_cpu.advance(&data, usize::MAX, &Serial);
    let mut on_gpu = Particles::new(&context, &data, &plan, noise, &start).unwrap();
    on_gpu.advance(usize::MAX).unwrap();
    let found = furthest(&on_gpu.positions().unwrap(), on_cpu.positions());
    assert!(found <= 1e-3, "{found}");
}

/// The end does not depend on the pieces in which it is reached, to the last bit; nor on what the particles' neighbours are.
#[test]
fn pieces_leave_no_trace() {
    let Some(context) = context() else { return };
    let (data, plan, start) = (mixture(), annealed(), start(1_000));
    let end = |start: &[f32], piece: usize| {
        let mut particles = Particles::new(&context, &data, &plan, Noise::new(5), start).unwrap();
        while !particles.is_finished() {
            particles.advance(piece).unwrap();
        }
        particles.positions().unwrap()
    };
    let whole = end(&start, usize::MAX);
    assert_eq!(whole, end(&start, 7));
    assert_eq!(whole[..202], end(&start[..202], 13));
}

/// So many modes that even one update is cut into pieces of 3,328 particles.
#[test]
fn particles_are_cut_where_modes_are_many() {
    let Some(context) = context() else { return };
    let mode = |i: u16| Component::round(1.0, [f64::from(i % 200) / 20.0, f64::from(i / 200) / 20.0], 0.5);
    let data = GaussianMixture::new(&(0..40_000).map(mode).collect::<Vec<_>>()).unwrap();
    let mut plan = Plan::towards(1.0);
    plan.push(Update::langevin(0.1, 1.0));
    let start = start(3_500);
    let mut on_gpu = Particles::new(&context, &data, &plan, Noise::new(2), &start).unwrap();
    on_gpu.advance(usize::MAX).unwrap();
    let moved = on_gpu.positions().unwrap();
    for i in [0, 3_327, 3_328, 3_499] {
        let (mut s, mut z, x) = ([0.0; 2], [0.0; 2], [start[2 * i], start[2 * i + 1]]);
        data.score(&x, 1.0, &mut s);
        Noise::new(2).normal(Purpose::Sampler, u32::try_from(i).unwrap(), 0, &mut z);
        let expected = [0, 1].map(|axis| x[axis] + 0.05 * s[axis] + 0.1f32.sqrt() * z[axis]);
        let found = furthest(&moved[2 * i..2 * i + 2], &expected);
        assert!(found <= 1e-4, "particle {i}: {found}");
    }
}

#[test]
fn no_particles_and_no_updates_are_no_fault() {
    let Some(context) = context() else { return };
    let mut none = Particles::new(&context, &mixture(), &annealed(), Noise::new(0), &[]).unwrap();
    none.advance(usize::MAX).unwrap();
    assert!(none.is_finished() && none.positions().unwrap().is_empty());
    let mut idle = Particles::new(&context, &mixture(), &Plan::towards(1.0), Noise::new(0), &[1.0, 2.0]).unwrap();
    idle.advance(5).unwrap();
    assert!(idle.is_finished() && idle.positions().unwrap() == [1.0, 2.0]);
}

#[test]
fn other_plans_and_data_without_density_are_refused() {
    let Some(context) = context() else { return };
    let mut plan = Plan::towards(0.0);
    plan.push(Update::heun(2.0, 1.0));
    let refused = Particles::new(&context, &mixture(), &plan, Noise::new(0), &[]).expect_err("Heun's step");
    assert_eq!(refused, GpuError::Update { number: 1, name: "Heun's step" });
    let points = GaussianMixture::new(&[Component::round(1.0, [0.0, 0.0], 0.0)]).unwrap();
    let mut plan = Plan::towards(0.0);
    plan.push(Update::langevin(0.1, 0.0));
    let refused = Particles::new(&context, &points, &plan, Noise::new(0), &[]).expect_err("no density");
    assert_eq!(refused, GpuError::NoDensity(0.0));
}

/// A buffer that is too large is refused before the driver is asked; the context can be used afterwards.
#[test]
fn what_does_not_fit_is_refused_in_a_sentence() {
    let Some(context) = context() else { return };
    if context.most_bytes() > 1 << 31 {
        eprintln!("NOT TESTED: a buffer of this adapter holds more than a test may ask for");
        return;
    }
    let too_many = vec![0.0; usize::try_from(context.most_bytes() / 4 + 2).unwrap()];
    let refused = Particles::new(&context, &mixture(), &annealed(), Noise::new(0), &too_many).expect_err("too many");
    assert!(matches!(refused, GpuError::TooLarge { what: "positions", .. }), "{refused}");
    assert!(refused.to_string().ends_with("Take fewer, or use the CPU"));
    assert_eq!(context.check(), Ok(()));
}

/// The bench without any adapter: a backend that the program is not built with.
#[cfg(not(target_vendor = "apple"))]
#[test]
fn a_bench_without_adapter_fails_with_a_sentence() {
    use std::process::Stdio;
    let folder = Folder::new();
    let mut command = folder.command(&["bench", "particles", "--device", "gpu"]);
    command.env("WGPU_BACKEND", "metal").stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = finish(command.spawn().expect("the program starts"));
    let stderr = String::from_utf8(output.stderr).expect("stderr is text");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(output.stdout.is_empty() && stderr.contains("no graphics adapter that computes was found"), "{stderr}");
}

#[test]
fn only_particles_run_on_the_adapter() {
    let folder = Folder::new();
    for arguments in [&["bench", "--device", "gpu"][..], &["bench", "train", "--device", "gpu"]] {
        assert!(folder.fails(arguments, 2).contains("bench particles --device gpu"));
    }
    assert!(folder.fails(&["bench", "particles", "--device", "gpu", "--threads", "2"], 2).contains("--threads"));
}
