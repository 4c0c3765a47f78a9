//! The adapter against the twins. Without an adapter each test says so and passes: nothing can be compared there.

use scorescope::gpu::kernels::{
    Activation, Attention, Conv2d, ConvWeights, Factor, GroupNorm, Linear, Pointwise, Resample, Tiling, TimeEmbedding,
};
use scorescope::gpu::{Context, GpuError, Kernels, Precision, Recording, Tensor, reference};

use super::{differ, normals};

/// The machine's adapter, or a line that says why the test does nothing.
fn kernels() -> Option<Kernels> {
    match Context::new() {
        Ok(context) => Some(Kernels::new(&context)),
        Err(error) => {
            eprintln!("NOT TESTED: {error}");
            None
        }
    }
}

/// The precisions that the adapter has, and how far a kernel may be from its twin in each: sums of some hundred products in
/// another order and roots that are rounded twice err by 1e-6, and a result that is stored in half precision by 2⁻¹¹. What
/// the twin is given was rounded to the precision before.
fn precisions(context: &Context) -> Vec<(Precision, f32)> {
    let half = (Precision::Half, 1e-3);
    if context.has_half_precision() {
        return vec![(Precision::Single, 1e-5), half];
    }
    eprintln!("NOT TESTED in half precision: {context} has none");
    vec![(Precision::Single, 1e-5)]
}

/// An image of normal numbers in the adapter's memory, and the numbers that are there.
fn image(context: &Context, precision: Precision, seed: u64, shape: [usize; 4]) -> (Tensor, Vec<f32>) {
    let numbers = precision.unpack(&precision.pack(&normals(seed, shape.iter().product())));
    (context.upload(shape, precision, &numbers).expect("there is room"), numbers)
}

fn vector(context: &Context, seed: u64, length: usize) -> (Tensor, Vec<f32>) {
    image(context, Precision::Single, seed, [1, length, 1, 1])
}

/// Memory that is full of what a careless kernel would leave or take.
fn spoilt(context: &Context, precision: Precision, shape: [usize; 4]) -> Tensor {
    context.upload(shape, precision, &vec![f32::NAN; shape.iter().product()]).expect("there is room")
}

/// Runs what `record` records, and says how far `output` is from what it should be.
fn ran(
    kernels: &Kernels,
    output: &Tensor,
    expected: &[f32],
    record: impl FnOnce(&mut Recording) -> Result<(), GpuError>,
) -> f32 {
    let mut recording = Recording::new(kernels, 1 << 16).expect("there is room");
    record(&mut recording).expect("the call makes sense");
    recording.run().expect("the adapter works");
    differ(&recording.context().download(output).expect("the adapter works"), expected)
}

/// Every kind of convolution of a U-Net, with every way to cut it: more channels and pixels than a tile and less, sums in
/// one part and in several.
#[test]
fn convolutions_are_those_of_the_twin() {
    let Some(kernels) = kernels() else { return };
    let context = kernels.context().clone();
    let plain = reference::conv2d::Conv2d {
        input: [2, 11, 9, 7],
        output: [70, 9, 7],
        kernel: 3,
        stride: 1,
        padding: 1,
        upsample: false,
    };
    let cases = [
        (plain, true, true, 0.5),
        (reference::conv2d::Conv2d { output: [6, 9, 7], kernel: 1, padding: 0, ..plain }, false, true, 1.0),
        // Padded at the far edges only, as diffusers halves an even image.
        (
            reference::conv2d::Conv2d { input: [1, 8, 8, 6], output: [5, 4, 3], stride: 2, padding: 0, ..plain },
            true,
            false,
            1.0,
        ),
        (reference::conv2d::Conv2d { input: [3, 3, 9, 7], output: [8, 5, 4], stride: 2, ..plain }, false, false, 1.0),
        (
            reference::conv2d::Conv2d { input: [1, 17, 5, 4], output: [3, 10, 8], upsample: true, ..plain },
            false,
            false,
            1.0,
        ),
    ];
    for ((conv, shifted, added, scale), (precision, tolerance)) in
        cases.iter().flat_map(|case| precisions(&context).into_iter().map(move |precision| (*case, precision)))
    {
        let [n, c, ..] = conv.input;
        let [o, y, x] = conv.output;
        let (input, of_input) = image(&context, precision, 1, conv.input);
        let (residual, of_residual) = image(&context, precision, 2, [n, o, y, x]);
        let (shift, of_shift) = vector(&context, 3, o);
        let of_weights = precision.unpack(&precision.pack(&normals(4, o * c * conv.kernel.pow(2))));
        let bias = normals(5, o);
        let weights = ConvWeights::upload(&context, precision, [o, c, conv.kernel], &of_weights, &bias).unwrap();
        let sums = reference::conv2d::sums(&conv, &of_input, &of_weights);
        let (of_shift, of_residual) = (shifted.then_some(&of_shift[..]), added.then_some(&of_residual[..]));
        let expected = reference::conv2d_sum::total(&[sums], y * x, &bias, of_shift, of_residual, scale);
        for (across, parts) in [(8, 1), (16, 1), (8, 3), (16, 2)] {
            let output = spoilt(&context, precision, [n, o, y, x]);
            let asked = Conv2d {
                input: &input,
                weights: &weights,
                shift: shifted.then_some(&shift),
                residual: added.then_some(&residual),
                output: &output,
                stride: u32::try_from(conv.stride).unwrap(),
                padding: u32::try_from(conv.padding).unwrap(),
                upsample: conv.upsample,
                scale,
            };
            let tiling = Tiling { across, parts };
            let found = ran(&kernels, &output, &expected, |recording| asked.record_as(recording, tiling));
            assert!(found <= tolerance, "{conv:?}, {precision}, {tiling:?}: {found}");
        }
    }
}

/// Groups in one piece and in several, of which the last is short; numbers far from 0, and further from one piece to the next.
#[test]
fn normalisation_is_that_of_the_twin() {
    let Some(kernels) = kernels() else { return };
    let context = kernels.context().clone();
    for ([n, c, h, w], groups) in [([2, 6, 5, 7], 3), ([1, 4, 67, 71], 1)] {
        for (precision, tolerance) in precisions(&context) {
            let rising = (0u16..).map(|i| 30.0 + 1e-3 * f32::from(i));
            let offset: Vec<f32> = normals(6, n * c * h * w).iter().zip(rising).map(|(x, rise)| x + rise).collect();
            let of_input = precision.unpack(&precision.pack(&offset));
            let input = context.upload([n, c, h, w], precision, &of_input).unwrap();
            let (weight, of_weight) = vector(&context, 7, c);
            let (bias, of_bias) = vector(&context, 8, c);
            let (modulation, of_modulation) = vector(&context, 9, 2 * c);
            for (activation, modulated) in
                [(Activation::Silu, true), (Activation::Gelu, false), (Activation::Mish, false)]
            {
                let of = reference::group_norm::GroupNorm {
                    channels: c,
                    pixels: h * w,
                    groups,
                    weight: &of_weight,
                    bias: &of_bias,
                    modulation: modulated.then_some(&of_modulation[..]),
                    epsilon: 1e-6,
                    activation,
                };
                let length = c / groups * h * w;
                let moments = reference::group_moments::moments(&of_input, length, length);
                let expected = reference::group_norm::normalised(&of, &of_input, &moments, length);
                let output = spoilt(&context, precision, [n, c, h, w]);
                let asked = GroupNorm {
                    input: &input,
                    weight: &weight,
                    bias: &bias,
                    modulation: modulated.then_some(&modulation),
                    output: &output,
                    groups: u32::try_from(groups).unwrap(),
                    epsilon: 1e-6,
                    activation,
                };
                let found = ran(&kernels, &output, &expected, |recording| asked.record(recording));
                assert!(found <= tolerance, "{h} × {w}, {precision}, {activation:?}: {found}");
            }
        }
    }
}

/// More tokens than a tile of keys and less, heads of less, as many and more channels than a workgroup makes; scores that
/// would leave the range of e^x, were the greatest not taken off.
#[test]
fn attention_is_that_of_the_twin() {
    let Some(kernels) = kernels() else { return };
    let context = kernels.context().clone();
    for ([n, h, w], heads, d, sharpness) in [([2, 7, 5], 2, 70, 1.0), ([1, 9, 8], 1, 16, 30.0), ([1, 2, 2], 3, 5, 1.0)]
    {
        for (precision, tolerance) in precisions(&context) {
            let shape = [n, heads * d, h, w];
            let (_, mut of_query) = image(&context, precision, 10, shape);
            of_query.iter_mut().for_each(|q| *q *= sharpness);
            let of_query = precision.unpack(&precision.pack(&of_query));
            let query = context.upload(shape, precision, &of_query).unwrap();
            let (key, of_key) = image(&context, precision, 11, shape);
            let (value, of_value) = image(&context, precision, 12, shape);
            let of_a_head = d * h * w;
            let each = of_query
                .chunks_exact(of_a_head)
                .zip(of_key.chunks_exact(of_a_head))
                .zip(of_value.chunks_exact(of_a_head));
            let expected: Vec<f32> = each.flat_map(|((q, k), v)| reference::attention::head(q, k, v, h * w)).collect();
            let output = spoilt(&context, precision, shape);
            let (query, key, value) = (&query, &key, &value);
            let asked = Attention { query, key, value, output: &output, heads: u32::try_from(heads).unwrap() };
            let found = ran(&kernels, &output, &expected, |recording| asked.record(recording));
            // e^s has as many times the error of s as s is large.
            let tolerance = tolerance * sharpness.max(1.0);
            assert!(found <= tolerance, "{heads} × {d}, {h} × {w}, {precision}: {found}");
        }
    }
}

#[test]
fn small_kernels_are_their_twins() {
    let Some(kernels) = kernels() else { return };
    let context = kernels.context().clone();
    let timestep = 523.5f32;
    let factors = context.upload([1, 4, 1, 1], Precision::Single, &Factor::all(timestep)).unwrap();

    let (x, of_x) = vector(&context, 13, 150);
    let (bias, of_bias) = vector(&context, 14, 33);
    let (weight, of_weight) = image(&context, Precision::Single, 15, [1, 1, 33, 150]);
    let output = spoilt(&context, Precision::Single, [1, 33, 1, 1]);
    let expected = reference::linear::product(&of_x, &of_weight, &of_bias);
    let asked = Linear { input: &x, weight: &weight, bias: &bias, output: &output };
    let found = ran(&kernels, &output, &expected, |recording| asked.record(recording));
    assert!(found <= 1e-5, "linear: {found}");

    let of_turns: Vec<f32> = (0..50u8).map(|i| 0.159 * (-0.18 * f32::from(i)).exp()).collect();
    let turns = context.upload([1, 50, 1, 1], Precision::Single, &of_turns).unwrap();
    for (factor, value) in [(Factor::Timestep, timestep), (Factor::LogTimestep, timestep.ln())] {
        for (length, cosines_first) in [(101, false), (100, true)] {
            let output = spoilt(&context, Precision::Single, [1, length, 1, 1]);
            let asked = TimeEmbedding { turns: &turns, factors: &factors, output: &output, cosines_first, factor };
            let expected = reference::time_embedding::embedded(&of_turns, value, length, cosines_first);
            let found = ran(&kernels, &output, &expected, |recording| asked.record(recording));
            assert!(found <= 1e-5, "{factor:?}, {length}: {found}");
        }
    }

    for (precision, tolerance) in precisions(&context) {
        let (x, of_x) = image(&context, precision, 16, [2, 3, 9, 7]);
        let affine = |of: &[f32]| reference::pointwise::mapped(of, 2.0 / timestep, -0.25, Activation::Silu);
        // Into the middle of seven channels, of which the others stay as they are.
        let (output, before) = image(&context, precision, 17, [2, 7, 9, 7]);
        let expected: Vec<f32> = (before.chunks_exact(7 * 63).zip(of_x.chunks_exact(3 * 63)))
            .flat_map(|(kept, x)| [&kept[..2 * 63], &affine(x), &kept[5 * 63..]].concat())
            .collect();
        let asked = Pointwise {
            first_channel: 2,
            scale: 2.0,
            factor: Factor::InverseTimestep,
            offset: -0.25,
            activation: Activation::Silu,
            ..Pointwise::copy(&x, &factors, &output)
        };
        let found = ran(&kernels, &output, &expected, |recording| asked.record(recording));
        assert!(found <= tolerance, "pointwise, {precision}: {found}");

        let (x, of_x) = image(&context, precision, 18, [2, 3, 10, 6]);
        for (how, [h, w]) in [
            (Resample::Average, [5, 3]),
            (Resample::Nearest, [20, 12]),
            (Resample::FirDown, [5, 3]),
            (Resample::FirUp, [20, 12]),
        ] {
            let output = spoilt(&context, precision, [2, 3, h, w]);
            let expected = reference::resample::planes(how, &of_x, [10, 6]);
            let found = ran(&kernels, &output, &expected, |recording| how.record(recording, &x, &output));
            assert!(found <= tolerance, "{how:?}, {precision}: {found}");
        }
    }
}

/// What does not belong together is refused before the adapter sees it, and so is half precision where it is not there.
#[test]
fn calls_that_make_no_sense_are_refused() {
    let Some(kernels) = kernels() else { return };
    let mut recording = Recording::new(&kernels, 0).unwrap();
    let context = recording.context().clone();
    let image = |channels| context.tensor([1, channels, 4, 4], Precision::Single).unwrap();
    let (two, three, wide) = (image(2), image(3), context.tensor([1, 2, 4, 5], Precision::Single).unwrap());
    let weights = ConvWeights::upload(&context, Precision::Single, [3, 3, 1], &[0.0; 9], &[0.0; 3]).unwrap();
    let conv = Conv2d {
        input: &two,
        weights: &weights,
        shift: None,
        residual: None,
        output: &three,
        stride: 1,
        padding: 0,
        upsample: false,
        scale: 1.0,
    };
    let refused = [
        conv.record(&mut recording),
        Resample::FirUp.record(&mut recording, &two, &three),
        Attention { query: &two, key: &wide, value: &two, output: &two, heads: 1 }.record(&mut recording),
        Attention { query: &two, key: &two, value: &two, output: &two, heads: 0 }.record(&mut recording),
        ConvWeights::upload(&context, Precision::Single, [1, 1, 2], &[0.0; 4], &[0.0]).map(drop),
        context.write(&two, &[0.0]),
        two.seen_as([1 << 16, 1 << 20, 1, 1], Precision::Single).map(drop),
    ];
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
    assert!(recording.is_empty() && context.check().is_ok());
}

/// The adapter's clock: one time for each dispatch, in their order.
#[test]
fn each_kernel_is_timed() {
    let Some(kernels) = kernels() else { return };
    let mut recording = Recording::new(&kernels, 0).unwrap();
    let context = recording.context().clone();
    let (x, y) = (context.tensor([1, 8, 64, 64], Precision::Single).unwrap(), [1, 8, 128, 128]);
    let y = context.tensor(y, Precision::Single).unwrap();
    Resample::Nearest.record(&mut recording, &x, &y).unwrap();
    Resample::Average.record(&mut recording, &y, &x).unwrap();
    let times = recording.time().unwrap();
    if context.has_clock() {
        assert_eq!(times.iter().map(|time| time.kernel).collect::<Vec<_>>(), ["resample"; 2]);
        assert!(times.iter().all(|time| time.seconds > 0.0 && time.seconds < 60.0), "{times:?}");
    } else {
        eprintln!("NOT TESTED: {context} has no clock");
        assert!(times.is_empty());
    }
}
