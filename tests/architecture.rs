//! The layout is the architecture: reads the paths that every source file names and fails on an arrow that is not drawn.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules that know nothing but mathematics: no files, threads, clocks, windows, GPUs or tensor libraries.
const THEORY: &[&str] = &["score", "images", "lanes", "noise", "distributions", "schedules", "samplers", "metrics"];

/// From a module to the modules outside the theory that it may use. Every module may use itself and the theory.
const ARROWS: &[(&str, &[&str])] = &[
    ("lib", &[]),
    ("main", &["ui", "cli"]),
    ("ui", &["session", "scenario", "output"]),
    ("cli", &["ui", "session", "learning", "unet", "gpu", "scenario", "gallery", "output"]),
    ("session", &["learning", "unet", "gpu", "scenario", "gallery", "output"]),
    ("scenario", &["learning"]),
    ("gallery", &[]),
    ("learning", &["unet"]),
    ("unet", &["gpu"]),
    ("gpu", &[]),
    ("output", &[]),
];

/// Names of other people's code, and the places that may say them.
const NAMES: &[(&[&str], &[&str])] = &[
    (&["candle", "candle_core", "candle_nn"], &["learning"]),
    (&["safetensors"], &["learning", "unet"]),
    (&["egui", "eframe", "egui_plot", "egui_wgpu", "egui_kittest"], &["ui"]),
    (&["wgpu", "naga"], &["ui/paint", "gpu"]),
    (&["flate2"], &["gallery"]),
    (&["rayon", "rfd"], &["session"]),
    (&["ctrlc"], &["cli"]),
];

/// Longest source file, in lines.
const LONGEST: usize = 400;

/// Whether the file `path` is `place`, or lies in the folder `place` or in the module file `place.rs`.
fn lies_in(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
}

/// The first part of a path below `src`: the module a file belongs to.
fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or(path)
}

/// The source with comments and the insides of strings blanked, so that only code is read; line breaks stay.
fn code_only(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("'\"'") {
            3
        } else if c == '"' {
            string_length(rest)
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[skipped..];
    }
    code
}

/// Bytes of the string literal that `text` begins with.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return i + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

/// Every identifier of the code, with the byte where it starts.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    code.split(move |c| !letter(c)).filter(|word| !word.is_empty()).map(move |word| {
        let start = word.as_ptr() as usize - code.as_ptr() as usize;
        (start, word)
    })
}

/// What follows `root::` everywhere in the code: one name, or the first names inside braces.
fn named_under<'a>(code: &'a str, root: &'a str) -> Vec<(usize, &'a str)> {
    let mut named = Vec::new();
    for (start, _) in words(code).filter(|(_, word)| *word == root) {
        let Some(rest) = code[start + root.len()..].strip_prefix("::") else { continue };
        let begin = code.len() - rest.len();
        if rest.starts_with('{') {
            named.extend(group(&code[begin..]).into_iter().map(|(at, word)| (begin + at, word)));
        } else {
            named.extend(words(rest).next().map(|(at, word)| (begin + at, word)));
        }
    }
    named
}

/// The first name of each entry of the braces that `text` begins with.
fn group(text: &str) -> Vec<(usize, &str)> {
    let (mut depth, mut fresh, mut names) = (0, true, Vec::new());
    let mut starts = words(text).peekable();
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => fresh = true,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if let Some(word) = starts.next_if(|(start, _)| *start == at) {
            if fresh && depth == 1 {
                names.push(word);
            }
            fresh = false;
        }
    }
    names
}

/// Everything forbidden in one file; `path` is relative to `src`, with forward slashes.
fn violations(path: &str, text: &str) -> Vec<String> {
    let code = code_only(text);
    let mut found = Vec::new();
    let mut report = |at: usize, what: String| {
        let line = code[..at].matches('\n').count() + 1;
        found.push(format!("src/{path}, line {line}: {what}"));
    };
    let from = module(path);
    let Some(allowed) = targets(path) else {
        return vec![format!("src/{path}: module '{from}' is in no layer; draw its arrows in tests/architecture.rs")];
    };
    for (at, to) in crate_names(path, &code) {
        let known = THEORY.contains(&to) || ARROWS.iter().any(|(name, _)| *name == to);
        if known && to != from && !THEORY.contains(&to) && !allowed.contains(&to) {
            report(at, format!("the arrow {from} → {to} is not drawn"));
        }
    }
    for (at, word) in words(&code) {
        for (names, places) in NAMES {
            if names.contains(&word) && !places.iter().any(|place| lies_in(path, place)) {
                report(at, format!("only {} may name {word}", places.join(" and ")));
            }
        }
    }
    for (at, part) in named_under(&code, "std") {
        if part == "thread" && from != "session" {
            report(at, "only session may name std::thread".to_owned());
        }
        if THEORY.contains(&from) && ["fs", "time"].contains(&part) {
            report(at, format!("the theory may not name std::{part}"));
        }
    }
    found
}

/// The modules outside the theory that a file may use.
fn targets(path: &str) -> Option<&'static [&'static str]> {
    if THEORY.contains(&module(path)) {
        return Some(&[]);
    }
    if path == "cli/window.rs" {
        return Some(&["ui", "session", "scenario"]);
    }
    ARROWS.iter().find(|(name, _)| *name == module(path)).map(|(_, targets)| *targets)
}

/// The modules that a file names from the root of the crate: by `crate::`, `scorescope::`, or enough `super::`.
fn crate_names<'a>(path: &str, code: &'a str) -> Vec<(usize, &'a str)> {
    let mut names = named_under(code, "crate");
    names.extend(named_under(code, "scorescope"));
    let folders = path.matches('/').count();
    let depth = folders + usize::from(!path.ends_with("/mod.rs"));
    let root = vec!["super"; depth].join("::") + "::";
    for (at, _) in code.match_indices(&root).filter(|(at, _)| !code[..*at].ends_with("::")) {
        names.extend(words(&code[at + root.len()..]).next().map(|(_, word)| (at, word)));
    }
    names
}

/// Length and opening line.
fn untidiness(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let mut found = Vec::new();
    if lines > LONGEST {
        found.push(format!("src/{path}: {lines} lines; the most is {LONGEST}. Split it"));
    }
    let opening = text.lines().next().unwrap_or("");
    if !opening.starts_with("//! ") || opening.len() < 12 {
        found.push(format!(
            "src/{path}, line 1: open the file with one plain sentence, '//! …', that says what it is for"
        ));
    }
    found
}

/// Every Rust file below `src`, relative to it, in order.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    let relative = |path: &Path| {
        let parts = path.strip_prefix(&root).expect("it lies below src").iter();
        parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    paths.iter().map(|path| (relative(path), fs::read_to_string(path).expect("a source file is text"))).collect()
}

#[test]
fn no_file_draws_a_forbidden_arrow() {
    let sources = sources();
    assert!(sources.len() > 30, "only {} files were found: is src where it was?", sources.len());
    let found: Vec<String> = sources.iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_file_is_short_and_opens_with_a_sentence() {
    let found: Vec<String> = sources().iter().flat_map(|(path, text)| untidiness(path, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The checker itself: each made-up line is forbidden where it stands.
#[test]
fn forbidden_lines_are_seen() {
    let forbidden = [
        ("score.rs", "use crate::learning::ScoreMlp;", "the arrow score → learning"),
        ("metrics/mod.rs", "fn f() { crate::session::Pool::of(1); }", "the arrow metrics → session"),
        (
            "samplers/start.rs",
            "use crate::{noise::Noise,\n    scenario::{self, View}};",
            "the arrow samplers → scenario",
        ),
        ("learning/trainer.rs", "use crate::scenario::Scenario;", "the arrow learning → scenario"),
        ("learning/trainer.rs", "use crate::gallery::Cats;", "the arrow learning → gallery"),
        ("gpu/particles.rs", "use crate::learning::ScoreMlp;", "the arrow gpu → learning"),
        ("ui/tabs/field.rs", "use crate::gpu::Context;", "the arrow ui → gpu"),
        ("unet/plan/mod.rs", "use crate::learning::UnetCpu;", "the arrow unet → learning"),
        ("session/sampling.rs", "use wgpu::Device;", "may name wgpu"),
        ("learning/mod.rs", "use super::session::Pool;", "the arrow learning → session"),
        ("learning/objectives/dsm.rs", "use super::super::super::cli::main;", "the arrow learning → cli"),
        ("scenario/form.rs", "use crate::session::Pool;", "the arrow scenario → session"),
        ("session/mod.rs", "use crate::ui::App;", "the arrow session → ui"),
        ("ui/tabs/field.rs", "use crate::learning::Trainer;", "the arrow ui → learning"),
        ("cli/window.rs", "use crate::learning::Trainer;", "the arrow cli → learning"),
        ("main.rs", "use scorescope::session::Session;", "the arrow main → session"),
        ("session/field.rs", "use candle_core::Tensor;", "only learning may name candle_core"),
        ("cli/train.rs", "use safetensors::serialize;", "only learning and unet may name safetensors"),
        ("session/mod.rs", "fn wake(c: &egui::Context) {}", "may name egui"),
        ("ui/app.rs", "use eframe::wgpu;", "may name wgpu"),
        ("ui/app.rs", "use std::thread;", "only session may name std::thread"),
        ("cli/sample.rs", "use rayon::prelude::*;", "only session may name rayon"),
        ("noise.rs", "use std::{fmt, time::Instant};", "may not name std::time"),
        ("schedules/ladder.rs", "let t = std::fs::read(p);", "may not name std::fs"),
        ("extra/mod.rs", "", "is in no layer"),
    ];
    for (path, line, expected) in forbidden {
        let text = format!("//! A made-up file.\n// crate::cli\n{line}\n");
        let found = violations(path, &text);
        assert!(found.iter().any(|f| f.contains(expected)), "{path}: {line}: expected '{expected}', found {found:?}");
        assert_eq!(found.len(), 1, "{path}: {line}: {found:?}");
    }
    let place = violations("score.rs", "//! A file.\n\nuse crate::cli::main;\n");
    assert_eq!(place, ["src/score.rs, line 3: the arrow score → cli is not drawn"]);
}

/// Nor does the checker cry wolf: comments, strings and lawful arrows pass.
#[test]
fn lawful_lines_pass() {
    let lawful = [
        ("score.rs", "/// See [`crate::session::Session`] and candle_core."),
        ("score.rs", "const S: &str = \"use crate::ui; \\\" candle_core::Tensor\";"),
        ("cli/sample.rs", "use crate::{session::Pool, learning::ScoreMlp, scenario, ui};"),
        ("cli/window.rs", "fn run() { crate::ui::open_window() }"),
        ("ui/paint/arrows.rs", "use eframe::wgpu; use crate::session::Latest;"),
        ("session/parallel.rs", "use rayon::prelude::*; use std::thread;"),
        ("learning/mod.rs", "mod tests { use super::*; use crate::noise::Noise; use candle_nn::Linear; }"),
        ("unet/mod.rs", "use crate::gpu::Context;"),
        ("learning/unet/forward.rs", "use crate::unet::Plan; use candle_core::Tensor; use crate::images::Gallery;"),
        ("gpu/context.rs", "use wgpu::naga; use crate::samplers::Plan;"),
        ("main.rs", "fn main() { scorescope::cli::main() }"),
    ];
    for (path, line) in lawful {
        assert_eq!(violations(path, line), [""; 0], "{path}: {line}");
    }
}

#[test]
fn long_files_and_files_without_a_sentence_are_seen() {
    assert_eq!(untidiness("a.rs", "use std::fmt;\n").len(), 1);
    assert_eq!(untidiness("a.rs", "").len(), 1);
    let long = format!("//! A file that is too long.\n{}", "\n".repeat(LONGEST));
    assert_eq!(untidiness("a.rs", &long), ["src/a.rs: 401 lines; the most is 400. Split it"]);
    assert!(untidiness("a.rs", "//! A file that is just right.\n").is_empty());
}
