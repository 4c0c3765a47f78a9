//! `scorescope render`: pictures of the window without a window. Wants a Vulkan driver; software will do.

use std::path::Path;
use std::process::{Command, Output};

fn render(folder: &Path, name: &str, arguments: &[&str]) -> (Output, Option<Vec<u8>>) {
    let out = folder.join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorescope"));
    command.arg("render").args(arguments).arg("--out").arg(&out);
    for (option, value) in [("--size", "480x360"), ("--seconds", "0.4")] {
        if !arguments.iter().any(|argument| argument.starts_with(option)) {
            command.args([option, value]);
        }
    }
    let output = command.output().expect("the program starts");
    (output, std::fs::read(out).ok())
}

/// Renders what must succeed.
fn picture(folder: &Path, name: &str, arguments: &[&str]) -> Vec<u8> {
    let (output, bytes) = render(folder, name, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    bytes.expect("a picture was written")
}

fn pixels(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    let mut rgb = vec![0; reader.output_buffer_size().expect("a small picture")];
    let frame = reader.next_frame(&mut rgb).expect("one frame");
    (frame.width, frame.height, rgb)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    // Large enough for the panes to show their particles.
    let samplers = ["--tab", "samplers", "--size", "640x480"];
    let first = picture(folder.path(), "a.png", &samplers);
    assert!(first == picture(folder.path(), "b.png", &samplers));
    assert!(first != picture(folder.path(), "c.png", &[&samplers[..], &["--seed", "1"]].concat()));
    // The run is somewhere else when it is scrubbed, and with other samplers it is another.
    let two = [&samplers[..], &["--sampler", "heun,steps=9", "--sampler", "ddim", "--equal-nfe"]].concat();
    let played = picture(folder.path(), "d.png", &two);
    assert!(played != first && played != picture(folder.path(), "e.png", &[&two[..], &["--scrub"]].concat()));
    let gif = picture(folder.path(), "a.gif", &["--theme", "light"]);
    assert!(gif == picture(folder.path(), "b.gif", &["--theme", "light"]));
}

#[test]
fn a_png_has_the_size_asked_for_and_the_colours_of_its_theme() {
    let folder = tempfile::tempdir().expect("a folder");
    for (theme, bright) in [("dark", false), ("light", true), ("projector", true)] {
        let (width, height, rgb) = pixels(&picture(folder.path(), "p.png", &["--theme", theme]));
        assert_eq!((width, height), (480, 360));
        // The last pixel belongs to the panel below, which every theme fills with its background.
        assert_eq!(rgb[rgb.len() - 1] > 128, bright, "{theme}");
    }
}

/// 0.4 s of 25 frames a second, a picture every second frame, and the last.
#[test]
fn a_gif_has_a_picture_every_eighty_milliseconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = picture(folder.path(), "p.gif", &[]);
    let mut decoder = gif::DecodeOptions::new().read_info(bytes.as_slice()).expect("a GIF");
    let mut delays = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a whole frame") {
        delays.push(frame.delay);
    }
    assert_eq!(delays, [8; 6]);
}

#[test]
fn learned_exact_and_difference_are_three_pictures_and_sigma_changes_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut pictures = Vec::new();
    for source in ["learned", "exact", "difference"] {
        for sigma in ["1", "20"] {
            pictures.push(picture(folder.path(), "p.png", &["--source", source, "--sigma", sigma]));
        }
    }
    for (i, one) in pictures.iter().enumerate() {
        assert!(pictures[..i].iter().all(|other| other != one), "picture {i} is there twice");
    }
}

#[test]
fn what_cannot_be_rendered_is_refused_with_a_sentence_and_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, arguments, code, says) in [
        ("p.jpg", &[][..], 2, ".png or .gif"),
        ("p.png", &["--size", "0x9"], 2, "WIDTHxHEIGHT"),
        ("p.png", &["--tab", "nowhere"], 2, "field, samplers, images"),
        ("p.png", &["--theme", "pink"], 2, "projector"),
        ("p.png", &["--seconds=-1"], 2, "0 to 3600"),
        ("p.png", &["--sampler", "nothing"], 2, "langevin"),
        ("p.png", &["--sampler", "heun,steps=0"], 2, "whole number"),
        ("p.png", &[["--sampler", "heun"]; 5].concat(), 2, "room for 4"),
        ("p.png", &["--scenario", "nothing"], 2, "ncsn-toy"),
        ("p.png", &["--model", "nowhere"], 2, "does not exist"),
        ("no/such/folder/p.png", &[], 1, "folder that exists"),
    ] {
        let (output, bytes) = render(folder.path(), name, arguments);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{name} {arguments:?}: {stderr}");
        assert!(stderr.contains(says) && bytes.is_none(), "{name} {arguments:?}: {stderr}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
