//! A run that proves little says so, in every report.

mod common;

use self::common::{Bench, Ended, Little, Reply, Setup, command, run};

/// Runs `check` against a server that answers as `reply` says; gives all its reports as texts.
fn reports(reply: fn() -> Reply, arguments: &[&str]) -> (Ended, Vec<String>) {
    let server = Little::start(move |_| reply());
    let folder = common::Folder::new();
    let files = ["json", "junit", "markdown"].map(|format| (format, folder.path(format)));
    let mut all =
        vec!["check".to_owned(), "--target".to_owned(), server.origin(), "--report=github".to_owned()];
    all.extend(files.iter().map(|(format, file)| format!("--report={format}={file}")));
    all.extend(arguments.iter().map(|&argument| argument.to_owned()));
    let ended = run(command(&all).env("UPTAKE_API_KEY", "a-wrong-key"));
    let annotations: Vec<_> = ended.stdout.lines().filter(|line| line.starts_with("::")).collect();
    let terminal: Vec<_> = ended.stdout.lines().filter(|line| !line.starts_with("::")).collect();
    let mut texts = vec![annotations.join("\n"), terminal.join(" ")];
    texts.extend(["json", "junit", "markdown"].map(|name| folder.read(name)));
    // A page breaks lines where it likes.
    let texts = texts.iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    (ended, texts)
}

fn all_say(texts: &[String], told: &str) {
    for text in texts {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
}

#[test]
fn a_server_that_refuses_the_key_is_reported_and_no_rule_is_judged() {
    let (ended, texts) = reports(|| Reply::status(401), &["--area", "auth", "--area", "token"]);
    all_say(&texts, "the target refuses the credential");
    ended.with_code(3);
}

#[test]
fn a_run_that_was_mostly_blocked_proves_little() {
    let (ended, texts) = reports(|| Reply::status(500), &["--area", "bytes"]);
    all_say(&texts, "rules were blocked by a failed precondition");
    assert_ne!(ended.code, 0);
}

#[test]
fn a_filter_that_leaves_an_area_without_a_rule_is_told_and_none_is_not() {
    let bench = Bench::start(Setup::default());
    let (ended, run) = bench.check(&["--area", "ttl", "--area", "auth"]);
    ended.with_code(0);
    assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
    let warning = &run.warnings[0];
    assert!(warning.contains("exclude every rule of 9 areas: token, upload, bytes"), "{warning}");
    assert!(!warning.contains("ttl") && !warning.contains("auth"), "{warning}");
    let (ended, run) = bench.check(&["scenarios/api-video/auth/key-is-exchanged.yaml"]);
    ended.with_code(0);
    assert!(run.warnings.is_empty(), "whoever names a scenario wants no other: {:?}", run.warnings);
}
