//! Runs the built program in a folder of its own, and reads what it wrote.
#![allow(dead_code, reason = "each test file takes the part it needs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// An empty folder, gone when the test ends.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder for the test"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the test's folder can be written");
    }

    /// What lies in the folder, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("the test's folder can be listed");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scorescope"));
        command.args(arguments).current_dir(self.0.path()).env_remove("SCORESCOPE_LOG");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts"))
    }

    /// Runs what must succeed, and gives its stdout.
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).expect("stdout is text")
    }

    /// Runs what must fail, and gives its stderr.
    pub fn fails(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8(output.stderr).expect("stderr is text");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?} failed and still wrote to stdout");
        stderr
    }
}

/// Waits for the end of a program, which no test asks to work for a minute: one that does is stopped, and has no exit code.
pub fn finish(mut program: Child) -> Output {
    let begun = Instant::now();
    while program.try_wait().expect("it can be asked").is_none() {
        if begun.elapsed() > Duration::from_mins(1) {
            program.kill().expect("it can be stopped");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    program.wait_with_output().expect("it has ended")
}

/// The last line of stdout as JSON.
pub fn json(stdout: &str) -> serde_json::Value {
    let last = stdout.lines().last().expect("stdout has a last line");
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error} in the last line: {last}"))
}

pub fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).expect("a text file").lines().map(str::to_owned).collect()
}

/// The numbers of a CSV file below a header that must be `header`; an empty cell is `None`.
pub fn cells(path: &Path, header: &[&str]) -> Vec<Vec<Option<f64>>> {
    let lines = lines(path);
    assert_eq!(lines[0], header.join(","));
    let cell =
        |cell: &str| (!cell.is_empty()).then(|| cell.parse().unwrap_or_else(|_| panic!("'{cell}' is no number")));
    lines[1..].iter().map(|line| line.split(',').map(cell).collect()).collect()
}
