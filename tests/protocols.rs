//! The code knows no upload protocol: what one consists of is data of its suite.

#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Files that may name a protocol, and why.
const MAY_NAME: [(&str, &str); 8] = [
    ("crates/reference/", "the reference server speaks one"),
    ("crates/results/", "an object store for results has the name of one"),
    ("crates/prove/src/sandbox.rs", "the suite that the reference server is made for"),
    ("crates/suite/src/files.rs", "the default suite"),
    ("crates/suite/src/decode/signature.rs", "the names of signatures"),
    ("crates/suite/src/decode/suite.rs", "the advice to extend the default suite"),
    ("src/cli/check/execute.rs", "what the reference server implements"),
    ("src/cli/serve", "the command starts the reference servers"),
];

/// Names of protocols. An object store for results has its scheme in front: `s3://`.
const NAMES: &str = r"(?i:\b(api[.-]?video|tus|gcs|rufh)\b)|\bS3\b";

/// What only a suite says: fields, paths and headers.
const WORDS: &str =
    r"(?i)videoId|upload-tokens|content-range|upload-offset|upload-length|uploadId|ingest\b|filesize";

/// The Rust files of the command line and of the libraries.
fn sources() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("src")];
    folders.extend(fs::read_dir("crates").unwrap().map(|entry| entry.unwrap().path().join("src")));
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Whether a file has nothing but data for tests.
fn is_for_tests(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_stem().is_some_and(|stem| {
            let stem = stem.to_string_lossy();
            stem == "tests" || stem.ends_with("sample")
        })
}

/// The lines of code, without comments and without the tests at the end.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate().take_while(|(_, line)| !line.contains("#[cfg(test)]"));
    let code = lines.filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.map(|(at, line)| (at + 1, line.to_owned())).collect()
}

fn found(pattern: &str, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for path in sources().iter().filter(|path| !is_for_tests(path)) {
        let name = path.to_string_lossy().replace('\\', "/");
        if !is_meant(&name) {
            continue;
        }
        let hits = code(path).into_iter().filter(|(_, line)| pattern.is_match(line));
        found.extend(hits.map(|(at, line)| format!("{name}:{at}: {}", line.trim())));
    }
    found
}

#[test]
fn no_source_file_names_a_protocol_but_those_with_a_reason() {
    let all = found(NAMES, |name| MAY_NAME.iter().all(|(file, _)| !name.starts_with(file)));
    assert_eq!(all, [""; 0], "a suite says what a protocol is");
}

#[test]
fn the_load_generator_knows_no_field_path_or_header_of_a_protocol() {
    let all = found(WORDS, |name| name.starts_with("crates/load/") || name.starts_with("src/cli/load"));
    assert_eq!(all, [""; 0], "the suite's `upload` says it");
}

#[test]
fn each_reason_is_still_needed() {
    for (file, why) in MAY_NAME {
        let is_needed = !found(NAMES, |name| name.starts_with(file)).is_empty();
        assert!(is_needed, "{file} names no protocol any more: {why}");
    }
}
