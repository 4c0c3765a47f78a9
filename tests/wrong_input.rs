//! Wrong input and interruption: one sentence that names thing, reason and remedy, an exit code, and no half-written file.

mod program;

use std::fs;
use std::sync::OnceLock;

use program::Folder;

const GOOD: &str =
    "version = 1\n[data]\nkind = \"gaussian-mixture\"\ncomponents = [{ weight = 1, mean = [0, 0], std = 1 }]\n";

/// Fails with `code` and one sentence that holds every part; an older output keeps its content, and nothing is left over.
fn assert_refused(folder: &Folder, arguments: &[&str], code: i32, parts: &[&str]) {
    folder.write("out", "old");
    let before = folder.names();
    let stderr = folder.fails(arguments, code);
    assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    assert!(stderr.starts_with("error: ") && stderr.trim_end().ends_with('.'), "{arguments:?}: {stderr}");
    for part in parts {
        assert!(stderr.contains(part), "{arguments:?}: no '{part}' in: {stderr}");
    }
    assert_eq!(folder.names(), before, "{arguments:?} left something behind");
    assert_eq!(fs::read(folder.path("out")).expect("the older output"), b"old", "{arguments:?} spoiled it");
}

fn field<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["field", "--out", "out"], more].concat()
}

#[test]
fn a_wrong_scenario_is_refused_with_file_and_line() {
    let folder = Folder::new();
    let rows: [(&str, &str, &[&str]); 5] = [
        ("version = 1", "version = 1\ncolour = 1", &["line 2", "`colour`", "expected one of"]),
        ("weight = 1", "weight = -1", &["line 4", "expected a number greater than 0", "-1"]),
        ("mean = [0, 0]", "mean = [nan, 0]", &["line 4", "expected a finite number"]),
        ("gaussian-mixture", "mixture", &["line 3", "expected 'gaussian-mixture'"]),
        (GOOD, "", &["empty", "begins with 'version = 1'"]),
    ];
    for (part, by, expected) in rows {
        folder.write("s.toml", GOOD.replacen(part, by, 1));
        let expected = [&["s.toml"], expected].concat();
        assert_refused(&folder, &field(&["--scenario", "s.toml", "--sigma", "1", "--grid", "2"]), 2, &expected);
        assert_refused(&folder, &["train", "--scenario", "s.toml", "--steps", "1", "--out", "out"], 2, &expected);
        let sample = ["sample", "--scenario", "s.toml", "--sampler", "langevin", "--particles", "1", "--seed", "1"];
        assert_refused(&folder, &[&sample[..], &["--out", "out"]].concat(), 2, &expected);
    }
    for (name, expected) in
        [("missing.toml", "No such file"), (".", "it is a folder"), ("ncsn", "Take one of ncsn-toy")]
    {
        let arguments = field(&["--scenario", name, "--sigma", "1", "--grid", "2"]);
        assert_refused(&folder, &arguments, 2, &[name, expected]);
    }
}

#[test]
fn a_sigma_without_a_score_is_refused() {
    let folder = Folder::new();
    let toy = ["--scenario", "ncsn-toy", "--grid", "2", "--sigma"];
    assert_refused(&folder, &field(&[&toy[..], &["0"]].concat()), 2, &["--sigma 0", "points without width", "above 0"]);
    for sigma in ["-1", "nan", "inf"] {
        assert_refused(
            &folder,
            &field(&[&toy[..], &[sigma]].concat()),
            2,
            &["--sigma", "expected 0, or a number from"],
        );
    }
    let sample = ["sample", "--sampler", "langevin,sigma=0", "--particles", "9", "--seed", "1", "--out", "out"];
    assert_refused(&folder, &sample, 2, &["'langevin'", "points without width", "sigma = 0", "Take sigma > 0"]);
}

#[test]
fn wrong_points_are_refused_with_file_and_line() {
    let folder = Folder::new();
    let rows: [(&[u8], &[&str]); 9] = [
        (b"", &["no points", "Give one 'x,y' per line"]),
        (b"x,y\n", &["no points", "Give one 'x,y' per line"]),
        (b"x,y\n1,2\nnan,3\n", &["line 3, column 1", "expected a finite number", "'nan'"]),
        (b"1,2\n1,inf\n", &["line 2, column 2", "expected a finite number", "'inf'"]),
        (b"x,y\n1,2\n\n\n3,four\n", &["line 5, column 2", "expected a finite number", "'four'"]),
        (b"x,y\n1,2\n\n3\n", &["line 4", "expected 2 cells", "found 1"]),
        (b"1,2\r\n3,4,5\r\n", &["line 2", "expected 2 cells", "found 3"]),
        (b"a,b\n1,2\n", &["line 1, column 1", "'a'"]),
        (b"\xff\xfe,1\n", &["no text in UTF-8", "Give one 'x,y' per line"]),
    ];
    for (content, expected) in rows {
        folder.write("p.csv", content);
        let expected = [&["p.csv gives no points"], expected].concat();
        assert_refused(&folder, &field(&["--sigma", "1", "--points", "p.csv"]), 2, &expected);
    }
    assert_refused(
        &folder,
        &field(&["--sigma", "1", "--points", "no.csv"]),
        1,
        &["no.csv", "No such file", "Check the path"],
    );
    assert_refused(&folder, &field(&["--sigma", "1", "--points", "."]), 1, &["directory", "Check the path"]);
}

/// A scenario may be legal and a point so far away that no double holds the density.
#[test]
fn numbers_that_overflow_never_reach_a_file() {
    let folder = Folder::new();
    folder.write("p.csv", "1,2\n1e200,0\n");
    assert_refused(
        &folder,
        &field(&["--sigma", "1", "--points", "p.csv"]),
        1,
        &["out is not written", "row 2", "log_p = "],
    );
    let sample = ["sample", "--sampler", "langevin,step=1000", "--particles", "9", "--seed", "1", "--out", "out"];
    assert_refused(&folder, &sample, 1, &["diverged", "steps are too large", "Lower step"]);
}

/// The bytes of a model of two steps, trained once.
fn model() -> &'static [u8] {
    static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
    MODEL.get_or_init(|| {
        let folder = Folder::new();
        folder.succeeds(&["train", "--steps", "2", "--out", "m.safetensors"]);
        fs::read(folder.path("m.safetensors")).expect("a model")
    })
}

/// The model with a part of its header replaced by another of the same length.
fn model_with(part: &str, by: &str) -> Vec<u8> {
    assert_eq!(part.len(), by.len());
    let mut bytes = model().to_vec();
    let at = bytes.windows(part.len()).position(|window| window == part.as_bytes()).expect("the header has this part");
    bytes[at..at + by.len()].copy_from_slice(by.as_bytes());
    bytes
}

#[test]
fn what_is_no_model_is_refused() {
    let folder = Folder::new();
    let mut huge = 100_000_000_000u64.to_le_bytes().to_vec();
    huge.extend_from_slice(b"{\"__metadata__\":{}}");
    let mut foreign = 2u64.to_le_bytes().to_vec();
    foreign.extend_from_slice(b"{}");
    let mut nan = model().to_vec();
    let header = 8 + usize::from_le_bytes(nan[..8].try_into().expect("eight bytes"));
    nan[header..].as_chunks_mut().0.iter_mut().for_each(|number| *number = f32::NAN.to_le_bytes());
    let rows: [(Vec<u8>, &[&str]); 11] = [
        (Vec::new(), &["no complete safetensors file"]),
        (GOOD.into(), &["no complete safetensors file"]),
        (model()[..model().len() / 2].to_vec(), &["no complete safetensors file"]),
        (model()[..model().len() - 1].to_vec(), &["no complete safetensors file"]),
        (huge, &["no complete safetensors file"]),
        (foreign, &["no Scorescope model"]),
        (nan, &["values that are not finite"]),
        (model_with("\\\"width\\\":64", "\\\"width\\\":32"), &["has shape", "wants [32"]),
        (model_with("\\\"hidden\\\":3", "\\\"hidden\\\":9"), &["'layers.3.weight' has shape"]),
        (model_with("\"layers.2.bias", "\"layers.9.bias"), &["tensor 'layers.2.bias' is missing"]),
        (model_with("\\\"format\\\":1", "\\\"format\\\":7"), &["format 7 is not 1"]),
    ];
    for (bytes, expected) in rows {
        folder.write("m.safetensors", bytes);
        let expected = [expected, &["m.safetensors is not used as a model", "'scorescope train' wrote"]].concat();
        let arguments = field(&["--sigma", "1", "--grid", "2", "--model", "m.safetensors"]);
        assert_refused(&folder, &arguments, 1, &expected);
    }
    folder.write("m.safetensors", model());
    let at_zero = field(&["--sigma", "0", "--grid", "2", "--model", "m.safetensors"]);
    assert_refused(&folder, &at_zero, 2, &["--sigma 0", "sigma > 0"]);
}

#[test]
fn outputs_that_cannot_be_written_are_refused_before_the_work() {
    let folder = Folder::new();
    folder.write("file", "text");
    for (out, expected) in
        [("no/out", "folder does not exist"), ("file/out", "a file, not a folder"), (".", "it is a folder")]
    {
        let expected = [out, "cannot be written", expected, "Give --out a path"];
        assert_refused(&folder, &["field", "--sigma", "1", "--grid", "2", "--out", out], 1, &expected);
        // Ten million steps take hours: only a check before the work answers.
        assert_refused(&folder, &["train", "--steps", "10000000", "--out", out], 1, &expected);
        let sample = ["sample", "--sampler", "annealed", "--particles", "9", "--seed", "1", "--out", out];
        assert_refused(&folder, &sample, 1, &expected);
    }
}

/// A reader of stdout that is gone, or a full disk behind it, is a failure with a sentence and no panic.
#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_cannot_be_printed_is_a_failure() {
    let folder = Folder::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device that is always full");
    let sample = ["sample", "--sampler", "langevin,steps=1", "--particles", "9", "--seed", "1", "--out", "p.csv"];
    let output = folder.command(&sample).stdout(full).output().expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: The output is not printed") && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(folder.names(), ["p.csv"]);
}

/// A disk that fills up while the file is written, played by the shell's limit on the size of a file.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_the_older_file() {
    let folder = Folder::new();
    folder.write("out", "old");
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" field --sigma 1 --grid 200 --out out";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_scorescope")]).current_dir(folder.path("."));
    let output = command.output().expect("a shell");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.starts_with("error: out cannot be written: File too large") && stderr.lines().count() == 1,
        "{stderr}"
    );
    assert!(!stderr.contains(".scorescope-"), "the temporary file is nobody's business: {stderr}");
    assert_eq!(folder.names(), ["out"]);
    assert_eq!(fs::read(folder.path("out")).expect("the older output"), b"old");
}

#[test]
fn a_training_that_diverges_writes_nothing() {
    let folder = Folder::new();
    folder.write("s.toml", format!("{GOOD}[training]\nlearning_rate = 1e30\n"));
    for steps in ["1", "50"] {
        let arguments = ["train", "--scenario", "s.toml", "--steps", steps, "--out", "out"];
        assert_refused(&folder, &arguments, 1, &["diverged at step 1", "learning"]);
    }
}

#[test]
fn samplers_that_cannot_be_set_up_are_refused() {
    let folder = Folder::new();
    let rows: [(&str, &[&str]); 7] = [
        ("anneal", &["'anneal'", "langevin, mala, annealed"]),
        ("langevin,stepp=1", &["'stepp'", "steps"]),
        ("langevin,step=-1", &["step = -1", "expected a number from"]),
        ("langevin,step=nan", &["step = NaN", "expected a number from"]),
        ("langevin,steps=2.5", &["steps = 2.5", "expected a whole number from"]),
        ("annealed,denoise=1", &["denoise = 1", "expected true or false"]),
        ("langevin,step", &["expected key=value", "'step'"]),
    ];
    for (sampler, expected) in rows {
        let arguments = ["sample", "--sampler", sampler, "--particles", "9", "--seed", "1", "--out", "out"];
        assert_refused(&folder, &arguments, 2, &[&[sampler], expected].concat());
    }
}

#[test]
fn wrong_use_of_the_command_line_has_exit_code_two() {
    let folder = Folder::new();
    let rows: [&[&str]; 9] = [
        &["paint"],
        &["field", "--sigma", "1", "--out", "o.csv"],
        &["field", "--sigma", "1", "--out", "o.csv", "--grid", "2", "--points", "p.csv"],
        &["field", "--sigma", "one", "--grid", "2", "--out", "o.csv"],
        &["field", "--sigma", "1", "--grid", "0", "--out", "o.csv"],
        &["train"],
        &["train", "--steps", "0", "--out", "m.safetensors"],
        &["sample", "--sampler", "langevin", "--particles", "0", "--seed", "1"],
        &["sample", "--sampler", "langevin", "--particles", "9", "--seed", "-1"],
    ];
    for arguments in rows {
        assert!(folder.fails(arguments, 2).starts_with("error: "), "{arguments:?}");
        assert!(folder.names().is_empty(), "{arguments:?}");
    }
}

/// True once the program would catch an interrupt: the kernel lists the signals that a process handles.
#[cfg(target_os = "linux")]
fn listens(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 0b10 != 0)
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_fails_in_order_and_leaves_no_file() {
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};
    let train = ["train", "--steps", "10000000", "--out", "out"];
    let sampler = "annealed,steps_per_level=2000,levels=1000";
    let sample = ["sample", "--sampler", sampler, "--particles", "9000", "--seed", "1", "--out", "out"];
    let likelihood = ["likelihood", "--scenario", "two-moons", "--points", "points", "--out", "out"];
    let interrupted = [
        (&train[..], "Training was interrupted"),
        (&sample[..], "Sampling was interrupted"),
        (&likelihood[..], "The likelihood was interrupted"),
    ];
    for (arguments, what) in interrupted {
        let folder = Folder::new();
        folder.write("out", "old");
        folder.write("points", "1,1\n".repeat(5000));
        let mut command = folder.command(arguments);
        let program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let begun = Instant::now();
        while !listens(program.id()) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{arguments:?} never listened for an interrupt");
            sleep(Duration::from_millis(5));
        }
        // Into the middle of the work; were it not yet begun, the answer would be the same.
        sleep(Duration::from_millis(300));
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", program.id())]).status();
        assert!(sent.expect("a shell").success());
        let output = program::finish(program);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        assert!(stderr.contains(what) && stderr.contains("nothing was written"), "{stderr}");
        assert_eq!(folder.names(), ["out", "points"], "{arguments:?} left something behind");
        assert_eq!(fs::read(folder.path("out")).expect("the older output"), b"old");
        assert!(output.stdout.is_empty());
    }
}

/// A pipe, a link, a protected file, an input: what `--out` names may be there already, and nothing of it is lost.
#[cfg(unix)]
#[test]
fn an_output_harms_nothing_that_is_there() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let folder = Folder::new();
    let field = |out: &'static str| ["field", "--sigma", "1", "--grid", "2", "--out", out];
    let made = std::process::Command::new("mkfifo").arg(folder.path("pipe")).status().expect("mkfifo is there");
    assert!(made.success());
    assert!(folder.fails(&field("pipe"), 1).contains("a device, a pipe or a socket"));
    assert!(std::fs::metadata(folder.path("pipe")).expect("it is there").file_type().is_fifo());
    folder.write("protected", "kept");
    std::fs::set_permissions(folder.path("protected"), PermissionsExt::from_mode(0o444)).expect("it is ours");
    assert!(folder.fails(&field("protected"), 1).contains("write-protected"));
    folder.write("target", "old");
    symlink("target", folder.path("link")).expect("a link");
    folder.succeeds(&field("link"));
    assert!(std::fs::symlink_metadata(folder.path("link")).expect("it is there").is_symlink());
    assert!(std::fs::read_to_string(folder.path("target")).expect("a table").starts_with("x,y,log_p"));
    folder.write("points.csv", "1,2\n");
    let same = ["field", "--sigma", "1", "--points", "points.csv", "--out", "./points.csv"];
    assert!(folder.fails(&same, 2).contains("also an input"));
    assert_eq!(std::fs::read_to_string(folder.path("points.csv")).expect("it is there"), "1,2\n");
}

#[test]
fn a_model_of_other_data_is_refused_and_so_is_a_setting_given_twice() {
    let folder = Folder::new();
    folder.succeeds(&["train", "--scenario", "ncsn-toy", "--steps", "1", "--out", "m"]);
    let sample = ["sample", "--particles", "9", "--seed", "1", "--sampler"];
    let other = [&sample[..], &["langevin,steps=1", "--scenario", "two-modes", "--model", "m"]].concat();
    assert!(folder.fails(&other, 2).contains("trained on data of mean [3, 3]"));
    let zero = [&sample[..], &["langevin,steps=1,sigma=0", "--model", "m"]].concat();
    assert!(folder.fails(&zero, 2).contains("sigma > 0"));
    assert!(folder.fails(&[&sample[..], &["langevin,steps=1,steps=2"]].concat(), 2).contains("'steps' is given twice"));
}
