//! `uptake init` writes files that the next commands take, and `uptake explain` explains what they print.

mod common;

use std::path::Path;

use self::common::{Bench, Ended, Folder, KEY, Little, Reply, Setup, command, run, uptake};

/// Runs `uptake init` for a server, into a folder.
fn init(target: &str, folder: &Folder, more: &[&str]) -> Ended {
    let root = folder.root().display().to_string();
    let arguments = [&["init", "--target", target, "--dir", &root], more].concat();
    run(command(&arguments).env("UPTAKE_API_KEY", KEY))
}

#[test]
fn the_written_files_are_taken_by_lint_and_check() {
    let bench = Bench::start(Setup::default());
    let folder = Folder::new();
    let ended = init(&bench.origin, &folder, &[]).with_code(0);
    let (profile, waivers) = (folder.path("target.yaml"), folder.path("waivers.yaml"));
    assert!(ended.stderr.contains(&format!("next: uptake check --target {profile} --waivers {waivers}")));
    let linted = uptake(&["lint", &profile, &waivers]).with_code(0);
    assert_eq!(linted.stdout, "no mistakes in 1 target profile\nno mistakes in 1 waiver file\n");
    let check = ["check", "--target", &profile, "--waivers", &waivers, "--rule", "AUTH-01"];
    run(command(&check).env("UPTAKE_API_KEY", KEY)).with_code(0);
    let text = folder.read("target.yaml");
    assert!(
        text.contains("capabilities: [status, cors]") || text.contains("capabilities: [cors, status]"),
        "{text}"
    );
    assert!(!text.contains(KEY), "the key is named, never written");
    assert!(folder.read(".github/workflows/uptake.yml").contains("target: target.yaml"));
}

#[test]
fn a_capability_that_the_server_lacks_is_left_out_with_what_was_seen() {
    let server = Little::start(|asked| match (asked.method.as_str(), asked.target.as_str()) {
        ("POST", "/videos") => Reply::status(201).json(&serde_json::json!({ "videoId": "vi1" })),
        ("GET", "/videos/vi1/status") => Reply::status(404),
        ("OPTIONS", _) => Reply::status(204).header("Access-Control-Allow-Origin", "*"),
        _ => Reply::status(200).json(&serde_json::json!({})),
    });
    let folder = Folder::new();
    init(&server.origin(), &folder, &[]).with_code(0);
    let text = folder.read("target.yaml");
    assert!(text.contains("capabilities: [cors]") && text.contains("# status: not detected: "), "{text}");
    assert!(server.lines().contains(&"DELETE /videos/vi1".to_owned()), "what was created is removed");
}

#[test]
fn nothing_is_overwritten_without_force() {
    let folder = Folder::new();
    folder.write("waivers.yaml", "my own\n");
    let ended = init("https://example.test", &folder, &["--offline"]).with_code(2);
    assert!(ended.stderr.contains("waivers.yaml already exists; nothing was written"), "{}", ended.stderr);
    assert_eq!(folder.read("waivers.yaml"), "my own\n");
    assert!(!Path::new(&folder.path("target.yaml")).exists());
    init("https://example.test", &folder, &["--offline", "--force", "--ci", "none"]).with_code(0);
    assert_ne!(folder.read("waivers.yaml"), "my own\n");
    assert!(folder.read("target.yaml").contains("The server was not contacted"));
    assert!(!Path::new(&folder.path(".github")).exists());
}

#[test]
fn a_server_out_of_reach_is_told_and_nothing_is_written() {
    let folder = Folder::new();
    let ended = init("http://127.0.0.1:1", &folder, &[]).with_code(3);
    assert!(ended.stderr.contains("unreachable") && ended.stderr.contains("--offline"), "{}", ended.stderr);
    assert!(folder.files().is_empty());
}

#[test]
fn without_a_terminal_no_question_is_asked() {
    let folder = Folder::new();
    let root = folder.root().display().to_string();
    let ended = uptake(&["init", "--dir", &root]).with_code(2);
    assert_eq!(ended.stderr, "error: no server given: add --target URL\n");
}

#[test]
fn every_code_is_listed_and_explained() {
    let listed = uptake(&["explain"]).with_code(0).stdout;
    insta::assert_snapshot!("explain", listed);
    let explained = uptake(&["explain", "3", "not applicable", "unknown-key"]).with_code(0).stdout;
    insta::assert_snapshot!("explain_some", explained);
    let refused = uptake(&["explain", "blockd"]).with_code(2).stderr;
    assert_eq!(
        refused,
        "error: unknown code `blockd`; did you mean `blocked`? `uptake explain` lists all codes\n"
    );
}
