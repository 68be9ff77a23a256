//! The structure of the workspace, held by a test.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod graph;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::graph::{Crate, circles};

const FILE_LINES: usize = 400;

/// Files that are tables: one entry a line or a few, and nothing to split.
const TABLES: [&str; 1] = ["crates/reference/src/defect/catalogue.rs"];

/// The checkout that is tested; cargo names it to the tests that it runs.
fn root_folder() -> String {
    std::env::var("CARGO_MANIFEST_DIR").unwrap()
}

/// The root file of every crate.
fn roots() -> Vec<PathBuf> {
    let workspace = PathBuf::from(root_folder());
    let members = std::fs::read_dir(workspace.join("crates")).unwrap();
    let mut roots: Vec<PathBuf> = members.map(|member| member.unwrap().path().join("src/lib.rs")).collect();
    roots.push(workspace.join("src/main.rs"));
    roots.sort();
    roots
}

/// A path as one reads it from the workspace's root.
fn short(path: &Path) -> String {
    path.strip_prefix(root_folder()).unwrap().display().to_string()
}

/// Every file below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A file that uses another's definitions can be understood after that other one; in a circle there is no first.
#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    for root in roots() {
        let arrows = Crate::read(&root).arrows();
        for circle in circles(&arrows) {
            found.push(String::from("circle:"));
            for file in &circle {
                let others: Vec<String> = arrows[*file]
                    .iter()
                    .filter(|other| circle.contains(other))
                    .map(|other| short(other))
                    .collect();
                found.push(format!("  {} -> {}", short(file), others.join(", ")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn arrows_are_seen_through_re_exports() {
    let root = Path::new(&root_folder()).join("crates/payload/src/lib.rs");
    let arrows = Crate::read(&root).arrows();
    let named = |name: &str| root.with_file_name(name);
    assert!(arrows[&named("cut.rs")].contains(&named("plan.rs")), "{arrows:?}");
    assert!(arrows.values().any(|others| others.contains(&named("error.rs"))), "{arrows:?}");
}

#[test]
fn a_file_has_one_purpose_and_fits_in_a_few_screens() {
    let workspace = PathBuf::from(root_folder());
    let mut files = Vec::new();
    for folder in ["crates", "src"] {
        sources(&workspace.join(folder), &mut files);
    }
    let tables: BTreeSet<&str> = TABLES.into();
    let long: Vec<String> = files
        .iter()
        .map(|file| (short(file), std::fs::read_to_string(file).unwrap().lines().count()))
        .filter(|(file, lines)| *lines >= FILE_LINES && !tables.contains(file.as_str()))
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The workspace's crates that `package` depends on, tests apart.
fn dependencies(package: &str) -> Vec<String> {
    let manifest = Path::new(&root_folder()).join("crates").join(package).join("Cargo.toml");
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
