//! Two forms of one run tell the same.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::process::{Command, Output};

fn uptake(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uptake"));
    command.args(arguments).env_remove("UPTAKE_API_KEY").current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn junit_and_json_tell_the_same_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (json, junit) = (folder.path().join("run.json"), folder.path().join("run.xml"));
    let output = uptake(&[
        "check",
        "--area",
        "auth",
        "--quiet",
        "--report",
        &format!("json={}", json.display()),
        "--report",
        &format!("junit={}", junit.display()),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "a quiet success says nothing");
    let run: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let xml = std::fs::read_to_string(junit).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!(count("testcase"), run["rules"].as_array().unwrap().len());
    assert_eq!(count("failure"), 0);
    assert_eq!(run["summary"]["passed"], 15);
    let schema: serde_json::Value =
        serde_json::from_slice(&uptake(&["schema"]).stdout).expect("the schema is JSON");
    assert!(jsonschema::is_valid(&schema, &run), "the report fits its own schema");
}
