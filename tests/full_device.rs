//! Output that cannot be written: a report, or standard output itself, on a device without space.

#![cfg(target_os = "linux")]

mod common;

use std::fs::OpenOptions;

use self::common::{Folder, command, run, uptake};

/// A short load run.
const LOAD: [&str; 8] = ["load", "--uploaders", "1", "--uploads", "3", "--size", "1KiB", "--allow-saturated"];

fn stored(folder: &Folder, seed: &str) -> String {
    let path = folder.path(&format!("load-{seed}.json"));
    uptake(&[&LOAD[..], &["--seed", seed, "--quiet", "--report", &format!("json={path}")]].concat())
        .with_code(0);
    path
}

#[test]
fn a_report_that_could_not_be_written_is_in_the_summary_with_the_exit_code_of_the_process() {
    let folder = Folder::new();
    let (one, two) = (stored(&folder, "1"), stored(&folder, "2"));
    for arguments in [
        &["check", "--rule", "TOKEN-01"][..],
        &LOAD,
        &["fuzz", "--cases", "1"],
        &["report", "merge", &one, &two],
    ] {
        for quiet in [false, true] {
            let flags = if quiet {
                &["--report", "json=/dev/full", "--quiet"][..]
            } else {
                &["--report", "json=/dev/full"]
            };
            let ended = uptake(&[arguments, flags].concat()).with_code(3);
            let said = if quiet { &ended.stderr } else { &ended.stdout };
            let named = "the json report was not written to /dev/full: No space left on device";
            let line = said.lines().find(|line| line.contains(named)).unwrap_or_default();
            assert!(line.ends_with("exit code 3)"), "{arguments:?}: {said}");
            assert!(!said.contains("os error"), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn standard_output_that_cannot_be_written_is_no_success() {
    let folder = Folder::new();
    let one = stored(&folder, "1");
    let export = folder.path("suite");
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["check", "--list"],
        &["check", "--plan"],
        &["rules"],
        &["rules", "--json"],
        &["explain"],
        &["schema", "plan"],
        &["completions", "bash"],
        &["content", "--seed", "1", "--size", "1MiB"],
        &["report", "render", &one],
        &["serve", "--list-defects"],
        &["suite", "export", &export],
        &LOAD,
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("it is there");
        let ended = run(command(arguments).stdout(full)).with_code(3);
        assert!(
            ended.stderr.contains("error: cannot write to standard output: No space left on device"),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
}
