//! The structure of the workspace, held by a test.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::path::Path;

/// The workspace's crates that `package` depends on, tests apart.
fn dependencies(package: &str) -> Vec<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(package).join("Cargo.toml");
    let text = std::fs::read_to_string(manifest).unwrap();
    let section = text.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("uptake-")?.split(['.', ' ']).next())
        .map(str::to_owned)
        .collect()
}

/// Both are written from the contract alone: a harness and a server that agree because they share code prove nothing.
#[test]
fn the_reference_server_and_the_oracle_share_no_code_with_the_harness() {
    assert_eq!(dependencies("reference"), [""; 0]);
    assert_eq!(dependencies("oracle"), [""; 0]);
}

#[test]
fn reports_read_results_alone() {
    assert_eq!(dependencies("report"), ["outcome"]);
}
