//! Every form of `[data]`: what it makes, from what files, and what is refused with its line and what was expected.

use std::fs;
use std::path::Path;

use scorescope::distributions::PRESETS;
use scorescope::scenario::{Scenario, ScenarioError};

/// Data begin in line 2 and their kind stands in line 3.
fn parse(data: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse(&format!("version = 1\n[data]\n{data}\n"), "lesson.toml")
}

fn assert_refused(rows: &[(&str, usize, &[&str])]) {
    for (data, line, expected) in rows {
        let Err(error) = parse(data) else { panic!("this was read as a scenario:\n{data}") };
        assert_eq!(error.place.map(|place| place.0), Some(*line), "{data}: {error}");
        for expected in *expected {
            assert!(error.reason.contains(expected), "{data}: no '{expected}' in: {error}");
        }
    }
}

/// A scenario file in a folder of its own, beside the files it names.
fn loaded(folder: &Path, data: &str) -> Result<Scenario, ScenarioError> {
    let path = folder.join("s.toml");
    fs::write(&path, format!("version = 1\n[data]\n{data}\n")).expect("it can be written");
    Scenario::load(path.to_str().expect("a readable path"))
}

#[test]
fn kinds_that_are_not_known_are_refused_with_those_that_are() {
    assert_refused(&[("kind = \"blob\"", 3, &["'blob'", "'curve'", "'boxes'", "'points'", "'image'", "'preset'"])]);
}

#[test]
fn curves_are_refused_at_their_line() {
    let curve = |rest: &str| format!("kind = \"curve\"\n{rest}");
    assert_refused(&[
        (&curve(""), 2, &["either points or strokes"]),
        (&curve("points = [[0, 0], [1, 1]]\nstrokes = [[[0, 0], [1, 1]]]"), 2, &["either points or strokes"]),
        (&curve("points = []"), 4, &["two points that differ"]),
        (&curve("points = [[1, 2]]"), 4, &["two points that differ", "kind = \"points\""]),
        (&curve("points = [[1, 2], [1, 2], [1, 2]]\nclosed = true"), 4, &["two points that differ"]),
        (&curve("strokes = [[], [[1, 2]]]"), 4, &["two points that differ"]),
        (&curve("points = [\n[0, 0],\n[1, nan]]"), 6, &["expected a finite number", "NaN"]),
        (&curve("points = [\n[0, 0],\n[1]]"), 6, &["expected a list of 2, found one of 1"]),
        (&curve("points = [[0, 0], [1, 1e7]]"), 4, &["within ±1000000", "10000000"]),
        (&curve("points = [[0, 0], [1, \"a\"]]"), 4, &["expected a number"]),
        (&curve("points = [[0, 0], [1, 1]]\nthickness = -1"), 5, &["at least 0", "-1"]),
        (&curve("points = [[0, 0], [1, 1]]\nthickness = 1e9"), 5, &["from 0 to 1000000"]),
        (&curve("points = [[0, 0], [1, 1]]\nclosed = 1"), 5, &["expected a boolean"]),
        (&curve("points = [[0, 0], [1, 1]]\ncolour = 1"), 5, &["`colour`", "`thickness`"]),
    ]);
    let many = "[0, 0], [1, 1], ".repeat(10_001);
    assert_refused(&[(&curve(&format!("points = [{many}]")), 4, &["there are 20002 points", "the most is 20000"])]);
}

#[test]
fn boxes_are_refused_at_their_line() {
    let boxes = |rest: &str| format!("kind = \"boxes\"\n{rest}");
    let good = "{ min = [0, 0], max = [1, 1] }";
    assert_refused(&[
        (&boxes(""), 2, &["missing field `boxes`"]),
        (&boxes("boxes = []"), 4, &["nothing here", "at least one"]),
        (&boxes(&format!("boxes = [\n{good},\n{{ min = [0, 0], max = [0, 1] }}]")), 6, &["number 2", "min below max"]),
        (&boxes("boxes = [{ min = [2, 0], max = [0, 1] }]"), 4, &["number 1", "min below max"]),
        (
            &boxes(&format!("boxes = [\n{good},\n{{ weight = -1, min = [0, 0], max = [1, 1] }}]")),
            6,
            &["greater than 0"],
        ),
        (&boxes("boxes = [{ weight = inf, min = [0, 0], max = [1, 1] }]"), 4, &["greater than 0", "inf"]),
        (&boxes("boxes = [{ min = [0, -inf], max = [1, 1] }]"), 4, &["expected a finite number", "-inf"]),
        (&boxes("boxes = [{ min = [0, 0] }]"), 4, &["missing field `max`"]),
        (&boxes(&format!("boxes = [{good}]\nsoftness = nan")), 5, &["at least 0", "NaN"]),
    ]);
}

#[test]
fn points_are_refused_at_their_line() {
    let points = |rest: &str| format!("kind = \"points\"\n{rest}");
    assert_refused(&[
        (&points(""), 2, &["either a file or points"]),
        (&points("points = [[0, 0]]\nfile = \"a.csv\""), 2, &["either a file or points"]),
        (&points("points = []"), 4, &["nothing here"]),
        (&points("points = [[0, inf]]"), 4, &["expected a finite number", "inf"]),
        (&points("points = [[0, 0]]\nbandwidth = -0.5"), 5, &["at least 0", "-0.5"]),
        (&points("file = \"no-such-file.csv\""), 4, &["no-such-file.csv", "No such file", "Check the path"]),
        (&points("file = 3"), 4, &["expected a string"]),
    ]);
}

#[test]
fn points_come_from_a_csv_file_beside_the_scenario() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("data.csv"), "y,x\n1,2\n3,4\n").expect("it can be written");
    let scenario =
        loaded(folder.path(), "kind = \"points\"\nfile = \"data.csv\"\nbandwidth = 0.1").expect("two points");
    assert_eq!(scenario.data.mean().map(f64::to_bits), [3f64, 2.0].map(f64::to_bits));
    assert!(scenario.data.mode_weights().is_empty() && scenario.data.has_density(0.0));
    let rows: [(&str, &[&str]); 8] = [
        ("", &["no points"]),
        ("x,y\n", &["no points"]),
        ("1,2\n3,four\n", &["line 2, column 2", "'four'"]),
        ("1,2\n3\n", &["line 2", "expected 2 cells", "found 1"]),
        ("1,2\n3,4,5\n", &["line 2", "found 3"]),
        ("1,2\ninf,1\n", &["line 2, column 1", "'inf'"]),
        ("1,2\nnan,1\n", &["line 2, column 1", "'nan'"]),
        ("1,2\n1,1e9\n", &["number 2", "±1000000"]),
    ];
    for (content, expected) in rows {
        fs::write(folder.path().join("data.csv"), content).expect("it can be written");
        let error = loaded(folder.path(), "kind = \"points\"\nfile = \"data.csv\"").err().expect(content);
        assert_eq!(error.place.map(|place| place.0), Some(4), "{error}");
        for expected in expected {
            assert!(error.reason.contains(expected), "no '{expected}' in: {error}");
        }
    }
}

/// A million points are the limit, wherever they stand; ten million end at the first that is too many.
#[test]
fn ten_million_points_are_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("data.csv"), "1,2\n".repeat(10_000_000)).expect("it can be written");
    let error = loaded(folder.path(), "kind = \"points\"\nfile = \"data.csv\"").err().expect("too many");
    assert!(error.reason.contains("line 1000001: there are more than 1000000 points"), "{error}");
    let error = loaded(folder.path(), &format!("kind = \"points\"\npoints = [{}]", "[1,2],".repeat(10_000_000)));
    let error = error.err().expect("too many");
    assert!(error.reason.contains("longer than 16 MiB") && error.reason.contains("CSV"), "{error}");
}

fn png(width: u32, height: u32, colour: png::ColorType, bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(bytes).expect("the pixels");
    writer.finish().expect("the end");
    file
}

/// Two by two pixels: black above left, half grey below right, the others white or transparent.
#[test]
fn an_image_is_dense_where_it_is_dark() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let grey = |[a, b, c, d]: [u8; 4]| [a, b, c, d].map(|g| [g, g, g]).concat();
    let pictures = [
        png(2, 2, png::ColorType::Grayscale, &[0, 255, 255, 127]),
        png(2, 2, png::ColorType::Rgb, &grey([0, 255, 255, 127])),
        png(2, 2, png::ColorType::GrayscaleAlpha, &[0, 255, 0, 0, 255, 255, 0, 128]),
        png(2, 2, png::ColorType::Rgba, &[0, 0, 0, 255, 9, 9, 9, 0, 255, 255, 255, 255, 0, 0, 0, 128]),
    ];
    for picture in pictures {
        fs::write(folder.path().join("p.png"), picture).expect("it can be written");
        let data = loaded(folder.path(), "kind = \"image\"\nfile = \"p.png\"\nsize = 4").expect("an image").data;
        // Weights 255 : 128 at (−1, 1) and (1, −1).
        let heavy = 255.0 / 383.0;
        let mean = data.mean();
        assert!((mean[0] - (1.0 - 2.0 * heavy)).abs() < 1e-9 && (mean[1] + mean[0]).abs() < 1e-9, "{mean:?}");
        let density = |x| data.log_density_and_score(x, 0.01).0.exp();
        assert!((density([-1.0, 1.0]) - heavy / 4.0).abs() < 1e-9, "{}", density([-1.0, 1.0]));
        assert!((density([1.0, -1.0]) - (1.0 - heavy) / 4.0).abs() < 1e-9 && density([1.0, 1.0]) < 1e-9);
    }
}

/// 300 × 200 pixels become 100 × 67 squares of 3 × 3, and 9,000 × 12 become 127 of 71 × 71; the mean darkness of each part is
/// kept.
#[test]
fn a_large_image_is_made_coarser_and_keeps_its_mean() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (width, height) in [(300, 200), (9000, 12)] {
        let bytes: Vec<u8> = (0..width * height).map(|i| if i % width < width / 3 { 0 } else { 255 }).collect();
        fs::write(folder.path().join("p.png"), png(width, height, png::ColorType::Grayscale, &bytes))
            .expect("it can be written");
        let scenario = loaded(folder.path(), "kind = \"image\"\nfile = \"p.png\"\nsize = 6").expect("an image");
        let mean = scenario.data.mean();
        assert!((mean[0] + 2.0).abs() < 0.03 && mean[1].abs() < 0.03, "{mean:?}");
        assert!((scenario.data.bounds()[1][0] - 3.0).abs() < 0.03 && (scenario.view.max[0] - 3.75).abs() < 0.05);
    }
}

#[test]
fn what_is_no_image_is_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let good = png(2, 2, png::ColorType::Grayscale, &[0, 255, 255, 127]);
    // The header of a PNG of 2^30 × 2^30 pixels: the width and height stand in bytes 16 to 24; their checksum in 29 to 33.
    let mut huge = good.clone();
    huge[16..24].copy_from_slice(&[0x40, 0, 0, 0, 0x40, 0, 0, 0]);
    let sum = checksum(&huge[12..29]);
    huge[29..33].copy_from_slice(&sum);
    let mut spoiled = good.clone();
    let last = spoiled.len() - 20;
    spoiled.truncate(last);
    let rows: [(&[u8], &str); 6] = [
        (b"", "Give a PNG file"),
        (b"x,y\n1,2\n", "Give a PNG file"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "Give a PNG file"),
        (&huge, "1073741824 × 1073741824 pixels; the most is 400 million"),
        (&spoiled, "Give a PNG file"),
        (&png(2, 1, png::ColorType::Grayscale, &[255, 255]), "white all over"),
    ];
    for (content, expected) in rows {
        fs::write(folder.path().join("p.png"), content).expect("it can be written");
        let error = loaded(folder.path(), "kind = \"image\"\nfile = \"p.png\"").err().expect(expected);
        assert!(error.reason.contains(expected) && error.reason.contains("p.png"), "no '{expected}' in: {error}");
        assert_eq!(error.place.map(|place| place.0), Some(4), "{error}");
    }
    for (size, expected) in [("0", "greater than 0"), ("-1", "at least 0"), ("nan", "at least 0")] {
        let error = loaded(folder.path(), &format!("kind = \"image\"\nfile = \"p.png\"\nsize = {size}"));
        let error = error.err().expect("a bad size");
        assert!(error.reason.contains(expected) && error.place.map(|place| place.0) == Some(5), "{error}");
    }
    let error = loaded(folder.path(), "kind = \"image\"\nfile = \"none.png\"").err().expect("no file");
    assert!(error.reason.contains("No such file") && error.reason.contains("Check the path"), "{error}");
}

/// CRC-32 of a PNG chunk: ISO 3309, polynomial 0xEDB88320.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    (!crc).to_be_bytes()
}

#[test]
fn every_preset_is_a_kind_of_data_with_noise_and_view_of_its_own() {
    for preset in PRESETS {
        let scenario = parse(&format!("kind = \"preset\"\nname = \"{}\"", preset.name)).expect(preset.name);
        let ladder = scenario.ladder;
        assert_eq!(ladder.len(), preset.noise.levels, "{}", preset.name);
        assert!(ladder.max().to_bits() == preset.noise.sigma_max.to_bits(), "{}", preset.name);
        let [min, max] = scenario.data.bounds();
        for i in 0..2 {
            assert!(
                scenario.view.min[i] < min[i] && scenario.view.max[i] > max[i],
                "{}: {:?}",
                preset.name,
                scenario.view
            );
        }
        assert!(scenario.view.max[0] - scenario.view.min[0] < 20.0, "{}: {:?}", preset.name, scenario.view);
    }
    let ring = parse("kind = \"preset\"\nname = \"ring-8\"\ncount = 5\nradius = 3").expect("a ring");
    assert_eq!(ring.data.mode_weights().len(), 5);
    let given =
        "kind = \"preset\"\nname = \"ring-8\"\n[noise]\nsigma_max = 3\nsigma_min = 1\nlevels = 4\n[view]\nmax = [9, 9]";
    let given = parse(given).expect("a ring");
    assert_eq!((given.ladder.len(), given.view.max), (4, [9.0, 9.0]));
    assert_refused(&[
        ("kind = \"preset\"", 2, &["missing field `name`"]),
        ("kind = \"preset\"\nname = 3", 4, &["expected the name of a preset"]),
        ("kind = \"preset\"\nname = \"moons\"", 4, &["'moons'", "two-moons", "checkerboard"]),
        ("kind = \"preset\"\nname = \"ring-8\"\nnumber = 3", 5, &["'number'", "count, radius, std"]),
        ("kind = \"preset\"\nname = \"ring-8\"\ncount = 2.5", 5, &["count = 2.5", "a whole number from 1 to 64"]),
        ("kind = \"preset\"\nname = \"ring-8\"\nradius = -1", 5, &["radius = -1", "a number from 0.1 to 20"]),
        ("kind = \"preset\"\nname = \"ring-8\"\nradius = nan", 5, &["radius = NaN"]),
        ("kind = \"preset\"\nname = \"ring-8\"\nradius = \"big\"", 5, &["radius: expected a number"]),
    ]);
}

/// Where nothing is said, the view is the data grown by a quarter, and a mixture's is what it was.
#[test]
fn a_view_left_out_holds_the_data() {
    let line = parse("kind = \"curve\"\npoints = [[10, 1], [14, 1]]\nthickness = 0").expect("a line");
    assert_eq!((line.view.min, line.view.max), ([9.5, -1.5], [14.5, 3.5]));
    let point = parse("kind = \"points\"\npoints = [[3, 4]]").expect("a point");
    assert_eq!((point.view.min, point.view.max), ([2.0, 3.0], [4.0, 5.0]));
    let mixture = "kind = \"gaussian-mixture\"\ncomponents = [{ weight = 1, mean = [0, 0], std = 1 }]";
    assert!(parse(mixture).expect("a mixture").view.max.iter().all(|x| x.to_bits() == 8f64.to_bits()));
}
