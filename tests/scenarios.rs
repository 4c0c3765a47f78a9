//! Scenario files: every bundled one works, and every kind of mistake is refused with its line and what was expected.

use std::fs;

use scorescope::scenario::{BUNDLED, DEFAULT, Scenario, ScenarioError};

/// A right file; each test spoils one line of it.
const GOOD: &str = r#"version = 1
[data]
kind = "gaussian-mixture"
components = [
  { weight = 0.8, mean = [5, 5], std = 1.0 },
  { weight = 0.2, mean = [-5, -5], cov = [[1.0, 0.3], [0.3, 0.5]] },
]
[noise]
kind = "geometric"
sigma_max = 20.0
sigma_min = 1
levels = 10
[training]
steps = 100
[[samplers]]
name = "annealed"
step = 0.1
denoise = true
[view]
min = [-8, -8]
max = [8, 8]
"#;

fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse(text, "lesson.toml")
}

/// The good file with its first `part` replaced.
fn spoiled(part: &str, by: &str) -> String {
    assert!(GOOD.contains(part), "'{part}' is not in the good file");
    GOOD.replacen(part, by, 1)
}

fn refusal(text: &str) -> ScenarioError {
    match parse(text) {
        Ok(_) => panic!("this was read as a scenario:\n{text}"),
        Err(error) => error,
    }
}

/// Each row: what is replaced, by what, the line of the fault, and what the reason must say.
fn assert_refused(rows: &[(&str, &str, usize, &[&str])]) {
    for (part, by, line, expected) in rows {
        let error = refusal(&spoiled(part, by));
        assert_eq!(error.place.map(|place| place.0), Some(*line), "'{part}' as '{by}': {error}");
        for expected in *expected {
            assert!(error.reason.contains(expected), "'{part}' as '{by}': no '{expected}' in: {error}");
        }
        assert!(error.to_string().starts_with(&format!("lesson.toml, line {line}, column ")), "{error}");
    }
}

#[test]
fn every_bundled_scenario_is_read_and_each_of_its_samplers_has_a_plan() {
    assert_eq!(BUNDLED[0].name, DEFAULT);
    for bundled in BUNDLED {
        let scenario = Scenario::load(bundled.name).expect(bundled.name);
        let weights = scenario.data.mode_weights();
        assert!(weights.is_empty() || (weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{}", bundled.name);
        assert!(!bundled.description.is_empty() && !scenario.samplers.is_empty(), "{}", bundled.name);
        for sampling in &scenario.samplers {
            let plan = sampling.plan(&*scenario.data).expect(bundled.name);
            assert!(plan.nfe() > 0 && scenario.data.has_density(plan.final_sigma()), "{}", bundled.name);
        }
    }
}

#[test]
fn the_default_is_the_toy_of_the_paper() {
    let toy = Scenario::load(DEFAULT).expect("it is bundled");
    assert_eq!(toy.data.mode_weights(), [0.8, 0.2]);
    assert_eq!(toy.data.nearest_mode([5.0, 5.0], 1.0), Some((0, 0.0)));
    assert_eq!(toy.data.nearest_mode([-5.0, -5.0], 1.0), Some((1, 0.0)));
    assert_eq!((toy.ladder.max().to_bits(), toy.ladder.min().to_bits()), (20.0f64.to_bits(), 1.0f64.to_bits()));
    assert_eq!(toy.ladder.len(), 10);
}

#[test]
fn the_good_file_is_good_with_any_line_ends() {
    for text in [GOOD.to_owned(), GOOD.replace('\n', "\r\n"), format!("\u{feff}{GOOD}"), format!("# words\n{GOOD}")] {
        let scenario = parse(&text).expect("a right file");
        assert_eq!((scenario.samplers.len(), scenario.training_steps, scenario.view.particles), (1, 100, 2000));
    }
}

#[test]
fn what_is_left_out_takes_its_default() {
    let short = GOOD.split("[noise]").next().expect("the part before the noise");
    let scenario = parse(short).expect("data alone are a scenario");
    assert_eq!(scenario.ladder.len(), 10);
    assert_eq!((scenario.training_steps, scenario.training.batch, scenario.samplers.len()), (10_000, 256, 0));
    assert!(scenario.sampling("langevin", []).and_then(|sampling| sampling.plan(&*scenario.data)).is_ok());
}

#[test]
fn unknown_fields_and_sections_are_refused_with_those_there_are() {
    assert_refused(&[
        ("version = 1", "version = 1\ncolour = 3", 2, &["`colour`", "`noise`"]),
        ("[view]", "[viw]", 19, &["`viw`", "`view`"]),
        ("levels = 10", "levls = 10", 12, &["`levls`", "`levels`"]),
        ("std = 1.0 }", "std = 1.0, colour = 1 }", 5, &["`colour`", "`weight`", "`cov`"]),
        ("components = [", "component = [", 4, &["`component`", "`components`"]),
        ("steps = 100", "stepps = 100", 14, &["`stepps`", "`steps`"]),
        ("max = [8, 8]", "max = [8, 8]\nzoom = 2", 22, &["`zoom`", "`particles`"]),
    ]);
}

#[test]
fn missing_fields_are_refused() {
    assert_refused(&[
        ("version = 1", "", 1, &["missing", "`version`"]),
        ("kind = \"gaussian-mixture\"", "", 2, &["missing", "`kind`"]),
        ("weight = 0.2, ", "", 6, &["missing", "`weight`"]),
        ("name = \"annealed\"", "", 15, &["missing", "`name`"]),
    ]);
    assert!(refusal("version = 1\n").reason.contains("missing field `data`"));
}

#[test]
fn values_of_another_type_are_refused() {
    assert_refused(&[
        ("version = 1", "version = \"1\"", 1, &["string \"1\"", "expected a whole number"]),
        ("sigma_max = 20.0", "sigma_max = \"big\"", 10, &["string \"big\"", "expected a number"]),
        ("levels = 10", "levels = 2.5", 12, &["2.5", "expected a whole number"]),
        ("mean = [5, 5]", "mean = [5, \"a\"]", 5, &["string \"a\"", "expected a number"]),
        ("mean = [5, 5]", "mean = 5", 5, &["integer `5`", "expected a list"]),
        ("kind = \"gaussian-mixture\"", "kind = 3", 3, &["integer `3`", "expected a string"]),
        ("[[samplers]]", "[samplers]", 15, &["expected a list of tables", "[[name]]"]),
        ("denoise = true", "denoise = [true]", 18, &["expected a number, true, false, or a word"]),
        ("name = \"annealed\"", "name = 3", 16, &["expected the name of a sampler"]),
    ]);
}

/// A list of two that holds three is a slip of the pen that must not pass silently.
#[test]
fn lists_of_another_length_are_refused() {
    assert_refused(&[
        ("mean = [5, 5]", "mean = [5, 5, 5]", 5, &["expected a list of 2", "3"]),
        ("mean = [5, 5]", "mean = [5]", 5, &["expected a list of 2", "1"]),
        ("cov = [[1.0, 0.3], [0.3, 0.5]]", "cov = [[1, 0], [0, 1], [0, 0]]", 6, &["expected a list of 2"]),
        ("cov = [[1.0, 0.3], [0.3, 0.5]]", "cov = [[1, 0, 0], [0, 1]]", 6, &["expected a list of 2"]),
        ("max = [8, 8]", "max = [8, 8, 8]", 21, &["expected a list of 2"]),
    ]);
}

#[test]
fn data_that_are_no_mixture_are_refused_at_their_component() {
    let (std, cov) = ("std = 1.0 }", "cov = [[1.0, 0.3], [0.3, 0.5]]");
    assert_refused(&[
        ("\"gaussian-mixture\"", "\"mixture\"", 3, &["'mixture'", "expected 'gaussian-mixture'"]),
        ("weight = 0.2", "weight = -0.2", 6, &["expected a number greater than 0", "-0.2"]),
        ("weight = 0.2", "weight = 0", 6, &["expected a number greater than 0"]),
        ("weight = 0.2", "weight = 0.3", 4, &["sum to 1.1", "make them sum to 1"]),
        ("mean = [-5, -5]", "mean = [-5, nan]", 6, &["expected a finite number", "NaN"]),
        ("mean = [-5, -5]", "mean = [inf, -5]", 6, &["expected a finite number", "inf"]),
        (std, "std = -1 }", 5, &["expected a number of at least 0", "-1"]),
        (std, "std = nan }", 5, &["expected a number of at least 0", "NaN"]),
        (std, "std = 1.0, cov = [[1, 0], [0, 1]] }", 5, &["component 1", "either std or cov"]),
        (", std = 1.0", "", 5, &["component 1", "either std or cov"]),
        (cov, "cov = [[1, 2], [2, 1]]", 6, &["component 2", "no covariance", "negative eigenvalues"]),
        (cov, "cov = [[1, 0.2], [0.1, 1]]", 6, &["component 2", "no covariance", "symmetric"]),
        (cov, "cov = [[nan, 0], [0, 1]]", 6, &["expected a finite number"]),
    ]);
    let (before, after) = (GOOD.find("  { weight = 0.8").expect("a part"), GOOD.find("]\n[noise]").expect("a part"));
    let none = refusal(&format!("{}{}", &GOOD[..before], &GOOD[after..]));
    assert_eq!(none.place.map(|place| place.0), Some(4));
    assert!(none.reason.contains("no components: give at least one"), "{none}");
}

#[test]
fn noise_that_is_no_ladder_is_refused() {
    assert_refused(&[
        ("sigma_max = 20.0", "sigma_max = 0.5", 8, &["sigma_min <= sigma_max", "sigma_min = 1", "sigma_max = 0.5"]),
        ("sigma_min = 1", "sigma_min = 0", 11, &["expected a number from 0.0001 to 10000", "found 0"]),
        ("sigma_min = 1", "sigma_min = -1", 11, &["expected a number from 0.0001", "-1"]),
        ("sigma_max = 20.0", "sigma_max = inf", 10, &["expected a number from 0.0001", "inf"]),
        ("sigma_max = 20.0", "sigma_max = nan", 10, &["expected a number from 0.0001", "NaN"]),
        ("levels = 10", "levels = 0", 12, &["expected a whole number from 1 to 1000", "0"]),
        ("\"geometric\"", "\"linear\"", 9, &["`linear`", "`geometric`"]),
    ]);
}

#[test]
fn samplers_that_cannot_be_set_up_are_refused_at_their_line() {
    assert_refused(&[
        ("\"annealed\"", "\"anneal\"", 16, &["'anneal'", "langevin, mala, annealed"]),
        ("step = 0.1", "stepp = 0.1", 17, &["'stepp'", "steps_per_level"]),
        ("step = 0.1", "step = -0.1", 17, &["step = -0.1", "expected a number from"]),
        ("step = 0.1", "step = nan", 17, &["step = NaN", "expected a number from"]),
        ("step = 0.1", "step = \"big\"", 17, &["step = big", "expected a number from"]),
        ("step = 0.1", "steps_per_level = 1.5", 17, &["steps_per_level = 1.5", "expected a whole number from"]),
        ("denoise = true", "denoise = 1", 18, &["denoise = 1", "expected true or false"]),
        ("denoise = true", "start = \"corner\"", 18, &["start = corner", "expected one of box, prior"]),
        ("denoise = true", "sigma_max = 0.2", 15, &["sigma_min = 1", "sigma_max = 0.2"]),
    ]);
}

#[test]
fn training_model_and_view_out_of_range_are_refused() {
    assert_refused(&[
        ("steps = 100", "steps = 0", 14, &["expected a whole number from 1", "0"]),
        ("steps = 100", "batch = 1000000", 14, &["expected a whole number from", "1000000"]),
        ("steps = 100", "learning_rate = 0", 14, &["expected a number greater than 0"]),
        ("steps = 100", "ema = 1", 14, &["expected a number from 0 to below 1"]),
        ("[training]\nsteps = 100", "[model]\nwidth = 3", 14, &["expected a whole number from 16"]),
        ("min = [-8, -8]", "min = [-8, 8]", 19, &["min is below its max"]),
        ("min = [-8, -8]", "min = [-8, nan]", 20, &["expected a finite number"]),
        ("min = [-8, -8]", "particles = 0", 20, &["expected a whole number from 1"]),
    ]);
}

/// The version decides before anything else is judged, so that a newer file is told from a wrong one.
#[test]
fn another_version_is_refused_before_anything_else() {
    assert_refused(&[
        ("version = 1", "version = 2", 1, &["version 2", "reads version 1"]),
        ("version = 1", "version = -1", 1, &["version -1", "reads version 1"]),
        ("version = 1", "version = 2\nnovelty = true", 1, &["version 2", "reads version 1"]),
    ]);
}

#[test]
fn broken_toml_is_refused_at_its_line() {
    assert_refused(&[
        ("levels = 10", "levels = = 10", 12, &["="]),
        ("levels = 10", "levels = 10\nlevels = 11", 13, &["duplicate key"]),
        ("sigma_max = 20.0", "sigma_max 20.0", 10, &["expected"]),
    ]);
}

#[test]
fn files_without_content_are_refused() {
    for text in ["", "  \n\t\n"] {
        let error = refusal(text);
        assert_eq!(error.place, None);
        assert!(error.reason.contains("empty") && error.reason.contains("version = 1"), "{error}");
    }
    assert!(refusal("# only words\n").reason.contains("missing field `version`"));
}

#[test]
fn what_is_no_scenario_file_is_refused_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let garbage = folder.path().join("garbage.toml");
    fs::write(&garbage, [0xff, 0xfe, 0x00, 0x9f, 0x92, 0x96, 0x0a]).expect("it can be written");
    let missing = folder.path().join("missing.toml");
    let cases = [
        (garbage.as_path(), "no text in UTF-8"),
        (missing.as_path(), "No such file"),
        (folder.path(), "it is a folder"),
    ];
    for (path, expected) in cases {
        let name = path.to_str().expect("a readable path");
        let error = Scenario::load(name).err().expect("it is no scenario");
        assert_eq!((error.origin.as_str(), error.place), (name, None));
        assert!(error.reason.contains(expected) && error.reason.contains("Give the path"), "{error}");
    }
    let unknown = Scenario::load("ncsn-toi").err().expect("there is no such scenario");
    for bundled in BUNDLED {
        assert!(unknown.reason.contains(bundled.name), "{unknown}");
    }
}

#[test]
fn a_grid_spans_the_view_row_by_row_from_the_lower_left_corner() {
    let view = parse(GOOD).expect("a right file").view;
    let grid: Vec<[f64; 2]> = view.grid(3).collect();
    let expected = [-8.0, 0.0, 8.0].map(|y| [-8.0, 0.0, 8.0].map(|x| [x, y])).concat();
    assert_eq!(grid, expected);
    assert_eq!(view.grid(1).collect::<Vec<_>>(), [[-8.0, -8.0]]);
}

/// Every field of [noise] has a default: what is left out is what the data suggest.
#[test]
fn noise_may_be_left_out_in_part() {
    let read = |noise: &str| {
        let data = "[data]\nkind = \"gaussian-mixture\"\ncomponents = [{ weight = 1, mean = [0, 0], std = 1 }]\n";
        Scenario::parse(&format!("version = 1\n{data}{noise}"), "noise.toml").expect("a legal scenario").ladder
    };
    let (whole, part) = (read(""), read("[noise]\nlevels = 7\n"));
    assert_eq!((part.max(), part.min(), part.len()), (whole.max(), whole.min(), 7));
}

#[test]
fn a_sampler_has_one_entry_and_a_view_has_a_size() {
    let twice = "version = 1\n[data]\nkind = \"preset\"\nname = \"ring-8\"\n[[samplers]]\nname = \"langevin\"\n[[samplers]]\nname = \"langevin\"\n";
    let error = refusal(twice);
    assert!(error.reason.contains("has an entry already") && error.place.is_some_and(|place| place.0 >= 7), "{error}");
    for view in ["min = [0, 0]\nmax = [1e-9, 1]", "min = [-1e9, 0]\nmax = [0, 1]"] {
        let text = format!("version = 1\n[data]\nkind = \"preset\"\nname = \"ring-8\"\n[view]\n{view}\n");
        assert!(refusal(&text).reason.contains("expected a view"), "{view}");
    }
}
